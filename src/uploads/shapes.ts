/** What arrives about pictures. */
import { z } from 'zod'
import { SentFile } from '../web/sent-file.ts'

const key = z.string().max(128).optional()
/** A file field; left empty it does not arrive at all. */
export const sentPicture = z.instanceof(SentFile, { error: 'Choose a picture first.' })

export const avatarForm = z.strictObject({ picture: sentPicture, key })
export const emptyForm = z.strictObject({ key })
export const nothing = z.strictObject({})
export const uploadParams = z.object({ id: z.uuid() })
export const avatarQuery = z.object({ size: z.enum(['128', '512']).default('128') })
