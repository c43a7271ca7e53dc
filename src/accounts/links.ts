/** Links in letters that open once: of the token in them we keep only its hash. */
import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { LinkKind, OneTimeLinksTable } from '../io/tables/joining.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How long a link of each kind opens. */
export const LINK_LASTS_MS: Readonly<Record<LinkKind, number>> = {
  register: 48 * HOUR_MS,
  verify_email: 48 * HOUR_MS,
  change_email: 24 * HOUR_MS,
  reset_password: HOUR_MS,
  invitation: 7 * DAY_MS,
  undo_email: 72 * HOUR_MS,
  undo_deletion: 30 * DAY_MS,
}
/** 256 bits: nobody guesses one, and a plain hash cannot be searched back. */
const TOKEN_BYTES = 32

/** The form of a token, for the shapes of routes. */
export const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/

export type OneTimeLink = Selectable<OneTimeLinksTable>

export interface NewLink {
  readonly kind: LinkKind
  /** Where the letter goes. */
  readonly email: string
  readonly identityId?: IdentityId
  readonly companyId?: CompanyId
  readonly invitationId?: string
  /** What somebody typed who registers. */
  readonly registering?: {
    readonly name: string
    readonly passwordHash: string
    readonly wantsToDrive: boolean
  }
}

/**
 * Make a link.
 * @returns its token: it goes into the letter's path, and nowhere else
 */
export async function makeLink(
  unit: Pick<Work, 'db' | 'atMs'>,
  random: Random,
  link: NewLink,
): Promise<string> {
  const token = Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')
  await unit.db
    .insertInto('one_time_links')
    .values({
      id: random.uuid(),
      kind: link.kind,
      token_hash: linkHash(token),
      email: link.email,
      identity_id: link.identityId ?? null,
      company_id: link.companyId ?? null,
      invitation_id: link.invitationId ?? null,
      name: link.registering?.name ?? null,
      password_hash: link.registering?.passwordHash ?? null,
      wants_to_drive: link.registering?.wantsToDrive ?? false,
      created_at: new Date(unit.atMs),
      expires_at: new Date(unit.atMs + LINK_LASTS_MS[link.kind]),
    })
    .execute()
  return token
}

/**
 * Use a link up. One conditional update: of many who try at once, one gets it.
 * @returns null when there is none of these kinds, or it was used, or has run out
 */
export async function useLink(
  unit: Pick<Work, 'db' | 'atMs'>,
  kinds: readonly LinkKind[],
  token: string,
): Promise<OneTimeLink | null> {
  const at = new Date(unit.atMs)
  const token_hash = linkHash(token)
  // Using one retires the others of its address, so they are locked in one order: no two users wait for each other.
  await unit.db
    .selectFrom('one_time_links')
    .select('id')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('one_time_links as link')
          .select('link.id')
          .where('link.token_hash', '=', token_hash)
          .whereRef('link.email', '=', 'one_time_links.email')
          .whereRef('link.kind', '=', 'one_time_links.kind'),
      ),
    )
    .where('used_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute()
  const used = await unit.db
    .updateTable('one_time_links')
    .set({ used_at: at })
    .where('token_hash', '=', token_hash)
    .where('kind', 'in', kinds)
    .where('used_at', 'is', null)
    .where('expires_at', '>', at)
    .returningAll()
    .executeTakeFirst()
  return used ?? null
}

/** The link behind a token while it may still be used, left as it is: for the page with the button. */
export async function peekLink(
  db: Pick<Db, 'selectFrom'>,
  kinds: readonly LinkKind[],
  token: string,
  nowMs: number,
): Promise<OneTimeLink | null> {
  const found = await db
    .selectFrom('one_time_links')
    .selectAll()
    .where('token_hash', '=', linkHash(token))
    .where('kind', 'in', kinds)
    .where('used_at', 'is', null)
    .where('expires_at', '>', new Date(nowMs))
    .executeTakeFirst()
  return found ?? null
}

/** No other link of this kind opens any more, for this person, address or invitation. */
export async function retireLinks(
  unit: Pick<Work, 'db' | 'atMs'>,
  kind: LinkKind,
  whose: { readonly identityId: IdentityId } | { readonly email: string } | { readonly invitationId: string },
): Promise<void> {
  let retired = unit.db
    .updateTable('one_time_links')
    .set({ used_at: new Date(unit.atMs) })
    .where('kind', '=', kind)
    .where('used_at', 'is', null)
  if ('identityId' in whose) retired = retired.where('identity_id', '=', whose.identityId)
  else if ('email' in whose) retired = retired.where('email', '=', whose.email)
  else retired = retired.where('invitation_id', '=', whose.invitationId)
  await retired.execute()
}

/** Remove links that open nothing any more, with what stands in them; returns how many there were. */
export async function forgetOldLinks(db: Db, nowMs: number): Promise<number> {
  const gone = await db
    .deleteFrom('one_time_links')
    .where((eb) => eb.or([eb('expires_at', '<=', new Date(nowMs)), eb('used_at', 'is not', null)]))
    .executeTakeFirst()
  return Number(gone.numDeletedRows)
}

function linkHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
