/**
 * Uploaded pictures and whose they are. A row comes before its files and goes after them: `pending` until they lie
 * there, `deleted` until they are gone. Whoever dies in between leaves a row that the sweep finds.
 */
import { type Kysely, type Selectable, sql } from 'kysely'
import { type CompanyId, type IdentityId, ok, type Result } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Work } from '../io/commit.ts'
import type { FileStore } from '../io/files.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { UploadKind, UploadsTable } from '../io/tables/licences.ts'
import type { Tables } from '../io/tables.ts'
import type { Belongs } from '../web/reach.ts'
import { fileNames, type ImageRefusal, type Images } from './images.ts'

export type LoadedUpload = Selectable<UploadsTable>

export interface NewUpload {
  readonly identityId: IdentityId
  /** Null for an avatar. */
  readonly companyId: CompanyId | null
  readonly kind: UploadKind
}

export interface Uploads {
  /**
   * Redraw a picture and store it, still `pending`: `settleUpload` makes it count, in the unit of work that refers to
   * it. What is never settled goes by itself. Not for inside a unit of work: files take their time.
   * @throws HttpProblem 503 when too many pictures wait, OutsideError when the files cannot be written
   */
  keep(upload: NewUpload, bytes: Uint8Array): Promise<Result<LoadedUpload, ImageRefusal>>
  /** One of a picture's files, by a name from `fileNames`; the first unless said. Null when it is gone. */
  read(upload: LoadedUpload, name?: string): Promise<Uint8Array<ArrayBuffer> | null>
  /** Somebody's picture of themselves, and whose it is to this viewer; undefined when there is none. */
  avatar(id: string, viewerId: IdentityId): Promise<{ upload: LoadedUpload; belongs: Belongs } | undefined>
  /** Take away the files of what was deleted or never settled, and files nobody knows; says how many went. */
  sweep(): Promise<number>
}

/** Longer than any request lasts. */
const NEVER_SETTLED_MS = 3_600_000
const SWEEP_LIMIT = 200
const LIST_LIMIT = 500
/** Every key begins with it, so that a bucket may be shared with something else. */
const ROOT = 'uploads/'

export function makeUploads(deps: {
  readonly db: Db
  readonly files: FileStore
  readonly images: Images
  readonly clock: Clock
  readonly random: Random
}): Uploads {
  const { db, files, images, clock, random } = deps
  /** How far the look for unknown files has come; it goes round for ever. */
  let lookedUpTo: string | undefined

  async function sweepRows(): Promise<number> {
    const now = new Date(clock.nowMs())
    await db
      .updateTable('uploads')
      .set({ state: 'deleted', deleted_at: now })
      .where('state', '=', 'pending')
      .where('created_at', '<', new Date(now.getTime() - NEVER_SETTLED_MS))
      .execute()
    const gone = await db
      .selectFrom('uploads')
      .select(['id', 'kind', 'key'])
      .where('state', '=', 'deleted')
      .limit(SWEEP_LIMIT)
      .execute()
    for (const { id, kind, key } of gone) {
      // Twice does no harm: another process may be sweeping the same rows.
      for (const name of fileNames(kind)) await files.delete(`${key}/${name}`)
      await db.deleteFrom('uploads').where('id', '=', id).where('state', '=', 'deleted').execute()
    }
    return gone.length
  }

  /** A row that vanished with its owner or its company leaves files that no row speaks of. */
  async function sweepUnknown(): Promise<number> {
    const page = await files.list(ROOT, {
      limit: LIST_LIMIT,
      ...(lookedUpTo === undefined ? {} : { after: lookedUpTo }),
    })
    lookedUpTo = page.length < LIST_LIMIT ? undefined : page.at(-1)?.key
    if (page.length === 0) return 0
    const keyOf = (file: string) => file.slice(0, file.lastIndexOf('/'))
    const keys = [...new Set(page.map(({ key }) => keyOf(key)))]
    const rows = await db.selectFrom('uploads').select('key').where('key', 'in', keys).execute()
    const known = new Set(rows.map(({ key }) => key))
    const unknown = page.filter(({ key }) => !known.has(keyOf(key)))
    for (const { key } of unknown) await files.delete(key)
    return unknown.length
  }

  return {
    async keep({ identityId, companyId, kind }, bytes) {
      const drawn = await images.redraw(bytes, kind)
      if (!drawn.ok) return drawn
      const picture = drawn.value
      const id = random.uuid()
      const row = await db
        .insertInto('uploads')
        .values({
          id,
          company_id: companyId,
          identity_id: identityId,
          kind,
          state: 'pending',
          content_type: picture.contentType,
          bytes: picture.files[0].bytes.byteLength,
          sha256: picture.sha256,
          width: picture.width,
          height: picture.height,
          key: `${ROOT}${kind}/${id}`,
          created_at: new Date(clock.nowMs()),
          deleted_at: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      for (const file of picture.files)
        await files.put(`${row.key}/${file.name}`, file.bytes, picture.contentType)
      return ok(row)
    },
    read: (upload, name = fileNames(upload.kind)[0]!) => files.get(`${upload.key}/${name}`),
    // Who meets whom goes across the walls of companies and persons, so the system looks.
    async avatar(id, viewerId) {
      const upload = await findUpload(db, id)
      if (upload?.kind !== 'avatar') return undefined
      const otherId = upload.identity_id
      const known = await acquaintance(db, { viewerId, otherId, nowMs: clock.nowMs() })
      return { upload, belongs: { companyId: known.companyId, ownerId: known.byRide ? viewerId : otherId } }
    },
    sweep: async () => (await sweepRows()) + (await sweepUnknown()),
  }
}

/** From here on the picture counts; false when it was swept meanwhile. */
export async function settleUpload(unit: Pick<Work, 'db'>, id: string): Promise<boolean> {
  const settled = await unit.db
    .updateTable('uploads')
    .set({ state: 'ready' })
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .returning('id')
    .executeTakeFirst()
  return settled !== undefined
}

/** Nobody finds the picture any more once this is committed; its files go with the next sweep. */
export async function deleteUpload(unit: Pick<Work, 'db' | 'atMs'>, id: string): Promise<void> {
  await unit.db
    .updateTable('uploads')
    .set({ state: 'deleted', deleted_at: new Date(unit.atMs) })
    .where('id', '=', id)
    .where('state', '<>', 'deleted')
    .execute()
}

/** All pictures of a person: avatar, licences, cars. What refers to them is set free; returns how many there were. */
export async function deleteUploadsOf(
  unit: Pick<Work, 'db' | 'atMs'>,
  identityId: IdentityId,
): Promise<number> {
  await unit.db.updateTable('identities').set({ avatar_id: null }).where('id', '=', identityId).execute()
  for (const side of ['front_id', 'back_id'] as const)
    await unit.db
      .updateTable('licences')
      .set({ [side]: null })
      .where('identity_id', '=', identityId)
      .execute()
  const deleted = await unit.db
    .updateTable('uploads')
    .set({ state: 'deleted', deleted_at: new Date(unit.atMs) })
    .where('identity_id', '=', identityId)
    .where('state', '<>', 'deleted')
    .returning('id')
    .execute()
  return deleted.length
}

/** A picture that counts, whoever asks. */
export function findUpload(db: Kysely<Tables>, id: string): Promise<LoadedUpload | undefined> {
  return db
    .selectFrom('uploads')
    .selectAll()
    .where('id', '=', id)
    .where('state', '=', 'ready')
    .executeTakeFirst()
}

/** All that is kept of a person's pictures, for the export of their data. */
export function uploadsOf(db: Kysely<Tables>, identityId: IdentityId): Promise<LoadedUpload[]> {
  return db
    .selectFrom('uploads')
    .selectAll()
    .where('identity_id', '=', identityId)
    .where('state', '=', 'ready')
    .orderBy('created_at')
    .limit(500)
    .execute()
}

/** How long after a ride its people still see each other's faces: a rating, something left in the car. */
const AFTER_RIDE_MS = 24 * 3_600_000

export interface Acquaintance {
  /** A company that both work for. */
  readonly companyId: CompanyId | null
  /** By a ride that is open or ended within a day, as rider, driver or desk. */
  readonly byRide: boolean
}

/** What two people have to do with each other now. */
export async function acquaintance(
  db: Kysely<Tables>,
  { viewerId, otherId, nowMs }: { viewerId: IdentityId; otherId: IdentityId; nowMs: number },
): Promise<Acquaintance> {
  const since = new Date(nowMs - AFTER_RIDE_MS)
  const { rows } = await sql<{ company_id: CompanyId | null; by_ride: boolean }>`
    select (
      select company_id from memberships mine join memberships theirs using (company_id)
      where mine.identity_id = ${viewerId} and theirs.identity_id = ${otherId} limit 1
    ) as company_id, exists (
      select 1 from rides
      left join drivers on drivers.company_id = rides.company_id and drivers.id = rides.driver_id
      join identities as rider on rider.id = rides.rider_id
      where (rides.ended_at is null or rides.ended_at > ${since})
        and ((rides.rider_id = ${viewerId} and drivers.identity_id = ${otherId})
          or (rides.rider_id = ${otherId} and drivers.identity_id = ${viewerId}
            and coalesce(rider.privacy ->> 'photo_to_drivers', 'true') = 'true'))
    ) or exists (
      select 1 from rides join memberships on memberships.company_id = rides.company_id
      where (rides.ended_at is null or rides.ended_at > ${since})
        and rides.rider_id = ${otherId} and memberships.identity_id = ${viewerId}
        and memberships.role in ('dispatcher', 'admin')
    ) as by_ride`.execute(db)
  return { companyId: rows[0]?.company_id ?? null, byRide: rows[0]?.by_ride ?? false }
}
