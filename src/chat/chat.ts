/**
 * What rider, driver and desk say to each other about a ride while it goes on. Everything is kept: the message, how far
 * each side has read, and when it last typed or looked, so that every process draws the same and nothing is lost.
 */
import type { Kysely } from 'kysely'
import { isEnded } from '../engine/ride.ts'
import {
  type CompanyId,
  type DriverId,
  type IdentityId,
  ok,
  type Result,
  type RideId,
  refuse,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { ChatSide } from '../io/tables/chat.ts'
import type { Tables } from '../io/tables.ts'
import { findRide, type LoadedRide } from '../rides/rides.ts'

/** Longer ones belong into a call. */
export const MESSAGE_MAX = 500
/** Somebody who typed so lately is shown typing; the page tells us again every few seconds. */
export const TYPING_MS = 6_000
/** Somebody whose page said so lately has the messages in front of them. */
export const HERE_MS = 45_000
/** The page says that it is still there every half minute; more often is not worth a write. */
const HERE_AGAIN_MS = 20_000
/** The newest that a page carries. */
const MOST_SHOWN = 100

export interface Message {
  readonly seq: number
  readonly side: ChatSide
  readonly text: string
  readonly sentAtMs: number
  /** Of a driver's message: who, for a ride may have had several. */
  readonly driverName: string | null
  /** To the desk and to whoever reported it. */
  readonly isReported: boolean
}

/** What one side sees of the messages of a ride. */
export interface Chat {
  readonly side: ChatSide
  readonly messages: readonly Message[]
  /** Of the others, not yet read by this side. */
  readonly unread: number
  /** Up to which of its own messages the others have read; the side that has read furthest counts. */
  readonly readByOthers: number
  readonly typing: readonly ChatSide[]
  readonly here: readonly ChatSide[]
  /** Nothing can be said any more. */
  readonly isClosed: boolean
}

export type ChatRefusal = 'not_found' | 'chat_closed'

/** About which ride, and for which side; `driverId` of a driver alone: it must be theirs. */
export interface About {
  readonly companyId: CompanyId
  readonly rideId: RideId
  readonly side: ChatSide
  readonly driverId: DriverId | null
}

/**
 * Say something about a ride that goes on. Messages of a ride are numbered 1, 2, 3 … in the order they are kept.
 * @returns the number of the message
 */
export async function sendMessage(
  unit: Work,
  about: About,
  said: { readonly senderId: IdentityId; readonly text: string },
): Promise<Result<number, ChatRefusal>> {
  const { companyId, rideId, side } = about
  const open = await openRide(unit, about)
  if (!open.ok) return open
  const ride = open.value
  // The row of the chat is the turnstile: who comes second waits, and gets the next number.
  const { last_seq: seq } = await unit.db
    .insertInto('chats')
    .values({ company_id: companyId, ride_id: rideId, last_seq: 1 })
    .onConflict((conflict) =>
      conflict.column('ride_id').doUpdateSet((eb) => ({ last_seq: eb('chats.last_seq', '+', 1) })),
    )
    .returning('last_seq')
    .executeTakeFirstOrThrow()
  await unit.db
    .insertInto('chat_messages')
    .values({
      company_id: companyId,
      ride_id: rideId,
      seq,
      side,
      sender_id: said.senderId,
      driver_id: about.driverId,
      text: said.text,
      sent_at: new Date(unit.atMs),
    })
    .execute()
  // Who answers has read what was said, and types no more.
  await keepSide(unit, ride, { side, readSeq: seq, typingAt: null })
  tellChanged(unit, ride)
  return ok(seq)
}

/** One side has the messages in front of it: how far it has read, and whether it is typing. */
export async function noteSide(
  unit: Work,
  about: About,
  { seenSeq, isTyping }: { readonly seenSeq: number; readonly isTyping: boolean },
): Promise<Result<void, ChatRefusal>> {
  const { rideId, side } = about
  const open = await openRide(unit, about)
  if (!open.ok) return open
  const ride = open.value
  const chat = await unit.db
    .selectFrom('chats')
    .select('last_seq')
    .where('ride_id', '=', rideId)
    .executeTakeFirst()
  const known = await unit.db
    .selectFrom('chat_sides')
    .selectAll()
    .where('ride_id', '=', rideId)
    .where('side', '=', side)
    .executeTakeFirst()
  const readSeq = Math.min(seenSeq, chat?.last_seq ?? 0)
  const isNews =
    readSeq > (known?.read_seq ?? 0) ||
    isTyping ||
    unit.atMs - (known?.here_at?.getTime() ?? 0) >= HERE_AGAIN_MS
  if (!isNews) return ok(undefined)
  await keepSide(unit, ride, { side, readSeq, ...(isTyping && { typingAt: new Date(unit.atMs) }) })
  tellChanged(unit, ride)
  return ok(undefined)
}

/** Mark a message of another side for the desk to look at; once is enough. */
export async function reportMessage(
  unit: Work,
  about: About & { readonly side: 'rider' | 'driver' },
  seq: number,
): Promise<Result<LoadedRide, ChatRefusal>> {
  const ride = await findRide(unit.db, about.companyId, about.rideId)
  if (ride === undefined || (about.side === 'driver' && ride.driver_id !== about.driverId))
    return refuse('not_found')
  const message = await unit.db
    .selectFrom('chat_messages')
    .select(['side', 'sent_at', 'reported_at'])
    .where('ride_id', '=', ride.id)
    .where('seq', '=', seq)
    .forUpdate()
    .executeTakeFirst()
  if (message === undefined || message.side === about.side || !isSeenBy(ride, about.side, message.sent_at))
    return refuse('not_found')
  if (message.reported_at !== null) return ok(ride)
  await unit.db
    .updateTable('chat_messages')
    .set({ reported_at: new Date(unit.atMs), reported_side: about.side })
    .where('ride_id', '=', ride.id)
    .where('seq', '=', seq)
    .execute()
  tellChanged(unit, ride)
  return ok(ride)
}

/** The messages of a ride as one side sees them. */
export async function readChat(
  db: Kysely<Tables>,
  ride: LoadedRide,
  { side, nowMs }: { readonly side: ChatSide; readonly nowMs: number },
): Promise<Chat> {
  const newest = db
    .selectFrom('chat_messages as m')
    .leftJoin('drivers as d', 'd.id', 'm.driver_id')
    .select([
      'm.seq',
      'm.side',
      'm.text',
      'm.sent_at',
      'm.reported_at',
      'm.reported_side',
      'd.name as driver_name',
    ])
    .where('m.company_id', '=', ride.company_id)
    .where('m.ride_id', '=', ride.id)
    .orderBy('m.seq', 'desc')
    .limit(MOST_SHOWN)
    .execute()
  const ofSides = db.selectFrom('chat_sides').selectAll().where('ride_id', '=', ride.id).execute()
  // At once: every page of a ride that is drawn anew waits for both.
  const [rows, sides] = await Promise.all([newest, ofSides])
  const seen = rows.filter((row) => isSeenBy(ride, side, row.sent_at)).toReversed()
  const own = sides.find((row) => row.side === side)
  const others = sides.filter((row) => row.side !== side)
  const lately = (at: Date | null, withinMs: number) => at !== null && nowMs - at.getTime() < withinMs
  return {
    side,
    messages: seen.map((row) => ({
      seq: row.seq,
      side: row.side,
      text: row.text,
      sentAtMs: row.sent_at.getTime(),
      driverName: row.driver_name,
      // Who was reported is not told by whom, nor that it was.
      isReported: row.reported_side !== null && (side === 'desk' || side === row.reported_side),
    })),
    unread: seen.filter((row) => row.side !== side && row.seq > (own?.read_seq ?? 0)).length,
    readByOthers: Math.max(0, ...others.map((row) => row.read_seq)),
    typing: others.filter((row) => lately(row.typing_at, TYPING_MS)).map((row) => row.side),
    here: others.filter((row) => lately(row.here_at, HERE_MS)).map((row) => row.side),
    isClosed: isEnded(ride.state),
  }
}

/** The ride, where this side may still speak of it; to a driver another one's ride is not there. */
async function openRide(unit: Work, about: About): Promise<Result<LoadedRide, ChatRefusal>> {
  const ride = await findRide(unit.db, about.companyId, about.rideId)
  if (ride === undefined || (about.side === 'driver' && ride.driver_id !== about.driverId))
    return refuse('not_found')
  return isEnded(ride.state) ? refuse('chat_closed') : ok(ride)
}

/** A driver who takes a ride over does not read what was said with the one before. */
function isSeenBy(ride: LoadedRide, side: ChatSide, sentAt: Date): boolean {
  return side !== 'driver' || (ride.assigned_at !== null && sentAt >= ride.assigned_at)
}

async function keepSide(
  unit: Work,
  ride: LoadedRide,
  { side, readSeq, typingAt }: { side: ChatSide; readSeq: number; typingAt?: Date | null },
): Promise<void> {
  const here_at = new Date(unit.atMs)
  const typing_at = typingAt ?? null
  await unit.db
    .insertInto('chat_sides')
    .values({
      ...{ company_id: ride.company_id, ride_id: ride.id, side },
      ...{ read_seq: readSeq, typing_at, here_at },
    })
    .onConflict((conflict) =>
      conflict.columns(['ride_id', 'side']).doUpdateSet((eb) => ({
        read_seq: eb.fn<number>('greatest', ['chat_sides.read_seq', 'excluded.read_seq']),
        here_at,
        ...(typingAt === undefined ? {} : { typing_at }),
      })),
    )
    .execute()
}

function tellChanged(unit: Work, ride: LoadedRide): void {
  unit.tell({
    type: 'chat.changed',
    companyId: ride.company_id,
    regionId: ride.region_id,
    rideId: ride.id,
    driverId: ride.driver_id,
  })
}
