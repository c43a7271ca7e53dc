/** What the page of a decision trace tells: looks, questions and deeds of one ride, joined and named. */
import type {
  TraceAnswer,
  TraceDriver,
  TraceLook,
  TraceMoment,
  TraceOutcome,
  TraceProps,
} from '../../views/board/trace-props.ts'
import type { Region } from '../companies/companies.ts'
import { alarmsOfRide } from '../dispatch/alarms.ts'
import { type LoadedOffer, offersOfRide } from '../dispatch/offers.ts'
import { driversOfLook, KEPT_DAYS, type LookSummary, looksOf, wholeLooksOf } from '../dispatch/trace-store.ts'
import { isEnded } from '../engine/ride.ts'
import type { SeenDriver } from '../engine/trace.ts'
import { GATES, type Step } from '../engine/trace-gates.ts'
import { whyOf } from '../engine/trace-why.ts'
import type { CompanyId, DriverId } from '../engine/units.ts'
import { eventsOfRide, type LoadedRide, referenceOf } from '../rides/rides.ts'
import { paneEvents } from './pane-events.ts'
import type { BoardDeps } from './read.ts'
import { driverNames, referencesOf } from './store.ts'

export type TraceDeps = Pick<BoardDeps, 'db' | 'clock'>

/** Which look, of whom, and who is listed; by default the newest, who was asked, and everybody. */
export interface TraceQuestion {
  readonly atMs?: number | undefined
  readonly driverId?: DriverId | undefined
  readonly step?: Step | undefined
}

/** An offer is written after the tick has decided; it belongs to the look if it came within this. */
const OFFER_WITHIN_MS = 10_000

export async function readTrace(
  deps: TraceDeps,
  region: Region,
  ride: LoadedRide,
  asked: TraceQuestion = {},
): Promise<TraceProps> {
  const { db } = deps
  const nowMs = Math.floor(deps.clock.nowMs())
  const [looks, offers, events, alarms] = await Promise.all([
    looksOf(db, region.companyId, ride.id),
    offersOfRide(db, ride.company_id, ride.id),
    eventsOfRide(db, ride.company_id, ride.id),
    alarmsOfRide(db, ride.company_id, ride.id),
  ])
  const told = await paneEvents({ db }, region.companyId, { events, offers, alarms })
  const summary = looks.find(({ atMs }) => atMs === asked.atMs) ?? looks.at(-1)
  const look = summary === undefined ? null : await lookProps(deps, region.companyId, summary, offers)
  const callSigns = await driverNames(
    db,
    region.companyId,
    looks.flatMap(({ driverId }) => driverId ?? []),
  )
  const assigned = told.find(({ kind }) => kind === 'assign')
  const untilMs = assigned?.atMs ?? ride.ended_at?.getTime() ?? nowMs
  const chosen =
    look?.drivers.find(({ driverId }) => driverId === asked.driverId) ??
    look?.drivers.find(({ gate }) => gate === 'chosen') ??
    null
  return {
    nowMs,
    ride: {
      ...{ id: ride.id, reference: referenceOf(ride), state: ride.state, shared: ride.shared },
      ...{ requestedAtMs: ride.requested_at.getTime(), class: ride.class },
      from: { lat: ride.pickup_lat, lng: ride.pickup_lng, label: ride.pickup_label },
      to: { label: ride.dropoff_label },
    },
    waitedMs: Math.max(0, untilMs - ride.requested_at.getTime()),
    outcome: outcomeOf(ride, assigned, offers),
    asked: countAnswers(offers),
    // What came after somebody had it is another story: of a ride handed back, or of a nearer car.
    why: whyOf(looks.filter(({ atMs }) => atMs < untilMs || assigned === undefined)),
    moments: momentsOf(looks, told, callSigns),
    look,
    step: asked.step ?? null,
    chosen,
    isLive:
      ride.state === 'requested' &&
      (asked.atMs === undefined || asked.atMs === looks.at(-1)?.atMs) &&
      asked.driverId === undefined &&
      asked.step === undefined,
    keptDays: KEPT_DAYS,
  }
}

function outcomeOf(
  ride: LoadedRide,
  assigned: Awaited<ReturnType<typeof paneEvents>>[number] | undefined,
  offers: readonly LoadedOffer[],
): TraceOutcome {
  if (assigned !== undefined) {
    const callSign = assigned.callSign ?? 'a driver'
    const wasOffered = offers.some(({ state }) => state === 'accepted')
    const isByHand = assigned.by !== null && assigned.by !== assigned.callSign && !wasOffered
    return isByHand ? { kind: 'given', callSign, by: assigned.by } : { kind: 'taken', callSign }
  }
  if (ride.state === 'scheduled') return { kind: 'booked' }
  if (ride.state === 'unfulfilled') return { kind: 'given_up' }
  return isEnded(ride.state) ? { kind: 'cancelled' } : { kind: 'waiting' }
}

function countAnswers(offers: readonly LoadedOffer[]): TraceProps['asked'] {
  const count = (state: LoadedOffer['state']) =>
    offers.filter((offer) => offer.state === state && offer.swaps_from === null).length
  return {
    ...{ declined: count('declined'), lapsed: count('expired'), withdrawn: count('withdrawn') },
    ...{ accepted: Math.min(1, count('accepted')), asking: count('pending') },
  }
}

function momentsOf(
  looks: readonly LookSummary[],
  events: Awaited<ReturnType<typeof paneEvents>>,
  names: Awaited<ReturnType<typeof driverNames>>,
): TraceMoment[] {
  const seen = looks.map(
    (look): TraceMoment => ({
      ...{ kind: 'look', atMs: look.atMs, untilMs: look.untilMs, ticks: look.ticks, outcome: look.kind },
      callSign: (look.driverId && names.get(look.driverId)?.callSign) || null,
      ...{ radiusM: look.radiusM, gates: look.gates },
    }),
  )
  // That a driver is being asked is what their look says already.
  const chosen = new Set(seen.flatMap((moment) => (moment.kind === 'look' ? (moment.callSign ?? []) : [])))
  const told = events.flatMap((event): TraceMoment[] =>
    event.kind === 'offer_pending' && event.callSign !== null && chosen.has(event.callSign)
      ? []
      : [{ kind: 'event', event }],
  )
  const at = (moment: TraceMoment) => (moment.kind === 'event' ? moment.event.atMs : moment.atMs)
  // At one instant the request comes first, then the look, then what it led to.
  const first = (moment: TraceMoment) =>
    moment.kind === 'event' ? (moment.event.kind === 'request' ? 0 : 2) : 1
  return [...told, ...seen].toSorted((a, b) => at(a) - at(b) || first(a) - first(b))
}

async function lookProps(
  { db }: TraceDeps,
  companyId: CompanyId,
  summary: LookSummary,
  offers: readonly LoadedOffer[],
): Promise<TraceLook> {
  const seen = await driversOfLook(db, companyId, summary)
  const [named] = await namedDrivers(db, companyId, [{ ...summary, drivers: seen }], offers)
  return {
    ...{ atMs: summary.atMs, untilMs: summary.untilMs, ticks: summary.ticks, outcome: summary.kind },
    ...{ radiusM: summary.radiusM, gates: summary.gates, policy: summary.policy },
    ...{ waiting: summary.waiting, cars: summary.cars, decidedMs: summary.decidedMs },
    drivers: (named ?? []).toSorted(
      (a, b) =>
        GATES.indexOf(b.gate) - GATES.indexOf(a.gate) ||
        (a.costS ?? 0) - (b.costS ?? 0) ||
        a.distanceM - b.distanceM,
    ),
  }
}

type SeenLook = LookSummary & { readonly drivers: readonly SeenDriver[] }

/** The cars of looks with call signs, names, answers, and the numbers of the rides they went to. */
async function namedDrivers(
  db: TraceDeps['db'],
  companyId: CompanyId,
  looks: readonly SeenLook[],
  offers: readonly LoadedOffer[],
): Promise<TraceDriver[][]> {
  const all = looks.flatMap(({ drivers }) => drivers)
  const names = await driverNames(db, companyId, [...new Set(all.map(({ driverId }) => driverId))])
  const others = await referencesOf(db, companyId, [
    ...new Set(all.flatMap(({ otherRideId }) => otherRideId ?? [])),
  ])
  return looks.map((look) =>
    look.drivers.map(({ otherRideId, ...driver }) => ({
      ...driver,
      callSign: names.get(driver.driverId)?.callSign ?? '?',
      name: names.get(driver.driverId)?.name ?? 'a former driver',
      otherRide: otherRideId === null ? null : (others.get(otherRideId) ?? null),
      answer: answerOf(driver, look, offers),
    })),
  )
}

/** What came of asking: of this look, or for who was asked before, the last time. */
function answerOf(
  { driverId, gate }: Pick<SeenDriver, 'driverId' | 'gate'>,
  look: LookSummary,
  offers: readonly LoadedOffer[],
): TraceAnswer | null {
  const theirs = offers.filter((offer) => offer.driver_id === driverId)
  if (gate === 'asked_before') {
    const last = theirs.findLast(({ ended_at }) => ended_at !== null && ended_at.getTime() <= look.untilMs)
    // Given by the desk, and given back: there was no offer.
    return last === undefined ? { kind: 'had_it', atMs: null, reason: null } : answerTo(last, true)
  }
  if (gate !== 'chosen' || look.kind === 'hold') return null
  const made = theirs.find(({ offered_at }) => {
    const afterMs = offered_at.getTime() - look.untilMs
    return afterMs >= 0 && afterMs < OFFER_WITHIN_MS
  })
  return made === undefined ? { kind: 'gone', atMs: null, reason: null } : answerTo(made, false)
}

const ANSWERS: Readonly<Record<LoadedOffer['state'], TraceAnswer['kind']>> = {
  ...{ pending: 'asking', accepted: 'accepted', declined: 'declined', expired: 'lapsed' },
  withdrawn: 'withdrawn',
}

function answerTo(offer: LoadedOffer, isPast: boolean): TraceAnswer {
  const { state, ended_at, expires_at, reason } = offer
  const kind = isPast && state === 'accepted' ? 'had_it' : ANSWERS[state]
  return { kind, atMs: (ended_at ?? expires_at).getTime(), reason }
}

/** All looks at a ride with every listed car, for a program or a file; nothing of the rider but where they waited. */
export async function exportTrace(deps: TraceDeps, region: Region, ride: LoadedRide) {
  const [looks, offers] = await Promise.all([
    wholeLooksOf(deps.db, region.companyId, ride.id),
    offersOfRide(deps.db, ride.company_id, ride.id),
  ])
  const named = await namedDrivers(deps.db, region.companyId, looks, offers)
  const { ride: asked, why, outcome, asked: answers, waitedMs } = await readTrace(deps, region, ride)
  return {
    ...{ ride: asked, outcome, waitedMs, asked: answers, why },
    looks: looks.map(({ rideId: _, driverId, ...look }, n) => ({
      ...look,
      callSign: named[n]!.find((driver) => driver.driverId === driverId)?.callSign ?? null,
      drivers: named[n]!,
    })),
  }
}

export type ExportedTrace = Awaited<ReturnType<typeof exportTrace>>
