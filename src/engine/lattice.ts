/**
 * The H3 cell of a point as two whole numbers, without h3-js. H3 lays a flat lattice of hexagons on each of the 20 faces
 * of an icosahedron, by gnomonic projection from the Earth's centre; a point belongs to the nearest face, and there to
 * the nearest centre of a cell. What those two choices are determines the cell, at pentagons and face edges too; so all
 * that h3-js still has to say is the cell's name, once a cell, and which cell it is for a point on the very border.
 *
 * Sources: H3 core library, "Coordinate systems" and `_geoToHex2d` (h3geo.org); the frames here are worked out from the
 * pentagons' centres, which are the icosahedron's corners, and from where h3-js puts its own cells.
 */
import { cellToLatLng, getPentagons, gridDisk, latLngToCell } from 'h3-js'
import { assert } from './units.ts'

const RAD = Math.PI / 180
/** Distance of neighbouring cells of resolution 0 in the plane that touches a face's centre: 2 minus the golden ratio. */
const SPACING_0 = (3 - Math.sqrt(5)) / 2
const FACES = 20
/** In spacings: nearer to a border than this, h3-js decides. Rounding here and there is below 1e-9 of a spacing. */
const BORDER = 1e-6
/** The same for edges of faces, in radians. */
const EDGE = 1e-10
/** Numbers a face, by threes: its centre, the two lattice axes, the three edges' normals, the plane's east and north. */
const FRAME = 24
const HALF_ROOT_3 = Math.sqrt(3) / 2

type Vector = readonly [number, number, number]

/** A hexagon's corners off its centre in lattice coordinates, one after the other: middles of the triangles around it. */
export const HEXAGON_CORNERS = [
  [1 / 3, 1 / 3],
  [-1 / 3, 2 / 3],
  [-2 / 3, 1 / 3],
  [-1 / 3, -1 / 3],
  [1 / 3, -2 / 3],
  [2 / 3, -1 / 3],
] as const

/** Where a point lies; filled by `Lattice.locate`. */
export interface Place {
  face: number
  /** The cell's coordinates along two axes 60° apart. */
  a: number
  b: number
  /** The point off the cell's centre along the same axes, in spacings. */
  offA: number
  offB: number
}

export class Lattice {
  readonly resolution: number
  /** Distance of neighbouring cells' centres in the plane of a face, as a fraction of the Earth's radius. */
  readonly spacing: number
  readonly #frames: Float64Array
  #lastFace = 0
  /** Of the last point, to the nearest edge of its face. */
  #edgeSine = 0

  constructor(resolution: number) {
    this.resolution = resolution
    this.spacing = SPACING_0 / Math.sqrt(7) ** resolution
    this.#frames = framesOf(resolution, this.spacing)
  }

  /**
   * The cell of the point with this unit vector.
   * @returns false when the point is too near to a border to tell H3's cell for certain; then ask h3-js. `out` is
   * filled all the same, with a cell that the point is in or on the border of
   */
  locate(x: number, y: number, z: number, out: Place): boolean {
    const face = this.#faceOf(x, y, z)
    const f = this.#frames
    const i = face * FRAME
    const scale = 1 / (f[i]! * x + f[i + 1]! * y + f[i + 2]! * z)
    const a = (f[i + 3]! * x + f[i + 4]! * y + f[i + 5]! * z) * scale
    const b = (f[i + 6]! * x + f[i + 7]! * y + f[i + 8]! * z) * scale
    const c = -a - b
    let ra = Math.round(a)
    let rb = Math.round(b)
    const rc = Math.round(c)
    const da = Math.abs(ra - a)
    const db = Math.abs(rb - b)
    const dc = Math.abs(rc - c)
    // Of the three rounded coordinates the worst is replaced, so that they sum to zero again.
    if (da > db && da > dc) ra = -rb - rc
    else if (db > dc) rb = -ra - rc
    out.face = face
    out.a = ra | 0
    out.b = rb | 0
    const offA = a - ra
    const offB = b - rb
    out.offA = offA
    out.offB = offB
    // The hexagon around a lattice point: half a spacing along each of three directions.
    const most = Math.max(Math.abs(2 * offA + offB), Math.abs(2 * offB + offA), Math.abs(offA - offB))
    return most < 1 - BORDER && this.#edgeSine > EDGE
  }

  /** The unit vector of a point in a face's lattice; whole numbers are the centres of cells. */
  pointAt(face: number, a: number, b: number, out: Float64Array): void {
    const f = this.#frames
    const i = face * FRAME
    // Of the plane's two axes at right angles, east is axis a's and half of axis b's.
    const east = this.spacing * (a + b / 2)
    const north = this.spacing * HALF_ROOT_3 * b
    const e = i + 18
    const x = f[i]! + east * f[e]! + north * f[e + 3]!
    const y = f[i + 1]! + east * f[e + 1]! + north * f[e + 4]!
    const z = f[i + 2]! + east * f[e + 2]! + north * f[e + 5]!
    const scale = 1 / Math.sqrt(x * x + y * y + z * z)
    out[0] = x * scale
    out[1] = y * scale
    out[2] = z * scale
  }

  /** Sine of the arc from a point to the nearest edge of its face: how far around it the lattice is one. */
  edgeSine(face: number, x: number, y: number, z: number): number {
    const f = this.#frames
    const i = face * FRAME
    return Math.min(
      f[i + 9]! * x + f[i + 10]! * y + f[i + 11]! * z,
      f[i + 12]! * x + f[i + 13]! * y + f[i + 14]! * z,
      f[i + 15]! * x + f[i + 16]! * y + f[i + 17]! * z,
    )
  }

  /** Cosine of the arc from a point to the centre of its face. */
  centreCosine(face: number, x: number, y: number, z: number): number {
    const f = this.#frames
    const i = face * FRAME
    return f[i]! * x + f[i + 1]! * y + f[i + 2]! * z
  }

  /** The face that a point is on, or on the edge of. Cars of a region are on the same one nearly always. */
  #faceOf(x: number, y: number, z: number): number {
    this.#edgeSine = this.edgeSine(this.#lastFace, x, y, z)
    if (this.#edgeSine > EDGE) return this.#lastFace
    let nearest = 0
    let best = -2
    for (let face = 0; face < FACES; face++) {
      const cosine = this.centreCosine(face, x, y, z)
      if (cosine <= best) continue
      best = cosine
      nearest = face
    }
    this.#edgeSine = this.edgeSine(nearest, x, y, z)
    this.#lastFace = nearest
    return nearest
  }
}

/** The frames of all faces at one resolution, FRAME numbers each. */
function framesOf(resolution: number, spacing: number): Float64Array {
  const centres = faceCentres()
  const frames = new Float64Array(FACES * FRAME)
  centres.forEach((centre, face) => {
    const [east, north] = planeAxes(centre)
    const turn = latticeTurn(centre, east, north, { resolution, spacing })
    const first = along(east, north, turn)
    const second = along(east, north, turn + Math.PI / 2)
    // Coordinates (a, b) along axes at 0° and 60°: b takes the height, and a what is left of the width.
    const perB = 2 / (Math.sqrt(3) * spacing)
    const axisA = combined(first, 1 / spacing, second, -perB / 2)
    const axisB = combined(second, perB, second, 0)
    const edges = centres
      .filter((other) => other !== centre)
      .sort((one, two) => dot(two, centre) - dot(one, centre))
      .slice(0, 3)
      .map((other) => unit(combined(centre, 1, other, -1)))
    frames.set([...centre, ...axisA, ...axisB, ...edges.flat(), ...first, ...second], face * FRAME)
  })
  return frames
}

/** The icosahedron's corners are the pentagons' centres; each three of them that are neighbours make a face. */
function faceCentres(): Vector[] {
  const corners = getPentagons(0).map((cell) => vectorOf(cell))
  const nearest = Math.max(...corners.slice(1).map((corner) => dot(corner, corners[0]!)))
  const touch = (one: Vector, two: Vector) => dot(one, two) > nearest - 1e-6
  const centres: Vector[] = []
  for (let i = 0; i < corners.length; i++)
    for (let j = i + 1; j < corners.length; j++)
      for (let k = j + 1; k < corners.length; k++) {
        const [p, q, r] = [corners[i]!, corners[j]!, corners[k]!]
        if (touch(p, q) && touch(q, r) && touch(p, r))
          centres.push(unit(combined(combined(p, 1, q, 1), 1, r, 1)))
      }
  assert(centres.length === FACES, 'an icosahedron has twenty faces')
  return centres
}

/** The angle of the lattice's first axis on a face, against its east: from a neighbour, then from a cell far off. */
function latticeTurn(
  centre: Vector,
  east: Vector,
  north: Vector,
  { resolution, spacing }: { resolution: number; spacing: number },
): number {
  const planeOf = (vector: Vector): [number, number] => {
    const scale = 1 / dot(vector, centre)
    return [dot(vector, east) * scale, dot(vector, north) * scale]
  }
  const cellAt = (vector: Vector) => {
    const [lat, lng] = degreesOf(vector)
    return latLngToCell(lat, lng, resolution)
  }
  const middle = cellAt(centre)
  const neighbour = gridDisk(middle, 1).find((cell) => cell !== middle)!
  const [u, v] = planeOf(vectorOf(neighbour))
  const rough = Math.atan2(v, u)
  // Far enough for a fine angle, near enough to stay on the face.
  const steps = Math.max(1, Math.floor(0.3 / spacing))
  const out = unit(combined(centre, 1, along(east, north, rough), steps * spacing))
  const [farU, farV] = planeOf(vectorOf(cellAt(out)))
  // Its own coordinates, in the rough frame, are whole numbers but for the frame's error.
  const turnedU = Math.cos(rough) * farU + Math.sin(rough) * farV
  const turnedV = Math.cos(rough) * farV - Math.sin(rough) * farU
  const b = Math.round((2 * turnedV) / (Math.sqrt(3) * spacing))
  const a = Math.round(turnedU / spacing - b / 2)
  return Math.atan2(farV, farU) - Math.atan2((Math.sqrt(3) / 2) * b, a + b / 2)
}

/** Two unit vectors that touch the sphere at `at`, at right angles. */
function planeAxes(at: Vector): [Vector, Vector] {
  const pole: Vector = Math.abs(at[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0]
  const east = unit(cross(pole, at))
  return [east, cross(at, east)]
}

function along(east: Vector, north: Vector, turn: number): Vector {
  return combined(east, Math.cos(turn), north, Math.sin(turn))
}

function vectorOf(cell: string): Vector {
  const [lat, lng] = cellToLatLng(cell)
  const cosLat = Math.cos(lat * RAD)
  return [cosLat * Math.cos(lng * RAD), cosLat * Math.sin(lng * RAD), Math.sin(lat * RAD)]
}

function degreesOf([x, y, z]: Vector): [number, number] {
  return [Math.atan2(z, Math.hypot(x, y)) / RAD, Math.atan2(y, x) / RAD]
}

function combined(p: Vector, m: number, q: Vector, n: number): Vector {
  return [p[0] * m + q[0] * n, p[1] * m + q[1] * n, p[2] * m + q[2] * n]
}

function dot(p: Vector, q: Vector): number {
  return p[0] * q[0] + p[1] * q[1] + p[2] * q[2]
}

function cross(p: Vector, q: Vector): Vector {
  return [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]]
}

function unit(p: Vector): Vector {
  const length = Math.hypot(...p)
  return [p[0] / length, p[1] / length, p[2] / length]
}
