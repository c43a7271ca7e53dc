/** A small server for looking at pages without the app: the gallery's pages, the files they ask for, one live socket. */
import type { ServerWebSocket } from 'bun'
import { suggestions } from '../../views/rides/address-field.ts'
import { DROPOFF, galleryPages, PICKUP } from './cast.ts'
import { assetResponse } from './driver-gallery.ts'

/** As strict as the product's, so that a page that needs more fails here first. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'"

const PLACES = [
  { label: 'Strand Bookstore', area: '828 Broadway', point: PICKUP.point, distanceM: 120 },
  { label: 'Guggenheim Museum', area: '1071 Fifth Ave', point: DROPOFF.point, distanceM: 5800 },
]

export interface GalleryServer {
  readonly url: string
  /** The open sockets of `/live/…`, oldest first. */
  readonly sockets: ServerWebSocket<unknown>[]
  /** How many sockets were ever opened. */
  opened(): number
  /** Paths of the forms that were posted. */
  readonly posted: string[]
  /** While true, nobody gets a socket. */
  refusing: boolean
  stop(): Promise<void>
}

/** Serves on a free port of loopback; stop it when done. */
export function serveGallery(extraPages: Record<string, () => { toString(): string }> = {}): GalleryServer {
  const pages: Record<string, () => { toString(): string }> = { ...galleryPages, ...extraPages }
  const sockets: ServerWebSocket<unknown>[] = []
  const posted: string[] = []
  let opened = 0

  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    websocket: {
      open(socket: ServerWebSocket<unknown>) {
        opened += 1
        sockets.push(socket)
        socket.send('{"type":"stream","stream":"gallery","n":0,"beatMs":10000}')
      },
      message() {},
      close(socket) {
        sockets.splice(sockets.indexOf(socket), 1)
      },
    },
    async fetch(request, server) {
      const { pathname, searchParams } = new URL(request.url)
      if (pathname.startsWith('/live/') && gallery.refusing) return new Response('later', { status: 503 })
      if (pathname.startsWith('/live/'))
        return server.upgrade(request, { data: undefined })
          ? undefined
          : Response.json({ stream: 'gallery', n: 0, messages: [] })
      if (pathname.startsWith('/assets/')) return assetResponse(pathname)
      if (request.method === 'POST') {
        posted.push(pathname)
        // Slow enough for a second press to come in between.
        await Bun.sleep(300)
        return document('<!doctype html><html lang="en"><title>Done</title><h1>Done</h1>')
      }
      // Pages ask for a service worker; what a real one does, the app's own tests look at.
      if (pathname === '/worker.js')
        return new Response('', { headers: { 'content-type': 'text/javascript' } })
      if (pathname === '/places') {
        const query = searchParams.get('q') ?? ''
        const field = searchParams.get('field') === 'from' ? 'from' : 'to'
        if (searchParams.has('at')) {
          const named = PLACES.slice(0, 1).map((place) => ({ ...place, label: `Near ${place.label}` }))
          return document(suggestions({ field, query, places: named }).toString())
        }
        const found = PLACES.flatMap((place) => {
          const start = place.label.toLowerCase().indexOf(query.toLowerCase())
          const matchRanges = [[start, start + query.length] as const]
          return start < 0 ? [] : [{ ...place, ...(query !== '' && { matchRanges }) }]
        })
        return document(suggestions({ field, query, places: found }).toString())
      }
      const draw = pages[pathname.slice(1)]
      return draw === undefined ? new Response('none', { status: 404 }) : document(draw().toString())
    },
  })
  const gallery: GalleryServer = {
    url: server.url.href,
    sockets,
    posted,
    opened: () => opened,
    refusing: false,
    stop: () => server.stop(true),
  }
  return gallery
}

function document(markup: string): Response {
  return new Response(markup, {
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY },
  })
}
