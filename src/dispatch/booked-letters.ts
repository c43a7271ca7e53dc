/** Letters about a ride that was booked ahead: that it is booked, that it comes soon, or that it will not come. */
import type { Region } from '../companies/companies.ts'
import type { RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { notify } from '../notices/notices.ts'
import { cancellationOf, type LoadedRide, lockRide, referenceOf } from '../rides/rides.ts'

/** Long enough to change plans, short enough not to forget again. */
const REMIND_BEFORE_MS = 3_600_000
/** Who booked just now needs no reminder. */
const REMIND_LEAST_AFTER_MS = 30 * 60_000

type BookingLetter = 'ride_booked' | 'ride_soon' | 'booking_ended'

/** Write the letter that is due, if one still fits, and note when the next is; once, however many processes look. */
export async function sendDueLetter(
  unit: Work,
  random: Random,
  { region, rideId }: { region: Region; rideId: RideId },
): Promise<void> {
  const ride = await lockRide(unit.db, region.companyId, rideId)
  if (ride?.letter_due_at == null || ride.letter_due_at.getTime() > unit.atMs) return
  const kind = letterFor(ride)
  await unit.db
    .updateTable('rides')
    .set({ letter_due_at: nextAfter(ride, kind, unit.atMs), letters_sent: ride.letters_sent + 1 })
    .where('id', '=', ride.id)
    .execute()
  if (kind === null) return
  const person = await unit.db
    .selectFrom('identities')
    .select(['name', 'email', 'language'])
    .where('id', '=', ride.rider_id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (person === undefined) return
  const envelope = {
    ...{ to: person.email, identityId: ride.rider_id, companyId: ride.company_id, language: person.language },
    dedupeKey: `${kind}:${ride.id}:${ride.version}`,
  }
  const terms = await cancellationOf(unit.db, ride, unit.atMs)
  const data = {
    name: person.name,
    reference: referenceOf(ride),
    pickupAtMs: ride.scheduled_for!.getTime(),
    timeZone: region.timeZone,
    from: ride.pickup_label,
    to: ride.dropoff_label,
    fareMinor: ride.fare_minor,
    currency: ride.currency,
    cancelFeeMinor: terms.feeMinor,
    freeUntilMs: terms.freeUntilMs,
    laterFeeMinor: terms.laterFeeMinor,
    link: `/rides/${ride.id}`,
  }
  if (kind === 'booking_ended')
    await notify(unit, random, {
      ...{ kind, ...envelope },
      data: {
        ...data,
        why: ride.state === 'unfulfilled' ? 'no_driver' : 'called_off',
        reason: ride.end_words ?? '',
      },
    })
  else await notify(unit, random, { kind, ...envelope, data })
}

/** Null when by now there is nothing to say that the rider does not know. */
function letterFor(ride: LoadedRide): BookingLetter | null {
  switch (ride.state) {
    case 'scheduled':
    case 'requested':
    case 'assigned':
    case 'en_route':
      return ride.letters_sent === 0 ? 'ride_booked' : 'ride_soon'
    case 'unfulfilled':
      return 'booking_ended'
    case 'cancelled':
      return ride.ended_by === 'rider' ? null : 'booking_ended'
    default:
      return null
  }
}

function nextAfter(ride: LoadedRide, sent: BookingLetter | null, atMs: number): Date | null {
  if (sent !== 'ride_booked') return null
  const remindAtMs = ride.scheduled_for!.getTime() - REMIND_BEFORE_MS
  return remindAtMs < atMs + REMIND_LEAST_AFTER_MS ? null : new Date(remindAtMs)
}
