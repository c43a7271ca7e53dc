/** Browsers a person has signed in with before; a sign-in from another one is told by letter. */
import type { Kysely } from 'kysely'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import { tokenHash } from './session-tokens.ts'

/** As long as browsers keep a cookie at most (400 days, RFC 6265bis). */
export const BROWSER_KEPT_MS = 400 * 86_400_000
const TOKEN_BYTES = 32
/** Who has just registered knows that this is their browser. */
const FRESH_ACCOUNT_MS = 86_400_000

/** What a browser is known by: in its cookie as it is, in the database as a hash. */
export function newBrowserToken(random: Random): string {
  return Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url')
}

/** Programs keep no cookie: the same one at the same place counts as known. */
export function programToken(origin: { readonly userAgent: string; readonly address: string }): string {
  return `program ${origin.address} ${origin.userAgent}`
}

/**
 * Remember that this person signed in here.
 * @returns whether they should be told: they never did before, and it is not the first browser of a fresh account
 */
export async function rememberBrowser(
  unit: Pick<Work, 'db' | 'atMs'>,
  { identityId, token }: { identityId: IdentityId; token: string },
): Promise<boolean> {
  const at = new Date(unit.atMs)
  const seen = await unit.db
    .updateTable('known_browsers')
    .set({ last_seen_at: at })
    .where('identity_id', '=', identityId)
    .where('token', '=', tokenHash(token))
    .returning('token')
    .executeTakeFirst()
  if (seen !== undefined) return false
  const made = await unit.db
    .insertInto('known_browsers')
    .values({ identity_id: identityId, token: tokenHash(token), first_seen_at: at, last_seen_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .returning('token')
    .executeTakeFirst()
  if (made === undefined) return false
  const { createdAt, others } = await unit.db
    .selectFrom('identities')
    .select(['created_at as createdAt'])
    .select(({ selectFrom, fn }) =>
      selectFrom('known_browsers')
        .select(fn.countAll<number>().as('count'))
        .where('identity_id', '=', identityId)
        .where('token', '!=', tokenHash(token))
        .as('others'),
    )
    .where('id', '=', identityId)
    .executeTakeFirstOrThrow()
  return (others ?? 0) > 0 || unit.atMs - createdAt.getTime() > FRESH_ACCOUNT_MS
}

/** Remove browsers that were not used for so long that they have lost their cookie; returns how many there were. */
export async function forgetOldBrowsers(db: Kysely<Tables>, atMs: number): Promise<number> {
  const result = await db
    .deleteFrom('known_browsers')
    .where('last_seen_at', '<', new Date(atMs - BROWSER_KEPT_MS))
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
