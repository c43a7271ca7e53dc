// What one ride shows on the map: where from and to, the way, the rider's car with the age of its position, candidates, names.
;(() => {
  const Leaflet = window.L
  const parts = window.HoneycabMapParts
  const SLIDE_MS = 900
  /** Of most screens. */
  const FRAME_MS = 16
  /** A position's ring is full at 0 s and empty at 30 s. */
  const [OK_UNTIL_S, WARN_UNTIL_S, SILENT_AFTER_S] = [10, 20, 30]
  const RING_RADIUS = 19
  const RING_LENGTH = 2 * Math.PI * RING_RADIUS
  /** Below this zoom the way is drawn thinner. */
  const OVERVIEW_BELOW_ZOOM = 14
  const SVG = 'http://www.w3.org/2000/svg'

  const CAR = hexagonPath(11.5, 4.5)

  /** Point up; `beak` draws the upper point out. @param {number} radius @param {number} beak */
  function hexagonPath(radius, beak) {
    const corners = Array.from({ length: 6 }, (_, corner) => {
      const angle = (corner * Math.PI) / 3
      const reach = corner === 0 ? radius + beak : radius
      return `${(reach * Math.sin(angle)).toFixed(2)} ${(-reach * Math.cos(angle)).toFixed(2)}`
    })
    return `M${corners.join('L')}Z`
  }

  /** @param {string} name @param {Record<string, string | number>} attributes @param {Element[]} children */
  function svg(name, attributes, children = []) {
    const element = document.createElementNS(SVG, name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
    element.append(...children)
    return element
  }

  /** @param {number} size @param {Element[]} children */
  function picture(size, children) {
    const half = size / 2
    return svg(
      'svg',
      { viewBox: `${-half} ${-half} ${size} ${size}`, width: size, height: size, 'aria-hidden': 'true' },
      children,
    )
  }

  /** @param {import('leaflet').Map} map @param {MapPoint} at @param {{ className: string, size: number, above?: number }} look @param {Element[]} content */
  function mark(map, at, { className, size, above = 0 }, content) {
    const holder = document.createElement('div')
    holder.append(...content)
    return Leaflet.marker([at.lat, at.lng], {
      icon: Leaflet.divIcon({ className, html: holder, iconSize: [size, size] }),
      interactive: false,
      keyboard: false,
      zIndexOffset: above,
    }).addTo(map)
  }

  class Marks {
    /** @param {import('leaflet').Map} map */
    constructor(map) {
      this.map = map
      /** @type {Record<'from' | 'to', import('leaflet').Marker | null>} */
      this.pins = { from: null, to: null }
      /** @type {Record<'from' | 'to', MapPoint | null>} */
      this.pinPoints = { from: null, to: null }
      this.way = Leaflet.layerGroup().addTo(map)
      this.stops = Leaflet.layerGroup().addTo(map)
      /** @type {MapStop[]} */
      this.stopPoints = []
      this.candidates = Leaflet.layerGroup().addTo(map)
      this.names = Leaflet.layerGroup().addTo(map)
      /** @type {MapPoint[]} */
      this.wayPoints = []
      /** @type {MapPoint[][]} */
      this.lines = []
      /** @type {RiderCar | null} */
      this.car = null
      /** @type {HTMLElement | null} */
      this.crosshair = null
      this.onZoom = () => {
        map.getContainer().classList.toggle('map-overview', map.getZoom() < OVERVIEW_BELOW_ZOOM)
      }
      map.on('zoomend', this.onZoom)
      this.onZoom()
    }

    /** @param {'from' | 'to'} kind @param {MapPin | null} pin */
    setPin(kind, pin) {
      this.pins[kind]?.remove()
      this.pins[kind] = null
      this.pinPoints[kind] = pin
      if (pin === null) return
      /** @type {Element[]} */
      const content = [pinPicture(kind)]
      if (pin.label !== undefined && pin.label !== '') content.push(noteOf(pin.label))
      this.pins[kind] = mark(
        this.map,
        pin,
        { className: `map-pin map-pin-${kind}`, size: 28, above: 200 },
        content,
      )
    }

    /** @param {MapStop[] | null} stops */
    setStops(stops) {
      this.stops.clearLayers()
      this.stopPoints = stops ?? []
      for (const [index, stop] of this.stopPoints.entries()) {
        const number = document.createElement('span')
        number.textContent = String(index + 1)
        const className = stop.isPassed === true ? 'map-stop map-stop-passed' : 'map-stop'
        mark(this.map, stop, { className, size: 22, above: 150 }, [number]).addTo(this.stops)
      }
    }

    /** @param {MapPoint[] | MapLeg[] | null} route */
    setRoute(route) {
      this.way.clearLayers()
      this.lines = []
      const legs = toLegs(route)
      for (const part of ['casing', 'line']) {
        for (const { points, kind = 'ahead' } of legs) {
          if (points.length < 2) continue
          if (part === 'casing' && (kind === 'open' || kind === 'approach')) continue
          Leaflet.polyline(points.map(toPair), {
            className: `map-way map-way-${part} map-way-${kind}`,
            interactive: false,
            smoothFactor: 0.6,
          }).addTo(this.way)
        }
      }
      this.lines = legs.map(({ points }) => points)
      this.wayPoints = legs.flatMap(({ points }) => points)
    }

    /** @param {MapRiderCar | null} car */
    setCar(car) {
      if (car === null) {
        this.car?.remove()
        this.car = null
      } else if (this.car === null) this.car = new RiderCar(this.map, car)
      else this.car.moveTo(car)
    }

    /** @param {MapCandidate[] | null} candidates */
    setCandidates(candidates) {
      this.candidates.clearLayers()
      const anyChosen = candidates?.some((candidate) => candidate.isChosen) === true
      for (const [index, candidate] of (candidates ?? []).entries()) {
        const pickup = this.pinPoints.from
        const points = candidate.points ?? (pickup === null ? [] : [candidate, pickup])
        const isBest = anyChosen ? candidate.isChosen === true : index === 0
        Leaflet.polyline(points.map(toPair), {
          className: `map-reach ${isBest ? 'map-reach-best' : ''}`,
          interactive: false,
        }).addTo(this.candidates)
        const number = document.createElement('span')
        number.textContent = String(candidate.number ?? index + 1)
        const badge = mark(this.map, candidate, { className: 'map-candidate', size: 18, above: 100 }, [
          number,
        ])
        badge.addTo(this.candidates)
      }
    }

    /** @param {[name: string, at: MapPoint][]} placed */
    writeNames(placed) {
      this.names.clearLayers()
      for (const [name, at] of placed) {
        const text = document.createElement('span')
        text.textContent = name
        const icon = Leaflet.divIcon({ className: 'map-name', html: text, iconSize: [0, 0] })
        Leaflet.marker([at.lat, at.lng], { icon, pane: 'labels', interactive: false, keyboard: false }).addTo(
          this.names,
        )
      }
    }

    /** A pin that stays in the middle while the map moves under it. @param {'from' | 'to' | null} kind */
    setCrosshair(kind) {
      this.crosshair?.remove()
      this.crosshair = null
      if (kind === null) return
      this.crosshair = document.createElement('div')
      this.crosshair.className = 'map-crosshair'
      this.crosshair.append(pinPicture(kind))
      this.map.getContainer().append(this.crosshair)
    }

    /** Everything that belongs to the ride, to show it whole. */
    points() {
      const pins = [this.pinPoints.from, this.pinPoints.to].filter((point) => point !== null)
      return [...pins, ...this.stopPoints, ...this.wayPoints, ...(this.car === null ? [] : [this.car.target])]
    }

    /** @returns {MapTaken} */
    taken() {
      const toPixel = (/** @type {MapPoint} */ { lat, lng }) => this.map.latLngToContainerPoint([lat, lng])
      const boxes = [this.pinPoints.from, this.pinPoints.to, ...this.stopPoints, this.car?.target ?? null]
        .filter((point) => point !== null)
        .map((point) => {
          const { x, y } = toPixel(point)
          return { x: x - 22, y: y - 22, width: 44, height: 44 }
        })
      for (const note of this.map.getContainer().querySelectorAll('.map-note, .leaflet-control')) {
        const own = this.map.getContainer().getBoundingClientRect()
        const { x, y, width, height } = note.getBoundingClientRect()
        boxes.push({ x: x - own.x, y: y - own.y, width, height })
      }
      return { boxes, lines: this.lines.map((line) => line.map(toPixel)) }
    }

    remove() {
      this.car?.remove()
      this.map.off('zoomend', this.onZoom)
    }
  }

  /** @param {MapPoint} point @returns {[lat: number, lng: number]} */
  function toPair({ lat, lng }) {
    return [lat, lng]
  }

  /** @param {'from' | 'to'} kind */
  function pinPicture(kind) {
    const shape = (/** @type {string} */ className, /** @type {number} */ size) =>
      kind === 'from'
        ? svg('circle', { class: className, r: size })
        : svg('path', { class: className, d: hexagonPath(size * 1.1, 0) })
    return picture(28, [shape('map-pin-halo', 12), shape('map-pin-body', 9.5), shape('map-pin-hole', 4)])
  }

  /** @param {string} text */
  function noteOf(text) {
    const note = document.createElement('span')
    note.className = 'map-note'
    note.textContent = text
    return note
  }

  /** @param {MapPoint[] | MapLeg[] | null} route @returns {MapLeg[]} */
  function toLegs(route) {
    if (route === null || route.length === 0) return []
    const [first] = route
    if (first !== undefined && 'points' in first) return /** @type {MapLeg[]} */ (route)
    return [{ points: /** @type {MapPoint[]} */ (route) }]
  }

  /** The car that is coming: honey, with an arrow in its heading and a ring that empties as its position ages. */
  class RiderCar {
    /** @param {import('leaflet').Map} map @param {MapRiderCar} car */
    constructor(map, car) {
      this.body = svg('g', { class: 'map-car-body' }, [
        svg('path', { class: 'map-car-shape', d: CAR }),
        svg('path', { class: 'map-car-arrow', d: 'M0 -7.5L5 5.5L0 2.6L-5 5.5Z' }),
      ])
      this.ring = svg('circle', {
        class: 'map-car-ring',
        r: RING_RADIUS,
        transform: 'rotate(-90)',
        'stroke-dasharray': RING_LENGTH.toFixed(2),
      })
      this.alarm = svg('g', { class: 'map-car-silent' }, [
        svg('circle', { r: 12 }),
        svg('path', { d: 'M0 -6V1.5M0 5.5V5.6' }),
      ])
      const drawing = picture(48, [
        svg('circle', { class: 'map-car-halo', r: 22 }),
        svg('circle', { class: 'map-car-track', r: RING_RADIUS }),
        this.ring,
        this.body,
        this.alarm,
      ])
      this.marker = mark(map, car, { className: 'map-car', size: 48, above: 400 }, [drawing])
      this.map = map
      /** @type {MapPoint} */
      this.target = car
      this.frame = 0
      /** @type {ReturnType<typeof setTimeout> | undefined} */
      this.step = undefined
      this.moveTo(car)
      this.clock = setInterval(() => this.showAge(), 1_000)
    }

    /** @param {MapRiderCar} car */
    moveTo(car) {
      const from = this.marker.getLatLng()
      this.target = { lat: car.lat, lng: car.lng }
      this.seenAtMs = performance.now() - car.ageMs
      this.body.setAttribute('transform', `rotate(${Math.round(car.headingDeg)})`)
      this.showAge()
      cancelAnimationFrame(this.frame)
      clearTimeout(this.step)
      const stays = from.lat === car.lat && from.lng === car.lng
      if (stays || parts.prefersStill() || document.hidden) {
        this.marker.setLatLng([car.lat, car.lng])
        return
      }
      const startedMs = performance.now()
      const apart = this.map.project([from.lat, from.lng]).distanceTo(this.map.project([car.lat, car.lng]))
      // Marks stand on whole pixels: a frame in which it would not move is battery for nothing.
      const stepMs = SLIDE_MS / Math.max(1, Math.ceil(apart))
      const slide = () => {
        const part = Math.min(1, (performance.now() - startedMs) / SLIDE_MS)
        this.marker.setLatLng([
          from.lat + part * (car.lat - from.lat),
          from.lng + part * (car.lng - from.lng),
        ])
        if (part === 1) return
        const leftMs = startedMs + SLIDE_MS - performance.now()
        if (stepMs < 2 * FRAME_MS) nextFrame()
        else this.step = setTimeout(nextFrame, Math.min(stepMs, leftMs) - FRAME_MS)
      }
      const nextFrame = () => {
        this.frame = requestAnimationFrame(slide)
      }
      nextFrame()
    }

    showAge() {
      const ageS = (performance.now() - (this.seenAtMs ?? 0)) / 1_000
      const left = Math.max(0, 1 - ageS / SILENT_AFTER_S)
      this.ring.setAttribute('stroke-dashoffset', (RING_LENGTH * (1 - left)).toFixed(2))
      const age =
        ageS <= OK_UNTIL_S
          ? 'ok'
          : ageS <= WARN_UNTIL_S
            ? 'warn'
            : ageS <= SILENT_AFTER_S
              ? 'danger'
              : 'silent'
      const element = this.marker.getElement()
      if (element !== undefined) element.dataset.age = age
    }

    remove() {
      clearInterval(this.clock)
      cancelAnimationFrame(this.frame)
      clearTimeout(this.step)
      this.marker.remove()
    }
  }

  window.HoneycabMapParts = Object.assign(window.HoneycabMapParts ?? {}, { Marks })
})()
