/** What arrives about help. */
import { z } from 'zod'
import { oneLine } from '../web/text.ts'

const key = z.string().max(128).optional()
export const onlyKey = z.strictObject({ key })
export const alertParams = z.object({ id: z.uuid(), alert: z.uuid() })
/** How it ended: kept, and read by the company alone. */
const words = z.string().overwrite(oneLine).min(1, { error: 'Say how it ended, in a sentence.' }).max(300)
export const closingForm = z.strictObject({ words, key })
