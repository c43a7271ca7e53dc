/** A small server for looking at pages without the app: the gallery's pages and the files they ask for. */
import { existsSync } from 'node:fs'
import { galleryPages } from './cast.ts'

const ROOT = new URL('../../', import.meta.url).pathname
const PACKAGED: Record<string, string> = {
  'city-manhattan.json': 'samples/manhattan-map/manhattan.json',
  'htmx.js': 'node_modules/htmx.org/dist/htmx.min.js',
  'leaflet.js': 'node_modules/leaflet/dist/leaflet.js',
  'leaflet.css': 'node_modules/leaflet/dist/leaflet.css',
}

/** The content security policy of the product, so that a page that needs more fails here first. */
export const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'"

/** Serves on a free port of loopback; stop it when done. */
export function serveGallery() {
  return Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const { pathname } = new URL(request.url)
      const asset = pathname.startsWith('/assets/') ? pathname.slice('/assets/'.length) : null
      if (asset !== null) {
        const file = `${ROOT}${PACKAGED[asset] ?? `public/${asset}`}`
        return existsSync(file) ? new Response(Bun.file(file)) : new Response('none', { status: 404 })
      }
      const draw = galleryPages[pathname.slice(1)]
      if (draw === undefined) return new Response('none', { status: 404 })
      return new Response(draw().toString(), {
        headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY },
      })
    },
  })
}
