/** How the desk narrows its table: everything stands in the address, so that a view can be kept, shared and come back to. */
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import { z } from 'zod'
import { CAR_STATES, type CarsProps } from '../../views/board/cars-list.ts'
import { NOTE_KINDS, TABLE_SHOWS, type TableFilters } from '../../views/board/props.ts'
import { VEHICLE_CLASSES } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'

/** A field of a form that was left empty says nothing. */
const said = <T extends z.ZodType>(shape: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), shape.optional())
const words = said(z.string().trim().max(80))

/** A part of the region: a zone's id, or an H3 cell. */
const zone = said(z.string().regex(/^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{15})$/))

/** What the address of a table may say beside which rides; whoever adds a filter adds its column or rule below. */
export const filterShape = {
  q: z.string().trim().max(80).default(''),
  class: said(z.enum(VEHICLE_CLASSES)),
  payment: said(z.enum(['cash', 'account'])),
  by: words,
  from: words,
  to: words,
  late: said(z.literal('yes')),
  trouble: said(z.literal('yes')),
  zone,
  note: said(z.enum(NOTE_KINDS)),
}
export const tableQuery = z.object({ show: z.enum(TABLE_SHOWS).default('live'), ...filterShape })

export type TableQuery = z.infer<typeof tableQuery>

const carShape = {
  state: said(z.enum(CAR_STATES)),
  class: said(z.enum(VEHICLE_CLASSES)),
  q: words,
  zone,
}
/** Rides, or the cars of the region: told apart by what is to be shown. */
export const carQuery = z.object(carShape)
export const listQuery = z.union([z.object({ show: z.literal('cars'), ...carShape }), tableQuery])
export type ListQuery = z.infer<typeof listQuery>
export type CarFilters = z.infer<typeof carQuery>

/** The filters of an address, whatever else it says. */
export function filtersOf(query: TableQuery): TableFilters {
  const names = Object.keys(filterShape) as (keyof TableFilters)[]
  const given = names.filter((name) => query[name] !== undefined && query[name] !== '')
  return Object.fromEntries(given.map((name) => [name, query[name]])) as TableFilters
}

/** The same of an address that shows cars. */
export function carFiltersOf({ state, class: ofClass, q, zone: area }: CarFilters): CarsProps['filters'] {
  return {
    ...{ ...(state && { state }), ...(ofClass && { class: ofClass }) },
    ...{ ...(q && { q }), ...(area && { zone: area }) },
  }
}

/** Words as a pattern of SQL's LIKE that finds them anywhere, whatever signs they contain. */
export function anywhere(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}

type Rides = ExpressionBuilder<Tables, 'rides'>

/** A request that waits longer than this needs a person's eye. */
export const TROUBLE_WAIT_MS = 4 * 60_000

/** Those filters that the row of a ride decides; late, silent and the watchdog are known to the process alone. */
export function rowFilter(filters: TableFilters, nowMs: number) {
  return (eb: Rides): Expression<SqlBool> => {
    const { q, by, from, to, note, trouble } = filters
    return eb.and([
      ...(q === undefined ? [] : [anyField(eb, q)]),
      ...(filters.class === undefined ? [] : [eb('class', '=', filters.class)]),
      ...(filters.payment === undefined ? [] : [eb('payment_method', '=', filters.payment)]),
      ...(from === undefined ? [] : [eb('pickup_label', 'ilike', anywhere(from))]),
      ...(to === undefined ? [] : [eb('dropoff_label', 'ilike', anywhere(to))]),
      ...(by === undefined ? [] : [drivenBy(eb, by)]),
      ...(note === 'rider' ? [eb('note', '<>', '')] : []),
      ...(note === 'misses' ? [eb('misses', '>', 0)] : []),
      ...(note === 'rescue' ? [eb('rescue_at', 'is not', null)] : []),
      ...(note === 'put_off' ? [eb('put_off_until', '>', new Date(nowMs))] : []),
      ...(trouble === 'yes' ? [eb.or([eb('state', '<>', 'requested'), isOverdue(eb, nowMs)])] : []),
      ...(note === 'shared' ? [eb('shared', '=', true)] : []),
    ])
  }
}

/** Whether a request waits longer than a desk should let it, or was handed to it. */
export function isOverdue(eb: Rides, nowMs: number): Expression<SqlBool> {
  return eb.or([eb('requested_at', '<', new Date(nowMs - TROUBLE_WAIT_MS)), eb('rescue_at', 'is not', null)])
}

function anyField(eb: Rides, q: string): Expression<SqlBool> {
  const number = /^(?:HC-)?(\d{1,12})$/i.exec(q)?.[1]
  const like = anywhere(q)
  return eb.or([
    eb('rider_name', 'ilike', like),
    eb('pickup_label', 'ilike', like),
    eb('dropoff_label', 'ilike', like),
    ...(number === undefined ? [] : [eb('number', '=', Number(number))]),
    drivenBy(eb, q),
  ])
}

/** By call sign or name. */
function drivenBy(eb: Rides, text: string): Expression<SqlBool> {
  const like = anywhere(text)
  return eb.exists(
    eb
      .selectFrom('drivers')
      .select('drivers.id')
      .whereRef('drivers.id', '=', 'rides.driver_id')
      .where((of) => of.or([of('name', 'ilike', like), of('call_sign', 'ilike', like)])),
  )
}
