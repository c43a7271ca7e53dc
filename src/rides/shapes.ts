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
/** One of the amounts offered, or one's own as people write it, "5" or "4.50". */
export const tipForm = z.strictObject({
  amount_minor: minorText.optional(),
  amount: z
    .string()
    .trim()
    .regex(/^(\d{1,6}([.,]\d{1,3})?)?$/, { error: 'This should be an amount, such as 5 or 4.50.' })
    .transform((text) => (text === '' ? undefined : Number(text.replace(',', '.'))))
    .optional(),
  key,
})
export const tipBody = z.strictObject({ amountMinor: z.int().min(1).max(1_000_000_000) })
export const cancelBody = z.strictObject({ feeMinor: z.int().min(0).max(1_000_000_000) })
/** When a step was pressed, epoch ms by the phone's clock as it learned ours; from scripts that could not send it at once. */
const saidAt = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'This should be milliseconds since 1970.' })
  .transform(Number)
  .optional()
/** What the rider asked for on the way; with `finish`, and without effect elsewhere. */
const wish = z.enum(WISHES).optional()
/** What the driver typed of the start code; spaces between the digits are fine. */
const code = z
  .literal('')
  .or(
    z
      .string()
      .regex(/^(\d *){4}$/, { error: 'A start code has four digits.' })
      .transform((text) => text.replaceAll(' ', '')),
  )
  .optional()
export const stepForm = z.strictObject({
  step: z.enum(DRIVER_STEPS),
  stop: z
    .string()
    .regex(/^\d{1,2}$/)
    .transform(Number)
    .optional(),
  // A form sends the choice of nothing as an empty text.
  wish: z
    .literal('')
    .transform(() => undefined)
    .or(wish),
  said_at: saidAt,
  code,
  key,
})
/** `stop` is the number of the stop that `reach_stop` and `leave_stop` are about. */
export const stepBody = z.strictObject({
  step: z.enum(DRIVER_STEPS),
  stop: z.int().min(1).max(20).optional(),
  wish,
  saidAtMs: z.int().min(0).max(999_999_999_999_999).optional(),
  code,
})
export const deskCancelForm = z.strictObject({ reason, words, key })
export const deskCancelBody = z.strictObject({ reason, words })
export const reasonForm = z.strictObject({ reason, key })
export const reasonBody = z.strictObject({ reason })
