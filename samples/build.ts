/**
 * Makes the shipped samples from a directory of source files (see the README.md of each folder for where those come from):
 *
 *     bun samples/build.ts DIRECTORY
 *
 * The same input gives the same bytes.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson'
import { readCsv } from '../src/io/csv.ts'
import { chainRoads, type RoadEdge, simplify, type Xy } from './chains.ts'
import { type CityLabel, cityLabels } from './labels.ts'

/** Five decimals are 1.1 m: finer than a pixel at every zoom the map offers. */
const SCALE = 1e5
const ROAD_TOLERANCE_M = 2
const M_PER_DEG_LAT = 111_195
const MIDDLE_LAT_DEG = 40.78

/** Lines as whole numbers: first latitude and longitude x 100,000, then the difference to the point before. */
type Deltas = number[]

interface CityMap {
  readonly attribution: string
  readonly scale: number
  readonly bounds: readonly [south: number, west: number, north: number, east: number]
  /** The city's own land, and that of its neighbours, which the map only hints at. */
  readonly land: Deltas[][]
  readonly around: Deltas[][]
  readonly parks: Deltas[][]
  readonly roads: Record<'motorway' | 'major' | 'minor' | 'service', Deltas[]>
  readonly labels: CityLabel[]
}

function build(source: string, target: string): void {
  const read = (name: string) => gunzipSync(readFileSync(join(source, name))).toString('utf8')
  for (const [from, to] of [
    ['road-manhattan-nodes.csv.gz', 'manhattan-roads/nodes.csv.gz'],
    ['road-manhattan-edges.csv.gz', 'manhattan-roads/edges.csv.gz'],
    ['places-manhattan.csv.gz', 'manhattan-places/places.csv.gz'],
  ] as const) {
    copyFileSync(join(source, from), join(target, to))
  }
  writeFileSync(
    join(target, 'nyc-taxi-hour/trips.csv.gz'),
    gzipSync(withoutColumn(read('nyc-trips-hour.csv.gz'), 'vehicle_id'), { level: 9 }),
  )
  const map = cityMap({
    nodes: readCsv(read('road-manhattan-nodes.csv.gz')),
    edges: readCsv(read('road-manhattan-edges.csv.gz')),
    places: readCsv(read('places-manhattan.csv.gz')),
    land: JSON.parse(read('land-manhattan.geojson.gz')),
    parks: JSON.parse(read('parks-manhattan.geojson.gz')),
  })
  writeFileSync(join(target, 'manhattan-map/manhattan.json'), `${JSON.stringify(map)}\n`)
}

/** Drop one column of a plain table (no quoted fields). */
function withoutColumn(csv: string, column: string): string {
  const lines = csv.trimEnd().split('\n')
  const at = lines[0]!.split(',').indexOf(column)
  if (at === -1) throw new RangeError(`no column ${column}`)
  return `${lines.map((line) => line.split(',').toSpliced(at, 1).join(',')).join('\n')}\n`
}

interface Sources {
  readonly nodes: Record<string, string>[]
  readonly edges: Record<string, string>[]
  readonly places: Record<string, string>[]
  readonly land: FeatureCollection<Polygon | MultiPolygon, { kind: string }>
  readonly parks: FeatureCollection<Polygon | MultiPolygon, { name: string; ha: number }>
}

function cityMap(sources: Sources): CityMap {
  const positions = sources.nodes.map((row): Xy => toPlane(Number(row.lng), Number(row.lat)))
  const edges = sources.edges.map(
    (row): RoadEdge => ({
      from: Number(row.from_node),
      to: Number(row.to_node),
      roadClass: Number(row.road_class),
    }),
  )
  const chains = chainRoads(edges, positions, kindOfRoad)
  const lines = (kind: string) =>
    (chains.get(kind) ?? [])
      .map((chain) =>
        toDeltas(
          simplify(
            chain.map((node) => positions[node]!),
            ROAD_TOLERANCE_M,
          ),
        ),
      )
      .sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!)
  const lats = sources.nodes.map((row) => Number(row.lat))
  const lngs = sources.nodes.map((row) => Number(row.lng))
  return {
    attribution: '© OpenStreetMap contributors',
    scale: SCALE,
    bounds: [Math.min(...lats), Math.min(...lngs), Math.max(...lats), Math.max(...lngs)],
    land: polygons(sources.land.features.filter(({ properties }) => properties.kind === 'city')),
    around: polygons(sources.land.features.filter(({ properties }) => properties.kind !== 'city')),
    parks: polygons(sources.parks.features),
    roads: {
      motorway: lines('motorway'),
      major: lines('major'),
      minor: lines('minor'),
      service: lines('service'),
    },
    labels: cityLabels(sources.places, sources.parks),
  }
}

/** Classes 1 and 2 are motorways and trunk roads, 3 and 4 the avenues and wide cross streets, 7 service roads. */
function kindOfRoad({ roadClass }: RoadEdge): string {
  if (roadClass <= 2) return 'motorway'
  if (roadClass <= 4) return 'major'
  return roadClass === 7 ? 'service' : 'minor'
}

function polygons(features: readonly Feature<Polygon | MultiPolygon>[]): Deltas[][] {
  return features.flatMap(({ geometry }) => {
    const parts: Position[][][] = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
    return parts.map((rings) => rings.map((ring) => toDeltas(ring.map(([lng, lat]) => toPlane(lng!, lat!)))))
  })
}

function toPlane(lng: number, lat: number): Xy {
  const shrink = Math.cos((MIDDLE_LAT_DEG * Math.PI) / 180)
  return [lng * shrink * M_PER_DEG_LAT, lat * M_PER_DEG_LAT]
}

function toDeltas(points: readonly Xy[]): Deltas {
  const shrink = Math.cos((MIDDLE_LAT_DEG * Math.PI) / 180)
  const deltas: Deltas = []
  let [beforeLat, beforeLng] = [0, 0]
  for (const [x, y] of points) {
    const lat = Math.round((y / M_PER_DEG_LAT) * SCALE)
    const lng = Math.round((x / shrink / M_PER_DEG_LAT) * SCALE)
    if (deltas.length > 0 && lat === beforeLat && lng === beforeLng) continue
    deltas.push(lat - beforeLat, lng - beforeLng)
    beforeLat = lat
    beforeLng = lng
  }
  return deltas
}

if (import.meta.main) {
  const source = process.argv[2]
  if (source === undefined) {
    process.stderr.write('Say where the source files are: bun samples/build.ts DIRECTORY\n')
    process.exit(1)
  }
  build(source, import.meta.dir)
}
