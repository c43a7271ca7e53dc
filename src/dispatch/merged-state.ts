/** Merged rides as people read of them: what a driver is asked, and who goes with whom while all wait. */
import type { Kysely } from 'kysely'
import { sharedBaseMinor } from '../engine/fare.ts'
import { payOfRun } from '../engine/pool-fare.ts'
import type { CompanyId, RideId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { rideIdsOf } from './merged-offers.ts'
import type { LoadedOffer } from './offer-ends.ts'

/** What several riders in one offer come to. */
export interface OfferedTogether {
  readonly riders: number
  /** Of all of them, minor units; the driver's part as it is paid by the run. */
  readonly earnedMinor: number
  readonly fareMinor: number
  readonly seats: number
  /** What the car must have for any of them, as bits. */
  readonly attributes: number
  /** Some pay cash, others do not. */
  readonly paysBothWays: boolean
  /** From the first pickup to the last drop-off. */
  readonly driveS: number
  /** After the first one, in their order, with the seconds from the offer. */
  readonly pickups: readonly { readonly label: string; readonly etaS: number }[]
}

/** Null for an offer of one ride. */
export async function offeredTogether(
  db: Kysely<Tables>,
  offer: LoadedOffer,
): Promise<OfferedTogether | null> {
  if (offer.merged_id === null || offer.stops === null) return null
  const rows = await db
    .selectFrom('rides')
    .innerJoin('quotes', 'quotes.id', 'rides.quote_id')
    .innerJoin('tariffs', 'tariffs.id', 'rides.tariff_id')
    .select(['rides.id', 'rides.fare_minor', 'rides.driver_minor', 'rides.seats', 'rides.pickup_label'])
    .select(['rides.attributes', 'rides.payment_method'])
    .select(['quotes.lines', 'tariffs.driver_share_basis_points as share'])
    .where('rides.company_id', '=', offer.company_id)
    .where('rides.id', 'in', rideIdsOf(offer))
    .execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  const [first] = rows
  const bases = rows.map(({ fare_minor, lines }) => sharedBaseMinor({ totalMinor: fare_minor, lines }))
  const earned = rows.every(({ share }) => share === first?.share)
    ? payOfRun(bases, first?.share ?? 0)
    : rows.map(({ driver_minor }) => driver_minor)
  const etas = offer.stops.map(({ etaS = 0 }) => etaS)
  return {
    riders: rows.length,
    earnedMinor: sum(earned),
    fareMinor: sum(rows.map(({ fare_minor }) => fare_minor)),
    seats: sum(rows.map(({ seats }) => seats)),
    attributes: rows.reduce((bits, row) => bits | row.attributes, 0),
    paysBothWays: new Set(rows.map(({ payment_method }) => payment_method)).size > 1,
    driveS: (etas.at(-1) ?? 0) - (etas[0] ?? 0),
    pickups: offer.stops
      .filter(({ kind, rideId }) => kind === 'pickup' && rideId !== offer.ride_id)
      .flatMap(({ rideId, etaS = 0 }) => {
        const row = byId.get(rideId)
        return row === undefined ? [] : [{ label: row.pickup_label, etaS }]
      }),
  }
}

/** These rides, and those that wait merged with one of them, in the order in which rides are locked. */
export async function idsTogether(
  db: Kysely<Tables>,
  companyId: CompanyId,
  rideIds: readonly RideId[],
): Promise<RideId[]> {
  if (rideIds.length === 0) return []
  const rows = await db
    .selectFrom('rides')
    .select('id')
    .where('company_id', '=', companyId)
    .where('state', '=', 'requested')
    .where('merged_id', 'in', (eb) =>
      eb
        .selectFrom('rides as meant')
        .select('meant.merged_id')
        .where('meant.company_id', '=', companyId)
        .where('meant.id', 'in', [...rideIds])
        .where('meant.merged_id', 'is not', null),
    )
    .execute()
  return [...new Set([...rideIds, ...rows.map(({ id }) => id)])].toSorted()
}

/** The other waiting rides that go with each of `rides`; those alone are left out. */
export async function goesWith(
  db: Kysely<Tables>,
  companyId: CompanyId,
  rides: readonly Pick<LoadedRide, 'id' | 'merged_id' | 'state'>[],
): Promise<Map<RideId, Pick<LoadedRide, 'id' | 'number' | 'rider_name' | 'state' | 'merged_id'>[]>> {
  const marks = rides.flatMap(({ merged_id, state }) => (state === 'requested' ? (merged_id ?? []) : []))
  if (marks.length === 0) return new Map()
  const rows = await db
    .selectFrom('rides')
    .select(['id', 'number', 'rider_name', 'state', 'merged_id'])
    .where('company_id', '=', companyId)
    .where('merged_id', 'in', [...new Set(marks)])
    .where('state', '=', 'requested')
    .orderBy('number')
    .execute()
  const together = Map.groupBy(rows, ({ merged_id }) => merged_id)
  return new Map(
    rides.flatMap(({ id, merged_id }) => {
      const others = (together.get(merged_id) ?? []).filter((other) => other.id !== id)
      return merged_id === null || others.length === 0 ? [] : [[id, others] as const]
    }),
  )
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
