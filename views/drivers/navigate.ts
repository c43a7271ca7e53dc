/** The way there is another app's business: links to it, by the driver's own choice. */
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'

export const NAVIGATORS = ['phone', 'google', 'apple', 'waze', 'osm'] as const
export type Navigator = (typeof NAVIGATORS)[number]

export const NAVIGATOR_WORDS: Readonly<Record<Navigator, { name: string; hint: string }>> = {
  phone: { name: 'The phone’s own map', hint: 'Asks which app, where there are several' },
  google: { name: 'Google Maps', hint: 'Starts at once where the app is installed' },
  apple: { name: 'Apple Maps', hint: 'On an iPhone; elsewhere in the browser' },
  waze: { name: 'Waze', hint: 'Starts at once where the app is installed' },
  osm: { name: 'OpenStreetMap', hint: 'In the browser, without an app' },
}

/**
 * The address that opens turn by turn. Google: developers.google.com/maps/documentation/urls; Apple: Map Links in the
 * Apple URL Scheme Reference; Waze: developers.google.com/waze/deeplinks. The phone's own map has no address for all
 * phones: `driver-work.js` makes one of the link for this one, and without script it is a plain page of directions.
 */
function hrefOf(navigator: Navigator, place: string): string {
  const to = encodeURIComponent(place)
  switch (navigator) {
    case 'google':
      return `https://www.google.com/maps/dir/?api=1&destination=${to}&travelmode=driving&dir_action=navigate`
    case 'apple':
      return `https://maps.apple.com/?daddr=${to}&dirflg=d`
    case 'waze':
      return `https://waze.com/ul?ll=${to}&navigate=yes`
    default:
      return `https://www.openstreetmap.org/directions?engine=fossgis_osrm_car&to=${to}`
  }
}

export function directionsLink(
  stop: LatLng & { readonly label: string },
  { className, navigator }: { className: string; navigator: Navigator },
): Html {
  const place = `${stop.lat.toFixed(6)},${stop.lng.toFixed(6)}`
  const phones = navigator === 'phone' ? html` data-place="${place}" data-label="${stop.label}"` : null
  return html`<a class="${className}" href="${hrefOf(navigator, place)}" target="_blank" rel="noopener noreferrer"${phones}>${icon('navigation')}Navigate</a>`
}
