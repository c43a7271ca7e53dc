// Every car of the board on canvas, up to ten thousand of them; map-car-shapes.js draws the single one.
;(() => {
  const parts = window.HoneycabMapParts
  /** A car slides to its new fix; it is never drawn ahead of it. */
  const SLIDE_MS = 900
  /** Of more that move in view the others jump: smooth for thousands is worth less than quick for all. */
  const MOST_SLIDING = 1_500
  /** Of so many that arrive at once those that stand are drawn again for their sake. */
  const MOST_DRAWN_TWICE = 200
  /** What moved less jumps: nobody sees it, and the rounding of a new view is no move. */
  const LEAST_SLIDE_PX = 0.4
  /** The selected car says how old its place is. */
  const AGE_EVERY_MS = 1_000
  const WORLD_PX = 256
  const MOST_LAT = 85.051128779806604
  const HEADING_STEPS = 36
  const { CAR_PX: SPRITE_PX } = parts
  const CALL_SIGNS_FROM_ZOOM = 15
  const MOST_CALL_SIGNS = 400
  const HAS_HEADING = new Set(['free', 'offered', 'to_pickup'])
  /** What needs a hand is drawn last, so that it lies on top. */
  const ORDER = { on_board: 0, break: 1, to_pickup: 2, free: 3, waiting: 4, offered: 5, silent: 6 }
  const LAYERS = 7
  /** Further away, and with so many, they are counted in hexagons; the board's server has the same rule. */
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
   * @property {number} fixAtMs when its fix was taken, by this page's clock
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
      /** @type {ReadonlySet<string>} */
      this.marked = new Set()
      /** @type {MapCounts | null} */
      this.counts = null
      this.countsItself = true
      /** @type {Car | null} */
      this.followed = null
      /** @type {ReturnType<typeof setInterval> | undefined} */
      this.ageing = undefined
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
      if (delta.full === true) {
        const present = new Set(delta.cars.map(([id]) => id))
        for (const id of this.cars.keys()) if (!present.has(id)) this.drop(id)
      }
      for (const id of delta.gone ?? []) this.drop(id)
      // Those that waited where they arrived lie among the others from now on.
      for (const car of this.sliding) if (nowMs - car.startedMs >= SLIDE_MS) this.sliding.delete(car)
      const slides = !parts.prefersStill() && !document.hidden
      for (const row of delta.cars) {
        const known = this.cars.get(row[0])
        if (known === undefined) this.cars.set(row[0], carOf(row, nowMs))
        else this.move(known, row, nowMs, slides)
      }
      this.redrawAll()
    }

    /** @param {Car} car @param {MapCarRow} row @param {number} nowMs @param {boolean} slides */
    move(car, [, callSign, lat6, lng6, headingDeg, state, ageS], nowMs, slides) {
      const from = positionOf(car, nowMs)
      car.callSign = callSign
      car.headingDeg = headingDeg
      car.state = state
      car.fixAtMs = nowMs - ageS * 1_000
      car.startedMs = nowMs
      car.to = worldPoint(lat6, lng6)
      const isWorth = slides && this.isSeen(car.to) && this.isApart(from, car.to)
      if (isWorth && (this.sliding.has(car) || this.sliding.size < MOST_SLIDING)) {
        car.from = from
        this.sliding.add(car)
      } else {
        car.from = car.to
        this.sliding.delete(car)
      }
    }

    /** @param {MapCounts | null} counts */
    setCounts(counts) {
      this.countsItself = false
      this.counts = counts
      this.redraw.still()
    }

    /** @param {MapCarRow | null} row */
    setFollowed(row) {
      const nowMs = performance.now()
      const known = this.followed
      if (known !== null) this.sliding.delete(known)
      if (row === null) this.followed = null
      else if (known?.id === row[0]) this.move(known, row, nowMs, !parts.prefersStill() && !document.hidden)
      else this.followed = carOf(row, nowMs)
      this.redraw.moving()
    }

    /** @param {string} id */
    drop(id) {
      const known = this.cars.get(id)
      if (known === undefined) return
      this.cars.delete(id)
      this.sliding.delete(known)
    }

    /** Whether the two are further apart than anybody sees. @param {XY} one @param {XY} other */
    isApart(one, other) {
      if (this.seen === null) return false
      const { scale } = this.seen
      return (
        Math.abs(one.x - other.x) * scale > LEAST_SLIDE_PX ||
        Math.abs(one.y - other.y) * scale > LEAST_SLIDE_PX
      )
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
      clearInterval(this.ageing)
      if (id !== null) this.ageing = setInterval(() => this.redraw.moving(), AGE_EVERY_MS)
    }

    /** @param {ReadonlySet<string>} ids */
    mark(ids) {
      this.marked = ids
      this.redrawAll()
    }

    /** Whether single cars would be a carpet of shapes. @param {import('leaflet').Map} map */
    isFar(map) {
      if (!this.countsItself) return this.counts !== null
      return map.getZoom() < CLUSTERS_BELOW_ZOOM && this.cars.size >= CLUSTERS_FROM_CARS
    }

    /** @param {MapSurface} surface */
    drawStill(surface) {
      this.seen = surface
      if (this.isFar(surface.map)) {
        this.sliding.clear()
        parts.drawCounts(surface, this.counts ?? parts.countCars(surface, this.cars.values()))
        return
      }
      this.drawCars(surface, this.cars.values(), (car) => this.sliding.has(car) || car.id === this.selected)
    }

    /** Those that slide, and over all of them the one that is asked about. @param {MapSurface} surface */
    drawMoving(surface) {
      const nowMs = performance.now()
      let arrived = 0
      for (const car of this.sliding) if (nowMs - car.startedMs >= SLIDE_MS) arrived += 1
      // Many wait where they are for the next news, with which all that stand are drawn anyway.
      if (arrived > 0 && arrived <= MOST_DRAWN_TWICE) {
        for (const car of this.sliding) if (nowMs - car.startedMs >= SLIDE_MS) this.sliding.delete(car)
        this.redraw.still()
      }
      const selected = this.selectedCar()
      if (!this.isFar(surface.map)) this.drawCars(surface, this.sliding, (car) => car.id === this.selected)
      if (selected !== undefined) this.drawCars(surface, [selected], () => false)
      const underWay = this.sliding.size - (arrived > MOST_DRAWN_TWICE ? arrived : 0)
      if (underWay > 0) this.redraw.moving()
    }

    selectedCar() {
      if (this.selected === null) return undefined
      return this.followed?.id === this.selected ? this.followed : this.cars.get(this.selected)
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
        if (car.id === this.selected) parts.drawHalo(context, x, y, parts.colour(element, '--brand'))
        if (this.marked.has(car.id)) parts.drawRing(context, element, x, y)
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
        // Of the one that is asked about, how old its place is.
        const words = car.id === this.selected ? `${car.callSign} · ${ageText(car)}` : car.callSign
        parts.drawCallSign(context, element, words, x, y)
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
      const sprite = parts.drawSprite(car.state, (step * 2 * Math.PI) / HEADING_STEPS, element, ratio)
      this.sprites.set(key, sprite)
      return sprite
    }

    /** @param {import('leaflet').Map} map @param {{ x: number, y: number }} pixel @param {number} reachPx */
    at(map, pixel, reachPx) {
      const nowMs = performance.now()
      const scale = map.getZoomScale(map.getZoom(), 0)
      const target = map.project(map.containerPointToLatLng([pixel.x, pixel.y]))
      let [closest, closestPx] = [/** @type {string | null} */ (null), reachPx]
      const shown = this.followed === null ? this.cars.values() : [...this.cars.values(), this.followed]
      for (const car of shown) {
        const { x, y } = positionOf(car, nowMs)
        const distancePx = Math.hypot(x * scale - target.x, y * scale - target.y)
        if (distancePx <= closestPx) [closest, closestPx] = [car.id, distancePx]
      }
      return closest
    }

    /** Cars between two view pixels; null where they are counted and not drawn. @param {import('leaflet').Map} map @param {XY} one @param {XY} other */
    within(map, one, other) {
      if (this.isFar(map)) return null
      const nowMs = performance.now()
      const scale = map.getZoomScale(map.getZoom(), 0)
      const corners = [one, other].map(({ x, y }) => map.project(map.containerPointToLatLng([x, y])))
      const [west, east] = corners.map(({ x }) => x).sort((a, b) => a - b)
      const [north, south] = corners.map(({ y }) => y).sort((a, b) => a - b)
      return [...this.cars.values()].filter((car) => {
        const at = positionOf(car, nowMs)
        const [x, y] = [at.x * scale, at.y * scale]
        return x >= Number(west) && x <= Number(east) && y >= Number(north) && y <= Number(south)
      })
    }
  }

  /** Pixels of zoom 0, on the square of web maps. @param {number} lat6 @param {number} lng6 @returns {XY} */
  function worldPoint(lat6, lng6) {
    const sine = Math.sin((Math.min(MOST_LAT, Math.max(-MOST_LAT, lat6 / 1e6)) * Math.PI) / 180)
    return {
      x: WORLD_PX * (lng6 / 360e6 + 0.5),
      y: WORLD_PX * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)),
    }
  }

  /** @param {MapCarRow} row @param {number} nowMs @returns {Car} */
  function carOf([id, callSign, lat6, lng6, headingDeg, state, ageS], nowMs) {
    const at = worldPoint(lat6, lng6)
    return {
      id,
      callSign,
      headingDeg,
      state,
      from: at,
      to: at,
      startedMs: nowMs,
      fixAtMs: nowMs - ageS * 1_000,
    }
  }

  /** @param {Car} car @param {number} nowMs @returns {XY} */
  function positionOf({ from, to, startedMs }, nowMs) {
    const part = (nowMs - startedMs) / SLIDE_MS
    if (part >= 1 || from === to) return to
    return { x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) }
  }

  /** @param {Car} car */
  function ageText({ fixAtMs }) {
    const seconds = Math.max(0, Math.round((performance.now() - fixAtMs) / 1_000))
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`
  }

  window.HoneycabMapParts = Object.assign(window.HoneycabMapParts ?? {}, { CarFleet })
})()
