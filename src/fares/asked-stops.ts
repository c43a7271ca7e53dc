/** Stops that somebody asks for on the way, as fields of a form and as places. */
import type { RequestFieldProps } from '../../views/rides/request.ts'
import type { Companies } from '../companies/companies.ts'
import type { Place } from '../companies/page-context.ts'
import type { LatLng } from '../engine/units.ts'
import type { WebContext } from '../web/context.ts'
import type { FieldError } from '../web/problem.ts'
import type { QuotedPlace } from './quotes.ts'
import { nearly, OUTSIDE, pointOf, type SettledEnd } from './settle.ts'
import { STOP_FIELDS, type StopFields } from './shapes.ts'

const TWICE = 'The car is there already by then. Choose another place, or leave this stop out.'

export interface AskedStops {
  readonly fields: readonly RequestFieldProps[]
  /** Null while one of them has no place. */
  readonly places: readonly QuotedPlace[] | null
}

/** As they were sent, without looking anything up; a field that is left empty is none. */
export function stopsTyped(form: StopFields): RequestFieldProps[] {
  return STOP_FIELDS.map((name) => ({
    text: form[name],
    point: pointOf(form[`${name}_lat`], form[`${name}_lng`]),
  })).filter(({ text }) => text.trim() !== '')
}

/** Each as a place, given or looked up by its words, or as it is to be shown again. */
export async function settleStops(
  settleEnd: (web: WebContext, place: Place, text: string, point: LatLng | null) => Promise<SettledEnd>,
  { web, place, form }: { web: WebContext; place: Place; form: StopFields },
): Promise<AskedStops> {
  const settled = await Promise.all(
    stopsTyped(form).map(({ text, point }) => settleEnd(web, place, text, point)),
  )
  const places = settled.flatMap((one) => one.place ?? [])
  return {
    fields: settled.map(({ field }) => field),
    places: places.length === settled.length ? places : null,
  }
}

/** What is wrong with stops between two ends, by field: outside the area, or where the car is anyway. */
export function stopMistakes(
  companies: Pick<Companies, 'regionAt'>,
  { company }: Place,
  { from, stops, to }: { from: LatLng; stops: readonly LatLng[]; to: LatLng },
): FieldError[] {
  return stops.flatMap((stop, n) => {
    const field = STOP_FIELDS[n]!
    if (companies.regionAt(company.id, stop) === undefined) return [{ field, message: OUTSIDE }]
    const isTwice = nearly(stops[n - 1] ?? from, stop) || (n === stops.length - 1 && nearly(stop, to))
    return isTwice ? [{ field, message: TWICE }] : []
  })
}

/** The fields, each with its mistake. */
export function withMistakes(
  fields: readonly RequestFieldProps[],
  mistakes: readonly FieldError[],
): RequestFieldProps[] {
  return fields.map((field, n) => {
    const mistake = mistakes.find((one) => one.field === STOP_FIELDS[n])
    return mistake === undefined ? field : { ...field, error: mistake.message }
  })
}
