/** Where a table of the board stands: what is shown and how it is narrowed, as the search part of its address. */
import type { TableFilters, TableShow } from './props.ts'

/** `show=ended&q=ada`; what is usual is not said, so that the board itself is the empty one. */
export function tableSearch({ show, filters }: { show: TableShow; filters: TableFilters }): string {
  const search = new URLSearchParams()
  if (show !== 'live') search.set('show', show)
  for (const [name, value] of Object.entries(filters)) if (value) search.set(name, value)
  return search.toString()
}

/** An address with its search, or without one. */
export function withSearch(path: string, search: string): string {
  return search === '' ? path : `${path}?${search}`
}
