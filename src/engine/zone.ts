/**
 * Zones: polygons that a company drew. Which of them a point lies in, how far outside it is, and what that makes of a
 * car that was in one. Pure; H3 cells around each zone keep a car that is near none from costing a look at a polygon.
 */
import { booleanPointInPolygon } from '@turf/turf'
import {
  getHexagonAreaAvg,
  getHexagonEdgeLengthAvg,
  gridDisk,
  latLngToCell,
  POLYGON_TO_CELLS_FLAGS,
  polygonToCellsExperimental,
  UNITS,
} from 'h3-js'
import { EARTH_RADIUS_M } from './geo.ts'
import type { LatLng, ZoneId } from './units.ts'

export const ZONE_KINDS = ['rank', 'airport', 'area'] as const
/** A stand where cars wait for riders who come to them; an airport with the same; any other part of a region. */
export type ZoneKind = (typeof ZONE_KINDS)[number]

/**
 * GeoJSON, longitude first: rings closed, crossing nothing, edges straight in degrees. No edge leaps across the 180th
 * meridian; a zone there is a MultiPolygon cut in two, and nobody at the cut is outside of it.
 */
export interface ZoneArea {
  readonly type: 'Polygon' | 'MultiPolygon'
  readonly coordinates: number[][][] | number[][][][]
}

/** What the engine needs to know of a zone. */
export interface Zone {
  readonly id: ZoneId
  readonly area: ZoneArea
  /** How far outside a car may be and still be counted in, metres; nobody enters by it. */
  readonly hysteresisM: number
}

/** A zone made ready to be asked. */
export interface ZoneShape extends Zone {
  /** Square metres, roughly: of zones that overlap, the smaller one says more. */
  readonly areaM2: number
  /** Longitude and latitude of each edge's ends, four numbers an edge. */
  readonly edges: Float64Array
  readonly polygon: GeoJSON.Polygon | GeoJSON.MultiPolygon
}

/** No zone asks more margin than this. */
export const HYSTERESIS_MAX_M = 500
const RAD = Math.PI / 180
const METRES_PER_DEGREE = EARTH_RADIUS_M * RAD
/** Edge 200 m: a rank takes a handful of cells. Zones that would take thousands are kept in coarser ones. */
const FINEST = 9
const CELLS_MOST = 400
/** H3's smallest cells have about half the area of the average, so three quarters of its edge; the rest is to be sure. */
const EDGE_LEAST_SHARE = 0.6
const NONE: readonly ZoneShape[] = []

/** The polygon made ready; the area is assumed to be as `ZoneArea` says. */
export function shapeOf(zone: Zone): ZoneShape {
  const rings = partsOf(zone.area).flat()
  const edges = new Float64Array(4 * rings.reduce((sum, ring) => sum + ring.length - 1, 0))
  let n = 0
  for (const ring of rings)
    for (let i = 1; i < ring.length; i++) {
      edges.set([ring[i - 1]![0]!, ring[i - 1]![1]!, ring[i]![0]!, ring[i]![1]!], n)
      n += 4
    }
  return { ...zone, edges, areaM2: areaM2(zone.area), polygon: zone.area as ZoneShape['polygon'] }
}

/** Whether a point lies in the zone or on its border; not in its holes. */
export function contains(zone: ZoneShape, at: LatLng): boolean {
  return booleanPointInPolygon([at.lng, at.lat], zone.polygon)
}

/**
 * Metres from a point to the zone's nearest border if it lies outside, 0 inside. Measured in the plane that touches the
 * Earth at the point, which over the length of a hysteresis is exact to centimetres, but within a few degrees of a pole.
 */
export function outsideM(zone: ZoneShape, at: LatLng): number {
  if (contains(zone, at)) return 0
  const { edges } = zone
  const lngScale = METRES_PER_DEGREE * Math.cos(at.lat * RAD)
  let least = Number.POSITIVE_INFINITY
  for (let n = 0; n < edges.length; n += 4) {
    // The nearer way around the Earth to the edge's beginning, and from there along the edge.
    const degrees = shortWay(edges[n]! - at.lng)
    const x = degrees * lngScale
    const y = (edges[n + 1]! - at.lat) * METRES_PER_DEGREE
    const dx = (edges[n + 2]! - edges[n]!) * lngScale
    const dy = (edges[n + 3]! - edges[n + 1]!) * METRES_PER_DEGREE
    const length2 = dx * dx + dy * dy
    const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, -(x * dx + y * dy) / length2))
    const away = Math.hypot(x + along * dx, y + along * dy)
    if (away < least) least = away
  }
  return least
}

function shortWay(degrees: number): number {
  return degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees
}

/** The zones of a region, found by where a car is. */
export class ZoneIndex {
  readonly #shapes: ReadonlyMap<ZoneId, ZoneShape>
  /** Zones by cell, one map a resolution in use: mostly one. */
  readonly #levels: { readonly resolution: number; readonly cells: Map<string, ZoneShape[]> }[] = []
  /** Four degrees a box, west, south, east, north: a comparison of numbers costs a hundredth of a cell. */
  readonly #boxes: Float64Array

  /** Cost: about a millisecond a zone. */
  constructor(zones: readonly Zone[]) {
    // The smaller one first, so that of zones in one place it is found first; equal ones by their ids.
    const shapes = zones
      .map(shapeOf)
      .toSorted((a, b) => a.areaM2 - b.areaM2 || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    this.#shapes = new Map(shapes.map((shape) => [shape.id, shape]))
    this.#boxes = Float64Array.from(shapes.flatMap(boxesAround))
    for (const shape of shapes) {
      const { resolution, cells } = cellsAround(shape)
      let level = this.#levels.find((known) => known.resolution === resolution)
      if (level === undefined) {
        level = { resolution, cells: new Map() }
        this.#levels.push(level)
      }
      for (const cell of cells) {
        const there = level.cells.get(cell)
        if (there === undefined) level.cells.set(cell, [shape])
        else there.push(shape)
      }
    }
  }

  get size(): number {
    return this.#shapes.size
  }

  shape(id: ZoneId): ZoneShape | undefined {
    return this.#shapes.get(id)
  }

  /** Every zone that the point may lie in, or within the hysteresis of; others may be among them. */
  near(at: LatLng): readonly ZoneShape[] {
    let found = NONE
    if (!this.#isInABox(at)) return found
    for (const { resolution, cells } of this.#levels) {
      const there = cells.get(latLngToCell(at.lat, at.lng, resolution))
      if (there !== undefined) found = found === NONE ? there : [...found, ...there]
    }
    return found
  }

  #isInABox({ lat, lng }: LatLng): boolean {
    const boxes = this.#boxes
    for (let n = 0; n < boxes.length; n += 4)
      if (lng >= boxes[n]! && lat >= boxes[n + 1]! && lng <= boxes[n + 2]! && lat <= boxes[n + 3]!)
        return true
    return false
  }

  /** The zones that the point lies in, the smallest first. */
  at(at: LatLng): ZoneShape[] {
    return this.near(at)
      .filter((zone) => contains(zone, at))
      .toSorted((a, b) => a.areaM2 - b.areaM2 || (a.id < b.id ? -1 : 1))
  }
}

/** What the last known fix of a car says. */
export interface Seen extends LatLng {
  readonly atMs: number
  readonly accuracyM: number
}

export interface Presence {
  /** The zone the car is in now. */
  readonly zoneId: ZoneId | null
  /** Why it is not any more in the one it was in; null when it is, or was in none. */
  readonly lost: 'left' | 'silent' | 'closed' | null
}

/** A fix older than this does not bring anybody into a zone; the same as for being offered a ride. */
const ENTERS_WITHIN_MS = 30_000
/** Lost signal for so long is a short absence; longer ones end the stay, before they end the shift. */
export const ABSENCE_MS = 90_000
/** How much of a fix's own error is granted before it says that the car has gone; a phone may claim any error. */
const EXCUSED_M = 30

/**
 * In which zone a car is, by where it was before and where it was last seen. It enters by a fresh fix inside; it
 * leaves by a fix that is outside by more than the hysteresis and the fix's own error, by silence, or when its zone is
 * no more. In between it stays, so a fix that jitters at the border changes nothing. Of several zones it enters the
 * smallest, and stays in it until it leaves it.
 * @param before the zone it was in, if any
 * @param seen null while nothing was heard of it
 * @param when.hearingSinceMs since when fixes would be heard; who was silent before may only not have been listened to
 */
export function presenceAfter(
  zones: ZoneIndex,
  before: ZoneId | null,
  seen: Seen | null,
  when: { readonly nowMs: number; readonly hearingSinceMs: number },
): Presence {
  const { nowMs } = when
  let lost: Presence['lost'] = null
  if (before !== null) {
    const shape = zones.shape(before)
    lost = shape === undefined ? 'closed' : lostBy(shape, seen, when)
    if (lost === null || seen === null) return { zoneId: lost === null ? before : null, lost }
  }
  if (seen === null || nowMs - seen.atMs > ENTERS_WITHIN_MS) return { zoneId: null, lost }
  return { zoneId: zones.at(seen)[0]?.id ?? null, lost }
}

function lostBy(
  shape: ZoneShape,
  seen: Seen | null,
  { nowMs, hearingSinceMs }: { readonly nowMs: number; readonly hearingSinceMs: number },
): Presence['lost'] {
  if (nowMs - Math.max(seen?.atMs ?? 0, hearingSinceMs) > ABSENCE_MS) return 'silent'
  if (seen === null) return null
  const grantedM = shape.hysteresisM + Math.min(Math.max(0, seen.accuracyM), EXCUSED_M)
  return outsideM(shape, seen) > grantedM ? 'left' : null
}

/** How far outside a zone a car may still be in it. */
function marginOf(zone: Zone): number {
  return Math.min(zone.hysteresisM, HYSTERESIS_MAX_M) + EXCUSED_M
}

/** Boxes of degrees that together hold every point of the zone and of its margin, four numbers each. */
function boxesAround(zone: ZoneShape): number[] {
  const latMargin = marginOf(zone) / METRES_PER_DEGREE
  return partsOf(zone.area).flatMap(([outer]) => {
    const lngs = outer!.map(([lng]) => lng!)
    const lats = outer!.map(([, lat]) => lat!)
    const [south, north] = [Math.min(...lats) - latMargin, Math.max(...lats) + latMargin]
    // Towards the poles the same metres are more and more degrees, and at the end all of them.
    const narrowest = Math.cos(Math.min(90, Math.max(Math.abs(south), Math.abs(north))) * RAD)
    const lngMargin = Math.min(360, latMargin / Math.max(narrowest, 1e-9))
    const [west, east] = [Math.min(...lngs) - lngMargin, Math.max(...lngs) + lngMargin]
    return [
      ...[west, south, east, north],
      ...(west < -180 ? [west + 360, south, east + 360, north] : []),
      ...(east >= 180 ? [west - 360, south, east - 360, north] : []),
    ]
  })
}

/** Cells that together hold every point of the zone and of its margin. */
function cellsAround(zone: ZoneShape): { resolution: number; cells: ReadonlySet<string> } {
  const marginM = marginOf(zone)
  const perimeterM = edgesLengthM(zone)
  let resolution = FINEST
  for (; resolution > 0; resolution--) {
    const cells =
      zone.areaM2 / getHexagonAreaAvg(resolution, UNITS.m2) +
      perimeterM / getHexagonEdgeLengthAvg(resolution, UNITS.m)
    if (cells <= CELLS_MOST) break
  }
  // Around a cell, n rings reach further than n of its edges.
  const rings = Math.ceil(marginM / (EDGE_LEAST_SHARE * getHexagonEdgeLengthAvg(resolution, UNITS.m)))
  const cells = new Set<string>()
  for (const part of partsOf(zone.area))
    for (const cell of polygonToCellsExperimental(
      part,
      resolution,
      POLYGON_TO_CELLS_FLAGS.containmentOverlapping,
      true,
    ))
      cells.add(cell)
  const around = new Set<string>()
  for (const cell of cells) for (const near of gridDisk(cell, rings)) around.add(near)
  return { resolution, cells: around }
}

function partsOf({ type, coordinates }: ZoneArea): number[][][][] {
  return type === 'Polygon' ? [coordinates as number[][][]] : (coordinates as number[][][][])
}

function edgesLengthM({ edges }: ZoneShape): number {
  let lengthM = 0
  for (let n = 0; n < edges.length; n += 4) {
    const lngScale = METRES_PER_DEGREE * Math.cos(edges[n + 1]! * RAD)
    lengthM += Math.hypot(
      (edges[n + 2]! - edges[n]!) * lngScale,
      (edges[n + 3]! - edges[n + 1]!) * METRES_PER_DEGREE,
    )
  }
  return lengthM
}

/** Outer rings less their holes, by the trapezoids under their edges on a cylinder of equal areas (Lambert). */
function areaM2(area: ZoneArea): number {
  const ringM2 = (ring: number[][]) => {
    let twice = 0
    for (let n = 1; n < ring.length; n++) {
      const [a, b] = [ring[n - 1]!, ring[n]!]
      twice += (b[0]! - a[0]!) * RAD * (Math.sin(a[1]! * RAD) + Math.sin(b[1]! * RAD))
    }
    return (Math.abs(twice) / 2) * EARTH_RADIUS_M ** 2
  }
  return partsOf(area).reduce(
    (sum, [outer, ...holes]) =>
      sum + ringM2(outer!) - holes.reduce((within, hole) => within + ringM2(hole), 0),
    0,
  )
}
