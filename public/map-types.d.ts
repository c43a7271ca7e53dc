/** What the map's plain scripts share through `window`; the header of map.js tells how a page uses it. */

interface MapPoint {
  lat: number
  lng: number
}

/** `[id, callSign, latitude × 1e6, longitude × 1e6, headingDeg, state, ageS]`. */
type MapCarRow = [
  id: string,
  callSign: string,
  lat6: number,
  lng6: number,
  headingDeg: number,
  state: MapCarState,
  ageS: number,
]

type MapCarState = 'free' | 'offered' | 'to_pickup' | 'waiting' | 'on_board' | 'break' | 'silent'

/** A hexagon of the screen at the zoom of its counts, axial coordinates, and the cars in it. */
interface MapCount {
  q: number
  r: number
  cars: number
  free: number
  silent: number
}

/** The fleet from far away. */
interface MapCounts {
  zoom: number
  counts: MapCount[]
}

/** Where a car is going to be, in pixels of zoom 0. */
interface MapCarAt {
  readonly state: MapCarState
  readonly to: { x: number; y: number }
}

interface MapCarsDelta {
  full?: boolean
  cars: MapCarRow[]
  gone?: string[]
}

/** `ahead` is solid, `driven` faded, `open` (not yet promised) dotted, `approach` (to the pickup) dotted in honey. */
interface MapLeg {
  points: MapPoint[]
  kind?: 'ahead' | 'driven' | 'open' | 'approach'
}

interface MapPin extends MapPoint {
  /** A few words beside the pin: "4 min". */
  label?: string
}

/** Between the two ends; one behind the car is drawn paler. */
interface MapStop extends MapPoint {
  isPassed?: boolean
}

interface MapRiderCar extends MapPoint {
  headingDeg: number
  ageMs: number
}

interface MapCandidate extends MapPoint {
  /** The key that chooses it, 1 to 9; by default its place in the list. */
  number?: number
  /** Would be the one; without any, the first in the list is. */
  isChosen?: boolean
  /** The way to the pickup; a straight line without. */
  points?: MapPoint[]
}

interface MapHexes {
  /** `sequential` has steps 1 to 6, `diverging` 1 to 7 with 4 not drawn, `asked` fades with the step from 0. */
  scale: 'sequential' | 'diverging' | 'asked'
  cells: { boundary: (MapPoint | [lat: number, lng: number])[]; step: number; figure?: string }[]
}

/** A rank or airport: its rings, holes too. */
interface MapZone {
  name: string
  /** The border of a region: a line without a filling or a name. */
  isBorder?: boolean
  rings: [lat: number, lng: number][][]
}

interface MapPadding {
  top?: number
  right?: number
  bottom?: number
  left?: number
}

interface MapConfig {
  center?: MapPoint | [lat: number, lng: number]
  zoom?: number
  from?: MapPin | null
  to?: MapPin | null
  stops?: MapStop[] | null
  route?: MapPoint[] | MapLeg[] | null
  car?: MapRiderCar | null
  hexes?: MapHexes | null
  zones?: MapZone[]
  /** Where no socket sends them. */
  cars?: MapCarRow[]
  candidates?: MapCandidate[] | null
  /** False draws a picture: no moving, no zoom buttons, no tab stop. */
  interactive?: boolean
  /** Show from, to, route and car whole at the start; true unless `center` is given. */
  fit?: boolean
  /** Room that panels cover, pixels. */
  padding?: MapPadding
}

/** Land, parks, roads and names, as `samples/manhattan-map` has them. */
interface MapCity {
  scale: number
  land: number[][][]
  around: number[][][]
  parks: number[][][]
  roads: { motorway: number[][]; major: number[][]; minor: number[][]; service: number[][] }
  labels: [name: string, lat: number, lng: number, rank: number][]
}

interface MapParts {
  colour: (element: Element, name: string) => string
  onThemeChange: (listener: () => void) => () => void
  prefersStill: () => boolean
  CanvasLayer: new (pane: string, draw: (surface: MapSurface) => void) => MapCanvasLayer
  drawHexes: (surface: MapSurface, hexes: MapHexes | null) => void
  drawZones: (surface: MapSurface, zones: MapZone[]) => void
  cityPainter: (city: MapCity) => (surface: MapSurface) => void
  placeLabels: (map: import('leaflet').Map, city: MapCity, taken: MapTaken) => [name: string, at: MapPoint][]
  CarFleet: new (redraw: { still: () => void; moving: () => void }) => MapFleet
  readonly CAR_PX: number
  drawSprite: (state: MapCarState, angle: number, element: HTMLElement, ratio: number) => HTMLCanvasElement
  drawHalo: (context: CanvasRenderingContext2D, x: number, y: number, fill: string) => void
  drawRing: (context: CanvasRenderingContext2D, element: HTMLElement, x: number, y: number) => void
  drawCallSign: (
    context: CanvasRenderingContext2D,
    element: HTMLElement,
    text: string,
    x: number,
    y: number,
  ) => void
  countCars: (surface: MapSurface, cars: Iterable<MapCarAt>) => MapCounts
  drawCounts: (surface: MapSurface, counts: MapCounts) => void
  Marks: new (map: import('leaflet').Map) => MapMarks
}

/** Pixel boxes and lines that no name may cover. */
interface MapTaken {
  boxes: { x: number; y: number; width: number; height: number }[]
  lines: { x: number; y: number }[][]
}

/** One redraw: a cleared canvas whose origin is the top left of the view. */
interface MapSurface {
  context: CanvasRenderingContext2D
  map: import('leaflet').Map
  element: HTMLElement
  /** Pixel of a point in this canvas. */
  toPixel: (point: MapPoint) => { x: number; y: number }
  /** Pixel of this canvas = `scale` × pixel of zoom 0 − `originX`, `originY`: the quick way for many points. */
  scale: number
  originX: number
  originY: number
  width: number
  height: number
  /** Device pixels in one pixel. */
  ratio: number
}

type MapCanvasLayer = import('leaflet').Layer & { redraw(): void }

interface MapFleet {
  set(rows: MapCarRow[]): void
  update(delta: MapCarsDelta): void
  /** Counted by the server; null draws the cars themselves. From the first call on nothing is counted here. */
  setCounts(counts: MapCounts | null): void
  /** A car that is drawn while it is selected, whether it is among the others or not. */
  setFollowed(row: MapCarRow | null): void
  drawStill(surface: MapSurface): void
  drawMoving(surface: MapSurface): void
  /** The car closest to a view pixel, if any is within reach. */
  at(map: import('leaflet').Map, pixel: { x: number; y: number }, reachPx: number): string | null
  /** Those between two view pixels, corners of a box; null where cars are counted instead. */
  within(map: import('leaflet').Map, one: MapPixel, other: MapPixel): MapCarName[] | null
  select(id: string | null): void
  /** Drawn with a ring. */
  mark(ids: ReadonlySet<string>): void
  readonly size: number
}

interface MapPixel {
  x: number
  y: number
}

interface MapCarName {
  readonly id: string
  readonly callSign: string
}

interface MapMarks {
  setPin(kind: 'from' | 'to', pin: MapPin | null): void
  setStops(stops: MapStop[] | null): void
  setRoute(route: MapPoint[] | MapLeg[] | null): void
  setCar(car: MapRiderCar | null): void
  setCandidates(candidates: MapCandidate[] | null): void
  setCrosshair(kind: 'from' | 'to' | null): void
  writeNames(placed: [name: string, at: MapPoint][]): void
  points(): MapPoint[]
  taken(): MapTaken
  remove(): void
}

interface HoneycabMapHandle {
  readonly leaflet: import('leaflet').Map
  setFrom(pin: MapPin | null): void
  setTo(pin: MapPin | null): void
  /** In the order of the way; the numbers beside them are their places in it. */
  setStops(stops: MapStop[] | null): void
  setRoute(route: MapPoint[] | MapLeg[] | null): void
  setCar(car: MapRiderCar | null): void
  setCars(rows: MapCarRow[]): void
  updateCars(delta: MapCarsDelta): void
  setCounts(counts: MapCounts | null): void
  setFollowed(row: MapCarRow | null): void
  selectCar(id: string | null): void
  onCarClick(listener: (id: string) => void): void
  /** Cars in a box of view pixels; null where cars are counted and not drawn. */
  carsWithin(one: MapPixel, other: MapPixel): MapCarName[] | null
  /** Draw a ring around these, and around no others. */
  markCars(ids: ReadonlySet<string>): void
  setCandidates(candidates: MapCandidate[] | null): void
  setHexes(hexes: MapHexes | null): void
  /** Ask for a point: a press, Enter for the middle, or with `centre` wherever the map comes to rest. Returns how to stop. */
  onPick(
    listener: (point: MapPoint) => void,
    options?: { centre?: boolean; kind?: 'from' | 'to' },
  ): () => void
  fit(points?: MapPoint[] | null, padding?: MapPadding | number): void
  setView(center: MapPoint, zoom?: number): void
  apply(config: MapConfig): void
  remove(): void
}

/** What a binary message of the board's line changed. */
interface BoardChange {
  full: boolean
  cars: MapCarRow[]
  /** Ids. */
  gone: string[]
  /** It goes on from something that never came: all of it is to be asked for anew. */
  isMissing: boolean
}

declare class HoneycabBoardPicture {
  readonly cars: ReadonlyMap<number, MapCarRow>
  readonly counts: ReadonlyMap<string, MapCount>
  readonly zoom: number | null
  readonly all: number
  forget(): void
  apply(message: ArrayBuffer): BoardChange | null
}

interface Window {
  HoneycabLive?: { viewed(): void; nowMs(): number; say(text: string, tone?: 'ok' | 'warn'): void }
  HoneycabMapParts: MapParts
  HoneycabMap: (element: HTMLElement) => HoneycabMapHandle
}
