// The canvas that map drawings share, the colours they take from the stylesheet, and the layer of hexagons.
;(() => {
  const Leaflet = window.L
  /** So much of the view's size is drawn around it, so that a drag does not show bare edges at once. */
  const PADDING = 0.15

  /** @type {Map<Element, Map<string, string>>} */
  const known = new Map()

  /** A custom property's colour there; kept until the theme changes. @param {Element} element @param {string} name */
  function colour(element, name) {
    const ofElement = known.get(element) ?? new Map()
    known.set(element, ofElement)
    const value = ofElement.get(name) ?? resolved(element, name)
    ofElement.set(name, value)
    return value
  }

  /** The property holds both themes' colours; only an element that wears it has the one. @param {Element} element @param {string} name */
  function resolved(element, name) {
    const probe = document.createElement('i')
    probe.hidden = true
    probe.style.color = `var(${name}, #888888)`
    element.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
  onThemeChange(() => known.clear())

  /** Call back when the page turns dark or light. @param {() => void} listener */
  function onThemeChange(listener) {
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', listener)
    const observer = new MutationObserver(listener)
    for (const element of [document.documentElement, document.body]) {
      observer.observe(element, { attributes: true, attributeFilter: ['data-theme', 'class'] })
    }
    return () => {
      system.removeEventListener('change', listener)
      observer.disconnect()
    }
  }

  function prefersStill() {
    return matchMedia('(prefers-reduced-motion: reduce)').matches
  }

  class CanvasLayer extends Leaflet.Layer {
    /** @param {string} pane @param {(surface: MapSurface) => void} draw */
    constructor(pane, draw) {
      super({ pane })
      this.paneName = pane
      this.draw = draw
      this.frame = 0
      this.canvas = document.createElement('canvas')
      this.canvas.className = 'map-canvas leaflet-zoom-animated'
      this.canvas.setAttribute('aria-hidden', 'true')
      this.topLeft = Leaflet.point(0, 0)
      this.drawnAt = { center: Leaflet.latLng(0, 0), zoom: 0 }
    }

    /** @override @param {import('leaflet').Map} map */
    onAdd(map) {
      this.getPane(this.paneName)?.append(this.canvas)
      this.paint(map)
      return this
    }

    /** @override */
    onRemove() {
      cancelAnimationFrame(this.frame)
      this.frame = 0
      this.canvas.remove()
      return this
    }

    /** @override @returns {Record<string, import('leaflet').LeafletEventHandlerFn>} */
    getEvents() {
      return {
        move: () => {
          if (this.isUsedUp()) this.redraw()
        },
        moveend: () => this.redraw(),
        zoomend: () => this.redraw(),
        viewreset: () => this.redraw(),
        resize: () => this.redraw(),
        zoomanim: (event) => this.stretch(/** @type {import('leaflet').ZoomAnimEvent} */ (event)),
      }
    }

    /** Whether a drag has used up half of what is drawn around the view; until then the drawing moves along by itself. */
    isUsedUp() {
      const map = this._map
      if (map.getZoom() !== this.drawnAt.zoom) return true
      const { x, y } = map.containerPointToLayerPoint([0, 0]).subtract(this.topLeft)
      const margin = map.getSize().multiplyBy(PADDING)
      return Math.abs(x - margin.x) > margin.x / 2 || Math.abs(y - margin.y) > margin.y / 2
    }

    /** Draw at the next frame, once however often it is asked for. */
    redraw() {
      if (this.frame !== 0 || this._map === undefined || this._map === null) return
      this.frame = requestAnimationFrame(() => {
        this.frame = 0
        if (this._map) this.paint(this._map)
      })
    }

    /** @param {import('leaflet').Map} map */
    paint(map) {
      const size = map.getSize()
      const margin = size.multiplyBy(PADDING).round()
      const ratio = Math.min(window.devicePixelRatio || 1, 2)
      const [width, height] = [size.x + 2 * margin.x, size.y + 2 * margin.y]
      const { canvas } = this
      if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
        canvas.width = Math.round(width * ratio)
        canvas.height = Math.round(height * ratio)
        canvas.style.width = `${width}px`
        canvas.style.height = `${height}px`
      }
      this.topLeft = map.containerPointToLayerPoint([0, 0]).subtract(margin).round()
      this.drawnAt = { center: map.getCenter(), zoom: map.getZoom() }
      Leaflet.DomUtil.setTransform(canvas, this.topLeft)
      const context = canvas.getContext('2d')
      if (context === null) return
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      context.clearRect(0, 0, width, height)
      const origin = map.getPixelOrigin().add(this.topLeft)
      const zoom = map.getZoom()
      this.draw({
        context,
        map,
        element: map.getContainer(),
        width,
        height,
        ratio,
        scale: map.getZoomScale(zoom, 0),
        originX: origin.x,
        originY: origin.y,
        toPixel: (point) => {
          const pixel = map.project([point.lat, point.lng], zoom)
          return { x: pixel.x - origin.x, y: pixel.y - origin.y }
        },
      })
    }

    /** While the map zooms the drawing is stretched; it is drawn anew when it has come to rest. */
    stretch(/** @type {import('leaflet').ZoomAnimEvent} */ event) {
      const map = this._map
      if (!map) return
      const scale = map.getZoomScale(event.zoom, this.drawnAt.zoom)
      const corner = map.layerPointToLatLng(this.topLeft)
      const target = map.project(corner, event.zoom).subtract(newPixelOrigin(map, event)).round()
      Leaflet.DomUtil.setTransform(this.canvas, target, scale)
    }
  }

  /** Leaflet's own arithmetic for where the pane's origin will be after a zoom. */
  function newPixelOrigin(
    /** @type {import('leaflet').Map} */ map,
    /** @type {import('leaflet').ZoomAnimEvent} */ event,
  ) {
    const half = map.getSize().divideBy(2)
    const pane = Leaflet.DomUtil.getPosition(map.getPane('mapPane') ?? map.getContainer())
    return map.project(event.center, event.zoom).subtract(half).add(pane).round()
  }

  /** The stylesheet's names of a scale's colours, from the least to the most. */
  const SCALES = { sequential: { name: '--hex-seq-', steps: 6 }, diverging: { name: '--hex-div-', steps: 7 } }
  const MIDDLE_OF_DIVERGING = 4
  const FIGURES_FROM_ZOOM = 15
  /** How strongly the cells that were asked are filled, from the middle outwards. */
  const ASKED_OPACITY = [0.75, 0.52, 0.36, 0.22, 0.13, 0.08]

  /** @param {MapSurface} surface @param {MapHexes | null} hexes */
  function drawHexes(surface, hexes) {
    if (hexes === null) return
    const { context, element, map } = surface
    context.lineWidth = 1.2
    context.lineJoin = 'round'
    const gap = colour(element, '--map-land')
    for (const cell of hexes.cells) {
      const fill = cellFill(hexes.scale, cell.step, element)
      if (fill === null) continue
      const corners = cell.boundary.map((corner) =>
        surface.toPixel(Array.isArray(corner) ? { lat: corner[0], lng: corner[1] } : corner),
      )
      if (
        !corners.some(({ x, y }) => x > -80 && y > -80 && x < surface.width + 80 && y < surface.height + 80)
      ) {
        continue
      }
      context.beginPath()
      for (const { x, y } of corners) context.lineTo(x, y)
      context.closePath()
      context.globalAlpha = fill.opacity
      context.fillStyle = fill.colour
      context.fill()
      context.globalAlpha = hexes.scale === 'asked' ? 0.5 : 0.9
      context.strokeStyle = gap
      context.stroke()
      context.globalAlpha = 1
      if (cell.figure !== undefined && map.getZoom() >= FIGURES_FROM_ZOOM) {
        const middle = {
          x: corners.reduce((sum, { x }) => sum + x, 0) / corners.length,
          y: corners.reduce((sum, { y }) => sum + y, 0) / corners.length,
        }
        context.font = `600 12px ${getComputedStyle(element).fontFamily}`
        context.textAlign = 'center'
        context.textBaseline = 'middle'
        context.fillStyle = colour(element, '--ink')
        context.fillText(cell.figure, middle.x, middle.y)
      }
    }
  }

  /** From here on a rank is large enough to hold its name. */
  const ZONE_NAMES_FROM_ZOOM = 16

  /** Where ranks and airports are: a quiet outline, with their holes, under cars and cells. @param {MapSurface} surface @param {MapZone[]} zones */
  function drawZones(surface, zones) {
    const { context, element, map } = surface
    const ink = colour(element, '--ink-muted')
    context.lineWidth = 1.5
    context.lineJoin = 'round'
    for (const { name, rings, isBorder } of zones) {
      const drawn = rings.map((ring) => ring.map(([lat, lng]) => surface.toPixel({ lat, lng })))
      const corners = drawn.flat()
      const [left, right] = [Math.min(...corners.map(({ x }) => x)), Math.max(...corners.map(({ x }) => x))]
      const [top, bottom] = [Math.min(...corners.map(({ y }) => y)), Math.max(...corners.map(({ y }) => y))]
      if (right < 0 || bottom < 0 || left > surface.width || top > surface.height) continue
      context.beginPath()
      for (const ring of drawn) {
        for (const [n, { x, y }] of ring.entries()) {
          if (n === 0) context.moveTo(x, y)
          else context.lineTo(x, y)
        }
        context.closePath()
      }
      if (isBorder !== true) {
        context.globalAlpha = 0.5
        context.fillStyle = colour(element, '--brand-soft')
        context.fill('evenodd')
        context.globalAlpha = 1
      }
      context.strokeStyle = ink
      context.setLineDash([5, 4])
      context.stroke()
      context.setLineDash([])
      if (isBorder === true || map.getZoom() < ZONE_NAMES_FROM_ZOOM) continue
      context.font = `600 12px ${getComputedStyle(element).fontFamily}`
      context.textAlign = 'center'
      context.textBaseline = 'bottom'
      context.fillStyle = ink
      context.fillText(name, (left + right) / 2, top - 4)
    }
  }

  /**
   * @param {MapHexes['scale']} scale @param {number} step @param {Element} element
   * @returns {{ colour: string, opacity: number } | null}
   */
  function cellFill(scale, step, element) {
    if (scale === 'asked') {
      const opacity = ASKED_OPACITY[Math.max(0, Math.round(step))]
      return opacity === undefined ? null : { colour: colour(element, '--brand'), opacity }
    }
    if (scale === 'diverging' && step === MIDDLE_OF_DIVERGING) return null
    const { name, steps } = SCALES[scale]
    if (!(step >= 1 && step <= steps)) return null
    return { colour: colour(element, `${name}${Math.floor(step)}`), opacity: 0.56 }
  }

  window.HoneycabMapParts = Object.assign(window.HoneycabMapParts ?? {}, {
    colour,
    onThemeChange,
    prefersStill,
    CanvasLayer,
    drawHexes,
    drawZones,
  })
})()
