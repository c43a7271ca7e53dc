// Every car of the board on canvas: a shape, a heading and a colour for each state, up to ten thousand of them.
;(() => {
  const Leaflet = window.L
  const parts = window.HoneycabMapParts
  /** A car slides to its new fix; it is never drawn ahead of it. */
  const SLIDE_MS = 900
  /** Of more that move in view the others jump: smooth for thousands is worth less than quick for all. */
  const MOST_SLIDING = 1_500
  const HEADING_STEPS = 36
  const SPRITE_PX = 26
  const CALL_SIGNS_FROM_ZOOM = 15
  const MOST_CALL_SIGNS = 400
  const HAS_HEADING = new Set(['free', 'offered', 'to_pickup'])
  /** What needs a hand is drawn last, so that it lies on top. */
  const ORDER = { on_board: 0, break: 1, to_pickup: 2, free: 3, waiting: 4, offered: 5, silent: 6 }
  const LAYERS = 7
  /** Further away, and with so many, they are counted in hexagons. */
  const CLUSTERS_BELOW_ZOOM = 12.5
  const CLUSTERS_FROM_CARS = 300
  /** A call sign's own room, with a little air: of two that would overlap, the one drawn on top is told. */
  const CALL_SIGN_PX = { width: 28, height: 13 }

  /** @typedef {{ x: number, y: number }} XY */

  /**
   * @typedef {object} Car
   * @property {string} id
   * @property {string} callSign
   * @property {number} headingDeg
   * @property {MapCarState} state
   * @property {XY} from where it slides from, in pixels of zoom 0
   * @property {XY} to
   * @property {number} startedMs
   */

  /**
   * Two drawings, one over the other: the cars that stand, drawn again when one of them changes, and the few thousand
   * that slide, drawn frame by frame. Seen from far away the fleet is hexagons with their counts instead.
   */
  class CarFleet {
    /** @param {{ still: () => void, moving: () => void }} redraw */
    constructor(redraw) {
      this.redraw = redraw
      /** @type {Map<string, Car>} */
      this.cars = new Map()
      /** @type {Set<Car>} */
      this.sliding = new Set()
      /** @type {Map<string, HTMLCanvasElement>} */
      this.sprites = new Map()
      /** Of the last drawing: who is out of sight need not slide. @type {MapSurface | null} */
      this.seen = null
      /** @type {string | null} */
      this.selected = null
      parts.onThemeChange(() => {
        this.sprites.clear()
        this.redrawAll()
      })
    }

    get size() {
      return this.cars.size
    }

    redrawAll() {
      this.redraw.still()
      this.redraw.moving()
    }

    /** @param {MapCarRow[]} rows */
    set(rows) {
      this.update({ full: true, cars: rows })
    }

    /** @param {MapCarsDelta} delta */
    update(delta) {
      const nowMs = performance.now()
      const slides = !parts.prefersStill() && !document.hidden
      if (delta.full === true) {
        const present = new Set(delta.cars.map(([id]) => id))
        for (const id of this.cars.keys()) if (!present.has(id)) this.drop(id)
      }
      for (const id of delta.gone ?? []) this.drop(id)
      for (const [id, callSign, lat6, lng6, headingDeg, state] of delta.cars) {
        const to = Leaflet.CRS.EPSG3857.latLngToPoint(Leaflet.latLng(lat6 / 1e6, lng6 / 1e6), 0)
        const known = this.cars.get(id)
        const from = known === undefined || !slides ? to : positionOf(known, nowMs)
        this.drop(id)
        const car = { id, callSign, headingDeg, state, from, to, startedMs: nowMs }
        this.cars.set(id, car)
        const moves = (from.x !== to.x || from.y !== to.y) && this.isSeen(to)
        if (moves && this.sliding.size < MOST_SLIDING) this.sliding.add(car)
        else car.from = to
      }
      this.redrawAll()
    }

    /** @param {string} id */
    drop(id) {
      const known = this.cars.get(id)
      if (known === undefined) return
      this.cars.delete(id)
      this.sliding.delete(known)
    }

    /** @param {XY} point */
    isSeen({ x, y }) {
      if (this.seen === null || this.isFar(this.seen.map)) return false
      const { scale, originX, originY, width, height } = this.seen
      const [atX, atY] = [x * scale - originX, y * scale - originY]
      return atX > -SPRITE_PX && atY > -SPRITE_PX && atX < width + SPRITE_PX && atY < height + SPRITE_PX
    }

    /** @param {string | null} id */
    select(id) {
      this.selected = id
      this.redrawAll()
    }

    /** Whether single cars would be a carpet of shapes. @param {import('leaflet').Map} map */
    isFar(map) {
      return map.getZoom() < CLUSTERS_BELOW_ZOOM && this.cars.size >= CLUSTERS_FROM_CARS
    }

    /** @param {MapSurface} surface */
    drawStill(surface) {
      this.seen = surface
      if (this.isFar(surface.map)) {
        this.sliding.clear()
        parts.drawCarClusters(surface, this.cars.values())
        return
      }
      this.drawCars(surface, this.cars.values(), (car) => this.sliding.has(car) || car.id === this.selected)
    }

    /** Those that slide, and over all of them the one that is asked about. @param {MapSurface} surface */
    drawMoving(surface) {
      const nowMs = performance.now()
      let arrived = false
      for (const car of this.sliding) {
        if (nowMs - car.startedMs < SLIDE_MS) continue
        this.sliding.delete(car)
        arrived = true
      }
      if (arrived) this.redraw.still()
      const selected = this.selected === null ? undefined : this.cars.get(this.selected)
      if (!this.isFar(surface.map)) this.drawCars(surface, this.sliding, (car) => car === selected)
      if (selected !== undefined) this.drawCars(surface, [selected], () => false)
      if (this.sliding.size > 0) this.redraw.moving()
    }

    /** @param {MapSurface} surface @param {Iterable<Car>} cars @param {(car: Car) => boolean} leavesOut */
    drawCars(surface, cars, leavesOut) {
      const { context, element, map, scale, originX, originY, ratio } = surface
      const nowMs = performance.now()
      const showsCallSigns = map.getZoom() >= CALL_SIGNS_FROM_ZOOM
      const [right, bottom] = [surface.width + SPRITE_PX, surface.height + SPRITE_PX]
      /** By state, what needs a hand last. @type {[Car, number, number][][]} */
      const layers = Array.from({ length: LAYERS }, () => [])
      for (const car of cars) {
        if (leavesOut(car)) continue
        const at = positionOf(car, nowMs)
        const [x, y] = [at.x * scale - originX, at.y * scale - originY]
        if (x < -SPRITE_PX || y < -SPRITE_PX || x > right || y > bottom) continue
        layers[ORDER[car.state]]?.push([car, x, y])
      }
      const inOrder = layers.flat()
      for (const [car, x, y] of inOrder) {
        if (car.id === this.selected) drawHalo(context, x, y, parts.colour(element, '--brand'))
        // On whole device pixels a copy is a copy; between them every pixel of it is mixed anew.
        const [cornerX, cornerY] = [x - SPRITE_PX / 2, y - SPRITE_PX / 2]
        context.drawImage(
          this.sprite(car, element, ratio),
          Math.round(cornerX * ratio) / ratio,
          Math.round(cornerY * ratio) / ratio,
          SPRITE_PX,
          SPRITE_PX,
        )
      }
      this.drawCallSigns(
        context,
        element,
        showsCallSigns ? inOrder : inOrder.filter(([car]) => car.id === this.selected),
      )
    }

    /** @param {CanvasRenderingContext2D} context @param {HTMLElement} element @param {[Car, number, number][]} named lowest first */
    drawCallSigns(context, element, named) {
      /** @type {[number, number][]} */
      const taken = []
      const { width, height } = CALL_SIGN_PX
      for (const [car, x, y] of named.reverse()) {
        if (taken.length >= MOST_CALL_SIGNS) return
        if (taken.some(([atX, atY]) => Math.abs(atX - x) < width && Math.abs(atY - y) < height)) continue
        taken.push([x, y])
        drawCallSign(context, element, car.callSign, x, y)
      }
    }

    /** @param {Car} car @param {HTMLElement} element @param {number} ratio */
    sprite(car, element, ratio) {
      const step = HAS_HEADING.has(car.state)
        ? Math.round((((car.headingDeg % 360) + 360) % 360) / (360 / HEADING_STEPS)) % HEADING_STEPS
        : 0
      const key = `${car.state} ${step} ${ratio}`
      const known = this.sprites.get(key)
      if (known !== undefined) return known
      const sprite = drawSprite(car.state, (step * 2 * Math.PI) / HEADING_STEPS, element, ratio)
      this.sprites.set(key, sprite)
      return sprite
    }

    /** @param {import('leaflet').Map} map @param {{ x: number, y: number }} pixel @param {number} reachPx */
    at(map, pixel, reachPx) {
      const nowMs = performance.now()
      const scale = map.getZoomScale(map.getZoom(), 0)
      const target = map.project(map.containerPointToLatLng([pixel.x, pixel.y]))
      let [closest, closestPx] = [/** @type {string | null} */ (null), reachPx]
      for (const car of this.cars.values()) {
        const { x, y } = positionOf(car, nowMs)
        const distancePx = Math.hypot(x * scale - target.x, y * scale - target.y)
        if (distancePx <= closestPx) [closest, closestPx] = [car.id, distancePx]
      }
      return closest
    }
  }

  /** @param {Car} car @param {number} nowMs @returns {XY} */
  function positionOf({ from, to, startedMs }, nowMs) {
    const part = (nowMs - startedMs) / SLIDE_MS
    if (part >= 1 || from === to) return to
    return { x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) }
  }

  /** @param {MapCarState} state @param {number} angle @param {HTMLElement} element @param {number} ratio */
  function drawSprite(state, angle, element, ratio) {
    const sprite = document.createElement('canvas')
    sprite.width = SPRITE_PX * ratio
    sprite.height = SPRITE_PX * ratio
    const context = sprite.getContext('2d')
    if (context === null) return sprite
    const use = (/** @type {string} */ name) => parts.colour(element, name)
    context.scale(ratio, ratio)
    context.translate(SPRITE_PX / 2, SPRITE_PX / 2)
    context.lineJoin = 'round'
    context.lineWidth = 1.2
    context.strokeStyle = use('--raised')
    if (state === 'free' || state === 'offered') {
      const isOffered = state === 'offered'
      if (isOffered) {
        context.setLineDash([2.6, 2.2])
        context.lineWidth = 1.8
        context.strokeStyle = use('--brand')
        context.beginPath()
        context.arc(0, 0, 11, 0, 2 * Math.PI)
        context.stroke()
        context.setLineDash([])
        context.lineWidth = 1.4
        context.strokeStyle = use('--on-brand')
      }
      context.rotate(angle)
      hexagonWithBeak(context, 6.2)
      context.fillStyle = use(isOffered ? '--brand' : '--ok')
      context.fill()
      context.stroke()
    } else if (state === 'to_pickup') {
      context.rotate(angle)
      context.beginPath()
      for (const [x, y] of /** @type {[number, number][]} */ ([
        [0, -8],
        [5.4, 6],
        [0, 3.2],
        [-5.4, 6],
      ])) {
        context.lineTo(x, y)
      }
      context.closePath()
      context.fillStyle = use('--info')
      context.fill()
      context.stroke()
    } else if (state === 'waiting') {
      context.fillStyle = use('--violet')
      context.beginPath()
      context.rect(-5, -5, 10, 10)
      context.fill()
      context.stroke()
    } else if (state === 'on_board') {
      context.fillStyle = use('--ink-faint')
      context.beginPath()
      context.arc(0, 0, 4.2, 0, 2 * Math.PI)
      context.fill()
      context.stroke()
    } else if (state === 'break') {
      hexagon(context, 5.6)
      context.fillStyle = use('--raised')
      context.fill()
      context.lineWidth = 1.5
      context.strokeStyle = use('--ink-faint')
      context.stroke()
    } else {
      context.beginPath()
      context.arc(0, 0, 7, 0, 2 * Math.PI)
      context.fillStyle = use('--raised')
      context.fill()
      context.setLineDash([2.4, 2])
      context.lineWidth = 1.7
      context.strokeStyle = use('--danger')
      context.stroke()
      context.fillStyle = use('--danger')
      context.beginPath()
      context.roundRect(-0.9, -4, 1.8, 5, 0.9)
      context.roundRect(-1, 2.2, 2, 2, 1)
      context.fill()
    }
    return sprite
  }

  /** A hexagon, point up. @param {CanvasRenderingContext2D} context @param {number} radius */
  function hexagon(context, radius) {
    context.beginPath()
    for (let corner = 0; corner < 6; corner++) {
      const angle = (corner * Math.PI) / 3
      context.lineTo(radius * Math.sin(angle), -radius * Math.cos(angle))
    }
    context.closePath()
  }

  /** The same with its upper point drawn out in the direction of travel. @param {CanvasRenderingContext2D} context @param {number} radius */
  function hexagonWithBeak(context, radius) {
    context.beginPath()
    for (let corner = 0; corner < 6; corner++) {
      const angle = (corner * Math.PI) / 3
      const reach = corner === 0 ? radius * 1.42 : radius
      context.lineTo(reach * Math.sin(angle), -reach * Math.cos(angle))
    }
    context.closePath()
  }

  /** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {string} fill */
  function drawHalo(context, x, y, fill) {
    context.beginPath()
    context.arc(x, y, 13, 0, 2 * Math.PI)
    context.globalAlpha = 0.45
    context.fillStyle = fill
    context.fill()
    context.globalAlpha = 1
  }

  /** @param {CanvasRenderingContext2D} context @param {HTMLElement} element @param {string} text @param {number} x @param {number} y */
  function drawCallSign(context, element, text, x, y) {
    context.font = `600 11px ${getComputedStyle(element).fontFamily}`
    context.textAlign = 'center'
    context.textBaseline = 'top'
    context.lineJoin = 'round'
    context.lineWidth = 3
    context.strokeStyle = parts.colour(element, '--map-land')
    context.strokeText(text, x, y + 10)
    context.fillStyle = parts.colour(element, '--ink')
    context.fillText(text, x, y + 10)
  }

  window.HoneycabMapParts = Object.assign(window.HoneycabMapParts ?? {}, { CarFleet })
})()
