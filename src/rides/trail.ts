/**
 * The way a ride was driven: believed fixes of a ride with somebody on board, stored in batches; and before that the
 * first fix at the pickup, from which a wait is counted.
 */
import { distanceM } from '../engine/geo.ts'
import type { CompanyId, LatLng, RideId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import type { Db } from '../io/postgres.ts'
import type { RideArrivalRow } from '../io/tables/fares.ts'
import type { RideTrailRow } from '../io/tables/rides.ts'
import { type Duty, pickupsOf, ridesOf } from '../positions/duty.ts'
import type { Fleet } from '../positions/fleet.ts'
import { type DriverHandle, isBelieved, type PingBatch } from '../positions/positions.ts'

const FLUSH_EVERY_MS = 2_000
/** More than this waits only while the database is away; then the oldest are given up, they only draw a line. */
const MAX_WAITING = 20_000
const BATCH_ROWS = 1_000
/** So near the pickup a rider sees the car, and a fix between houses may be so wrong. */
const ARRIVED_M = 100

/** A long day's ride at a fix a second; what is later is not drawn. */
const MOST_FIXES = 20_000
/** Closer than this to the last point drawn, a fix only makes a standing car's line tremble. */
const APART_M = 12
/** Corners of a line that a page carries; from more, each second, third, … is taken. */
const MOST_POINTS = 400

/** The way a ride was driven as a line to draw, in order: at most 401 points, none where nobody got in. */
export async function drivenWay(db: Db, companyId: CompanyId, rideId: RideId): Promise<LatLng[]> {
  const fixes = await db
    .selectFrom('ride_trails')
    .select(['lat', 'lng'])
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .orderBy('at')
    .limit(MOST_FIXES)
    .execute()
  return thinned(fixes)
}

/** The fixes that make the line: apart from each other, not too many, and the last one always. */
export function thinned(fixes: readonly LatLng[]): LatLng[] {
  const apart: LatLng[] = []
  for (const fix of fixes) {
    const before = apart.at(-1)
    if (before === undefined || distanceM(before, fix) >= APART_M) apart.push(fix)
  }
  const every = Math.ceil(apart.length / MOST_POINTS)
  const kept = apart.filter((_, i) => i % every === 0)
  const last = fixes.at(-1)
  if (last !== undefined && kept.at(-1) !== last) kept.push(last)
  // Five decimals are a metre.
  return kept.map(({ lat, lng }) => ({ lat: Number(lat.toFixed(5)), lng: Number(lng.toFixed(5)) }))
}

export interface TrailKeeper {
  /** What of a judged batch belongs to the ride the driver has somebody on board for. */
  add(driver: DriverHandle, batch: PingBatch): void
  /** Store what waits. */
  flush(): Promise<void>
  start(): void
  stop(): void
}

export function makeTrailKeeper({
  db,
  clock,
  log,
  fleet,
}: {
  db: Db
  clock: Clock
  log: Logger
  fleet: Fleet
}): TrailKeeper {
  let waiting: RideTrailRow[] = []
  let arrivals: RideArrivalRow[] = []
  /** Arrivals seen by this process, so that a standing car is not written again at each fix. */
  const seen = new Set<string>()
  let lastFlush: Promise<void> = Promise.resolve()
  let cancel: (() => void) | null = null
  let stopped = false

  /** After the flush under way, if there is one: two at once would store the same batch and forget the next. */
  function flush(): Promise<void> {
    lastFlush = lastFlush.then(storeWaiting, storeWaiting)
    return lastFlush
  }

  async function storeWaiting(): Promise<void> {
    await storeArrivals()
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH_ROWS)
      try {
        // A batch sent again after a lost answer repeats fixes: the key of ride and instant keeps one of each.
        await db
          .insertInto('ride_trails')
          .values(batch)
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      } catch (error) {
        waiting = [...batch, ...waiting].slice(-MAX_WAITING)
        throw error
      }
    }
  }

  async function storeArrivals(): Promise<void> {
    const batch = arrivals.splice(0)
    if (batch.length === 0) return
    try {
      // Another process may have seen it first.
      await db
        .insertInto('ride_arrivals')
        .values(batch)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    } catch (error) {
      arrivals = [...batch, ...arrivals].slice(-MAX_WAITING)
      throw error
    }
  }

  /** The first fix near the pickup of whoever is on the way there or waits. */
  function noteArrivals(duty: Duty, batch: PingBatch): void {
    for (const { rideId, at } of pickupsOf(duty)) {
      const key = `${rideId} ${duty.driverId}`
      if (seen.has(key)) continue
      for (let turn = 0; turn < batch.count; turn++) {
        const place = batch.order[turn]!
        if (!isBelieved(batch, place)) continue
        const awayM = distanceM(at, { lat: batch.lat(place), lng: batch.lng(place) })
        if (awayM > ARRIVED_M) continue
        if (seen.size >= MAX_WAITING) seen.clear()
        seen.add(key)
        arrivals.push({
          ...{ company_id: duty.companyId, ride_id: rideId, driver_id: duty.driverId },
          ...{ at: new Date(batch.timeMs(place)), away_m: awayM },
        })
        break
      }
    }
  }

  function beat(): void {
    if (stopped) return
    cancel = clock.after(FLUSH_EVERY_MS, () => {
      void flush()
        .catch((error: unknown) => log.warn({ error }, 'trail.flush_failed'))
        .finally(beat)
    })
  }

  return {
    add(driver, batch) {
      const duty = fleet.carAt(driver)?.duty
      // Most cars have no ride, and a ping of theirs shall cost nothing here.
      if (duty === undefined || duty.rideId === null) return
      noteArrivals(duty, batch)
      for (const { rideId, boardedAtMs } of ridesOf(duty)) {
        if (boardedAtMs === null) continue
        for (let turn = 0; turn < batch.count; turn++) {
          const place = batch.order[turn]!
          const atMs = batch.timeMs(place)
          // A phone that was out of reach delivers late what it kept: the way to the pickup is not the ride's.
          if (!isBelieved(batch, place) || atMs < boardedAtMs) continue
          waiting.push({
            company_id: duty.companyId,
            ride_id: rideId,
            at: new Date(atMs),
            lat: batch.lat(place),
            lng: batch.lng(place),
            accuracy_m: batch.accuracyM(place),
          })
        }
      }
      if (waiting.length > MAX_WAITING) waiting = waiting.slice(-MAX_WAITING)
    },
    flush,
    start: beat,
    stop() {
      stopped = true
      cancel?.()
    },
  }
}
