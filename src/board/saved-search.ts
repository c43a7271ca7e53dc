/** A saved view's search as the board reads it: what an address says of a table, and nothing else of it. */
import { carSearch } from '../../views/board/cars-list.ts'
import type { ViewShows } from '../../views/board/saved-views.ts'
import { tableSearch } from '../../views/board/table-address.ts'
import type { Region } from '../companies/companies.ts'
import { type AreaDeps, areaNamed } from './areas.ts'
import { carFiltersOf, filtersOf, type ListQuery, listQuery } from './filters.ts'

/** As long as all filters at once may be. */
export const SEARCH_MOST = 1_000

const NAMES: ReadonlySet<string> = new Set([
  ...['show', 'q', 'class', 'payment', 'by', 'from', 'to', 'late', 'trouble', 'note', 'state', 'zone'],
])

/** Whether an address says anything of what the table shows. */
export function saysList(search: URLSearchParams): boolean {
  return [...search.keys()].some((name) => NAMES.has(name))
}

/** What a search asks for; null where it could not be typed into a board's address. */
export function listOfSearch(search: string): ListQuery | null {
  const read = listQuery.safeParse(Object.fromEntries(new URLSearchParams(search)))
  return read.success ? read.data : null
}

/** The same search for the same table, whatever order it was written in. */
export function searchOf(query: ListQuery): string {
  return query.show === 'cars'
    ? carSearch(carFiltersOf(query))
    : tableSearch({ show: query.show, filters: filtersOf(query) })
}

/** As the view says it in words, a zone by its name. */
export async function showsOf(
  deps: Pick<AreaDeps, 'db' | 'companies'>,
  region: Region,
  query: ListQuery,
): Promise<ViewShows> {
  const zoneName = query.zone === undefined ? null : await areaNamed(deps, region, query.zone)
  return {
    ...(query.show === 'cars'
      ? { show: 'cars', filters: carFiltersOf(query) }
      : { show: query.show, filters: filtersOf(query) }),
    ...(zoneName !== null && { zoneName }),
  }
}
