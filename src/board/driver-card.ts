/** One driver in full for the desk: what they do since when, car, hours, papers, where they were, and what the day brought. */
import type { DriverCardProps } from '../../views/board/driver-card.ts'
import { ratingsOfDriver } from '../aftercare/ratings.ts'
import { threadOf } from '../chat/desk-messages.ts'
import type { Company, Region } from '../companies/companies.ts'
import { dayOf, startOfDayMs } from '../dispatch/driver-state.ts'
import { capabilityOf, type Hindrance } from '../drivers/capability.ts'
import { findDriver, onShiftMs, openShift, vehiclesOfDriver } from '../drivers/drivers.ts'
import { heldOf } from '../drivers/held.ts'
import { workingHours } from '../drivers/hours.ts'
import type { DriverId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Car, Fleet } from '../positions/fleet.ts'
import { endedRidesOfDriver, type LoadedRide, openRidesOfDriver, referenceOf } from '../rides/rides.ts'
import type { RecentPings } from './pings.ts'

export interface DriverCardDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly fleet: Fleet
  readonly pings: RecentPings
}

/** Said where the licence stands; the desk's own word has its place above all. */
const HINDRANCES: Record<Hindrance, string | null> = {
  driver_disabled: 'driving is turned off by the company',
  driver_held: null,
  driver_stopped: 'has turned driving off',
  licence_missing: 'no licence handed in',
  licence_waiting: 'licence waits to be looked at',
  licence_rejected: 'licence was not approved',
  licence_expired: 'licence has run out',
}

/** More rides than this nobody drives in a day; the sums count them all. */
const DAY_RIDES = 500

/** @returns null for a driver of somebody else, one who was deleted, or none */
export async function readDriverCard(
  deps: DriverCardDeps,
  { company, region }: { readonly company: Company; readonly region: Region },
  driverId: DriverId,
  notice?: string,
): Promise<DriverCardProps | null> {
  const { db, fleet } = deps
  const companyId = company.id
  const nowMs = Math.floor(deps.clock.nowMs())
  const driver = await findDriver(db, companyId, driverId)
  if (driver === undefined || driver.deleted_at !== null) return null
  const sinceMs = startOfDayMs(nowMs, region.timeZone)
  const about = { companyId, driverId }
  const [person, shift, working, capability, held, open, ended, shiftMs, rating, vehicles] =
    await Promise.all([
      db.selectFrom('identities').select('phone').where('id', '=', driver.identity_id).executeTakeFirst(),
      openShift(db, companyId, driverId),
      workingHours(db, { ...about, regionId: region.id, nowMs }),
      capabilityOf(db, { ...about, nowMs }),
      heldOf(db, about),
      openRidesOfDriver(db, companyId, driverId),
      endedRidesOfDriver(db, companyId, { driverId, since: new Date(sinceMs), limit: DAY_RIDES }),
      onShiftMs(db, companyId, { driverId, sinceMs, nowMs }),
      ratingsOfDriver(db, companyId, { driverId, nowMs }),
      vehiclesOfDriver(db, companyId, driverId),
    ])
  const car = fleet.car(driverId)
  const out = vehicles.find(({ id }) => id === shift?.vehicle_id)
  const { hours, pause, onBreakMs } = working
  return {
    nowMs,
    driver: { id: driver.id, callSign: driver.call_sign, name: driver.name, phone: person?.phone ?? null },
    ...stateOf(deps, car, open, driver.paused_until),
    position: car?.position == null ? null : { ...pointOf(car.position), seenAtMs: car.position.atMs },
    shift:
      shift === undefined
        ? null
        : {
            startedAtMs: shift.started_at.getTime(),
            onBreakMs,
            breakSinceMs: pause?.beganAtMs ?? null,
          },
    hours: hours === null ? null : { leftMs: hours.leftMs, limitMs: hours.driveLimitMs },
    vehicle:
      out === undefined
        ? null
        : { name: `${out.colour} ${out.make_model}`, plate: out.plate, class: out.class, seats: out.seats },
    licence: {
      isChecked: capability !== undefined && capability.licence_check !== 'not_checked',
      expiresOn: capability?.expires_on ?? null,
      hindrance: capability?.hindrance == null ? null : HINDRANCES[capability.hindrance],
    },
    held,
    pings: deps.pings.of(driverId),
    open: open.map(rideLine),
    today: {
      ...dayOf(ended, shiftMs),
      fareMinor: ended.reduce((sum, ride) => sum + (ride.state === 'completed' ? ride.fare_minor : 0), 0),
      currency: company.currency,
      list: ended.map(rideLine),
    },
    thread: await threadOf(db, about),
    rating: { average: rating.average, count: rating.count },
    ...(notice === undefined ? {} : { notice }),
    key: () => deps.random.uuid(),
  }
}

/** What the driver does now, and since when; epoch ms, null where nothing says it. */
function stateOf(
  { fleet }: DriverCardDeps,
  car: Car | undefined,
  [ride]: readonly LoadedRide[],
  pausedUntil: Date | null,
): Pick<DriverCardProps, 'state' | 'sinceMs' | 'pausedUntilMs'> {
  if (car === undefined) return { state: 'off', sinceMs: null, pausedUntilMs: null }
  const { duty, position } = car
  const state = fleet.stateOf(car)
  const moments = {
    free: duty.idleSinceMs,
    offered: duty.idleSinceMs,
    to_pickup: ride?.assigned_at?.getTime() ?? null,
    waiting: ride?.arrived_at?.getTime() ?? null,
    on_board: duty.boardedAtMs,
    paused: duty.breakSinceMs,
    silent: position?.atMs ?? null,
  }
  const pausedUntilMs =
    state === 'paused' && duty.breakSinceMs === null ? (pausedUntil?.getTime() ?? null) : null
  return { state: state === 'paused' ? 'break' : state, sinceMs: moments[state], pausedUntilMs }
}

function rideLine(ride: LoadedRide): DriverCardProps['open'][number] {
  return {
    ...{ id: ride.id, reference: referenceOf(ride), state: ride.state, riderName: ride.rider_name },
    ...{ from: ride.pickup_label, to: ride.dropoff_label, fareMinor: ride.fare_minor },
    ...{ currency: ride.currency, endedAtMs: ride.ended_at?.getTime() ?? null },
  }
}

function pointOf({ lat, lng }: { lat: number; lng: number }) {
  return { lat, lng }
}
