// The ground of the map: water, land, parks, roads and names, drawn from the city's own data.
;(() => {
  const Leaflet = window.L
  const parts = window.HoneycabMapParts

  /** Width of minor and major roads in pixels, by zoom; between two zooms it is in between. */
  const ROAD_WIDTHS = [
    [10, 0.25, 0.7],
    [11, 0.4, 1],
    [12, 0.6, 1.5],
    [13, 1, 2.2],
    [14, 1.6, 3.4],
    [15, 2.6, 5],
    [16, 3.6, 6],
    [17, 7, 11],
    [18, 11, 17],
  ]
  const SERVICE_ROADS_FROM_ZOOM = 14
  const MINOR_ROADS_FROM_ZOOM = 11
  /** The neighbours' land lies half under water, so that the city we drive in stands out. */
  const AROUND_OPACITY = 0.45
  const MOST_LABELS = 8
  const LABEL_HEIGHT_PX = 16
  /** The zoom from which names of each rank are written: far areas, areas, parks, landmarks. */
  const RANK_FROM_ZOOM = [11, 13.4, 14.4, 15]

  /**
   * Paths are kept around the city's middle in the units of zoom 0, where the numbers are small enough to stay exact, and
   * stretched when drawn: a redraw walks no points in script.
   * @param {MapCity} city
   */
  function cityPainter(city) {
    const middle = Leaflet.CRS.EPSG3857.latLngToPoint(Leaflet.latLng(...firstPoint(city)), 0)
    const path = (/** @type {number[][]} */ lines, /** @type {boolean} */ closed) => {
      const whole = new Path2D()
      for (const line of lines) {
        let [lat, lng] = [0, 0]
        for (let at = 0; at < line.length; at += 2) {
          lat += line[at] ?? 0
          lng += line[at + 1] ?? 0
          const point = Leaflet.CRS.EPSG3857.latLngToPoint(
            Leaflet.latLng(lat / city.scale, lng / city.scale),
            0,
          )
          if (at === 0) whole.moveTo(point.x - middle.x, point.y - middle.y)
          else whole.lineTo(point.x - middle.x, point.y - middle.y)
        }
        if (closed) whole.closePath()
      }
      return whole
    }
    const land = path(city.land.flat(), true)
    const around = path(city.around.flat(), true)
    const parks = path(city.parks.flat(), true)
    const roads = {
      service: path(city.roads.service, false),
      minor: path(city.roads.minor, false),
      major: path(city.roads.major, false),
      motorway: path(city.roads.motorway, false),
    }
    const middlePoint = Leaflet.CRS.EPSG3857.pointToLatLng(middle, 0)

    /** @param {MapSurface} surface */
    return (surface) => {
      const { context, element, map } = surface
      const zoom = map.getZoom()
      const scale = 2 ** zoom
      const [minorPx, majorPx] = roadWidths(zoom)
      const origin = surface.toPixel(middlePoint)
      context.save()
      context.translate(origin.x, origin.y)
      context.scale(scale, scale)
      context.lineCap = 'round'
      context.lineJoin = 'round'
      context.fillStyle = parts.colour(element, '--map-land')
      context.globalAlpha = AROUND_OPACITY
      context.fill(around, 'evenodd')
      context.globalAlpha = 1
      context.fill(land, 'evenodd')
      context.fillStyle = parts.colour(element, '--map-park')
      context.fill(parks, 'evenodd')
      const stroke = (/** @type {Path2D} */ road, /** @type {number} */ px) => {
        context.lineWidth = px / scale
        context.stroke(road)
      }
      context.strokeStyle = parts.colour(element, '--map-road')
      if (zoom >= SERVICE_ROADS_FROM_ZOOM) stroke(roads.service, minorPx * 0.7)
      if (zoom >= MINOR_ROADS_FROM_ZOOM) stroke(roads.minor, minorPx)
      context.strokeStyle = parts.colour(element, '--map-road-major')
      stroke(roads.major, majorPx)
      stroke(roads.motorway, majorPx)
      context.restore()
    }
  }

  /** @param {MapCity} city @returns {[number, number]} */
  function firstPoint(city) {
    const [lat = 0, lng = 0] = city.roads.major[0] ?? city.land[0]?.[0] ?? []
    return [lat / city.scale, lng / city.scale]
  }

  /** @param {number} zoom @returns {[minorPx: number, majorPx: number]} */
  function roadWidths(zoom) {
    const first = ROAD_WIDTHS[0]
    const last = ROAD_WIDTHS[ROAD_WIDTHS.length - 1]
    for (let at = 1; at < ROAD_WIDTHS.length; at++) {
      const [upperZoom = 0, upperMinor = 0, upperMajor = 0] = ROAD_WIDTHS[at] ?? []
      const [lowerZoom = 0, lowerMinor = 0, lowerMajor = 0] = ROAD_WIDTHS[at - 1] ?? []
      if (zoom > upperZoom || zoom < lowerZoom) continue
      const part = (zoom - lowerZoom) / (upperZoom - lowerZoom)
      return [lowerMinor + part * (upperMinor - lowerMinor), lowerMajor + part * (upperMajor - lowerMajor)]
    }
    const end = zoom < (first?.[0] ?? 0) ? first : last
    return [end?.[1] ?? 1, end?.[2] ?? 1]
  }

  const ruler = document.createElement('canvas').getContext('2d')

  /**
   * Which names to write in this view: the most wanted first, none over another, a pin or a route, eight at most.
   * @param {import('leaflet').Map} map @param {MapCity} city @param {MapTaken} taken
   * @returns {[name: string, at: MapPoint][]}
   */
  function placeLabels(map, city, taken) {
    const size = map.getSize()
    const zoom = map.getZoom()
    const boxes = [...taken.boxes]
    /** @type {[string, MapPoint][]} */
    const placed = []
    if (ruler !== null) ruler.font = `12px ${getComputedStyle(map.getContainer()).fontFamily}`
    for (const [name, lat, lng, rank] of city.labels) {
      if (placed.length === MOST_LABELS) break
      if (zoom < (RANK_FROM_ZOOM[rank] ?? 99)) continue
      const pixel = map.latLngToContainerPoint([lat, lng])
      const width = (ruler?.measureText(name).width ?? name.length * 7) + 8
      const box = { x: pixel.x - width / 2, y: pixel.y - LABEL_HEIGHT_PX / 2, width, height: LABEL_HEIGHT_PX }
      const isInside = box.x > 4 && box.y > 4 && box.x + width < size.x - 4 && box.y + box.height < size.y - 4
      if (!isInside || boxes.some((other) => overlap(box, other))) continue
      if (taken.lines.some((line) => crosses(line, box))) continue
      boxes.push({ x: box.x - 24, y: box.y - 16, width: width + 48, height: box.height + 32 })
      placed.push([name, { lat, lng }])
    }
    return placed
  }

  /** @typedef {{ x: number, y: number, width: number, height: number }} Box */
  /** @param {Box} a @param {Box} b */
  function overlap(a, b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
  }

  /** @param {{ x: number, y: number }[]} line @param {Box} box */
  function crosses(line, box) {
    const bounds = Leaflet.bounds([box.x - 6, box.y - 6], [box.x + box.width + 6, box.y + box.height + 6])
    for (let at = 1; at < line.length; at++) {
      const [a, b] = [line[at - 1], line[at]]
      if (a === undefined || b === undefined) continue
      if (Leaflet.LineUtil.clipSegment(Leaflet.point(a.x, a.y), Leaflet.point(b.x, b.y), bounds, false)) {
        return true
      }
    }
    return false
  }

  window.HoneycabMapParts = Object.assign(window.HoneycabMapParts ?? {}, { cityPainter, placeLabels })
})()
