/**
 * Shared requests and the cars that carry shared riders already: who could be taken along, by the engine's pooling. The
 * tick asks once; what it does not place goes to the matcher like any ride and begins a run of its own.
 */
import type { Region } from '../companies/regions.ts'
import type { WaitingRide } from '../engine/decide.ts'
import { travel } from '../engine/eta.ts'
import { distanceM } from '../engine/geo.ts'
import { DEFAULT_POOL_POLICY, type PoolPlan, poolBatch } from '../engine/pool-batch.ts'
import { arrivalsS, type PoolRequest } from '../engine/run.ts'
import type { CompanyId, DriverId, LatLng, RegionId, RideId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'
import type { Fleet } from '../positions/fleet.ts'
import { type TravelDeps, travelIn } from '../roads/roads.ts'
import type { Join } from './joining.ts'
import { openCars, POOL_COLUMNS, plannedStops, poolRequestOf, runOf, suits } from './open-cars.ts'

/** A ride that a driver could take along. */
export interface JoinProposal {
  readonly kind: 'offer'
  readonly rideId: RideId
  readonly driverId: DriverId
  readonly pickupDistanceM: number
  readonly pickupEtaS: number
  readonly joins: Join
}

export interface Pooled {
  readonly proposals: readonly JoinProposal[]
  /** Whom the matcher has still to find somebody for. */
  readonly rest: readonly WaitingRide[]
}

/** One more rider a car and tick: a driver is asked one thing at a time. */
const POLICY = { ...DEFAULT_POOL_POLICY, newRiders: 1 }

/**
 * Sharing is to save driving: at first a rider is taken along only where that takes less than driving them alone. After
 * this share of the promised wait any place will do that keeps everybody's promise, for no free car has come.
 */
const LONG_WAIT_SHARE = 0.5

/** Shared rides among those that wait, each into the run where it costs least and everybody's promise holds. */
export async function poolWaiting(
  deps: { readonly db: Db; readonly fleet: Fleet } & TravelDeps,
  { region, waiting, nowMs }: { region: Region; waiting: readonly WaitingRide[]; nowMs: number },
): Promise<Pooled> {
  const { db, fleet } = deps
  const cars =
    region.sharing === null ? [] : openCars(fleet, region.id, nowMs).filter(({ car }) => !car.duty.hasOffer)
  if (cars.length === 0 || waiting.length === 0) return { proposals: [], rest: waiting }
  const byId = new Map(waiting.map((ride) => [ride.rideId as string, ride]))
  const requests = await sharedRequests(db, region, [...byId.keys()] as RideId[])
  const runs = cars.map((car) => runOf(car, nowMs))
  const carOf = new Map(runs.map((run, n) => [run.runId, cars[n]!]))
  const model = travelIn(deps, region)
  const travelS = (from: LatLng, to: LatLng) => travel(from, to, model).durationS
  const plans = poolBatch({
    requests,
    runs,
    travelS,
    policy: POLICY,
    mayJoin: ({ rideId }, { runId }) => {
      const { car } = carOf.get(runId)!
      const ride = byId.get(rideId)!
      return !ride.excluded.has(car.duty.driverId) && suits(car, ride)
    },
  })
  const asked = new Map(requests.map((request) => [request.rideId, request]))
  const proposals = plans.filter(isWorthIt).map((plan): JoinProposal => {
    const { car, position, shared } = carOf.get(plan.runId)!
    const run = runs.find(({ runId }) => runId === plan.runId)!
    const rideId = plan.rideIds[0] as RideId
    const pickup = plan.stops.findIndex((stop) => stop.kind === 'pickup' && stop.rideId === rideId)
    return {
      kind: 'offer',
      rideId,
      driverId: car.duty.driverId,
      pickupDistanceM: distanceM(position, plan.stops[pickup]!.at),
      pickupEtaS: arrivalsS({ ...run, stops: plan.stops }, travelS)[pickup]! - nowMs / 1000,
      joins: {
        runId: shared.runId,
        addedS: plan.addedDriveS,
        stops: plannedStops(shared, plan.stops),
      },
    }
  })

  function isWorthIt({ rideIds, addedDriveS }: PoolPlan<LatLng>): boolean {
    const request = asked.get(rideIds[0]!)!
    const waitedS = nowMs / 1000 - request.requestedAtS
    return (
      addedDriveS <= travelS(request.pickup, request.dropoff) ||
      waitedS >= LONG_WAIT_SHARE * (request.latestPickupS - request.requestedAtS)
    )
  }

  const placed = new Set(proposals.map(({ rideId }) => rideId))
  return { proposals, rest: waiting.filter(({ rideId }) => !placed.has(rideId)) }
}

/** Which of the waiting rides are shared, as the engine asks for them. */
async function sharedRequests(
  db: Db,
  { companyId, id: regionId }: { companyId: CompanyId; id: RegionId },
  rideIds: readonly RideId[],
): Promise<PoolRequest<LatLng>[]> {
  const rows = await db
    .selectFrom('rides')
    .select([...POOL_COLUMNS])
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '=', 'requested')
    .where('shared', '=', true)
    .orderBy('requested_at')
    .execute()
  const asked = new Set(rideIds)
  return rows.filter((row) => asked.has(row.id)).map(poolRequestOf)
}
