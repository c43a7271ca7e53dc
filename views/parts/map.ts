import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'

/** Hexagons on the map; `sequential` has steps 1 to 6. */
export interface MapHexesProps {
  readonly scale: 'sequential' | 'diverging' | 'asked'
  readonly cells: readonly {
    readonly boundary: readonly (readonly [lat: number, lng: number])[]
    readonly step: number
    readonly figure?: string
  }[]
}

/** A stretch of the way: `ahead` solid, `driven` faded, `open` (not promised as a road) dotted, `approach` in honey. */
export interface MapLegProps {
  readonly kind: 'ahead' | 'driven' | 'open' | 'approach'
  readonly points: readonly LatLng[]
}

/** A rank or airport: its rings, holes too. */
export interface MapZoneProps {
  readonly name: string
  /** The border of the region itself: a line without a filling or a name. */
  readonly isBorder?: boolean
  readonly rings: readonly (readonly (readonly [lat: number, lng: number])[])[]
}

/** A car as the board's socket sends it: latitude and longitude × 10⁶, age of the fix in seconds. */
export type MapCarProps = readonly [
  id: string,
  callSign: string,
  lat6: number,
  lng6: number,
  headingDeg: number,
  state: 'free' | 'offered' | 'to_pickup' | 'waiting' | 'on_board' | 'break' | 'silent',
  ageS: number,
]

/** What `map.js` reads from the element; its header says what each part looks like. */
export interface MapProps {
  readonly label: string
  readonly center?: LatLng
  readonly zoom?: number
  readonly from?: LatLng & { readonly label?: string }
  readonly to?: LatLng & { readonly label?: string }
  /** Between the two, in order; those behind the car are drawn paler. */
  readonly stops?: readonly (LatLng & { readonly isPassed?: boolean })[]
  readonly route?: readonly LatLng[] | readonly MapLegProps[]
  readonly car?: LatLng & { readonly headingDeg: number; readonly ageMs: number }
  readonly hexes?: MapHexesProps | null
  readonly zones?: readonly MapZoneProps[]
  /** Where no socket sends them. */
  readonly cars?: readonly MapCarProps[]
  /** False draws a picture: it neither moves nor takes the focus. */
  readonly interactive?: boolean
  /** Room that panels cover, pixels. */
  readonly padding?: { readonly top?: number; readonly bottom?: number }
  /** Whether from, to, route and car show whole at the start; true unless there is a center. */
  readonly fit?: boolean
}

/** The way from one end to the other while no road is promised: straight, and so dotted. */
export function straightWay(from: LatLng, to: LatLng): readonly MapLegProps[] {
  return [{ kind: 'open', points: [from, to] }]
}

/** The way along the streets where it is known, else straight and dotted. */
export function wayBetween(from: LatLng, to: LatLng, way: readonly LatLng[] | null): readonly MapLegProps[] {
  return way === null ? straightWay(from, to) : [{ kind: 'ahead', points: way }]
}

/** The element `map.js` draws in; without script it says so instead of staying an empty box. */
export function mapBox(ctx: PageContext, props: MapProps): Html {
  const { label, ...options } = props
  const tiles =
    ctx.map.tilesUrl === null
      ? null
      : html` data-tiles="${ctx.map.tilesUrl}" data-attribution="${ctx.map.attribution}"`
  return html`<div class="map" role="region" aria-label="${label}" data-map="${JSON.stringify(options)}" data-city="${ctx.asset('city-manhattan.json')}"${tiles} hx-morph-skip><noscript>The map needs scripts; everything else on this page works without. Map data © OpenStreetMap contributors</noscript></div>`
}

/** Styles and scripts of a page with a map, and its own after them. */
export function mapAssets(own: { styles?: readonly string[]; scripts?: readonly string[] } = {}): {
  styles: readonly string[]
  scripts: readonly string[]
} {
  return {
    styles: ['leaflet.css', 'map.css', ...(own.styles ?? [])],
    scripts: [
      'leaflet.js',
      'map-layers.js',
      'map-city.js',
      'map-clusters.js',
      'map-car-shapes.js',
      'map-cars.js',
      'map-marks.js',
      'map.js',
      ...(own.scripts ?? []),
    ],
  }
}
