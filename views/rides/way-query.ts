/** The request form filled in, as a link: the same way again, or back. */
import { ATTRIBUTES, type Attribute } from '../../src/engine/attributes.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { whenQuery } from './when.ts'

export interface WayEndProps {
  readonly label: string
  readonly point: LatLng
}

export interface WayProps {
  readonly from: WayEndProps
  readonly to: WayEndProps
  /** Between the two, in order; none unless given. */
  readonly stops?: readonly WayEndProps[]
  readonly seats: number
  readonly needs: readonly Attribute[]
  /** When the car is to be there; null or left out: as soon as one can. */
  readonly pickupAtMs?: number | null
  /** The booking that is to be put there. */
  readonly change?: string | null
}

/** The fields of the two ends, as forms and links carry them. */
export function endsQuery({
  from,
  to,
  stops = [],
}: Pick<WayProps, 'from' | 'to' | 'stops'>): (readonly [string, string])[] {
  const between = stops.flatMap((stop, n) => endQuery(`stop${n + 1}`, stop))
  return [...endQuery('from', from), ...endQuery('to', to), ...between]
}

/** One end: its name, and where it is. */
export function endQuery(field: string, { label, point }: WayEndProps): (readonly [string, string])[] {
  return [
    [field, label],
    [`${field}_lat`, String(point.lat)],
    [`${field}_lng`, String(point.lng)],
  ]
}

/** `/request?…` with the whole way in it. */
export function requestHref(way: WayProps, timeZone: string): string {
  const query = new URLSearchParams()
  for (const [name, value] of endsQuery(way)) query.set(name, value)
  query.set('seats', String(way.seats))
  for (const need of ATTRIBUTES) if (way.needs.includes(need)) query.set(need, 'on')
  if (way.pickupAtMs != null)
    for (const [name, value] of whenQuery(way.pickupAtMs, timeZone)) query.set(name, value)
  if (way.change != null) query.set('change', way.change)
  return `/request?${query}`
}

/** The other way round. */
export function wayBack(way: WayProps): WayProps {
  return {
    ...way,
    from: way.to,
    to: way.from,
    stops: way.stops?.toReversed() ?? [],
    pickupAtMs: null,
    change: null,
  }
}
