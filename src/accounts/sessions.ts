/** Sessions as rows: who holds one, which have ended, what is left over. */
import {
  CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely'
import { type Db, PREPARED } from '../io/postgres.ts'
import type { SessionKind, TokenPurpose } from '../io/tables/sessions.ts'
import type { Tables } from '../io/tables.ts'
import type { Ban, Viewer } from '../web/viewer.ts'
import { demoGoesWithout, type FactorConfig, withholdRoles } from './staff-factor.ts'

/** A session as one of its tokens shows it. */
export interface TokenFacts {
  readonly viewer: Viewer
  readonly rotateAtMs: number
  readonly usedAtMs: number
  readonly startedAtMs: number
  readonly kind: SessionKind
  readonly remembered: boolean
  readonly issuedAtMs: number
  /** Whether it came back to us before. */
  readonly seen: boolean
  readonly spentAtMs: number | null
  readonly lingers: boolean
}

export interface TokenQuestion {
  readonly hash: string
  readonly purpose: TokenPurpose
  readonly nowMs: number
}

/** What the token with this hash shows; null when its session has ended, or the token by itself has run out. */
export async function readToken(
  db: Kysely<Tables>,
  rule: FactorConfig,
  { hash, purpose, nowMs }: TokenQuestion,
): Promise<TokenFacts | null> {
  const now = new Date(nowMs)
  const values = LOOK.slots.map((slot) => (slot === HASH_SLOT ? hash : slot === PURPOSE_SLOT ? purpose : now))
  const { rows } = await db.executeQuery<LookRow>(CompiledQuery.raw(LOOK.text, values))
  const viewer = viewerFrom(rows, rule)
  if (viewer === null) return null
  const first = rows[0]!
  return {
    viewer,
    rotateAtMs: first.rotateAt.getTime(),
    usedAtMs: first.usedAt.getTime(),
    startedAtMs: first.startedAt.getTime(),
    kind: first.sessionKind,
    remembered: first.remembered,
    issuedAtMs: first.issuedAt.getTime(),
    seen: first.seenAt !== null,
    spentAtMs: first.spentAt?.getTime() ?? null,
    lingers: first.lingers,
  }
}

function tokenLook(
  db: Kysely<Tables>,
  { hash, purpose, now }: { hash: string; purpose: TokenPurpose; now: Date },
) {
  return people(db)
    .innerJoin('session_tokens as token', 'token.session_id', 'session.id')
    .select([
      'session.rotate_at as rotateAt',
      'session.updated_at as usedAt',
      'session.remembered',
      'token.issued_at as issuedAt',
      'token.seen_at as seenAt',
      'token.spent_at as spentAt',
      'token.lingers',
    ])
    .where('token.hash', '=', hash)
    .where('token.purpose', '=', purpose)
    .where((eb) => eb.or([eb('token.expires_at', 'is', null), eb('token.expires_at', '>', now)]))
    .where('session.expires_at', '>', now)
}
type LookRow = Awaited<ReturnType<ReturnType<typeof tokenLook>['execute']>>[number]

/** Writes statements, asks nobody. */
const onPaper = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})
const HASH_SLOT = 'the hash'
const PURPOSE_SLOT: TokenPurpose = 'cookie'
/** The question of every request that is not kept: written once and planned once a connection, 55 µs instead of 800. */
const LOOK = (() => {
  const question = { hash: HASH_SLOT, purpose: PURPOSE_SLOT, now: new Date(0) }
  const { sql: text, parameters } = tokenLook(onPaper, question).compile()
  return { text: `${PREPARED}${text}`, slots: parameters }
})()

/** Who holds this session, with all their roles; null when they were banned or deleted. */
export async function readViewer(
  db: Kysely<Tables>,
  rule: FactorConfig,
  sessionId: string,
): Promise<Viewer | null> {
  return viewerFrom(await people(db).where('session.id', '=', sessionId).execute(), rule)
}

/** A row for each role of the person behind a session, one without a role for who has none. */
function people(db: Kysely<Tables>) {
  return db
    .selectFrom('sessions as session')
    .innerJoin('identities as identity', 'identity.id', 'session.identity_id')
    .leftJoin('identities as impersonator', 'impersonator.id', 'session.impersonator_id')
    .leftJoin('memberships as membership', (join) =>
      join.onRef('membership.identity_id', '=', 'identity.id').on(
        sql<boolean>`not exists (select from company_bans ban where ban.identity_id = membership.identity_id
          and ban.company_id = membership.company_id and (ban.until is null or ban.until > now()))
          and exists (select from companies company
            where company.id = membership.company_id and company.deleted_at is null)`,
      ),
    )
    .leftJoin('companies as company', 'company.id', 'membership.company_id')
    .select([
      'session.id as sessionId',
      'session.created_at as startedAt',
      'session.kind as sessionKind',
      'session.proved_at as provedAt',
      'session.second_factor_at as secondFactorAt',
      'session.impersonator_id as impersonatorId',
      'identity.id as identityId',
      'identity.name',
      'identity.email',
      'identity.email_verified as emailVerified',
      'identity.platform',
      'identity.language',
      'identity.theme',
      'identity.avatar_id as avatarId',
      'membership.company_id as companyId',
      'membership.role',
      'company.demo',
      // Null for nearly everybody.
      sql<
        Ban[] | null
      >`(select json_agg(json_build_object('companyId', ban.company_id, 'company', company.name,
          'reason', ban.reason, 'untilMs', round(extract(epoch from ban.until) * 1000)))
        from company_bans ban join companies company on company.id = ban.company_id
        where ban.identity_id = identity.id and (ban.until is null or ban.until > now()))`.as('bans'),
    ])
    .where('identity.deleted_at', 'is', null)
    .where('identity.banned_at', 'is', null)
    .where('impersonator.deleted_at', 'is', null)
    .where('impersonator.banned_at', 'is', null)
    .orderBy('membership.created_at')
    .orderBy('membership.role')
}

type PersonRow = Awaited<ReturnType<ReturnType<typeof people>['execute']>>[number]

function viewerFrom(rows: readonly PersonRow[], rule: FactorConfig): Viewer | null {
  const first = rows[0]
  if (first === undefined) return null
  const { identityId, name, email, emailVerified, language, theme, avatarId } = first
  const { sessionId, sessionKind, impersonatorId, startedAt, provedAt, secondFactorAt } = first
  const secondFactor = secondFactorAt !== null
  const roles = rows.flatMap(({ companyId, role, demo }) =>
    companyId === null || role === null ? [] : [{ companyId, role, demo: demo === true }],
  )
  return {
    ...{ identityId, name, email, emailVerified, language, theme, avatarId },
    ...withholdRoles(
      { roles, platform: first.platform },
      { secondFactor, demoGoesWithout: demoGoesWithout(rule) },
    ),
    ...{ sessionId, sessionKind, impersonatorId },
    bans: first.bans ?? [],
    provedAtMs: (provedAt ?? startedAt).getTime(),
    secondFactor,
  }
}

/** Which of these sessions have ended, by sign-out, by time or by lying idle. */
export async function endedAmong(db: Db, sessionIds: readonly string[], nowMs: number): Promise<string[]> {
  if (sessionIds.length === 0) return []
  // One array, not a parameter each: this is asked every second, about every session with a page open.
  const { rows } = await sql<{ id: string }>`
    select id from sessions where id = any(${[...sessionIds]}::uuid[]) and expires_at > ${new Date(nowMs)}`.execute(
    db,
  )
  const alive = new Set(rows.map(({ id }) => id))
  return sessionIds.filter((id) => !alive.has(id))
}

/** Remove what ran out or was not used, and tokens that would open nothing any more; returns how many sessions. */
export async function forgetEndedSessions(db: Db, nowMs: number): Promise<number> {
  const now = new Date(nowMs)
  const ended = await db.deleteFrom('sessions').where('expires_at', '<=', now).executeTakeFirst()
  // A spent refresh token stays until it would have run out: until then its return is a sign of theft.
  await db.deleteFrom('session_tokens').where('expires_at', '<=', now).execute()
  return Number(ended.numDeletedRows)
}
