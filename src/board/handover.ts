/** Notes from one shift of the desk to the next: written during it, taken over by whoever comes, done with in the end. */
import type { Kysely } from 'kysely'
import type { NoteProps, NoteWords } from '../../views/board/handover.ts'
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
import { type NotePart, partsOfNote } from './note-links.ts'

/** As many as a page carries. */
const MOST_SHOWN = 100

interface Place {
  readonly companyId: CompanyId
  readonly regionId: RegionId
}

/** @returns the note's id */
export async function writeNote(
  unit: Work,
  random: Random,
  note: Place & { readonly authorId: IdentityId; readonly text: string; readonly pinned: boolean },
): Promise<string> {
  const { companyId, regionId } = note
  const id = random.uuid()
  await unit.db
    .insertInto('handover_notes')
    .values({
      ...{ company_id: companyId, id, region_id: regionId, author_id: note.authorId },
      ...{ text: note.text, is_pinned: note.pinned, written_at: new Date(unit.atMs) },
    })
    .execute()
  tellDesks(unit, note)
  return id
}

/**
 * Whoever comes takes over what was on their page: notes of others that nobody took before.
 * @returns how many were; each is taken once, whoever presses first
 */
export async function takeOver(
  unit: Work,
  taken: Place & { readonly byId: IdentityId; readonly ids: readonly string[] },
): Promise<number> {
  if (taken.ids.length === 0) return 0
  const { numUpdatedRows } = await unit.db
    .updateTable('handover_notes')
    .set({ taken_at: new Date(unit.atMs), taken_by: taken.byId })
    .where('company_id', '=', taken.companyId)
    .where('region_id', '=', taken.regionId)
    .where('id', 'in', [...taken.ids])
    .where('author_id', '<>', taken.byId)
    .where('taken_at', 'is', null)
    // Two transactions of one millisecond may begin in another order than they write.
    .where('written_at', '<=', new Date(unit.atMs))
    .executeTakeFirst()
  if (numUpdatedRows > 0n) tellDesks(unit, taken)
  return Number(numUpdatedRows)
}

export type NoteChange = 'pin' | 'unpin' | 'done' | 'reopen'

/** @returns whether it changed anything; `not_found` for a note of another desk */
export async function changeNote(
  unit: Work,
  change: Place & { readonly id: string; readonly byId: IdentityId; readonly to: NoteChange },
): Promise<Result<boolean, 'not_found'>> {
  const note = await unit.db
    .selectFrom('handover_notes')
    .select(['is_pinned', 'done_at'])
    .where('company_id', '=', change.companyId)
    .where('region_id', '=', change.regionId)
    .where('id', '=', change.id)
    .forUpdate()
    .executeTakeFirst()
  if (note === undefined) return refuse('not_found')
  const { to } = change
  const isSo =
    to === 'pin' || to === 'unpin'
      ? note.is_pinned === (to === 'pin')
      : (note.done_at !== null) === (to === 'done')
  if (isSo) return ok(false)
  const at = new Date(unit.atMs)
  const set = {
    pin: { is_pinned: true },
    unpin: { is_pinned: false },
    done: { done_at: at, done_by: change.byId },
    reopen: { done_at: null, done_by: null },
  }[to]
  await unit.db.updateTable('handover_notes').set(set).where('id', '=', change.id).execute()
  tellDesks(unit, change)
  return ok(true)
}

/** How many notes nobody has taken over yet. */
export async function untakenNotes(db: Kysely<Tables>, { companyId, regionId }: Place): Promise<number> {
  const row = await db
    .selectFrom('handover_notes')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('taken_at', 'is', null)
    .where('done_at', 'is', null)
    .executeTakeFirst()
  return Number(row?.n ?? 0)
}

/** The notes that are open, pinned first, then the newest; or those done with, the newest first. */
export async function notesOf(
  db: Kysely<Tables>,
  { companyId, regionId }: Place,
  { done }: { readonly done: boolean },
): Promise<NoteProps[]> {
  const rows = await db
    .selectFrom('handover_notes as n')
    .leftJoin('identities as author', 'author.id', 'n.author_id')
    .leftJoin('identities as taker', 'taker.id', 'n.taken_by')
    .leftJoin('identities as doer', 'doer.id', 'n.done_by')
    .select(['n.id', 'n.text', 'n.is_pinned', 'n.written_at', 'n.taken_at', 'n.done_at', 'n.author_id'])
    .select(['author.name as author', 'taker.name as taker', 'doer.name as doer'])
    .where('n.company_id', '=', companyId)
    .where('n.region_id', '=', regionId)
    .where('n.done_at', done ? 'is not' : 'is', null)
    .$if(!done, (query) => query.orderBy('n.is_pinned', 'desc'))
    .orderBy('n.written_at', 'desc')
    .orderBy('n.id')
    .limit(MOST_SHOWN)
    .execute()
  const words = await linked(
    db,
    companyId,
    rows.map(({ text }) => partsOfNote(text)),
  )
  return rows.map((row, n) => ({
    ...{ id: row.id, words: words[n]!, isPinned: row.is_pinned, writtenAtMs: row.written_at.getTime() },
    ...{ authorId: row.author_id, author: row.author ?? 'Somebody' },
    taken: row.taken_at === null ? null : { atMs: row.taken_at.getTime(), by: row.taker ?? 'Somebody' },
    done: row.done_at === null ? null : { atMs: row.done_at.getTime(), by: row.doer ?? 'Somebody' },
  }))
}

/** What the words speak of as ways there, where it is the company's. */
async function linked(
  db: Kysely<Tables>,
  companyId: CompanyId,
  notes: readonly (readonly NotePart[])[],
): Promise<NoteWords[][]> {
  const parts = notes.flat()
  const numbers = parts.flatMap((part) => (part.kind === 'ride' ? part.number : []))
  const signs = parts.flatMap((part) => (part.kind === 'car' ? part.callSign : []))
  const rides = new Map<number, RideId>()
  const cars = new Map<string, DriverId>()
  if (numbers.length > 0) {
    const found = await db
      .selectFrom('rides')
      .select(['id', 'number'])
      .where('company_id', '=', companyId)
      .where('number', 'in', [...new Set(numbers)])
      .execute()
    for (const ride of found) rides.set(Number(ride.number), ride.id)
  }
  if (signs.length > 0) {
    const found = await db
      .selectFrom('drivers')
      .select(['id', 'call_sign'])
      .where('company_id', '=', companyId)
      .where('deleted_at', 'is', null)
      .where('call_sign', 'in', [...new Set(signs)])
      .execute()
    for (const driver of found) cars.set(driver.call_sign, driver.id)
  }
  return notes.map((note) =>
    note.map((part) => {
      const rideId = part.kind === 'ride' ? rides.get(part.number) : undefined
      const driverId = part.kind === 'car' ? cars.get(part.callSign) : undefined
      return {
        text: part.text,
        ...(rideId !== undefined && { href: `/board?ride=${rideId}` }),
        ...(driverId !== undefined && { href: `/board?driver=${driverId}` }),
      }
    }),
  )
}

/** Boards draw their bar again. */
function tellDesks(unit: Work, { companyId, regionId }: Place): void {
  unit.tell({ type: 'desk.messaged', companyId, regionId, driverIds: [] })
}
