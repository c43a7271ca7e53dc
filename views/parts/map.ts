import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'

export interface MapProps {
  readonly label: string
  readonly center?: LatLng
  readonly zoom?: number
  readonly from?: LatLng
  readonly to?: LatLng
  /** Drawn as the ride's way, from first to last. */
  readonly route?: readonly LatLng[]
  readonly [option: string]: unknown
}

/** The element `map.js` draws in; without script it says so instead of staying an empty box. */
export function mapBox(ctx: PageContext, props: MapProps): Html {
  const { label, ...options } = props
  const data = JSON.stringify({ ...options, tilesUrl: ctx.map.tilesUrl, attribution: ctx.map.attribution })
  return html`<div class="map" role="region" aria-label="${label}" data-map="${data}" hx-morph-skip><noscript>The map needs scripts; everything else on this page works without. Map data © OpenStreetMap contributors</noscript></div>`
}

/** Styles and scripts of a page with a map, and its own after them. */
export function mapAssets(own: { styles?: readonly string[]; scripts?: readonly string[] } = {}): {
  styles: readonly string[]
  scripts: readonly string[]
} {
  return {
    styles: ['leaflet.css', ...(own.styles ?? [])],
    scripts: ['leaflet.js', 'map.js', ...(own.scripts ?? [])],
  }
}
