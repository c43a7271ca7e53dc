/** The peer's map: our city, drawn by Leaflet's own canvas, with the ends, the way and the car. */
import * as L from 'leaflet'
import type { DrawMap, Point } from './page.tsx'

interface City {
  readonly scale: number
  readonly land: number[][][]
  readonly parks: number[][][]
  readonly roads: Readonly<Record<'motorway' | 'major' | 'minor', number[][]>>
}

const at = ({ lat, lng }: Point): [number, number] => [lat, lng]

export const drawMap: DrawMap = (element, { city, from, to, car, ways }) => {
  const renderer = L.canvas()
  const map = L.map(element, { zoomControl: false, preferCanvas: true })
  map.fitBounds(L.latLngBounds([from, to, ...(car === null ? [] : [car])].map(at)), { animate: false })
  for (const way of ways) L.polyline(way.map(at), { color: '#16130e', weight: 4 }).addTo(map)
  for (const end of [from, to]) L.circleMarker(at(end), { radius: 7, color: '#16130e' }).addTo(map)
  if (car !== null) L.circleMarker(at(car), { radius: 9, color: '#f5b301', fillOpacity: 1 }).addTo(map)
  fetch(city)
    .then((answer) => answer.json())
    .then((drawn: City) => {
      const style = { renderer, stroke: false, fillOpacity: 1 }
      const lines = (all: number[][]) => all.map((line) => unpacked(line, drawn.scale))
      L.polygon(lines(drawn.land.flat()), { ...style, fillColor: '#f2efe8' })
        .addTo(map)
        .bringToBack()
      L.polygon(lines(drawn.parks.flat()), { ...style, fillColor: '#d9e5cf' }).addTo(map)
      for (const [kind, weight] of [
        ['minor', 1],
        ['major', 2],
        ['motorway', 3],
      ] as const)
        L.polyline(lines(drawn.roads[kind]), { renderer, weight, color: '#ffffff' }).addTo(map)
    })
  return () => map.remove()
}

/** Each line is a first point and steps from one to the next. */
function unpacked(line: number[], scale: number): [number, number][] {
  const points: [number, number][] = []
  let [lat, lng] = [0, 0]
  for (let n = 0; n < line.length; n += 2) {
    lat += line[n]!
    lng += line[n + 1]!
    points.push([lat / scale, lng / scale])
  }
  return points
}
