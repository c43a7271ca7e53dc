/** What stands in the table's place: the rides of the desk, or its cars. */
import type { Html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { boardCars, type CarsProps } from './cars-list.ts'
import type { TableProps } from './props.ts'
import { boardTable } from './table.ts'

export type ListProps = { readonly rides: TableProps } | { readonly cars: CarsProps }

/** `<section id="board-table">`, whichever of them. */
export function boardList(ctx: PageContext, list: ListProps): Html {
  return 'rides' in list ? boardTable(ctx, list.rides) : boardCars(ctx, list.cars)
}
