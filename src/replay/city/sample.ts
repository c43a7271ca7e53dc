/** The shipped data the living city is made of. */
import { join } from 'node:path'
import { type RecordedRide, readRecorded } from '../recorded.ts'
import { type RoadGround, readRoadGround } from '../road-ground.ts'
import { loadRoads, type RoadGraph } from '../roads.ts'

const SAMPLES = join(import.meta.dir, '..', '..', '..', 'samples')

/** @param timeScale factor on every edge's time; the graph's own times are those of the recorded night */
export async function sampleRoads(timeScale = 1): Promise<RoadGraph> {
  const [nodesCsv, edgesCsv] = await Promise.all([
    unzipped('manhattan-roads/nodes.csv.gz'),
    unzipped('manhattan-roads/edges.csv.gz'),
  ])
  return loadRoads({ nodesCsv, edgesCsv, timeScale })
}

/** The same streets for times from many places to one. */
export function sampleGround(): Promise<RoadGround> {
  return readRoadGround(join(SAMPLES, 'manhattan-roads'), 'samples')
}

export function sampleRides(): Promise<RecordedRide[]> {
  const path = join(SAMPLES, 'nyc-taxi-hour/trips.csv.gz')
  return readRecorded(path, 'samples')
}

/** The gazetteer of the demo city as CSV. */
export function samplePlaces(): Promise<string> {
  return unzipped('manhattan-places/places.csv.gz')
}

async function unzipped(name: string): Promise<string> {
  const bytes = await Bun.file(join(SAMPLES, name)).bytes()
  return new TextDecoder().decode(Bun.gunzipSync(bytes))
}
