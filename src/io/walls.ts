/**
 * The second wall: handles on the database that see only what a scope allows, whatever they ask for. The policies are
 * in the migrations; here each connection is told whose request it works for.
 */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import type pg from 'pg'
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Db } from './postgres.ts'
import type { Tables } from './tables.ts'

/** Whose rows there are, for one request or socket. */
export interface Scope {
  /** The person's own companies, and the one whose pages they are on. */
  readonly companyIds: readonly CompanyId[]
  /** Those of them in whose office the person works: their people's rows are theirs to see. */
  readonly staffedIds: readonly CompanyId[]
  /** Null for visitors. */
  readonly personId: IdentityId | null
  /** Runs the installation. */
  readonly everywhere: boolean
}

/** The handle for a scope. It is cheap to ask for again and needs no closing. */
export type Walled = (scope: Scope) => Db

/** A connection that can be told its scope. */
export interface WalledClient extends PostgresPoolClient {
  tell(scope: pg.QueryConfig): Promise<unknown>
}

/** Handles without state; kept so that a person's next request need not build one. */
const MOST_KEPT = 500

/** One round trip, and only when a connection comes from another scope. */
const TELL = {
  name: 'honeycab_scope',
  text: `select set_config('role', 'honeycab_app', false), set_config('honeycab.everywhere', $1, false),
    set_config('honeycab.person', $2, false), set_config('honeycab.companies', $3, false),
    set_config('honeycab.staffed', $4, false)`,
}

function valuesOf({ everywhere, personId, companyIds, staffedIds }: Scope): string[] {
  const list = (ids: readonly CompanyId[]) => [...new Set(ids)].toSorted().join(',')
  return [everywhere ? 'on' : 'off', personId ?? '', list(companyIds), list(staffedIds)]
}

/**
 * Scoped handles over a pool that nothing else uses: its connections never work without a scope.
 * @param faced the pool as Kysely takes it
 */
export function makeWalled(faced: {
  readonly options: PostgresPool['options']
  connect(): Promise<WalledClient>
}): Walled {
  const kept = new Map<string, Db>()
  /** What a connection was told last; unknown while it is being told. */
  const told = new WeakMap<WalledClient, string>()

  function poolOf(values: string[], key: string): PostgresPool {
    return {
      options: faced.options,
      // The pool is closed by who opened it, once for all handles.
      end: async () => {},
      async connect() {
        const client = await faced.connect()
        if (told.get(client) === key) return client
        told.delete(client)
        try {
          await client.tell({ ...TELL, values })
        } catch (error) {
          // Nobody knows what scope it is in now, so nobody gets it.
          client.release(true)
          throw error
        }
        told.set(client, key)
        return client
      },
    }
  }

  return (scope) => {
    const values = valuesOf(scope)
    const key = values.join('|')
    const db =
      kept.get(key) ?? new Kysely<Tables>({ dialect: new PostgresDialect({ pool: poolOf(values, key) }) })
    kept.delete(key)
    kept.set(key, db)
    const oldest = kept.size > MOST_KEPT ? kept.keys().next().value : undefined
    if (oldest !== undefined) kept.delete(oldest)
    return db
  }
}
