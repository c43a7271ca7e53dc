import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { PLANS, SECTIONS } from '../../src/privacy/columns.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

let database: TestDatabase
let real: Map<string, string[]>

beforeAll(async () => {
  database = await testDatabase()
  const { rows } = await sql<{ table_name: string; column_name: string }>`
    select table_name, column_name from information_schema.columns
    where table_schema = current_schema() and table_name not like 'kysely%'
    and not exists (select from pg_class where oid = table_name::regclass and relispartition)`.execute(
    database.db,
  )
  real = Map.groupBy(rows, (row) => row.table_name) as never
  for (const [table, columns] of real)
    real.set(
      table,
      (columns as unknown as typeof rows).map(({ column_name }) => column_name),
    )
}, 60_000)
afterAll(() => database.stop())

test('every column of every table is decided on: given, erased, kept as a pseudonym, or not personal', () => {
  const gaps: string[] = []
  for (const [table, columns] of real)
    for (const column of columns)
      if (PLANS[table]?.columns[column] === undefined) gaps.push(`no plan for ${table}.${column}`)
  for (const [table, plan] of Object.entries(PLANS))
    for (const column of Object.keys(plan.columns))
      if (!real.get(table)?.includes(column)) gaps.push(`no column ${table}.${column}`)
  expect(gaps).toEqual([])
})

describe('a plan is of one piece', () => {
  for (const [table, plan] of Object.entries(PLANS))
    test(table, () => {
      const wrong: string[] = []
      for (const [name, column] of Object.entries(plan.columns)) {
        const personal = column.as === 'export' || column.as === 'erase'
        const becomes = personal && column.becomes !== undefined
        if (personal && plan.about === null) wrong.push(`${name} is personal in a table about nobody`)
        if (personal && plan.purge === 'leave') wrong.push(`${name} is personal and left as it is`)
        if (plan.purge === 'remove' && becomes) wrong.push(`${name} becomes something in a removed row`)
        if (plan.purge === 'remove' && column.as === 'keep') wrong.push(`${name} is kept in a removed row`)
      }
      if (plan.about !== null && plan.purge === 'empty') {
        const emptied = Object.values(plan.columns).filter((column) => 'becomes' in column)
        if (emptied.length === 0) wrong.push('nothing is emptied')
      }
      if (plan.about !== null && plan.key.length === 0) wrong.push('its rows cannot be told apart')
      expect(wrong).toEqual([])
    })
})

test('what is personal in a row that stays becomes something else, unless it is a picture the sweep takes', () => {
  const left: string[] = []
  for (const [table, plan] of Object.entries(PLANS))
    for (const [name, column] of Object.entries(plan.columns)) {
      if (plan.purge !== 'empty' || table === 'uploads') continue
      if ((column.as === 'export' || column.as === 'erase') && column.becomes === undefined)
        left.push(`${table}.${name}`)
    }
  expect(left).toEqual([])
})

test('each given column is in a part of the export, and every part has its heading', () => {
  const given = Object.entries(PLANS).flatMap(([table, plan]) =>
    Object.entries(plan.columns)
      .filter(([, column]) => column.as === 'export' || (column.as === 'keep' && column.given))
      .map(([name]) => `${table}.${name}`),
  )
  const inParts = new Set(
    SECTIONS.flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`)),
  )
  expect(given.filter((column) => !inParts.has(column))).toEqual([])
  for (const { title } of SECTIONS) expect(title.length).toBeGreaterThan(2)
})

test('no secret and nobody else is given', () => {
  const given = SECTIONS.flatMap(({ columns }) => columns)
  const secretOrOthers =
    /token|password|hash|sealed|secret|public_key|signature|impersonator|banned_by|decided_by|rider_id|actor_id/
  expect(given.filter((column) => secretOrOthers.test(column))).toEqual([])
})
