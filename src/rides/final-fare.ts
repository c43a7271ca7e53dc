/** The end of a ride in money: what was seen of it, the fare by that, and the row that says why. */
import type { Kysely, Selectable } from 'kysely'
import { type Driven, drivenOf, type TrailFix } from '../engine/driven.ts'
import { driverShareMinor } from '../engine/fare.ts'
import { type FinalFare, finalFare, type Wish } from '../engine/final-fare.ts'
import { NO_ZONES } from '../engine/tariff.ts'
import type { CompanyId, RideId } from '../engine/units.ts'
import { zonesOfWay } from '../engine/zone-way.ts'
import { type LoadedQuote, promisedFare } from '../fares/quotes.ts'
import type { NamedTariff } from '../fares/tariffs.ts'
import { shapesOfRules } from '../fares/zones.ts'
import type { Work } from '../io/commit.ts'
import type { FareEvidence, RideFareRow, StopEvidence } from '../io/tables/fares.ts'
import type { Tables } from '../io/tables.ts'
import { staysAt, stopsOfRide, waitingStop } from './stops.ts'
import type { LoadedRide } from './store.ts'

/** A long day's ride at a fix a second. */
const MOST_FIXES = 20_000

export interface EndedFare extends FinalFare {
  readonly driverMinor: number
  readonly evidence: FareEvidence
}

/**
 * Reckon what a ride costs that ends at the unit's instant; nothing is written.
 * @param wish what the rider asked for on the way; of a shared ride never, as others are in the car
 */
export async function fareAtEnd(
  unit: Work,
  { ride, tariff, wish }: { ride: LoadedRide; tariff: NamedTariff; wish: Wish | null },
): Promise<EndedFare> {
  const quote = await unit.db
    .selectFrom('quotes')
    .selectAll()
    .where('company_id', '=', ride.company_id)
    .where('id', '=', ride.quote_id)
    .executeTakeFirstOrThrow()
  const promised = promisedFare(quote)
  const asked = ride.shared ? null : wish
  const [arrival, fixes, stops] = await Promise.all([
    arrivalOf(unit.db, ride),
    trailOf(unit.db, ride),
    stopsOfRide(unit.db, ride.company_id, ride.id),
  ])
  const stays = staysAt(stops, { fixes, fromMs: ride.boarded_at?.getTime() ?? unit.atMs, untilMs: unit.atMs })
  const driven = drivenBy(unit, ride, fixes, stays)
  const waitedS = waitOf(ride, quote, arrival?.at ?? null)
  const zones =
    asked === null
      ? NO_ZONES
      : zonesOfWay(
          await shapesOfRules(unit.db, { companyId: ride.company_id, regionId: ride.region_id }, [tariff]),
          [{ lat: ride.pickup_lat, lng: ride.pickup_lng }, ...driven.way],
        )
  const ended = finalFare(tariff, promised, {
    ...{ waitedS, wish: asked, driven, zones },
    stopWaitsS: stays.map((stay) => stay.waitedS),
  })
  const share = tariff.driverShareBasisPoints
  // By what it is more or less, as the part of a shared ride was rounded with its run.
  const moreMinor = driverShareMinor(ended.fare, share) - driverShareMinor(promised, share)
  const mostMinor = ended.fare.totalMinor + ride.promo_minor
  return {
    ...ended,
    driverMinor: Math.min(mostMinor, Math.max(0, ride.driver_minor + moreMinor)),
    evidence: {
      arrivedAtMs: ride.arrived_at?.getTime() ?? null,
      gpsArrivedAtMs: arrival?.at.getTime() ?? null,
      gpsAwayM: arrival === undefined ? null : Math.round(arrival.away_m),
      boardedAtMs: ride.boarded_at?.getTime() ?? null,
      waitedS: waitedS === null ? null : Math.round(waitedS),
      ...(stays.length > 0 && { stops: stays }),
      drivenM: Math.round(driven.distanceM),
      drivenS: Math.round(driven.durationS),
      coveredShare: Math.round(driven.coveredShare * 100) / 100,
      promisedM: Math.round(quote.distance_m),
      promisedS: Math.round(quote.duration_s),
      wish: asked,
      wishRefused: ended.wishRefused,
    },
  }
}

/** Keep what was charged and why, once. */
export async function keepFare(unit: Work, ride: LoadedRide, ended: EndedFare): Promise<void> {
  const { fare, reasons, evidence, driverMinor } = ended
  await unit.db
    .insertInto('ride_fares')
    .values({
      company_id: ride.company_id,
      ride_id: ride.id,
      promised_minor: ride.fare_minor,
      total_minor: fare.totalMinor,
      driver_minor: driverMinor,
      currency: fare.currency,
      lines: JSON.stringify(fare.lines),
      reasons: JSON.stringify(reasons),
      evidence: JSON.stringify(evidence),
      at: new Date(unit.atMs),
    })
    .execute()
}

/** What a completed ride cost and why; undefined of one that is not, or from before it was kept. */
export function fareOfRide(
  db: Kysely<Tables>,
  companyId: CompanyId,
  rideId: RideId,
): Promise<Selectable<RideFareRow> | undefined> {
  return db
    .selectFrom('ride_fares')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .executeTakeFirst()
}

/** The first fix of the ride's driver at its pickup. */
export function arrivalOf(db: Kysely<Tables>, ride: Pick<LoadedRide, 'company_id' | 'id' | 'driver_id'>) {
  return db
    .selectFrom('ride_arrivals')
    .select(['at', 'away_m'])
    .where('company_id', '=', ride.company_id)
    .where('ride_id', '=', ride.id)
    .where('driver_id', '=', ride.driver_id)
    .executeTakeFirst()
}

/**
 * From when on the driver waits, epoch ms: they have said so, a fix has shown it, and the agreed time has come. Null
 * while one of them is missing.
 */
export function waitsFromMs(
  ride: Pick<LoadedRide, 'arrived_at'>,
  quote: Pick<LoadedQuote, 'trip'>,
  gpsArrivedAt: Date | null,
): number | null {
  if (ride.arrived_at === null || gpsArrivedAt === null) return null
  return Math.max(ride.arrived_at.getTime(), gpsArrivedAt.getTime(), quote.trip?.pickupAtMs ?? 0)
}

/** From when on a wait costs something, and how much a minute. */
export interface PaidWaiting {
  readonly paidFromMs: number
  readonly perMinuteMinor: number
}

/** Of a driver who waits now; null where waiting costs nothing, or no fix has shown the car at the pickup yet. */
export async function paidWaitingOf(
  db: Kysely<Tables>,
  ride: LoadedRide,
  tariff: Pick<NamedTariff, 'rules'>,
): Promise<PaidWaiting | null> {
  const rule = tariff.rules.waiting
  if (rule === null) return null
  if (ride.state === 'in_progress') {
    const stay = await stayNow(db, ride)
    return stay === null
      ? null
      : { paidFromMs: stay.fromMs + rule.graceS * 1000, perMinuteMinor: rule.perMinuteMinor }
  }
  if (ride.state !== 'arrived') return null
  const [arrival, quote] = await Promise.all([
    arrivalOf(db, ride),
    db
      .selectFrom('quotes')
      .select('trip')
      .where('company_id', '=', ride.company_id)
      .where('id', '=', ride.quote_id)
      .executeTakeFirstOrThrow(),
  ])
  const fromMs = waitsFromMs(ride, quote, arrival?.at ?? null)
  return fromMs === null
    ? null
    : { paidFromMs: fromMs + rule.graceS * 1000, perMinuteMinor: rule.perMinuteMinor }
}

/** From when on the driver waits at a stop, as a fix shows; null on the way, and where none does. */
async function stayNow(db: Kysely<Tables>, ride: LoadedRide): Promise<{ fromMs: number } | null> {
  const stops = await stopsOfRide(db, ride.company_id, ride.id)
  if (waitingStop(stops) === null) return null
  const fixes = await trailOf(db, ride)
  const stay = staysAt(stops, {
    ...{ fixes, fromMs: ride.boarded_at?.getTime() ?? 0, untilMs: Number.POSITIVE_INFINITY },
  }).at(-1)
  if (stay?.gpsArrivedAtMs == null) return null
  return { fromMs: Math.max(stay.arrivedAtMs, stay.gpsArrivedAtMs) }
}

function waitOf(ride: LoadedRide, quote: LoadedQuote, gpsArrivedAt: Date | null): number | null {
  const fromMs = waitsFromMs(ride, quote, gpsArrivedAt)
  if (fromMs === null || ride.boarded_at === null) return null
  return Math.max(0, ride.boarded_at.getTime() - fromMs) / 1000
}

/** Believed fixes of the ride with somebody on board, in order. */
async function trailOf(db: Kysely<Tables>, ride: Pick<LoadedRide, 'company_id' | 'id'>): Promise<TrailFix[]> {
  const fixes = await db
    .selectFrom('ride_trails')
    .select(['at', 'lat', 'lng', 'accuracy_m'])
    .where('company_id', '=', ride.company_id)
    .where('ride_id', '=', ride.id)
    .orderBy('at')
    .limit(MOST_FIXES)
    .execute()
  return fixes.map(({ at, lat, lng, accuracy_m }) => ({
    ...{ atMs: at.getTime(), lat, lng, accuracyM: accuracy_m },
  }))
}

function drivenBy(
  unit: Work,
  ride: LoadedRide,
  fixes: readonly TrailFix[],
  stays: readonly StopEvidence[],
): Driven {
  const fromMs = ride.boarded_at?.getTime() ?? unit.atMs
  const pauses = stays.map(({ arrivedAtMs, leftAtMs }) => ({ fromMs: arrivedAtMs, untilMs: leftAtMs }))
  return drivenOf(fixes, { fromMs, untilMs: Math.max(fromMs, unit.atMs), pauses })
}
