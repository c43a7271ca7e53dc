/** What people read in their mail: the letters as they wait to be sent. */
import { assert } from '../../src/engine/units.ts'
import type { Db } from '../../src/io/postgres.ts'

export interface Letter {
  readonly kind: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Letters to an address, the newest first. */
export async function lettersTo(db: Db, address: string): Promise<Letter[]> {
  const rows = await db
    .selectFrom('notices')
    .select(['kind', 'data'])
    .where('address', '=', address)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.map(({ kind, data }) => ({ kind, data: data as Record<string, unknown> }))
}

/** The path behind the link of the newest letter to an address. */
export async function linkTo(db: Db, address: string): Promise<string> {
  const link = (await lettersTo(db, address))
    .map(({ data }) => data.link)
    .find((found) => found !== undefined)
  assert(typeof link === 'string', `a letter with a link went to ${address}`)
  return link
}
