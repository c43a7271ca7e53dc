/** Found places as the pages show them. */
import type { PlaceProps } from '../../views/rides/address-field.ts'
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
