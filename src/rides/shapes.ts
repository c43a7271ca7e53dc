/** What arrives about rides. */
import { z } from 'zod'
import { WISHES } from '../engine/final-fare.ts'
import { oneLine } from '../web/text.ts'
import { DRIVER_STEPS } from './rides.ts'

export const rideParams = z.object({ id: z.uuid() })
const key = z.string().max(128).optional()
const note = z.string().overwrite(oneLine).max(140, { error: 'A note can have up to 140 letters.' })
const payment = z.enum(['cash', 'account'])
/** Whole minor units, as a form sends them. */
const minorText = z
  .string()
  .regex(/^\d{1,9}$/, { error: 'This should be whole minor units.' })
  .transform(Number)
/** What the desk or a driver says about a release or a cancellation. */
export const reason = z.string().overwrite(oneLine).min(1, { error: 'Say why, in a word or two.' }).max(200)

/** What the rider reads of a cancellation by the desk. */
const words = z
  .string()
  .overwrite(oneLine)
  .max(200, { error: 'Up to 200 letters to the rider.' })
  .transform((text) => (text === '' ? undefined : text))
  .optional()

export const requestForm = z.strictObject({ quote_id: z.uuid(), payment, note: note.default(''), key })
export const requestBody = z.strictObject({ quoteId: z.uuid(), payment, note: note.default('') })
export const rebookForm = z.strictObject({ quote_id: z.uuid(), key })
export const rebookBody = z.strictObject({ quoteId: z.uuid() })
export const cancelForm = z.strictObject({ fee_minor: minorText, key })
export const cancelBody = z.strictObject({ feeMinor: z.int().min(0).max(1_000_000_000) })
/** What the rider asked for on the way; with `finish`, and without effect elsewhere. */
const wish = z.enum(WISHES).optional()
export const stepForm = z.strictObject({
  step: z.enum(DRIVER_STEPS),
  // A form sends the choice of nothing as an empty text.
  wish: z
    .literal('')
    .transform(() => undefined)
    .or(wish),
  key,
})
export const stepBody = z.strictObject({ step: z.enum(DRIVER_STEPS), wish })
export const deskCancelForm = z.strictObject({ reason, words, key })
export const deskCancelBody = z.strictObject({ reason, words })
export const reasonForm = z.strictObject({ reason, key })
export const reasonBody = z.strictObject({ reason })
