/** The usual way to show a fleet: one Leaflet marker a car, and all cars as JSON every second. */
import { readFileSync } from 'node:fs'
import type { Server } from 'bun'

export interface PeerBoard {
  readonly url: string
  /** So many cars from now on. */
  show(cars: number): void
  stop(): Promise<void>
}

const LEAFLET = new URL('../node_modules/leaflet/dist/', import.meta.url)
const EVERY_MS = 1_000
const PAGE = `<!doctype html><meta charset="utf-8"><title>Markers</title><link rel="stylesheet" href="/leaflet.css">
<style>body{margin:0}#map{height:100vh}.car{border-radius:50%;background:#16a34a;border:1px solid #fff}</style>
<div id="map"></div><script src="/leaflet.js"></script><script>
const map = L.map('map', { center: [40.745, -73.9875], zoom: 13 })
const markers = new Map()
const socket = new WebSocket(location.href.replace('http', 'ws') + 'live')
socket.onmessage = ({ data }) => {
  for (const [id, lat, lng] of JSON.parse(data).cars) {
    const known = markers.get(id)
    if (known) known.setLatLng([lat, lng])
    else markers.set(id, L.marker([lat, lng], { icon: L.divIcon({ className: 'car', iconSize: [12, 12] }) }).addTo(map))
  }
}
</script>`

export function servePeerBoard(): PeerBoard {
  let count = 0
  let turn = 0
  const sockets = new Set<Bun.ServerWebSocket<undefined>>()
  const server: Server<undefined> = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request, self) {
      const { pathname } = new URL(request.url)
      if (pathname === '/live') {
        return self.upgrade(request, { data: undefined }) ? undefined : new Response(null, { status: 400 })
      }
      if (pathname === '/') return new Response(PAGE, { headers: { 'content-type': 'text/html' } })
      if (!['/leaflet.js', '/leaflet.css'].includes(pathname)) return new Response(null, { status: 404 })
      const type = pathname.endsWith('js') ? 'text/javascript' : 'text/css'
      return new Response(readFileSync(new URL(`.${pathname}`, LEAFLET)), {
        headers: { 'content-type': type },
      })
    },
    websocket: {
      open: (socket) => void sockets.add(socket),
      close: (socket) => void sockets.delete(socket),
      message() {},
    },
  })
  const timer = setInterval(() => {
    turn++
    const cars = Array.from({ length: count }, (_, n) => [
      `0193a000-0000-7000-8000-${String(n).padStart(12, '0')}`,
      40.715 + ((n * 7919) % 1_000) / 16_667 + Math.sin(turn / 9 + n) / 2_000,
      -74.005 + ((n * 104_729) % 1_000) / 28_571 + Math.cos(turn / 9 + n) / 2_000,
      (n * 137) % 360,
      'free',
    ])
    const text = JSON.stringify({ type: 'cars', cars })
    for (const socket of sockets) socket.send(text)
  }, EVERY_MS)
  return {
    url: String(server.url),
    show(cars) {
      count = cars
    },
    async stop() {
      clearInterval(timer)
      await server.stop(true)
    },
  }
}
