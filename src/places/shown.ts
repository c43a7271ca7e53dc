/** Found places as the pages show them. */
import type { PlaceProps } from '../../views/rides/address-field.ts'
import { type OwnPlacesProps, SAVED_ICONS } from '../../views/rides/own-places.ts'
import { distanceM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'
import type { FoundPlace, Place } from './gazetteer.ts'

/** Notes of the gazetteer's makers to themselves: where the point was put, what a sign says, numbers of zones. */
const MAKERS_NOTES = / ?\(point: [^)]*\)|[;,] (?:signed [^,;]*|taxi zone \d+|NY \d{5})/g

/** A found place as the views show it, with how far it is from where the asker looks. */
export function placeProps(hit: Place | FoundPlace, near: LatLng | null): PlaceProps {
  const point = { lat: hit.lat, lng: hit.lng }
  const area = hit.detail.replace(MAKERS_NOTES, '').trim()
  return {
    label: hit.name,
    area: area === '' ? null : area,
    point,
    ...('matchRanges' in hit && { matchRanges: hit.matchRanges }),
    distanceM: near === null ? null : distanceM(near, point),
  }
}

/** A rider's own places as suggestions, for who has typed nothing yet: the saved ones by their names, then the recent. */
export function ownSuggestions({ saved, recent }: OwnPlacesProps): PlaceProps[] {
  return [
    ...saved.map(({ kind, name, label, point }) => ({
      ...{ label, point, distanceM: null, icon: SAVED_ICONS[kind] },
      // Said once where it is called by its address.
      ...(name === label ? { area: null } : { name, area: label }),
    })),
    ...recent.map(({ label, point }) => ({
      ...{ label, point, area: null, distanceM: null, icon: 'history' as const },
    })),
  ]
}
