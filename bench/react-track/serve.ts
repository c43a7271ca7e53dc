/**
 * The peer's server: pages packed once, sent from memory, whatever never changes kept by the browser for good. All in
 * the peer's favour: the style stands in the page, one script holds everything, and brotli packs as small as it gets.
 */
import { brotliCompressSync, constants } from 'node:zlib'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { assert } from '../../src/engine/units.ts'
import { TrackPage, type TrackState } from './page.tsx'
import type { ShownState } from './read.ts'

export interface PeerServer {
  /** Drawn by the browser. */
  readonly url: string
  /** Drawn by the server, then taken over by the browser. */
  readonly drawnUrl: string
  stop(): Promise<void>
}

const here = (name: string) => new URL(name, import.meta.url).pathname

/** @param city the map's data, as our own pages have it */
export async function servePeer(state: ShownState, city: Uint8Array): Promise<PeerServer> {
  const script = await bundle(here('client.tsx'))
  const leafletCss = Bun.file(Bun.resolveSync('leaflet/dist/leaflet.css', import.meta.dir))
  const style = await minified(`${await leafletCss.text()}\n${await Bun.file(here('page.css')).text()}`)
  const [scriptPath, cityPath] = [`/app.${Bun.hash(script)}.js`, `/city.${Bun.hash(city)}.json`]
  const whole: TrackState = { ...state, map: { ...state.map, city: cityPath } }
  const drawn = renderToString(createElement(TrackPage, { state: whole, drawMap: null }))
  const page = (root: string) =>
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${state.headline}</title><meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,"><style>${style}</style><script src="${scriptPath}" defer></script></head><body><div id="root">${root}</div><script type="application/json" id="state">${JSON.stringify(whole).replaceAll('<', '\\u003c')}</script></body></html>`
  const forGood = 'public, max-age=31536000, immutable'
  const answers = new Map<string, { body: Uint8Array<ArrayBuffer>; type: string; keep: string }>([
    ['/', { body: packed(page('')), type: 'text/html; charset=utf-8', keep: 'no-store' }],
    ['/drawn', { body: packed(page(drawn)), type: 'text/html; charset=utf-8', keep: 'no-store' }],
    [scriptPath, { body: packed(script), type: 'text/javascript; charset=utf-8', keep: forGood }],
    [cityPath, { body: packed(city), type: 'application/json', keep: forGood }],
  ])
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const answer = answers.get(new URL(request.url).pathname)
      if (answer === undefined) return new Response('not there', { status: 404 })
      const { body, type, keep } = answer
      return new Response(body, {
        headers: { 'content-type': type, 'content-encoding': 'br', 'cache-control': keep },
      })
    },
  })
  const url = `http://localhost:${server.port}/`
  return { url, drawnUrl: `${url}drawn`, stop: () => server.stop(true) }
}

async function bundle(entry: string): Promise<string> {
  const built = await Bun.build({
    entrypoints: [entry],
    target: 'browser',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    jsx: { runtime: 'automatic', importSource: 'react', development: false },
  })
  const script = await built.outputs[0]!.text()
  assert(!script.includes('jsxDEV'), 'React is built for production')
  return script
}

async function minified(css: string): Promise<string> {
  const built = await Bun.build({
    entrypoints: ['/page.css'],
    files: { '/page.css': css },
    minify: true,
    external: ['*.png'],
  })
  return built.outputs[0]!.text()
}

function packed(what: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  return new Uint8Array(brotliCompressSync(what, { params }))
}
