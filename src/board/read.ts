/** What the desk sees: counts, queue, table and one ride in full, read for one region of one company. */
import type {
  BoardCounts,
  Candidate,
  PaneProps,
  QueueProps,
  TableProps,
  TableRow,
  TableShow,
  WatchProps,
} from '../../views/board/props.ts'
import { readChat } from '../chat/chat.ts'
import { chatProps } from '../chat/props.ts'
import type { Region } from '../companies/companies.ts'
import { alarmsOfRide } from '../dispatch/alarms.ts'
import { type LoadedOffer, offersOfRide } from '../dispatch/offers.ts'
import type { Outlook } from '../dispatch/outlook.ts'
import { wayLeft } from '../dispatch/rider-state.ts'
import { findDriver, findVehicle } from '../drivers/drivers.ts'
import { travel } from '../engine/eta.ts'
import { allowedEvents, isEnded, type RideState } from '../engine/ride.ts'
import type { DriverId, LatLng, RideId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { classMaskOf, type Fleet } from '../positions/fleet.ts'
import {
  bookedRides,
  eventsOfRide,
  findRide,
  type LoadedRide,
  openRides,
  openRidesOfDriver,
  referenceOf,
} from '../rides/rides.ts'
import { startCodeOf } from '../rides/start-code.ts'
import { type Roads, type TravelDeps, travelIn } from '../roads/roads.ts'
import { byCar, byNeed } from './order.ts'
import { paneEvents } from './pane-events.ts'
import { countEnded, driverNames, liveOffersOf, searchEnded } from './store.ts'
import { type AlarmsByRide, alarmNote, alarmProps, alarmsOn, watchProps } from './watch.ts'

export interface BoardDeps extends TravelDeps {
  readonly roads?: Pick<Roads, 'model' | 'way'>
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly fleet: Fleet
  readonly outlook: Outlook
}

/** More open rides than any one desk works on; the longest waiting come first. */
const OPEN_LIMIT = 1000
const TABLE_ROWS = 100
/** A request that waits longer than this needs a person's eye. */
const TROUBLE_WAIT_MS = 4 * 60_000
/** The desk may send a car from further than the matcher would ask. */
const CANDIDATE_REACH_M = 25_000
const CANDIDATES = 9

const SHOWN: Record<OpenShow, readonly RideState[]> = {
  live: ['requested', 'assigned', 'en_route', 'arrived', 'in_progress'],
  to_pickup: ['assigned', 'en_route'],
  waiting: ['arrived'],
  on_board: ['in_progress'],
}

type OpenShow = Exclude<TableShow, 'booked' | 'ended'>

export interface BoardView {
  readonly counts: BoardCounts
  readonly queue: QueueProps
  readonly watch: WatchProps
  readonly alarms: AlarmsByRide
  readonly open: readonly LoadedRide[]
}

export async function readBoard(
  deps: BoardDeps,
  region: Region,
  selectedRideId: RideId | null,
): Promise<BoardView> {
  const nowMs = Math.floor(deps.clock.nowMs())
  const open = await openRides(deps.db, region.companyId, { regionId: region.id, limit: OPEN_LIMIT })
  const waiting = open.filter((ride) => ride.state === 'requested')
  const asking = await liveOffersOf(
    deps.db,
    region.companyId,
    waiting.map((ride) => ride.id),
  )
  const alarms = await alarmsOn(deps.db, { companyId: region.companyId, regionId: region.id }, open)
  const cars = [...deps.fleet.cars(region.id)].map((car) => deps.fleet.stateOf(car))
  const inState = (...states: readonly string[]) => cars.filter((state) => states.includes(state)).length
  return {
    open,
    alarms,
    watch: watchProps(deps, { alarms, open, nowMs }),
    counts: {
      trouble: open.filter((ride) => alarms.has(ride.id) || isTrouble(deps, ride, nowMs)).length,
      unassigned: waiting.length,
      free: inState('free', 'offered'),
      toPickup: inState('to_pickup'),
      waiting: inState('waiting'),
      onBoard: inState('on_board'),
      silent: inState('silent'),
    },
    queue: {
      nowMs,
      selectedRideId,
      cards: waiting
        .toSorted((a, b) => a.deadline_at.getTime() - b.deadline_at.getTime())
        .map((ride) => ({
          rideId: ride.id,
          requestedAtMs: ride.requested_at.getTime(),
          deadlineAtMs: ride.deadline_at.getTime(),
          from: ride.pickup_label,
          to: ride.dropoff_label,
          class: ride.class,
          seats: ride.seats,
          askingCallSign: callSignOf(deps.fleet, asking.get(ride.id) ?? null),
          waitsForCallSign: callSignOf(
            deps.fleet,
            deps.outlook.heldFor(region.id, ride.id)?.driverId ?? null,
          ),
          misses: ride.misses,
          needsRescue: ride.rescue_at !== null,
          putOffUntilMs: ride.put_off_until?.getTime() ?? null,
        })),
    },
  }
}

function isTrouble(deps: BoardDeps, ride: LoadedRide, nowMs: number): boolean {
  if (ride.rescue_at !== null) return true
  if (ride.state === 'requested') return nowMs - ride.requested_at.getTime() > TROUBLE_WAIT_MS
  return isSilent(deps.fleet, ride)
}

function isSilent(fleet: Fleet, ride: LoadedRide): boolean {
  const car = ride.driver_id === null ? undefined : fleet.car(ride.driver_id)
  return car === undefined || fleet.stateOf(car) === 'silent'
}

function callSignOf(fleet: Fleet, driverId: DriverId | null): string | null {
  return driverId === null ? null : (fleet.car(driverId)?.duty.callSign ?? null)
}

export async function readTable(
  deps: BoardDeps,
  region: Region,
  asked: { show: TableShow; query: string; selectedRideId: RideId | null } & Pick<
    BoardView,
    'open' | 'alarms'
  >,
): Promise<TableProps> {
  const nowMs = Math.floor(deps.clock.nowMs())
  const { show, query, open } = asked
  const ended = await countEnded(deps.db, region.companyId, region.id)
  const booked = await bookedRides(deps.db, region.companyId, { regionId: region.id, limit: OPEN_LIMIT })
  const rides =
    show === 'ended'
      ? await searchEnded(deps.db, region.companyId, { regionId: region.id, query, limit: TABLE_ROWS + 1 })
      : show === 'booked'
        ? booked
        : open.filter((ride) => SHOWN[show].includes(ride.state))
  const names = await driverNames(
    deps.db,
    region.companyId,
    rides.flatMap((ride) => ride.driver_id ?? []),
  )
  const listed = rides.map((ride) => {
    const row = tableRow(deps, region, ride, names, nowMs)
    const alarm = asked.alarms.get(ride.id)
    return alarm === undefined ? row : { ...row, ...alarmNote(alarm, nowMs) }
  })
  const rows = show === 'ended' || show === 'booked' ? listed : byCar(byNeed(listed))
  const found = show === 'ended' || query === '' ? rows : rows.filter((row) => matches(row, query))
  const count = (of: OpenShow) => open.filter((ride) => SHOWN[of].includes(ride.state)).length
  return {
    show,
    query,
    counts: {
      live: count('live'),
      to_pickup: count('to_pickup'),
      waiting: count('waiting'),
      on_board: count('on_board'),
      booked: booked.length,
      ended,
    },
    rows: found.slice(0, TABLE_ROWS),
    hasMore: found.length > TABLE_ROWS,
    selectedRideId: asked.selectedRideId,
  }
}

function matches(row: TableRow, query: string): boolean {
  const wanted = query.toLocaleLowerCase('en')
  const said = [row.reference, row.riderName, row.from, row.to, row.driver?.callSign, row.driver?.name]
  return said.some((text) => text?.toLocaleLowerCase('en').includes(wanted))
}

function tableRow(
  deps: BoardDeps,
  region: Region,
  ride: LoadedRide,
  names: ReadonlyMap<DriverId, { callSign: string; name: string }>,
  nowMs: number,
): TableRow {
  const { etaS } = wayLeft(deps, ride, region)
  const etaAtMs =
    ride.state === 'scheduled'
      ? (ride.scheduled_for?.getTime() ?? null)
      : isEnded(ride.state)
        ? (ride.ended_at?.getTime() ?? null)
        : etaS === null || ride.state === 'arrived'
          ? null
          : nowMs + etaS * 1000
  return {
    rideId: ride.id,
    driverId: ride.driver_id,
    state: ride.state,
    reference: referenceOf(ride),
    riderName: ride.rider_name,
    from: ride.pickup_label,
    to: ride.dropoff_label,
    driver: (ride.driver_id !== null && names.get(ride.driver_id)) || null,
    etaAtMs,
    lateS: latenessS(ride, etaAtMs),
    fareMinor: ride.fare_minor,
    currency: ride.currency,
    shared: ride.shared,
    note: noteOf(deps.fleet, ride),
  }
}

/** Against what the rider was told: the pickup promised at the assignment, the length (of a shared ride the arrival) in the quote. */
function latenessS(ride: LoadedRide, etaAtMs: number | null): number | null {
  if (etaAtMs === null) return null
  if (
    (ride.state === 'assigned' || ride.state === 'en_route') &&
    ride.assigned_at &&
    ride.pickup_eta_s !== null
  )
    return (etaAtMs - ride.assigned_at.getTime()) / 1000 - ride.pickup_eta_s
  if (ride.state === 'in_progress' && ride.latest_dropoff_at !== null)
    return (etaAtMs - ride.latest_dropoff_at.getTime()) / 1000
  if (ride.state === 'in_progress' && ride.boarded_at)
    return (etaAtMs - ride.boarded_at.getTime()) / 1000 - ride.duration_s
  return null
}

function noteOf(fleet: Fleet, ride: LoadedRide): string {
  if (isEnded(ride.state)) return ride.end_reason ?? ''
  if (ride.driver_id !== null && isSilent(fleet, ride)) return 'silent'
  if (ride.state === 'requested' && ride.misses > 0)
    return ride.misses === 1 ? '1 miss' : `${ride.misses} misses`
  return ride.note
}

/** Best first: who is free and near; whoever was asked for this ride already comes after who was not, and it is said. */
export function candidatesFor(
  deps: BoardDeps,
  region: Region,
  ride: LoadedRide,
  offers: readonly LoadedOffer[],
): { candidates: Candidate[]; considered: number } {
  const index = deps.fleet.index(region.id)
  const found = index.makeResult(CANDIDATES)
  const count = index.nearest(
    {
      lat: ride.pickup_lat,
      lng: ride.pickup_lng,
      k: CANDIDATES,
      maxM: CANDIDATE_REACH_M,
      classMask: classMaskOf(ride.class),
      seatsMin: ride.seats,
      attributes: ride.attributes,
    },
    found,
  )
  const answers = new Map(offers.map((offer) => [offer.driver_id, offer.state]))
  const model = travelIn(deps, region)
  const pickup = pickupOf(ride)
  const candidates: Candidate[] = []
  const askedBefore: Candidate[] = []
  for (let i = 0; i < count; i++) {
    const car = deps.fleet.car(index.driverIdOf(found.handles[i]!))
    if (car?.position == null) continue
    const { driverId, callSign, driverName } = car.duty
    const against = askedBeforeWords(answers.get(driverId))
    const those = against === null ? candidates : askedBefore
    const way = travel(car.position, pickup, model)
    those.push({
      driverId,
      callSign,
      name: driverName,
      state: 'free',
      point: { lat: car.position.lat, lng: car.position.lng },
      etaS: way.durationS,
      reason: against ?? whyHere(i, way.distanceM),
      seenAtMs: car.position.atMs,
    })
  }
  const sameClass = [...deps.fleet.cars(region.id)].filter((car) => car.duty.vehicleClass === ride.class)
  return { candidates: [...candidates, ...askedBefore], considered: sameClass.length }
}

/** Null for who was never asked, or whose offer was taken back before they answered. */
function askedBeforeWords(answered: LoadedOffer['state'] | undefined): string | null {
  if (answered === 'declined') return 'declined before'
  if (answered === 'expired') return 'let it lapse before'
  return answered === 'accepted' ? 'had it before' : null
}

function whyHere(rank: number, roadM: number): string {
  return rank === 0 ? 'nearest' : `${(roadM / 1000).toFixed(1)} km`
}

function pickupOf(ride: LoadedRide): LatLng {
  return { lat: ride.pickup_lat, lng: ride.pickup_lng }
}

function dropoffOf(ride: LoadedRide): LatLng {
  return { lat: ride.dropoff_lat, lng: ride.dropoff_lng }
}

/** One ride in full; null for a ride of somebody else, or none. */
export async function readPane(
  deps: BoardDeps,
  region: Region,
  rideId: RideId,
  notice?: string,
): Promise<PaneProps | null> {
  const { db } = deps
  const nowMs = Math.floor(deps.clock.nowMs())
  const ride = await findRide(db, region.companyId, rideId)
  if (ride === undefined || ride.region_id !== region.id) return null
  const [offers, events, driver, vehicle, alarms, chat] = await Promise.all([
    offersOfRide(db, ride.company_id, ride.id),
    eventsOfRide(db, ride.company_id, ride.id),
    ride.driver_id === null ? undefined : findDriver(db, ride.company_id, ride.driver_id),
    ride.vehicle_id === null ? undefined : findVehicle(db, ride.company_id, ride.vehicle_id),
    alarmsOfRide(db, ride.company_id, ride.id),
    readChat(db, ride, { side: 'desk', nowMs }),
  ])
  const code = await startCodeOf(db, ride)
  const [live] = (await alarmsOn(db, { companyId: region.companyId, regionId: region.id }, [ride])).values()
  const position = driver === undefined ? null : (deps.fleet.car(driver.id)?.position ?? null)
  const found = allowedEvents(ride.state).some((type) => type === 'assign' || type === 'release')
    ? candidatesFor(deps, region, ride, offers)
    : { candidates: [], considered: 0 }
  const way = isEnded(ride.state) ? null : await deps.roads?.way([pickupOf(ride), dropoffOf(ride)])
  return {
    nowMs,
    chat: chatProps(chat, ride, { driverName: driver?.name ?? null, key: () => deps.random.uuid() }),
    way: way ?? null,
    codeTriesLeft: code === null || code.isOpen ? null : code.triesLeft,
    ride: {
      id: ride.id,
      reference: referenceOf(ride),
      version: ride.version,
      state: ride.state,
      requestedAtMs: (ride.state === 'requested'
        ? ride.requested_at
        : (ride.booked_at ?? ride.requested_at)
      ).getTime(),
      booking:
        ride.scheduled_for === null || ride.release_at === null
          ? null
          : { pickupAtMs: ride.scheduled_for.getTime(), searchFromMs: ride.release_at.getTime() },
      from: { lat: ride.pickup_lat, lng: ride.pickup_lng, label: ride.pickup_label },
      to: { lat: ride.dropoff_lat, lng: ride.dropoff_lng, label: ride.dropoff_label },
      distanceM: ride.distance_m,
      riderName: ride.rider_name,
      class: ride.class,
      seats: ride.seats,
      fareMinor: ride.fare_minor,
      currency: ride.currency,
      payment: ride.payment_method,
      note: ride.note,
      driver:
        driver === undefined
          ? null
          : {
              id: driver.id,
              callSign: driver.call_sign,
              name: driver.name,
              vehicle: vehicle === undefined ? '' : `${vehicle.colour} ${vehicle.make_model}`,
              plate: vehicle?.plate ?? '',
              seenAtMs: position?.atMs ?? null,
              point: position === null ? null : { lat: position.lat, lng: position.lng },
            },
      shared:
        ride.latest_dropoff_at === null
          ? null
          : { latestAtMs: ride.latest_dropoff_at.getTime(), others: await othersInCar(deps, ride) },
      putOffUntilMs: ride.put_off_until?.getTime() ?? null,
    },
    alarm: live === undefined ? null : alarmProps(live),
    rescue:
      ride.state === 'requested' && ride.rescue_at !== null
        ? {
            misses: ride.misses,
            widerAtMs: ride.wider_at?.getTime() ?? null,
          }
        : null,
    ...found,
    events: await paneEvents(deps, region.companyId, { events, offers, alarms }),
    ...(notice === undefined ? {} : { notice }),
    key: () => deps.random.uuid(),
  }
}

async function othersInCar({ db }: BoardDeps, ride: LoadedRide) {
  if (ride.driver_id === null || isEnded(ride.state)) return []
  const rides = await openRidesOfDriver(db, ride.company_id, ride.driver_id)
  return rides
    .filter(({ id }) => id !== ride.id)
    .map((other) => ({
      ...{ id: other.id, reference: referenceOf(other), riderName: other.rider_name, state: other.state },
    }))
}
