/**
 * What the office set on its pages stays when the company file is read again: the file founds a company and adds to it,
 * the office has the last word on what it changed. Each row keeps the names of those columns in `office_set`.
 */
import { sql } from 'kysely'
import { type ReportEntry, shown } from './report.ts'

type Row = Readonly<Record<string, unknown>>

/** For an update of a row: its `office_set` with these columns in it. */
export function setByOffice(columns: readonly string[]) {
  return sql<
    string[]
  >`(select array_agg(distinct name order by name) from unnest(office_set || ${[...columns]}::text[]) as name)`
}

/**
 * What a company file may write of a row, and what of it stays as the office has it.
 * @param wanted by column what the file says, as the row would read it
 * @param overOffice the file was told to have the last word
 */
export function besideOffice<T extends Row>(
  row: Row & { readonly office_set: readonly string[] },
  wanted: T,
  overOffice: boolean,
): { readonly taken: Partial<T>; readonly stays: string[] } {
  const stays = overOffice
    ? []
    : row.office_set.filter((column) => column in wanted && !Bun.deepEquals(row[column], wanted[column]))
  const taken = Object.fromEntries(Object.entries(wanted).filter(([column]) => !stays.includes(column)))
  return { taken: taken as Partial<T>, stays }
}

/** What a row keeps of `office_set` after a file had the last word on `wanted`. */
export function officeSetAfter(
  row: { readonly office_set: readonly string[] },
  wanted: Row,
  overOffice: boolean,
): string[] {
  return row.office_set.filter((column) => !(overOffice && column in wanted))
}

/** What stays, said to whoever ran the file; nothing where nothing does. */
export function leftToOffice(
  of: Pick<ReportEntry, 'kind' | 'name'>,
  { row, wanted, stays }: { readonly row: Row; readonly wanted: Row; readonly stays: readonly string[] },
): ReportEntry[] {
  if (stays.length === 0) return []
  const details = stays.map((column) => {
    const field = column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
    const is = typeof row[column] === 'object' && row[column] !== null ? '' : ` ${shown(row[column])}`
    return `${field} stays${is}, as the office set it`
  })
  return [{ effect: 'left', ...of, details }]
}
