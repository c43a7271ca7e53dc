/** Places a rider goes to again: saved ones by their names, then where they have been lately. */
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import type { IconName } from '../icon.ts'
import { chip } from '../parts/chip.ts'
import { address } from '../parts/figures.ts'
import { endQuery, type WayEndProps } from './way-query.ts'

export type SavedKind = 'home' | 'work' | 'other'

export interface SavedPlaceProps {
  readonly id: string
  readonly kind: SavedKind
  /** `Home`, or as its owner calls it. */
  readonly name: string
  readonly label: string
  readonly point: LatLng
}

export interface OwnPlacesProps {
  readonly saved: readonly SavedPlaceProps[]
  readonly recent: readonly WayEndProps[]
}

export const NO_OWN_PLACES: OwnPlacesProps = { saved: [], recent: [] }

export const SAVED_ICONS: Record<SavedKind, IconName> = {
  home: 'house',
  work: 'briefcase',
  other: 'bookmark',
}

/** More of them would be a list to read instead of a press. */
const MOST_CHIPS = 8

/**
 * Chips under the two ends: a press fills in the end that is still empty, the second one first. Each is a link to the
 * form with it filled in, so that it needs no script.
 */
export function ownPlaceChips(
  places: OwnPlacesProps,
  form: { readonly from: WayEndProps | null; readonly to: WayEndProps | null },
): Html | null {
  const shown = [
    ...places.saved.map(({ kind, name, label, point }) => ({ icon: SAVED_ICONS[kind], name, label, point })),
    ...places.recent.map(({ label, point }) => ({ icon: 'history' as const, name: label, label, point })),
  ].slice(0, MOST_CHIPS)
  if (shown.length === 0) return null
  return html`<nav class="own-places" aria-label="Your places"><ul>${shown.map(
    (place) =>
      html`<li>${chip({
        href: hrefFor(place, form),
        label: address(place.name),
        icon: place.icon,
        attributes: html`data-place data-label="${place.label}" data-lat="${place.point.lat}" data-lng="${place.point.lng}"`,
      })}</li>`,
  )}</ul></nav>`
}

function hrefFor(
  place: WayEndProps,
  { from, to }: { readonly from: WayEndProps | null; readonly to: WayEndProps | null },
): string {
  const fills = to === null || from !== null ? 'to' : 'from'
  const ends = fills === 'to' ? { from, to: place } : { from: place, to }
  const query = new URLSearchParams()
  for (const field of ['from', 'to'] as const) {
    const end = ends[field]
    if (end !== null) for (const [name, value] of endQuery(field, end)) query.set(name, value)
  }
  return `/request?${query}`
}
