/** What the server says to a driver's phone, as far as a simulated driver reads it. */
import { z } from 'zod'

const place = z.object({ lat: z.number(), lng: z.number() })
export const stateShape = z.object({
  type: z.literal('driver').optional(),
  shift: z.object({ id: z.string() }).nullable(),
  vehicles: z.array(z.object({ id: z.string(), class: z.enum(['standard', 'accessible', 'black']) })),
  offer: z.object({ id: z.string(), rideId: z.string(), remainingMs: z.number() }).nullable(),
  ride: z
    .object({
      id: z.string(),
      state: z.enum(['assigned', 'en_route', 'arrived', 'in_progress']),
      pickup: place,
      dropoff: place,
      boardedAtMs: z.number().nullable(),
    })
    .nullable(),
  noShowFromMs: z.number().nullable(),
  /** The server asks why the car does not come. */
  nudge: z.object({ kind: z.string(), sinceMs: z.number(), answersLeft: z.number() }).nullable().optional(),
  /** The rider wants another way. */
  wayAsked: z.object({ id: z.string(), state: z.string() }).nullable().optional(),
  /** Where the server says it is busier. */
  hint: place.nullable().optional(),
})
export type SeenState = z.infer<typeof stateShape>
export type SeenRide = NonNullable<SeenState['ride']>
