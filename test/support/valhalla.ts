/** Tiles of Manhattan as `honeycab roads` makes them, and a server that speaks Valhalla's HTTP from them. */
import { join } from 'node:path'
import { Actor } from '@valhallajs/valhallajs'
import { buildTiles } from '../../src/roads/valhalla/build-tiles.ts'
import { valhallaConfig } from '../../src/roads/valhalla/config.ts'
import { makeTempDir } from './servers.ts'

export const MANHATTAN_OSM = join(import.meta.dir, '../../samples/manhattan-roads/manhattan.osm.pbf')

/** Built anew, in a second or two. */
export async function manhattanTiles(): Promise<string> {
  const dir = join(makeTempDir('road-tiles'), 'tiles')
  await buildTiles(MANHATTAN_OSM, dir)
  return dir
}

/** The codes a server gives with its words; the library gives the words alone. */
const CODES: readonly (readonly [RegExp, number])[] = [
  [/No suitable edges/, 171],
  [/No path could be found/, 442],
  [/Map Match/, 444],
  [/breakage/, 172],
]

/**
 * The engine as its own server answers: paths by verb, 400 with a code for what it refuses. Under `/shortest/` the least
 * metres are looked for instead of the least seconds.
 */
export function serveValhalla(tilesDir: string) {
  const actor = new Actor(JSON.stringify(valhallaConfig(tilesDir)))
  const methods: Record<string, (query: string) => Promise<string>> = {
    route: (query) => actor.route(query),
    sources_to_targets: (query) => actor.matrix(query),
    trace_attributes: (query) => actor.traceAttributes(query),
  }
  return Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname } = new URL(request.url)
      const [verb = '', prefix] = pathname.split('/').reverse()
      const method = methods[verb]
      if (method === undefined || request.method !== 'POST')
        return Response.json(
          { error_code: 106, error: 'Try any of these: route', status_code: 404 },
          { status: 404 },
        )
      const query = (await request.json()) as object
      const shortest = prefix === 'shortest' ? { costing_options: { auto: { shortest: true } } } : {}
      try {
        const text = await method(JSON.stringify({ ...query, ...shortest }))
        return new Response(text, { headers: { 'content-type': 'application/json;charset=utf-8' } })
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error)
        const code = CODES.find(([pattern]) => pattern.test(words))?.[1] ?? 100
        return Response.json({ error_code: code, error: words, status_code: 400 }, { status: 400 })
      }
    },
  })
}
