/** What arrives about licences. */
import { z } from 'zod'
import { isDay } from '../engine/day.ts'
import { SentFile } from '../web/sent-file.ts'
import { oneLine } from '../web/text.ts'

const key = z.string().max(128).optional()
const words = (most: number, missing: string) =>
  z
    .string()
    .max(most, { error: `This can have up to ${most} letters.` })
    .overwrite(oneLine)
    .min(1, { error: missing })
const day = (missing: string) => z.string().refine(isDay, { error: missing })

/** POST /driver/licence/pictures: either side, or both. */
export const picturesForm = z.strictObject({
  front: z.instanceof(SentFile).optional(),
  back: z.instanceof(SentFile).optional(),
  key,
})

/** POST /driver/licence. */
export const licenceForm = z
  .strictObject({
    legal_name: words(120, 'Type the name on your licence.').refine((name) => /\p{L}/u.test(name), {
      error: 'Type the name on your licence.',
    }),
    number: words(40, 'Type the number of your licence.')
      .overwrite((text) => text.toUpperCase())
      .refine((text) => /^[\p{L}\p{N}][\p{L}\p{N} ./-]+$/u.test(text), {
        error: 'Type letters and digits, as on the licence.',
      }),
    country: z.string().regex(/^[A-Z]{2}$/, { error: 'Choose the country that issued it.' }),
    issuing_state: z.string().max(60).overwrite(oneLine).default(''),
    classes: words(60, 'Type the class, such as D or B.'),
    issued_on: day('Give the day it was issued.'),
    expires_on: day('Give its last day.'),
    key,
  })
  .refine(({ issued_on, expires_on }) => issued_on <= expires_on, {
    path: ['expires_on'],
    error: 'It cannot end before it was issued. Check both days.',
  })

/** POST /driver/capability. */
export const drivingForm = z.strictObject({ able: z.enum(['on', 'off']), key })
export const savedQuery = z.object({ saved: z.string().max(20).optional() })
