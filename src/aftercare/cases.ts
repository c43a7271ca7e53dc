/** Lost things and reports: opened by the rider, worked on by driver and desk, every word and step kept in order. */
import { type Kysely, sql } from 'kysely'
import { isEnded } from '../engine/ride.ts'
import {
  CASE_WITHIN_MS,
  type CaseKind,
  type CaseSide,
  type CaseState,
  type CaseStep,
  nextCaseState,
} from '../engine/ride-case.ts'
import {
  type CompanyId,
  type DriverId,
  type IdentityId,
  ok,
  type RegionId,
  type Result,
  type RideId,
  refuse,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import { type LoadedRide, lockRide } from '../rides/rides.ts'

export type CaseRefusal = 'not_found' | 'not_allowed_now' | 'case_too_late'

export interface RideCase {
  readonly id: string
  readonly companyId: CompanyId
  readonly rideId: RideId
  readonly kind: CaseKind
  readonly topic: string
  readonly state: CaseState
  readonly riderId: IdentityId
  readonly driverId: DriverId | null
  readonly openedAtMs: number
  readonly changedAtMs: number
}

export interface CaseMessage {
  readonly seq: number
  readonly side: CaseSide
  readonly step: CaseStep | 'open'
  readonly text: string
  readonly atMs: number
}

/** A page carries no more. */
const MOST_MESSAGES = 200
const MOST_LISTED = 200
/** What is over stays in the lists this long. */
const OVER_LISTED_MS = 14 * 86_400_000

/**
 * Tell of something lost, or of a problem; of each kind once a ride, and a second press finds the first.
 * @returns `case_too_late` a month after the ride; `not_allowed_now` of a ride that goes on, or had no car to lose in
 */
export async function openCase(
  unit: Work,
  random: Random,
  told: {
    readonly companyId: CompanyId
    readonly rideId: RideId
    readonly riderId: IdentityId
    readonly kind: CaseKind
    readonly topic: string
    readonly text: string
  },
): Promise<Result<RideCase, CaseRefusal>> {
  const { kind } = told
  const ride = await lockRide(unit.db, told.companyId, told.rideId)
  if (ride === undefined || ride.rider_id !== told.riderId) return refuse('not_found')
  const before = await caseOf(unit.db, ride, kind)
  if (before !== undefined) return ok(before)
  if (!isEnded(ride.state) || ride.ended_at === null) return refuse('not_allowed_now')
  if (kind === 'lost_item' && (ride.state !== 'completed' || ride.driver_id === null))
    return refuse('not_allowed_now')
  if (unit.atMs >= ride.ended_at.getTime() + CASE_WITHIN_MS) return refuse('case_too_late')
  const at = new Date(unit.atMs)
  const id = random.uuid()
  await unit.db
    .insertInto('ride_cases')
    .values({
      ...{ company_id: ride.company_id, id, ride_id: ride.id, kind, topic: told.topic, state: 'open' },
      ...{ rider_id: ride.rider_id, driver_id: ride.driver_id, last_seq: 1, opened_at: at, changed_at: at },
    })
    .execute()
  await unit.db
    .insertInto('ride_case_messages')
    .values({
      ...{ company_id: ride.company_id, case_id: id, seq: 1, side: 'rider', sender_id: told.riderId },
      ...{ step: 'open', text: told.text, sent_at: at },
    })
    .execute()
  const opened = (await caseOf(unit.db, ride, kind))!
  tellCase(unit, ride.region_id, opened)
  return ok(opened)
}

/** Whether a case of this kind could be opened about a ride. */
export function mayOpenCase(
  ride: Pick<LoadedRide, 'state' | 'ended_at' | 'driver_id'>,
  kind: CaseKind,
  nowMs: number,
): boolean {
  if (!isEnded(ride.state) || ride.ended_at === null) return false
  if (kind === 'lost_item' && (ride.state !== 'completed' || ride.driver_id === null)) return false
  return nowMs < ride.ended_at.getTime() + CASE_WITHIN_MS
}

/** One side writes or takes a step; steps of both sides at once are taken one after the other. */
export async function stepCase(
  unit: Work,
  ride: Pick<LoadedRide, 'company_id' | 'region_id' | 'id'>,
  taken: {
    readonly kind: CaseKind
    readonly side: CaseSide
    readonly senderId: IdentityId
    readonly step: CaseStep
    readonly text: string
  },
): Promise<Result<RideCase, CaseRefusal>> {
  const row = await unit.db
    .selectFrom('ride_cases')
    .select(['id', 'state', 'last_seq'])
    .where('company_id', '=', ride.company_id)
    .where('ride_id', '=', ride.id)
    .where('kind', '=', taken.kind)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) return refuse('not_found')
  const next = nextCaseState(taken.kind, row.state as CaseState, taken)
  if (!next.ok) return next
  const at = new Date(unit.atMs)
  const seq = row.last_seq + 1
  await unit.db
    .updateTable('ride_cases')
    .set({ state: next.value, last_seq: seq, changed_at: at })
    .where('id', '=', row.id)
    .execute()
  await unit.db
    .insertInto('ride_case_messages')
    .values({
      ...{ company_id: ride.company_id, case_id: row.id, seq, side: taken.side },
      ...{ sender_id: taken.senderId, step: taken.step, text: taken.text, sent_at: at },
    })
    .execute()
  const stepped = (await caseOf(unit.db, ride, taken.kind))!
  tellCase(unit, ride.region_id, stepped)
  return ok(stepped)
}

/** The pages of all sides say it at once, and their lists. */
function tellCase(
  unit: Work,
  regionId: RegionId,
  { companyId, rideId, riderId, driverId, kind }: RideCase,
): void {
  unit.tell({
    ...{ type: 'case.changed', companyId, regionId, rideId, riderId },
    driverId: kind === 'lost_item' ? driverId : null,
  })
}

/** The case of a kind that a ride has. */
export async function caseOf(
  db: Kysely<Tables>,
  ride: Pick<LoadedRide, 'company_id' | 'id'>,
  kind: CaseKind,
): Promise<RideCase | undefined> {
  const row = await cases(db)
    .where('c.company_id', '=', ride.company_id)
    .where('c.ride_id', '=', ride.id)
    .where('c.kind', '=', kind)
    .executeTakeFirst()
  return row && asCase(row)
}

/** What was said and done, in order. */
export async function messagesOf(db: Kysely<Tables>, about: RideCase): Promise<CaseMessage[]> {
  const rows = await db
    .selectFrom('ride_case_messages')
    .select(['seq', 'side', 'step', 'text', 'sent_at'])
    .where('company_id', '=', about.companyId)
    .where('case_id', '=', about.id)
    .orderBy('seq', 'desc')
    .limit(MOST_MESSAGES)
    .execute()
  return rows.toReversed().map(({ seq, side, step, text, sent_at }) => ({
    ...{ seq, side, step: step as CaseMessage['step'], text, atMs: sent_at.getTime() },
  }))
}

export interface ListedCase extends RideCase {
  readonly number: number
  readonly riderName: string
  readonly driverName: string | null
  readonly from: string
  readonly to: string
  readonly endedAtMs: number | null
}

/** The cases of a company or of one driver, the ones that wait first, what is over for two weeks longer; a rider's all. */
export async function listCases(
  db: Kysely<Tables>,
  companyId: CompanyId,
  asked: {
    readonly kinds: readonly CaseKind[]
    readonly driverId?: DriverId
    readonly riderId?: IdentityId
    readonly nowMs: number
  },
): Promise<ListedCase[]> {
  const rows = await cases(db)
    .innerJoin('rides as r', 'r.id', 'c.ride_id')
    .leftJoin('drivers as d', 'd.id', 'c.driver_id')
    .select(['r.number', 'r.rider_name', 'r.ended_at', 'r.pickup_label', 'r.dropoff_label'])
    .select('d.name as driver_name')
    .where('c.company_id', '=', companyId)
    .where('c.kind', 'in', [...asked.kinds])
    .$if(asked.driverId !== undefined, (query) => query.where('c.driver_id', '=', asked.driverId!))
    .$if(asked.riderId !== undefined, (query) => query.where('c.rider_id', '=', asked.riderId!))
    .$if(asked.riderId === undefined, (query) =>
      query.where((eb) =>
        eb.or([
          eb('c.state', 'in', ['open', 'found', 'answered']),
          eb('c.changed_at', '>', new Date(asked.nowMs - OVER_LISTED_MS)),
        ]),
      ),
    )
    .orderBy(sql`case c.state when 'open' then 0 when 'found' then 1 when 'answered' then 2 else 3 end`)
    .orderBy('c.changed_at', 'desc')
    .limit(MOST_LISTED)
    .execute()
  return rows.map((row) => ({
    ...asCase(row),
    ...{ number: row.number, riderName: row.rider_name, driverName: row.driver_name },
    ...{ from: row.pickup_label, to: row.dropoff_label },
    endedAtMs: row.ended_at?.getTime() ?? null,
  }))
}

function cases(db: Kysely<Tables>) {
  return db
    .selectFrom('ride_cases as c')
    .select(['c.id', 'c.company_id', 'c.ride_id', 'c.kind', 'c.topic', 'c.state', 'c.rider_id'])
    .select(['c.driver_id', 'c.opened_at', 'c.changed_at'])
}

function asCase(row: {
  id: string
  company_id: CompanyId
  ride_id: RideId
  kind: CaseKind
  topic: string
  state: string
  rider_id: IdentityId
  driver_id: DriverId | null
  opened_at: Date
  changed_at: Date
}): RideCase {
  return {
    ...{ id: row.id, companyId: row.company_id, rideId: row.ride_id, kind: row.kind, topic: row.topic },
    ...{ state: row.state as CaseState, riderId: row.rider_id, driverId: row.driver_id },
    ...{ openedAtMs: row.opened_at.getTime(), changedAtMs: row.changed_at.getTime() },
  }
}
