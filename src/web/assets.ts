/** Client files under hashed, immutable addresses: our own, htmx, Leaflet, and the demo city's map. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { assert } from '../engine/units.ts'

export interface Asset {
  readonly name: string
  readonly hash: string
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly gzipped: Uint8Array<ArrayBuffer>
}

export interface Assets {
  /** `/assets/HASH/NAME`; asking for a file that is not there is a bug. */
  url(name: string): string
  find(hash: string, name: string): Asset | undefined
  /** By its name alone, for the few addresses that cannot carry a hash. */
  named(name: string): Asset
  /** Addresses of all of them. */
  urls(): string[]
  /** Ready to send, compressed where the client takes it. */
  respond(asset: Asset, request: Request): Response
}

const ROOT = join(import.meta.dir, '../..')
const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json; charset=utf-8',
  webmanifest: 'application/manifest+json',
}
const YEAR_S = 31_536_000

/** Read every client file once, at the start; they are few and small. */
export function loadAssets(): Assets {
  const leaflet = dirname(Bun.resolveSync('leaflet/dist/leaflet.js', ROOT))
  const files = new Map<string, string>([
    ...readdirSync(join(ROOT, 'public'))
      .filter((name) => !name.endsWith('.d.ts'))
      .map((name): [string, string] => [name, join(ROOT, 'public', name)]),
    ['htmx.js', Bun.resolveSync('htmx.org/dist/htmx.min.js', ROOT)],
    ['leaflet.js', join(leaflet, 'leaflet.js')],
    ['leaflet.css', join(leaflet, 'leaflet.css')],
    ['altcha-worker.js', Bun.resolveSync('altcha/workers/pbkdf2', ROOT)],
    ['city-manhattan.json', join(ROOT, 'samples/manhattan-map/manhattan.json')],
  ])
  const assets = new Map([...files].map(([name, path]) => [name, read(name, path)]))
  function named(name: string): Asset {
    const asset = assets.get(name)
    assert(asset !== undefined, `there is no client file ${name}`)
    return asset
  }
  return {
    url: (name) => `/assets/${named(name).hash}/${name}`,
    named,
    urls: () => [...assets.values()].map(({ hash, name }) => `/assets/${hash}/${name}`),
    find(hash, name) {
      const asset = assets.get(name)
      return asset?.hash === hash ? asset : undefined
    },
    respond(asset, request) {
      const zipped = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')
      return new Response(zipped ? asset.gzipped : asset.bytes, {
        headers: {
          'content-type': asset.type,
          'cache-control': `public, max-age=${YEAR_S}, immutable`,
          vary: 'accept-encoding',
          ...(zipped ? { 'content-encoding': 'gzip' } : {}),
        },
      })
    },
  }
}

function read(name: string, path: string): Asset {
  const bytes = new Uint8Array(readFileSync(path))
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)]
  assert(type !== undefined, `client file ${name} has a type we know`)
  return {
    name,
    hash: new Bun.CryptoHasher('sha256').update(bytes).digest('hex').slice(0, 16),
    type,
    bytes,
    gzipped: Bun.gzipSync(bytes),
  }
}
