/** From the text of an export to its records: the usual ways in which systems write a list of users down. */
import { z } from 'zod'

export interface Entry {
  /** Where it stands, for whoever has to put it right: `users[3]`, or `line 4`. */
  readonly where: string
  readonly value: unknown
}

/** The file holds no list of users. */
export class ExportFileError extends Error {
  override name = 'ExportFileError'
}

const map = z.record(z.string(), z.looseObject({}))

/**
 * A JSON list of users, or a document with one under `users` (or `accounts`); the list may also be an object by id or
 * pairs of id and user, as a Map is written. Or JSON lines: one user a line.
 * @throws ExportFileError when it is none of these
 */
export function readExport(text: string): Entry[] {
  // A byte order mark, as some editors write it, is no JSON.
  const clean = text.replace(/^\uFEFF/, '').trim()
  if (clean === '') throw new ExportFileError('The file is empty.')
  const document = parse(clean)
  if (document !== undefined) return entriesOf(document)
  return linesOf(clean)
}

function entriesOf(document: unknown): Entry[] {
  if (Array.isArray(document)) return listed('', document)
  for (const name of ['users', 'accounts']) {
    const inner = (document as Record<string, unknown> | null)?.[name]
    if (Array.isArray(inner)) return listed(name, inner)
    const byId = map.safeParse(inner)
    if (byId.success) return byIds(name, byId.data)
  }
  const byId = map.safeParse(document)
  // One user alone has texts among its fields, and so is no map of users.
  if (byId.success && Object.keys(byId.data).length > 0) return byIds('', byId.data)
  throw new ExportFileError('There is no list of users in this file: [...] or {"users": [...]} is expected.')
}

function listed(name: string, values: readonly unknown[]): Entry[] {
  return values.map((value, n) => {
    const where = `${name || 'users'}[${n}]`
    const isPair = Array.isArray(value) && value.length === 2 && typeof value[0] === 'string'
    return { where, value: isPair ? withId(value[0], value[1]) : value }
  })
}

function byIds(name: string, users: Record<string, object>): Entry[] {
  return Object.entries(users).map(([id, value]) => ({
    where: `${name || 'users'}.${id.slice(0, 60)}`,
    value: withId(id, value),
  }))
}

function withId(id: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null ? { id, ...value } : value
}

function linesOf(text: string): Entry[] {
  const lines = text.split(/\r?\n/)
  if (parse(lines[0]!) === undefined)
    throw new ExportFileError('The file is not JSON; a comma or quote may be missing.')
  return lines.flatMap((line, n) =>
    line.trim() === '' ? [] : [{ where: `line ${n + 1}`, value: parse(line) ?? line }],
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
