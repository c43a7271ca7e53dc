/** The only place where a ride changes: state, event row, run and news in one unit of work, version by version. */
import { sql, type UpdateObject } from 'kysely'
import { hasOpenRun as isBusy } from '../drivers/drivers.ts'
import { hasOpenRun, isEnded, type RideEvent, type RideEventType, step } from '../engine/ride.ts'
import {
  assert,
  type CompanyId,
  type OfferId,
  ok,
  type Result,
  type RideId,
  refuse,
  type VehicleId,
} from '../engine/units.ts'
import { releasePromo } from '../fares/promos.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { ActorKind } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'
import { promisesAfter } from './promises.ts'
import { type Joining, joinRun, leaveRun, openRun, stopDone } from './runs.ts'
import { issueStartCode } from './start-code.ts'
import { type LoadedRide, lockRide } from './store.ts'

export interface Actor {
  readonly kind: ActorKind
  readonly id: string | null
}

export const SYSTEM: Actor = { kind: 'system', id: null }

export interface RideChange {
  readonly companyId: CompanyId
  readonly rideId: RideId
  readonly event: RideEvent
  readonly actor: Actor
  readonly reason?: string
  /** When the driver pressed, by their phone, where that was notably before it reached us. */
  readonly saidAtMs?: number | undefined
  /** Only with `assign`: the car of the driver's shift and the promised seconds to the pickup; null while nobody knows where it is. */
  readonly assignment?: {
    readonly vehicleId: VehicleId
    readonly pickupEtaS: number | null
    /** The open run the ride joins, its row locked, with the stops still to be driven; else it gets a run of its own. */
    readonly joins?: Joining | undefined
  }
  /** Only with `finish`: what the ride cost in the end, and the driver's part of it. */
  readonly fare?: { readonly totalMinor: number; readonly driverMinor: number }
  /** What is agreed on now, with `rebook`, `agree_change` and `edit`; how it looks on, with `hold`, `unhold` and `widen`. */
  readonly agreed?: UpdateObject<Tables, 'rides'>
  /** Only with what the desk takes back: columns as they were before. */
  readonly restores?: UpdateObject<Tables, 'rides'> | undefined
  /** Whoever is asked for the ride may go on thinking: what changed is nothing that they decide by. */
  readonly keepsOffers?: boolean
  /** Only with `release`: the offer of who takes over at once, which stays live. */
  readonly keepsOffer?: OfferId
}

export type ChangeRefusal = 'not_found' | 'not_allowed_now' | 'driver_busy'

/**
 * Apply one event to a stored ride. Takes the row's lock first, so that everything else about this ride waits;
 * leaving `requested` withdraws the ride's live offer, a release closes the run and frees the driver.
 * @returns the ride after the change, or a refusal that changed nothing
 */
export async function changeRide(
  unit: Work,
  random: Random,
  change: RideChange,
): Promise<Result<LoadedRide, ChangeRefusal>> {
  const ride = await lockRide(unit.db, change.companyId, change.rideId)
  if (ride === undefined) return refuse('not_found')
  const stepped = step(
    { state: ride.state, driverId: ride.driver_id, changedAtMs: ride.changed_at.getTime() },
    change.event,
    unit.atMs,
  )
  if (!stepped.ok) return refuse(stepped.reason)
  const next = stepped.value
  const at = new Date(unit.atMs)

  const joins = change.assignment?.joins
  if (change.event.type === 'assign' && joins === undefined && (await isBusy(unit.db, change.event.driverId)))
    return refuse('driver_busy')

  const updated = await unit.db
    .updateTable('rides')
    .set({
      state: next.state,
      driver_id: next.driverId,
      version: ride.version + 1,
      changed_at: at,
      ...momentsOf(change, at),
      ...(ride.shared ? promisesAfter(change, ride, at) : {}),
      ...(ride.shared && hasOpenRun(ride.state) && !hasOpenRun(next.state) && next.state !== 'completed'
        ? { driver_minor: QUOTED_PART }
        : {}),
      // Put off or with a driver it goes with nobody any more.
      ...(ride.merged_id !== null && (next.state !== 'requested' || change.event.type === 'hold')
        ? { merged_id: null }
        : {}),
      ...(isEnded(next.state)
        ? { ended_at: at, ended_by: change.actor.kind, end_reason: change.reason ?? null }
        : {}),
      ...change.restores,
    })
    .where('id', '=', ride.id)
    .where('version', '=', ride.version)
    .returningAll()
    .executeTakeFirst()
  assert(updated !== undefined, 'a locked ride keeps its version')

  await unit.db
    .insertInto('ride_events')
    .values({
      company_id: ride.company_id,
      ride_id: ride.id,
      version: ride.version + 1,
      type: change.event.type,
      from_state: ride.state,
      to_state: next.state,
      at,
      actor_kind: change.actor.kind,
      actor_id: change.actor.id,
      driver_id: next.driverId ?? ride.driver_id,
      reason: change.reason ?? null,
      said_at: change.saidAtMs === undefined ? null : new Date(change.saidAtMs),
    })
    .execute()

  if (!hasOpenRun(ride.state) && hasOpenRun(next.state) && next.driverId !== null) {
    if (joins === undefined) await openRun(unit, random, updated, next.driverId)
    else await joinRun(unit, updated, joins)
  }
  if (change.event.type === 'assign')
    await issueStartCode(unit, random, { ...updated, driver_id: change.event.driverId })
  if (isEnded(next.state) && next.state !== 'completed' && ride.promo_minor > 0)
    await releasePromo(unit, { companyId: ride.company_id, rideId: ride.id })
  if (change.event.type === 'board') await stopDone(unit, ride, 'pickup')
  if (hasOpenRun(ride.state) && !hasOpenRun(next.state)) {
    await leaveRun(unit, ride, change.event.type === 'finish' ? 'done' : 'gone')
    await releaseOffer(unit, ride, at)
    await withdrawOpenChange(unit, ride, at)
  }
  if (!LEAVES_OFFERS.has(change.event.type) && change.keepsOffers !== true)
    await withdrawLiveOffer(unit, ride, at, change.keepsOffer)

  unit.tell({
    type: 'ride.changed',
    companyId: ride.company_id,
    regionId: ride.region_id,
    rideId: ride.id,
    riderId: ride.rider_id,
    driverId: next.driverId,
    previousDriverId: ride.driver_id,
    state: next.state,
    event: change.event.type,
  })
  return ok(updated)
}

/**
 * What its price promises a driver who drives a ride alone. Beside others it was rounded with their run; out of that it
 * is worth what it was before.
 */
const QUOTED_PART = sql<number>`(SELECT quotes.driver_minor FROM quotes WHERE quotes.id = rides.quote_id)`

/** Who is asked to take a ride over may go on thinking: it is still the ride that was offered. */
const LEAVES_OFFERS: ReadonlySet<RideEventType> = new Set(['set_off', 'ask_change', 'drop_change', 'widen'])

function momentsOf(change: RideChange, at: Date): UpdateObject<Tables, 'rides'> {
  switch (change.event.type) {
    case 'assign':
      assert(change.assignment !== undefined, 'an assignment names its car and its minutes')
      return {
        assigned_at: at,
        // What helped to find a driver has done so; who looks again begins as anybody.
        ...{ rescue_at: null, wider_at: null, put_off_until: null },
        vehicle_id: change.assignment.vehicleId,
        pickup_eta_s: change.assignment.pickupEtaS === null ? null : Math.round(change.assignment.pickupEtaS),
        ...(change.assignment.joins === undefined
          ? {}
          : { driver_minor: change.assignment.joins.driverMinor }),
      }
    case 'release':
      return {
        assigned_at: null,
        vehicle_id: null,
        pickup_eta_s: null,
        set_off_at: null,
        arrived_at: null,
        // The rider has waited through somebody else's change of mind: the search gets its full time again.
        deadline_at: sql<Date>`greatest(${at}::timestamptz, scheduled_for) + make_interval(
          secs => (SELECT unfulfilled_after_s FROM regions WHERE regions.id = rides.region_id))`,
      }
    case 'rebook':
    case 'agree_change':
    case 'hold':
    case 'unhold':
    case 'widen':
    case 'merge':
    case 'part':
    case 'edit':
      assert(change.agreed !== undefined, 'a change says what is agreed on')
      return change.agreed
    case 'start_search':
      // From now on it waits like any other, but nobody gives up on it before its time has come and gone.
      return {
        requested_at: at,
        deadline_at: sql<Date>`greatest(${at}::timestamptz, scheduled_for) + make_interval(
          secs => (SELECT unfulfilled_after_s FROM regions WHERE regions.id = rides.region_id))`,
      }
    case 'reopen':
    case 'reopen_booked':
      return {
        ...{ ended_at: null, ended_by: null, end_reason: null, end_words: null },
        ...{ assigned_at: null, vehicle_id: null, pickup_eta_s: null, set_off_at: null, arrived_at: null },
      }
    case 'give_up':
      return letterDue(at)
    case 'cancel':
      // Who cancels knows it.
      return change.actor.kind === 'rider' ? { letter_due_at: null } : letterDue(at)
    case 'set_off':
      return { set_off_at: at }
    case 'arrive':
      return { arrived_at: at }
    case 'board':
      return { boarded_at: at }
    case 'finish':
      return change.fare === undefined
        ? {}
        : { fare_minor: change.fare.totalMinor, driver_minor: change.fare.driverMinor }
    default:
      return {}
  }
}

/** Who booked ahead does not watch the page: how it ended is told by letter. */
function letterDue(at: Date): UpdateObject<Tables, 'rides'> {
  return {
    letter_due_at: sql<Date | null>`CASE WHEN scheduled_for IS NULL THEN NULL ELSE ${at}::timestamptz END`,
  }
}

/** A ride that left its run also ends the claim of the offer that put it there, so that it can be accepted again. */
async function releaseOffer(unit: Work, ride: LoadedRide, at: Date): Promise<void> {
  await unit.db
    .updateTable('offers')
    .set({ released_at: at })
    .where('ride_id', '=', ride.id)
    .where('state', '=', 'accepted')
    .where('released_at', 'is', null)
    .execute()
}

/** Whoever was to answer drives it no more, or it is over. */
async function withdrawOpenChange(unit: Work, ride: LoadedRide, at: Date): Promise<void> {
  await unit.db
    .updateTable('ride_changes')
    .set({ state: 'withdrawn', ended_at: at, end_reason: 'driver gone' })
    .where('ride_id', '=', ride.id)
    .where('state', '=', 'pending')
    .execute()
}

/** The accepted offer has ended before this runs, so what is still pending here is somebody else's. */
async function withdrawLiveOffer(
  unit: Work,
  ride: LoadedRide,
  at: Date,
  keepsOffer: OfferId | undefined,
): Promise<void> {
  const withdrawn = await unit.db
    .updateTable('offers')
    .set({ state: 'withdrawn', ended_at: at })
    .where('ride_id', '=', ride.id)
    .where('state', '=', 'pending')
    .$if(keepsOffer !== undefined, (query) => query.where('id', '<>', keepsOffer!))
    .returning(['id', 'driver_id'])
    .execute()
  for (const offer of withdrawn)
    unit.tell({
      type: 'offer.changed',
      companyId: ride.company_id,
      regionId: ride.region_id,
      offerId: offer.id,
      rideId: ride.id,
      driverId: offer.driver_id,
      state: 'withdrawn',
    })
}
