/** Where from and where to: plain fields that script turns into a search, and the answers it shows under them. */
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import { fieldNote } from '../parts/field.ts'
import { distanceText } from '../parts/format.ts'
import { fromMark, toMark } from '../parts/mark.ts'

export type AddressFieldName = 'from' | 'to'

/** The fields that places are offered for while typing: both ends, and the stops between them. */
export const FIELD_NAMES = ['from', 'to', 'stop1', 'stop2', 'stop3'] as const
export type FieldName = (typeof FIELD_NAMES)[number]

export interface PlaceProps {
  readonly label: string
  /** Neighbourhood, street, what kind of place. */
  readonly area: string | null
  readonly point: LatLng
  /** From where the rider is, or null where that is not known. */
  readonly distanceM: number | null
  /** How its rider calls it, where that is another word. */
  readonly name?: string
  /** What stands before it; a pin unless said. */
  readonly icon?: IconName
  /** Parts of the label that were asked for, `[start, end)`, in order. */
  readonly matchRanges?: readonly (readonly [start: number, end: number])[]
}

export interface AddressFieldProps {
  readonly field: AddressFieldName
  readonly value: string
  /** Another word than From or To above it. */
  readonly label?: string
  /** Known once a suggestion, a spot on the map or the phone's position was taken. */
  readonly point: LatLng | null
  readonly error?: string
}

const WORDS: Record<AddressFieldName, { label: string; placeholder: string }> = {
  from: { label: 'From', placeholder: 'Street, place or landmark' },
  to: { label: 'To', placeholder: 'Where to' },
}

/** One address field; its shape says which end of the ride it is. Coordinates travel hidden beside the words. */
export function addressField(props: AddressFieldProps): Html {
  const { placeholder } = WORDS[props.field]
  const label = props.label ?? WORDS[props.field].label
  const id = `field-${props.field}`
  const invalid = props.error === undefined ? null : html` aria-invalid="true" aria-describedby="${id}-error"`
  return html`<div class="address" data-address="${props.field}"><span class="address-shape">${props.field === 'from' ? fromMark() : toMark()}</span><label for="${id}">${label}</label><input id="${id}" name="${props.field}" value="${props.value}" placeholder="${placeholder}" autocomplete="off" spellcheck="false" enterkeyhint="${props.field === 'from' ? 'next' : 'search'}" maxlength="200" required${invalid}><input type="hidden" name="${props.field}_lat" value="${props.point?.lat}"><input type="hidden" name="${props.field}_lng" value="${props.point?.lng}"><button type="button" class="address-here" data-here="${props.field}" hidden>${icon('locate-fixed')}Here</button></div><div class="suggestions" id="${props.field}-suggestions" hidden></div>${fieldNote(id, props.error === undefined ? {} : { error: props.error })}`
}

/**
 * The answer to `GET /places`: what fits the words so far, best first, then the two other ways to name a place.
 * @param props.query what was typed
 */
export function suggestions(props: {
  field: FieldName
  query: string
  places: readonly PlaceProps[]
  /** Who was asked in vain, so that what is missing is understood. */
  note?: string
  /** Whose data is among the places. */
  credit?: string
}): Html {
  const { field } = props
  const nothing = props.places.length === 0 && props.query.trim().length > 1
  return html`<ul id="${field}-list" role="listbox" aria-label="Places">${props.places.map(
    (place, i) =>
      html`<li role="option" id="${field}-option-${i}" aria-selected="false" data-label="${place.label}" data-lat="${place.point.lat}" data-lng="${place.point.lng}"${place.distanceM === null ? null : html` data-distance="${Math.round(place.distanceM)}"`}>${icon(place.icon ?? 'map-pin')}<span><bdi dir="ltr">${place.name ?? marked(place)}</bdi><small>${placeDetail(place)}</small></span></li>`,
  )}${nothing ? html`<li class="suggestions-none" role="presentation">Nothing here is called that. Try the street, or a place nearby.</li>` : null}${aside(props.note)}${aside(props.credit)}<li role="option" id="${field}-option-map" aria-selected="false" data-act="map">${icon('map')}<span>Pick on the map</span></li><li role="option" id="${field}-option-here" aria-selected="false" data-act="here">${icon('locate-fixed')}<span>Use where I am</span></li></ul>`
}

function aside(text: string | undefined): Html | null {
  return text === undefined ? null : html`<li class="suggestions-aside" role="presentation">${text}</li>`
}

/** The second line of a place: its area and how far it is. */
export function placeDetail(place: PlaceProps): string {
  return [place.area, place.distanceM === null ? null : distanceText(place.distanceM)]
    .filter((part) => part !== null)
    .join(' · ')
}

/** The name with what was asked for in bold. */
function marked({ label, matchRanges = [] }: PlaceProps): Html {
  let done = 0
  const parts = matchRanges.map(([start, end]) => {
    const part = html`${label.slice(done, start)}<b>${label.slice(start, end)}</b>`
    done = end
    return part
  })
  return html`${parts}${label.slice(done)}`
}
