/**
 * Valhalla's questions and answers as a `RoutingProvider`, whatever carries them: a server's HTTP or the engine in a
 * thread of this process. Shapes as in valhalla.github.io/valhalla/api (turn-by-turn, matrix, map-matching), 3.4 and on.
 */
import { z } from 'zod'
import { polylineLengthM } from '../../engine/geo.ts'
import type { Estimate } from '../../engine/speeds.ts'
import type { LatLng } from '../../engine/units.ts'
import { OutsideError } from '../../io/outside.ts'
import type { RoutingProvider } from '../provider.ts'

export type Verb = 'sources_to_targets' | 'route' | 'trace_attributes'

/**
 * One question.
 * @returns what came back as JSON; null where the engine says that there is no way
 * @throws OutsideError when it cannot be asked
 */
export type Carrier = (verb: Verb, query: object, signal?: AbortSignal) => Promise<unknown>

/** An end farther from any road than this has no way: it is off the map, or in the water. */
const SNAP_MOST_M = 400
/** Fixes lie this far from their street at most, and are believed to be as exact as phones are. */
const MATCH_REACH_M = 50
const GPS_ACCURACY_M = 10
/** Valhalla writes six decimals in its lines, where others write five. */
const SHAPE_PRECISION = 1e6

const column = z.array(z.number().nullable())
const MATRIX = z.object({
  sources_to_targets: z.object({ durations: z.array(column), distances: z.array(column) }),
})
const ROUTE = z.object({
  trip: z.object({
    legs: z.array(z.object({ shape: z.string() })).min(1),
    summary: z.object({ time: z.number(), length: z.number() }),
  }),
})
const TRACE = z.object({ shape: z.string() })

/** What the engine says where no road leads, or none is near; by its codes over HTTP, by its words in a thread. */
const NO_WAY_CODES = new Set([153, 154, 170, 171, 172, 442, 443, 444])
const NO_WAY_WORDS =
  /no suitable edges|no path could be found|unreachable|map_snap|map match|breakage distance|max distance limit/i

export function saysNoWay(error: { readonly code?: number; readonly words?: string }): boolean {
  return NO_WAY_CODES.has(error.code ?? -1) || NO_WAY_WORDS.test(error.words ?? '')
}

export function valhallaProvider(
  name: string,
  carry: Carrier,
  close: () => Promise<void> = async () => {},
): RoutingProvider {
  return {
    name,
    async matrix({ from, to, signal }) {
      const answer = await carry(
        'sources_to_targets',
        { sources: from.map(place), targets: to.map(place), costing: 'auto', verbose: false },
        signal,
      )
      if (answer === null) return from.map(() => to.map(() => null))
      const { durations, distances } = read(MATRIX, answer).sources_to_targets
      return from.map((_, i) => to.map((_to, j) => legOf(durations[i]?.[j], distances[i]?.[j])))
    },
    async route({ stops, signal }) {
      const last = stops.length - 1
      const locations = stops.map((stop, n) => ({
        ...{ ...place(stop), search_cutoff: SNAP_MOST_M },
        type: n === 0 || n === last ? 'break' : 'through',
      }))
      // Words to turn by are not asked for: they take longer than the way.
      const answer = await carry('route', { locations, costing: 'auto', directions_type: 'none' }, signal)
      if (answer === null) return null
      const { legs, summary } = read(ROUTE, answer).trip
      return {
        points: legs.flatMap(({ shape }, n) => decodeShape(shape).slice(n === 0 ? 0 : 1)),
        distanceM: 1_000 * summary.length,
        durationS: summary.time,
      }
    },
    async match({ points, signal }) {
      const answer = await carry(
        'trace_attributes',
        {
          ...{ shape: points.map(place), shape_match: 'map_snap', costing: 'auto' },
          trace_options: { search_radius: MATCH_REACH_M, gps_accuracy: GPS_ACCURACY_M },
          filters: { attributes: ['shape'], action: 'include' },
        },
        signal,
      )
      if (answer === null) return null
      const way = decodeShape(read(TRACE, answer).shape)
      return { points: way, distanceM: polylineLengthM(way) }
    },
    close,
  }
}

function place({ lat, lng }: LatLng): { lat: number; lon: number } {
  return { lat, lon: lng }
}

function legOf(durationS: number | null | undefined, km: number | null | undefined): Estimate | null {
  return durationS == null || km == null ? null : { durationS, distanceM: 1_000 * km }
}

function read<T>(shape: z.ZodType<T>, answer: unknown): T {
  const parsed = shape.safeParse(answer)
  if (!parsed.success)
    throw new OutsideError('router', 'Valhalla answered in a form we do not know', { cause: parsed.error })
  return parsed.data
}

/**
 * A line as Google's encoded polyline algorithm writes it, with six decimals.
 * @throws OutsideError where the text ends within a number
 */
export function decodeShape(text: string): LatLng[] {
  const points: LatLng[] = []
  let [at, lat, lng] = [0, 0, 0]
  const next = (): number => {
    let [bits, shift, byte] = [0, 0, 0]
    do {
      if (at >= text.length || shift > 30) throw new OutsideError('router', 'Valhalla sent a broken line')
      byte = text.charCodeAt(at++) - 63
      bits |= (byte & 31) << shift
      shift += 5
    } while (byte >= 32)
    return bits & 1 ? ~(bits >> 1) : bits >> 1
  }
  while (at < text.length) {
    lat += next()
    lng += next()
    points.push({ lat: lat / SHAPE_PRECISION, lng: lng / SHAPE_PRECISION })
  }
  return points
}
