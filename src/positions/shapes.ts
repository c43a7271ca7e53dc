/** What a driver's phone may send: pings, one or a batch, on its socket or by POST. */
import { z } from 'zod'

export const MAX_PINGS_A_BATCH = 500

/**
 * Any JSON number, and null, which is what `JSON.stringify` makes of NaN and the infinities. Whether it is a usable
 * number is for the checks in pings.ts to say and count, ping by ping; here one bad ping would refuse its whole batch.
 */
const measured = z.custom<number | null>((value) => value === null || typeof value === 'number', {
  error: 'expected a number',
})

export const pingShape = z.strictObject({
  /** Counts up on the phone; the answer names the highest, so that the phone can forget what it sent. */
  seq: z.int().min(0),
  /** When the fix was taken, epoch ms by the phone's clock. */
  at: measured,
  lat: measured,
  lng: measured,
  /** Radius in metres that the phone is 68 % sure of. */
  accuracy: measured,
  /** Metres a second. */
  speed: measured.optional(),
  /** Degrees, 0 is north, clockwise. */
  heading: measured.optional(),
})
export type Ping = z.infer<typeof pingShape>

const pings = z.array(pingShape).min(1).max(MAX_PINGS_A_BATCH)

/** The body of `POST /api/v1/positions`. */
export const pingBatchShape = z.strictObject({ pings })

/** The one message a driver's socket may send. */
export const pingMessageShape = z.strictObject({ type: z.literal('pings'), pings })
