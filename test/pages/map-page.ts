/** A page with one map and nothing else, served as the product would: strict CSP, scripts as they are. */
import { readFileSync } from 'node:fs'
import type { Server } from 'bun'

const root = (path: string) => new URL(`../../${path}`, import.meta.url)

const FILES: Record<string, { path: string; type: string }> = {
  '/leaflet.js': { path: 'node_modules/leaflet/dist/leaflet.js', type: 'text/javascript' },
  '/leaflet.css': { path: 'node_modules/leaflet/dist/leaflet.css', type: 'text/css' },
  '/assets/city/manhattan.json': { path: 'samples/manhattan-map/manhattan.json', type: 'application/json' },
  ...Object.fromEntries(
    [
      'map-layers.js',
      'map-city.js',
      'map-clusters.js',
      'map-car-shapes.js',
      'map-cars.js',
      'map-marks.js',
      'map.js',
    ].map((name) => [`/${name}`, { path: `public/${name}`, type: 'text/javascript' }]),
  ),
  '/map.css': { path: 'public/map.css', type: 'text/css' },
  '/tokens.css': { path: 'public/tokens.css', type: 'text/css' },
}

const PAGE_STYLE = `body { margin: 0; font: 16px/24px var(--font) }
.map { position: relative; block-size: 100dvh }`

export interface MapPage {
  readonly server: Server<undefined>
  /** Where a page with this map is, `attributes` on its element as they stand. */
  url(config: MapConfig, attributes?: Record<string, string>): string
}

/** Serve it on a free port of this machine; stop `server` in the end. */
export function serveMapPage(): MapPage {
  const pages: string[] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request) {
      const url = new URL(request.url)
      const file = FILES[url.pathname]
      if (file !== undefined) {
        return new Response(readFileSync(root(file.path)), { headers: { 'content-type': file.type } })
      }
      if (url.pathname === '/page.css') {
        return new Response(PAGE_STYLE, { headers: { 'content-type': 'text/css' } })
      }
      if (url.pathname === '/favicon.ico') return new Response(null, { status: 204 })
      const html = pages[Number(url.searchParams.get('page') ?? -1)]
      if (html === undefined) return new Response('not here', { status: 404 })
      return new Response(html, {
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy':
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'",
        },
      })
    },
  })
  return {
    server,
    url(config, attributes = {}) {
      pages.push(page(config, attributes))
      return `${server.url}?page=${pages.length - 1}`
    },
  }
}

function page(config: MapConfig, attributes: Record<string, string>): string {
  const all = {
    class: 'map',
    role: 'region',
    'aria-label': 'Map',
    'data-map': JSON.stringify(config),
    ...attributes,
  }
  const written = Object.entries(all).map(([name, value]) => `${name}="${Bun.escapeHTML(value)}"`)
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Map</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/leaflet.css"><link rel="stylesheet" href="/tokens.css"><link rel="stylesheet" href="/page.css"><link rel="stylesheet" href="/map.css">
${['leaflet', 'map-layers', 'map-city', 'map-clusters', 'map-car-shapes', 'map-cars', 'map-marks', 'map'].map((name) => `<script src="/${name}.js" defer></script>`).join('')}
</head><body><div ${written.join(' ')}></div></body></html>`
}
