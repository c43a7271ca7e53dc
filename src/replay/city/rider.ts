/** Simulated riders: they ask what a ride costs, ask for it, and sometimes think better of it. */
import { z } from 'zod'
import type { LatLng, VehicleClass } from '../../engine/units.ts'
import type { Habits } from './habits.ts'
import { someMs } from './habits.ts'
import type { Phone, PhoneDeps } from './phone.ts'

const quotesShape = z.object({
  options: z.array(z.object({ quoteId: z.string(), class: z.string(), shared: z.unknown() })),
})
const rideShape = z.object({ id: z.string() })
const feeShape = z.object({
  state: z.string(),
  cancellation: z.object({ feeMinor: z.number() }).nullable(),
})

export interface Wish {
  readonly pickup: LatLng
  readonly dropoff: LatLng
  readonly class: VehicleClass
  /** When the car is to be there, epoch ms; left out, as soon as one can. */
  readonly pickupAtMs?: number
}

const NOTES = [
  'By the main door',
  'Blue umbrella',
  'Two bags',
  'On the north corner',
  'Call when you are here',
]
const NOTE_SHARE = 0.15
const ACCOUNT_SHARE = 0.35
/** Riders who go with others for a lower price, where they may. */
const SHARED_SHARE = 0.3
const SEATS_SHARES = [0.72, 0.9, 0.97] as const

/**
 * Ask for a ride through the public API.
 * @returns the ride's id, or null when there was no price or the request was refused
 */
export async function askForRide(
  { random }: Pick<PhoneDeps, 'random'>,
  phone: Phone,
  wish: Wish,
): Promise<string | null> {
  const quotes = await phone.send('POST', '/api/v1/quotes', {
    from: wish.pickup,
    to: wish.dropoff,
    seats: someSeats(random.fraction(), wish.class),
    ...(wish.pickupAtMs === undefined ? {} : { pickupAtMs: wish.pickupAtMs }),
  })
  const options = quotesShape.safeParse(quotes.body)
  if (quotes.status >= 300 || !options.success) return null
  const fitting = options.data.options.filter((option) => option.class === wish.class)
  const sharing = random.fraction() < SHARED_SHARE
  const chosen = fitting.find((option) => (option.shared != null) === sharing) ?? fitting[0]
  if (chosen === undefined) return null
  const note = random.fraction() < NOTE_SHARE ? NOTES[Math.floor(random.fraction() * NOTES.length)]! : ''
  const payment = random.fraction() < ACCOUNT_SHARE ? 'account' : 'cash'
  const asked = await phone.send('POST', '/api/v1/rides', { quoteId: chosen.quoteId, payment, note })
  const ride = rideShape.safeParse(asked.body)
  return asked.status < 300 && ride.success ? ride.data.id : null
}

function someSeats(dice: number, vehicleClass: VehicleClass): number {
  const seats = 1 + SEATS_SHARES.filter((share) => dice >= share).length
  return vehicleClass === 'black' ? Math.min(seats, 3) : seats
}

/** Think better of it after a while, unless the ride has begun by then; agrees to the fee it is shown. */
export function maybeCancel(
  { clock, random }: Pick<PhoneDeps, 'clock' | 'random'>,
  { phone, rideId, habits }: { phone: Phone; rideId: string; habits: Habits },
): void {
  if (random.fraction() >= habits.cancelShare) return
  clock.after(
    someMs(habits.cancelAfterS, () => random.fraction()),
    async () => {
      const seen = await phone.get(`/api/v1/rides/${rideId}`)
      const ride = feeShape.safeParse(seen.body)
      if (seen.status !== 200 || !ride.success || ride.data.cancellation === null) return
      const { feeMinor } = ride.data.cancellation
      await phone.send('POST', `/api/v1/rides/${rideId}/cancellation`, { feeMinor })
    },
  )
}
