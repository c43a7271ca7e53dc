/** The words in which each table says what of it is personal, what a person gets of it, and what a purge leaves. */
import { type RawBuilder, sql } from 'kysely'
import type { IdentityId } from '../engine/units.ts'

/** Whose data it is; the contacts find rows that know a person only by them. */
export interface Subject {
  readonly id: IdentityId
  readonly name: string
  readonly email: string
  readonly phone: string | null
}

type Condition = RawBuilder<unknown>

/**
 * What becomes of one column.
 * - `export`: given to the person; goes with its row, or becomes what `becomes` says.
 * - `erase`: theirs, but not given, for `why`; goes with its row, or becomes what `becomes` says.
 * - `keep`: stays after a purge and points at nobody but the pseudonym, for `why`; `given` to the person all the same.
 * - `impersonal`: says nothing of anybody.
 */
export type ColumnPlan =
  | { readonly as: 'export'; readonly becomes?: Condition }
  | { readonly as: 'erase'; readonly why: string; readonly becomes?: Condition }
  | { readonly as: 'keep'; readonly why: string; readonly given: boolean }
  | { readonly as: 'impersonal'; readonly why: string }

/** A part of the export: some columns of some rows of a table. */
export interface Section {
  readonly title: string
  readonly about: (person: Subject) => Condition
  readonly columns: readonly string[]
}

export interface TablePlan {
  /** As a heading over what a person gets of it; null where they get nothing. */
  readonly title: string | null
  /** Which rows are about the person; null: none is about anybody. */
  readonly about: ((person: Subject) => Condition) | null
  /** What a purge does with those rows: take them away, empty some columns, or leave them as they are. */
  readonly purge: 'remove' | 'empty' | 'leave'
  /** The columns that tell rows apart, for reading them in order. */
  readonly key: readonly string[]
  readonly columns: Readonly<Record<string, ColumnPlan>>
  /** Columns that are given otherwise than they stand. */
  readonly shown?: (person: Subject) => Readonly<Record<string, Condition>>
  /** The same table from another side, such as rides a person drove. */
  readonly also?: readonly Section[]
}

export const DELETED_PERSON = 'Deleted person'
export const DELETED_DRIVER = 'Deleted driver'
export const NULL = sql`null`

/** Given to the person; removed or emptied by a purge. */
export function exported(becomes?: Condition): ColumnPlan {
  return { as: 'export', ...(becomes && { becomes }) }
}

/** Personal, not given: a secret, or somebody else's words. */
export function erased(why: string, becomes?: Condition): ColumnPlan {
  return { as: 'erase', why, ...(becomes && { becomes }) }
}

/** Stays for the books, under the pseudonym; the person is given it. */
export function kept(why: string): ColumnPlan {
  return { as: 'keep', why, given: true }
}

/** Stays, under the pseudonym; of no use to the person. */
export function keptUnseen(why: string): ColumnPlan {
  return { as: 'keep', why, given: false }
}

export function impersonal(why: string): ColumnPlan {
  return { as: 'impersonal', why }
}

/** The same plan for several columns, named in one line. */
export function each(names: string, plan: ColumnPlan): Record<string, ColumnPlan> {
  return Object.fromEntries(names.split(' ').map((name) => [name, plan]))
}

/** A table in which nobody appears. */
export function nobodys(why: string, names: string): TablePlan {
  return { title: null, about: null, purge: 'leave', key: [], columns: each(names, impersonal(why)) }
}

/** The rows of a table whose `column` is the person. */
export const by =
  (column: string) =>
  ({ id }: Subject): Condition =>
    sql`${sql.ref(column)} = ${id}`

/** The drivers that a person is in their companies. */
export const theirDrivers = ({ id }: Subject): Condition =>
  sql`(select id from drivers where identity_id = ${id})`
/** The rides a person asked for. */
export const theirRides = ({ id }: Subject): Condition => sql`(select id from rides where rider_id = ${id})`
