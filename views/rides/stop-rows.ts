/** Stops on the way as rows of a form: plain fields in their order; a row that is left empty is none. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { fieldNote } from '../parts/field.ts'
import { toMark } from '../parts/mark.ts'
import type { RequestFieldProps } from './request.ts'

const MOST_STOPS = 3

/** The rows of the stops there are, and folded away those for more. */
export function stopRows(stops: readonly RequestFieldProps[]): Html {
  const empty = { text: '', point: null }
  const more = Array.from({ length: MOST_STOPS - stops.length }, (_, n) => stopRow(empty, stops.length + n))
  return html`${stops.map(stopRow)}${
    more.length === 0
      ? null
      : html`<details class="more-stops"><summary>${icon('plus')}${stops.length === 0 ? 'Add a stop' : 'Add another stop'}</summary><p class="field-hint">The car waits there for you. Waiting costs what it costs at the pickup.</p><div class="addresses">${more}</div></details>`
  }`
}

function stopRow(field: RequestFieldProps, n: number): Html {
  const shape = html`<span class="stop-number" aria-hidden="true">${n + 1}</span>`
  return wayField({ ...field, name: `stop${n + 1}`, label: `Stop ${n + 1}`, shape })
}

/** Where the car goes in the end; left empty it stays what it is. */
export function toRow(field: RequestFieldProps, stays: string): Html {
  return wayField({ ...field, name: 'to', label: 'To', shape: toMark(), placeholder: stays })
}

/** One place that may be left out. Coordinates travel hidden beside the words. */
function wayField(
  props: RequestFieldProps & { name: string; label: string; shape: Html; placeholder?: string },
) {
  const { name, label, text, point, error, placeholder = 'Street, place or landmark' } = props
  const id = `field-${name}`
  const invalid = error === undefined ? null : html` aria-invalid="true" aria-describedby="${id}-error"`
  return html`<div class="address" data-address="${name}"><span class="address-shape">${props.shape}</span><label for="${id}">${label}</label><input id="${id}" name="${name}" value="${text}" placeholder="${placeholder}" autocomplete="off" spellcheck="false" enterkeyhint="next" maxlength="120"${invalid}><input type="hidden" name="${name}_lat" value="${point?.lat}"><input type="hidden" name="${name}_lng" value="${point?.lng}"></div><div class="suggestions" id="${name}-suggestions" hidden></div>${fieldNote(id, error === undefined ? {} : { error })}`
}
