/** Between better-auth and the database: a session's token is stored only as its SHA-256. */
import { createHash } from 'node:crypto'
import type { DBAdapter, DBTransactionAdapter, Where } from 'better-auth'

/** What stands in `sessions.token`. The token has 190 random bits, so a plain hash cannot be searched back. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/**
 * `adapter` with tokens hashed on their way in. A session just made, or found by its token, carries the token again;
 * one found otherwise carries the hash, which opens nothing.
 */
export function hashingTokens(adapter: DBAdapter): DBAdapter {
  return { ...hashed(adapter), transaction: (run) => adapter.transaction((trx) => run(hashed(trx))) }
}

function hashed<A extends DBTransactionAdapter>(adapter: A): A {
  return {
    ...adapter,
    create: async (input) => {
      const token = input.model === 'session' ? (input.data as { token?: string }).token : undefined
      if (token === undefined) return adapter.create(input)
      const made = await adapter.create({ ...input, data: { ...input.data, token: tokenHash(token) } })
      return { ...(made as object), token } as never
    },
    findOne: async (input) => {
      const found = await adapter.findOne<Record<string, unknown>>(withHash(input))
      const token = input.model === 'session' ? searchedToken(input.where) : undefined
      return (found !== null && token !== undefined ? { ...found, token } : found) as never
    },
    findMany: (input) => adapter.findMany(withHash(input)),
    count: (input) => adapter.count(withHash(input)),
    update: (input) => adapter.update(withHash(input)),
    updateMany: (input) => adapter.updateMany(withHash(input)),
    delete: (input) => adapter.delete(withHash(input)),
    deleteMany: (input) => adapter.deleteMany(withHash(input)),
    consumeOne: (input) => adapter.consumeOne(withHash(input)),
  }
}

function withHash<I extends { model: string; where?: Where[] | undefined; update?: Record<string, unknown> }>(
  input: I,
): I {
  if (input.model !== 'session') return input
  const where = input.where?.map((condition) =>
    condition.field === 'token' ? { ...condition, value: hashedValue(condition.value) } : condition,
  )
  const token = input.update?.token
  const update = typeof token === 'string' ? { ...input.update, token: tokenHash(token) } : input.update
  return { ...input, ...(where && { where }), ...(update && { update }) }
}

function hashedValue(value: Where['value']): Where['value'] {
  if (Array.isArray(value)) return value.map((item) => tokenHash(String(item)))
  return typeof value === 'string' ? tokenHash(value) : value
}

function searchedToken(where: Where[]): string | undefined {
  const value = where.find(({ field }) => field === 'token')?.value
  return typeof value === 'string' ? value : undefined
}
