/**
 * Messages between the desk and drivers, beside rides: to one, some or all of them, kept one row a driver, so that the
 * desk sees who had it on the page and who read it, and each driver has one conversation with the desk.
 */
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import {
  type CompanyId,
  type DriverId,
  type IdentityId,
  ok,
  type RegionId,
  type Result,
  refuse,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'

/** The newest that a page carries. */
const MOST_SHOWN = 50
/** As many rows as one insert takes. */
const BATCH_ROWS = 1_000
/** As many drivers as one piece of news names. */
const NEWS_DRIVERS = 1_000

export interface DriverMessage {
  readonly id: string
  readonly side: 'desk' | 'driver'
  /** Who wrote it, where the reader may know. */
  readonly by: string | null
  readonly text: string
  readonly mustRead: boolean
  readonly sentAtMs: number
  readonly deliveredAtMs: number | null
  readonly readAtMs: number | null
}

/** What was sent, and how far it came. */
export interface Sending {
  readonly id: string
  readonly by: string | null
  readonly audience: string
  readonly text: string
  readonly mustRead: boolean
  readonly sentAtMs: number
  readonly drivers: number
  readonly delivered: number
  readonly read: number
  /** Call signs of who has not read it, some of them. */
  readonly unreadBy: readonly { readonly driverId: DriverId; readonly callSign: string }[]
}

/** A driver who wrote, and nobody at the desk has looked yet. */
export interface Answer {
  readonly driverId: DriverId
  readonly callSign: string
  readonly name: string
  readonly text: string
  readonly sentAtMs: number
}

interface Place {
  readonly companyId: CompanyId
  readonly regionId: RegionId
}

/**
 * Send words of the desk to drivers of the company; those who are none, or no more, are left out.
 * @returns how many got it, or `nobody_there`
 */
export async function sendToDrivers(
  unit: Work,
  random: Random,
  sent: Place & {
    readonly senderId: IdentityId
    readonly driverIds: readonly DriverId[]
    readonly audience: string
    readonly text: string
    readonly mustRead: boolean
  },
): Promise<Result<{ readonly id: string; readonly drivers: number }, 'nobody_there'>> {
  const { companyId, regionId, senderId, text } = sent
  const wanted = [...new Set(sent.driverIds)]
  if (wanted.length === 0) return refuse('nobody_there')
  const rows = await unit.db
    .selectFrom('drivers')
    .select('id')
    .where('company_id', '=', companyId)
    .where('deleted_at', 'is', null)
    .where(sql<boolean>`id = any(${wanted}::uuid[])`)
    .orderBy('id')
    .execute()
  const driverIds = rows.map(({ id }) => id)
  if (driverIds.length === 0) return refuse('nobody_there')
  const id = random.uuid()
  const sent_at = new Date(unit.atMs)
  await unit.db
    .insertInto('desk_sendings')
    .values({
      ...{ company_id: companyId, id, region_id: regionId, sender_id: senderId, text, sent_at },
      ...{ audience: sent.audience, must_read: sent.mustRead, drivers: driverIds.length },
    })
    .execute()
  for (let from = 0; from < driverIds.length; from += BATCH_ROWS)
    await unit.db
      .insertInto('driver_messages')
      .values(
        driverIds.slice(from, from + BATCH_ROWS).map((driverId) => ({
          ...{ company_id: companyId, id: random.uuid(), region_id: regionId, driver_id: driverId },
          ...{ sending_id: id, side: 'desk' as const, sender_id: senderId, text, sent_at },
          must_read: sent.mustRead,
        })),
      )
      .execute()
  tellDrivers(unit, sent, driverIds)
  return ok({ id, drivers: driverIds.length })
}

/** A driver writes to the desk; what the desk said before is read by that. @returns the message's id */
export async function writeToDesk(
  unit: Work,
  random: Random,
  said: Place & { readonly driverId: DriverId; readonly senderId: IdentityId; readonly text: string },
): Promise<string> {
  const { companyId, regionId, driverId } = said
  const id = random.uuid()
  await unit.db
    .insertInto('driver_messages')
    .values({
      ...{ company_id: companyId, id, region_id: regionId, driver_id: driverId, sending_id: null },
      ...{ side: 'driver', sender_id: said.senderId, text: said.text, must_read: false },
      sent_at: new Date(unit.atMs),
    })
    .execute()
  await markUnread(unit, { driverId, side: 'desk' })
  tellDrivers(unit, said, [driverId])
  return id
}

/** The driver's page has messages in front of it. Twice is once. */
export async function noteDelivered(
  unit: Work,
  had: Place & { readonly driverId: DriverId; readonly ids: readonly string[] },
): Promise<number> {
  const { numUpdatedRows } = await unit.db
    .updateTable('driver_messages')
    .set({ delivered_at: new Date(unit.atMs) })
    .where('company_id', '=', had.companyId)
    .where('driver_id', '=', had.driverId)
    .where('side', '=', 'desk')
    .where('delivered_at', 'is', null)
    .where(sql<boolean>`id = any(${[...had.ids]}::uuid[])`)
    .executeTakeFirst()
  // The desk's figures move; nothing on the driver's own page does.
  if (numUpdatedRows > 0n) tellDrivers(unit, had, [])
  return Number(numUpdatedRows)
}

/** The driver says that they have read what the desk wrote: these, or all of it. @returns how many were new */
export async function markReadByDriver(
  unit: Work,
  read: Place & { readonly driverId: DriverId; readonly ids?: readonly string[] },
): Promise<number> {
  const marked = await markUnread(unit, { driverId: read.driverId, side: 'desk', ids: read.ids })
  if (marked > 0) tellDrivers(unit, read, [read.driverId])
  return marked
}

/** Somebody at the desk has looked at what a driver wrote. @returns how many were new */
export async function markReadByDesk(
  unit: Work,
  read: Place & { readonly driverId: DriverId },
): Promise<number> {
  const marked = await markUnread(unit, { driverId: read.driverId, side: 'driver' })
  if (marked > 0) tellDrivers(unit, read, [read.driverId])
  return marked
}

async function markUnread(
  unit: Work,
  of: { driverId: DriverId; side: 'desk' | 'driver'; ids?: readonly string[] | undefined },
): Promise<number> {
  const at = new Date(unit.atMs)
  const { numUpdatedRows } = await unit.db
    .updateTable('driver_messages')
    .set({
      read_at: at,
      ...(of.side === 'desk' && { delivered_at: sql<Date>`coalesce(delivered_at, ${at})` }),
    })
    .where('driver_id', '=', of.driverId)
    .where('side', '=', of.side)
    .where('read_at', 'is', null)
    .$if(of.ids !== undefined, (query) => query.where(sql<boolean>`id = any(${[...of.ids!]}::uuid[])`))
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** A driver's conversation with the desk, oldest first; names of dispatchers only where the reader may know them. */
export async function threadOf(
  db: Kysely<Tables>,
  { companyId, driverId }: { companyId: CompanyId; driverId: DriverId },
): Promise<DriverMessage[]> {
  const rows = await newest(db, companyId, driverId).limit(MOST_SHOWN).execute()
  return rows.toReversed().map(messageOf)
}

/** What the desk wrote and the driver has not said to have read, oldest first. */
export async function unreadOf(
  db: Kysely<Tables>,
  { companyId, driverId }: { companyId: CompanyId; driverId: DriverId },
): Promise<DriverMessage[]> {
  const rows = await newest(db, companyId, driverId)
    .where('m.side', '=', 'desk')
    .where('m.read_at', 'is', null)
    .limit(MOST_SHOWN)
    .execute()
  return rows.toReversed().map(messageOf)
}

function newest(db: Kysely<Tables>, companyId: CompanyId, driverId: DriverId) {
  return db
    .selectFrom('driver_messages as m')
    .leftJoin('identities as i', 'i.id', 'm.sender_id')
    .select(['m.id', 'm.side', 'i.name', 'm.text', 'm.must_read', 'm.sent_at', 'm.delivered_at', 'm.read_at'])
    .where('m.company_id', '=', companyId)
    .where('m.driver_id', '=', driverId)
    .orderBy('m.seq', 'desc')
}

function messageOf(row: {
  id: string
  side: 'desk' | 'driver'
  name: string | null
  text: string
  must_read: boolean
  sent_at: Date
  delivered_at: Date | null
  read_at: Date | null
}): DriverMessage {
  return {
    ...{ id: row.id, side: row.side, by: row.name, text: row.text, mustRead: row.must_read },
    sentAtMs: row.sent_at.getTime(),
    deliveredAtMs: row.delivered_at?.getTime() ?? null,
    readAtMs: row.read_at?.getTime() ?? null,
  }
}

/** What the desk of a region sent, the newest first. */
export async function sendingsOf(db: Kysely<Tables>, { companyId, regionId }: Place): Promise<Sending[]> {
  const rows = await db
    .selectFrom('desk_sendings as s')
    .leftJoin('identities as i', 'i.id', 's.sender_id')
    .selectAll('s')
    .select(({ selectFrom }) => [
      'i.name',
      selectFrom('driver_messages as m')
        .select(sql<number>`count(*) filter (where m.delivered_at is not null)`.as('n'))
        .whereRef('m.sending_id', '=', 's.id')
        .as('delivered'),
      selectFrom('driver_messages as m')
        .select(sql<number>`count(*) filter (where m.read_at is not null)`.as('n'))
        .whereRef('m.sending_id', '=', 's.id')
        .as('read'),
    ])
    .where('s.company_id', '=', companyId)
    .where('s.region_id', '=', regionId)
    .orderBy('s.sent_at', 'desc')
    .orderBy('s.id')
    .limit(MOST_SHOWN)
    .execute()
  const waiting = await unreadBy(
    db,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => ({
    ...{ id: row.id, by: row.name, audience: row.audience, text: row.text, mustRead: row.must_read },
    ...{ sentAtMs: row.sent_at.getTime(), drivers: row.drivers },
    ...{ delivered: Number(row.delivered ?? 0), read: Number(row.read ?? 0) },
    unreadBy: waiting.get(row.id) ?? [],
  }))
}

/** More call signs than this nobody reads one by one. */
const MOST_NAMED = 60

async function unreadBy(
  db: Kysely<Tables>,
  sendingIds: readonly string[],
): Promise<Map<string, { driverId: DriverId; callSign: string }[]>> {
  if (sendingIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('driver_messages as m')
    .innerJoin('drivers as d', 'd.id', 'm.driver_id')
    .select(['m.sending_id', 'm.driver_id', 'd.call_sign'])
    .where('m.sending_id', 'in', [...sendingIds])
    .where('m.read_at', 'is', null)
    .orderBy('d.call_sign')
    .limit(MOST_NAMED * sendingIds.length)
    .execute()
  const by = Map.groupBy(rows, ({ sending_id }) => sending_id ?? '')
  return new Map(
    [...by].map(([id, of]) => [
      id,
      of
        .slice(0, MOST_NAMED)
        .map(({ driver_id, call_sign }) => ({ driverId: driver_id, callSign: call_sign })),
    ]),
  )
}

/** What drivers of a region wrote and nobody at the desk has looked at, who waits longest first. */
export async function newAnswers(db: Kysely<Tables>, { companyId, regionId }: Place): Promise<Answer[]> {
  const rows = await db
    .selectFrom('driver_messages as m')
    .innerJoin('drivers as d', 'd.id', 'm.driver_id')
    .select(['m.driver_id', 'd.call_sign', 'd.name', 'm.text', 'm.sent_at'])
    .where('m.company_id', '=', companyId)
    .where('m.region_id', '=', regionId)
    .where('m.side', '=', 'driver')
    .where('m.read_at', 'is', null)
    .orderBy('m.seq')
    .limit(MOST_SHOWN)
    .execute()
  return rows.map((row) => ({
    ...{ driverId: row.driver_id, callSign: row.call_sign, name: row.name, text: row.text },
    sentAtMs: row.sent_at.getTime(),
  }))
}

/** Desks look again; of drivers the named ones, in pieces that news can carry. */
function tellDrivers(unit: Work, { companyId, regionId }: Place, driverIds: readonly DriverId[]): void {
  for (let from = 0; from === 0 || from < driverIds.length; from += NEWS_DRIVERS)
    unit.tell({
      ...{ type: 'desk.messaged', companyId, regionId },
      driverIds: driverIds.slice(from, from + NEWS_DRIVERS),
    })
}
