/**
 * Client files under hashed, immutable addresses: our own, htmx, Leaflet, and the demo city's map. Names joined by `+`
 * are one file made of them in that order, so that a page asks for few: `/assets/HASH/tokens.css+app.css`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliCompress, constants } from 'node:zlib'
import { assert } from '../engine/units.ts'

export interface Asset {
  readonly name: string
  readonly hash: string
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface Assets {
  /** `/assets/HASH/NAME` of a file, or of several joined by `+`; asking for a file that is not there is a bug. */
  url(name: string): string
  find(hash: string, name: string): Asset | undefined
  /** By its name alone, for the few addresses that cannot carry a hash. */
  named(name: string): Asset
  /** Addresses of all files, each by itself. */
  urls(): string[]
  /** Ready to send, in the smallest form the client takes. */
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
/** Far more than pages there are; anybody may ask for others by putting the hash together, and those are not kept. */
const JOINED_MAX = 400
/** Letters of the names of all files of the widest page, joined in one; no file system sees it. */
export const NAME_MAX = 1_000
/** A picture is packed already. */
const PACKED = new Set(['image/png'])

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
  const single = new Map([...files].map(([name, path]) => [name, read(name, path)]))
  const joined = new Map<string, Asset>()

  /** Undefined where a part is not there, is there twice, or is of another kind than the first. */
  function joinedOf(name: string): Asset | undefined {
    const names = name.split('+')
    const parts = names.map((part) => single.get(part))
    if (new Set(names).size < names.length) return undefined
    return parts.every((part) => part !== undefined && part.type === parts[0]!.type)
      ? joinAssets(name, parts as Asset[])
      : undefined
  }
  function named(name: string): Asset {
    const kept = single.get(name) ?? joined.get(name)
    if (kept !== undefined) return kept
    const asset = joinedOf(name)
    assert(asset !== undefined, `there is no client file ${name}`)
    assert(name.length <= NAME_MAX, `nobody could ask for ${name}`)
    assert(joined.size < JOINED_MAX, 'the files of pages are joined in a few ways only')
    joined.set(name, asset)
    return asset
  }
  return {
    url: (name) => `/assets/${named(name).hash}/${name}`,
    named,
    urls: () => [...single.values()].map(({ hash, name }) => `/assets/${hash}/${name}`),
    find(hash, name) {
      // Another process of this release may have drawn the page: what it joined is joined here too.
      const asset = single.get(name) ?? joined.get(name) ?? joinedOf(name)
      return asset?.hash === hash ? asset : undefined
    },
    respond(asset, request) {
      const { body, encoding } = packedFor(asset, request.headers.get('accept-encoding') ?? '')
      return new Response(body, {
        headers: {
          'content-type': asset.type,
          'cache-control': `public, max-age=${YEAR_S}, immutable`,
          vary: 'accept-encoding',
          ...(encoding === null ? {} : { 'content-encoding': encoding }),
        },
      })
    },
  }
}

/** What several files are as one; its hash is made of theirs, so that it is known without putting them together. */
function joinAssets(name: string, parts: readonly Asset[]): Asset {
  // A file that ends in a comment or without a semicolon must not swallow the next one's beginning.
  const separator = new TextEncoder().encode(parts[0]!.type.startsWith('text/javascript') ? '\n;\n' : '\n')
  return {
    name,
    type: parts[0]!.type,
    hash: hashOf(parts.map(({ hash }) => hash).join()),
    get bytes() {
      return new Uint8Array(Buffer.concat(parts.flatMap(({ bytes }) => [bytes, separator])))
    },
  }
}

type Bytes = Uint8Array<ArrayBuffer>
/** Packed at the first asking and kept for the process, by hash: `createApp` may run many times in one. */
const gzipped = new Map<string, Bytes>()
/** Null while it is being packed. */
const brotlied = new Map<string, Bytes | null>()

function packedFor(asset: Asset, accepted: string): { body: Bytes; encoding: 'br' | 'gzip' | null } {
  if (!PACKED.has(asset.type)) {
    const brotli = /\bbr\b/.test(accepted) ? brotliOf(asset) : null
    if (brotli !== null) return { body: brotli, encoding: 'br' }
    if (/\bgzip\b/.test(accepted)) return { body: gzipOf(asset), encoding: 'gzip' }
  }
  return { body: asset.bytes, encoding: null }
}

/** As small as it gets takes half a second for Leaflet: off the event loop, and nobody waits for it. */
function brotliOf(asset: Asset): Bytes | null {
  const kept = brotlied.get(asset.hash)
  if (kept !== undefined || brotlied.size >= JOINED_MAX) return kept ?? null
  brotlied.set(asset.hash, null)
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: asset.bytes.byteLength,
  }
  brotliCompress(asset.bytes, { params }, (error, packed) => {
    // Without memory for it, gzip does.
    if (error === null) brotlied.set(asset.hash, new Uint8Array(packed))
  })
  return null
}

function gzipOf(asset: Asset): Bytes {
  const kept = gzipped.get(asset.hash)
  if (kept !== undefined) return kept
  const packed = Bun.gzipSync(asset.bytes, { level: 9 })
  if (gzipped.size < JOINED_MAX) gzipped.set(asset.hash, packed)
  return packed
}

function read(name: string, path: string): Asset {
  const bytes = new Uint8Array(readFileSync(path))
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)]
  assert(type !== undefined, `client file ${name} has a type we know`)
  return { name, hash: hashOf(bytes), type, bytes }
}

function hashOf(what: Uint8Array<ArrayBuffer> | string): string {
  return new Bun.CryptoHasher('sha256').update(what).digest('hex').slice(0, 16)
}
