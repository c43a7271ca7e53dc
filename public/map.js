// The map of every page: `<div class="map" data-map='{"from":…,"to":…}' data-city="/assets/city/manhattan.json">`.
//
// Scripts in this order: leaflet.js, map-layers.js, map-city.js, map-clusters.js, map-car-shapes.js, map-cars.js, map-marks.js, map.js; styles leaflet.css, map.css.
// Elements that are there when the page has loaded, or that a fragment brings, become maps by themselves;
// `HoneycabMap(element)` gives the handle (MapConfig and HoneycabMapHandle in map-types.d.ts say what it takes).
// Messages of the page's socket are followed: {type:'car'} moves the rider's car; the board's cars come by board-cars.js.
// A press on a car is also told as the event `map:car` on the element, detail the car's id, and whom the page selects as
// `map:selected`.
// Tiles come from `data-tiles` (or `tilesUrl`) with `data-attribution` (or `attribution`) and cover the city's own drawing.
;(() => {
  const Leaflet = window.L
  const parts = window.HoneycabMapParts
  const CITY = '/assets/city/manhattan.json'
  const CREDIT = '© OpenStreetMap contributors'
  const START = { center: { lat: 40.7484, lng: -73.9857 }, zoom: 13 }
  const [FARTHEST_ZOOM, CLOSEST_ZOOM] = [10, 18]
  /** Never closer than this when things are shown whole: one block says little. */
  const FIT_ZOOM = 16
  const FIT_MARGIN_PX = 36
  const CAR_REACH_PX = { fine: 14, coarse: 26 }
  /** So many tiles in a row that do not come mean that none will: our own map is the better one then. */
  const MOST_FAILED_TILES = 6

  /** @type {WeakMap<Element, HoneycabMapHandle>} */
  const maps = new WeakMap()
  /** Several maps of a page draw one city. @type {Map<string, Promise<MapCity>>} */
  const cities = new Map()

  /** @param {string} url @returns {Promise<MapCity>} */
  function loadCity(url) {
    const loading = cities.get(url) ?? fetchCity(url)
    cities.set(url, loading)
    return loading
  }

  /** @param {string} url @returns {Promise<MapCity>} */
  async function fetchCity(url) {
    const answer = await fetch(url)
    if (!answer.ok) throw new Error(`the city's map answered ${answer.status}`)
    return answer.json()
  }

  /** @param {HTMLElement} element @returns {HoneycabMapHandle} */
  function HoneycabMap(element) {
    const known = maps.get(element)
    if (known !== undefined) return known

    const config = readConfig(element)
    const interactive = config.interactive !== false
    const center = toPoint(config.center) ?? START.center
    const map = Leaflet.map(element, {
      center: [center.lat, center.lng],
      zoom: config.zoom ?? START.zoom,
      minZoom: FARTHEST_ZOOM,
      maxZoom: CLOSEST_ZOOM,
      zoomSnap: 0.25,
      zoomDelta: 1,
      zoomControl: false,
      attributionControl: false,
      dragging: interactive,
      scrollWheelZoom: interactive,
      doubleClickZoom: interactive,
      touchZoom: interactive,
      boxZoom: interactive,
      keyboard: interactive,
      zoomAnimation: !parts.prefersStill(),
      fadeAnimation: !parts.prefersStill(),
      markerZoomAnimation: !parts.prefersStill(),
      inertia: !parts.prefersStill(),
    })
    element.classList.add('map-ready')
    if (!interactive) element.removeAttribute('tabindex')
    for (const [pane, order] of /** @type {[string, string][]} */ ([
      ['ground', '150'],
      ['hexes', '320'],
      ['labels', '450'],
      ['cars', '550'],
    ])) {
      const made = map.createPane(pane)
      made.style.zIndex = order
      made.style.pointerEvents = 'none'
    }

    const credit = Leaflet.control.attribution({ prefix: false, position: 'bottomright' }).addTo(map)
    if (interactive) {
      Leaflet.control
        .zoom({ position: 'bottomright', zoomInTitle: 'Zoom in', zoomOutTitle: 'Zoom out' })
        .addTo(map)
    }

    /** @type {MapCity | null} */
    let city = null
    /** @type {((surface: MapSurface) => void) | null} */
    let paintCity = null
    /** @type {MapHexes | null} */
    let hexes = null
    let zones = config.zones ?? []
    /** @type {MapPadding} */
    let padding = config.padding ?? {}
    const ground = new parts.CanvasLayer('ground', (surface) => paintCity?.(surface))
    const hexLayer = new parts.CanvasLayer('hexes', (surface) => {
      parts.drawZones(surface, zones)
      parts.drawHexes(surface, hexes)
    })
    const fleet = new parts.CarFleet({ still: () => carLayer.redraw(), moving: () => slidingLayer.redraw() })
    const carLayer = new parts.CanvasLayer('cars', (surface) => fleet.drawStill(surface))
    const slidingLayer = new parts.CanvasLayer('cars', (surface) => fleet.drawMoving(surface))
    const marks = new parts.Marks(map)
    for (const layer of [ground, hexLayer, carLayer, slidingLayer]) layer.addTo(map)

    const writeLabels = once(() => {
      if (city !== null) marks.writeNames(parts.placeLabels(map, city, marks.taken()))
    })
    map.on('moveend zoomend resize', writeLabels)
    const forgetTheme = parts.onThemeChange(() => {
      for (const layer of [ground, hexLayer, carLayer, slidingLayer]) layer.redraw()
    })
    const resized = new ResizeObserver(() => map.invalidateSize({ pan: false }))
    resized.observe(element)

    const tilesUrl = element.dataset.tiles ?? config.tilesUrl ?? ''
    const tilesCredit =
      tilesUrl === '' ? '' : plainText(element.dataset.attribution ?? config.attribution ?? '')
    if (!tilesCredit.includes(CREDIT)) credit.addAttribution(CREDIT)
    if (tilesCredit !== '') credit.addAttribution(escaped(tilesCredit))
    if (tilesUrl !== '') coverWithTiles(map, tilesUrl)

    loadCity(element.dataset.city ?? config.city ?? CITY).then(
      (loaded) => {
        city = loaded
        paintCity = parts.cityPainter(loaded)
        ground.redraw()
        writeLabels()
      },
      () => {
        element.classList.add('map-plain')
        const note = document.createElement('p')
        note.className = 'map-failed'
        note.setAttribute('role', 'status')
        note.textContent =
          'The map did not load. Nothing is lost: everything else on this page works without it.'
        element.append(note)
      },
    )

    /** @type {((id: string) => void)[]} */
    const carListeners = []
    /** @type {{ listener: (point: MapPoint) => void, centre: boolean } | null} */
    let picking = null
    map.on('click', (event) => {
      if (picking !== null && !picking.centre) return picking.listener(rounded(event.latlng))
      const reach = matchMedia('(pointer: coarse)').matches ? CAR_REACH_PX.coarse : CAR_REACH_PX.fine
      const id = fleet.at(map, event.containerPoint, reach)
      if (id === null) return
      for (const listener of carListeners) listener(id)
      element.dispatchEvent(new CustomEvent('map:car', { detail: id, bubbles: true }))
    })
    map.on('mousemove', (event) => {
      if (fleet.size === 0) return
      const isOverCar = fleet.at(map, event.containerPoint, CAR_REACH_PX.fine) !== null
      element.classList.toggle('map-over-car', isOverCar)
    })
    map.on('moveend', () => {
      if (picking?.centre === true) picking.listener(rounded(map.getCenter()))
    })
    element.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.target !== element || picking === null) return
      event.preventDefault()
      picking.listener(rounded(map.getCenter()))
    })

    /** @type {HoneycabMapHandle} */
    const handle = {
      leaflet: map,
      setFrom(pin) {
        marks.setPin('from', pin)
        writeLabels()
      },
      setTo(pin) {
        marks.setPin('to', pin)
        writeLabels()
      },
      setStops(stops) {
        marks.setStops(stops)
        writeLabels()
      },
      setRoute(route) {
        marks.setRoute(route)
        writeLabels()
      },
      setCar(car) {
        marks.setCar(car)
      },
      setCars: (rows) => fleet.set(rows),
      updateCars: (delta) => fleet.update(delta),
      setCounts: (counts) => fleet.setCounts(counts),
      setFollowed: (row) => fleet.setFollowed(row),
      selectCar(id) {
        fleet.select(id)
        element.dispatchEvent(new CustomEvent('map:selected', { detail: id, bubbles: true }))
      },
      onCarClick: (listener) => void carListeners.push(listener),
      carsWithin: (one, other) => fleet.within(map, one, other),
      markCars: (ids) => fleet.mark(ids),
      setCandidates(candidates) {
        marks.setCandidates(candidates)
        writeLabels()
      },
      setHexes(next) {
        hexes = next
        hexLayer.redraw()
      },
      onPick(listener, { centre = false, kind = 'from' } = {}) {
        const mine = { listener, centre }
        picking = mine
        element.classList.add('map-picking')
        marks.setCrosshair(centre ? kind : null)
        if (centre) listener(rounded(map.getCenter()))
        return () => {
          if (picking !== mine) return
          picking = null
          element.classList.remove('map-picking')
          marks.setCrosshair(null)
        }
      },
      fit(points, room) {
        const shown = points ?? marks.points()
        if (typeof room === 'number') padding = { top: room, right: room, bottom: room, left: room }
        else if (room !== undefined) padding = room
        if (shown.length === 0) return
        const side = (/** @type {number | undefined} */ px) => (px ?? 0) + FIT_MARGIN_PX
        // Nothing that the map is there for lies under its own buttons.
        const zoom = element.querySelector('.leaflet-control-zoom')
        const buttonsPx = zoom instanceof HTMLElement ? zoom.offsetWidth : 0
        map.fitBounds(Leaflet.latLngBounds(shown.map(({ lat, lng }) => [lat, lng])), {
          paddingTopLeft: [side(padding.left), side(padding.top)],
          paddingBottomRight: [
            Math.max(side(padding.right), buttonsPx + FIT_MARGIN_PX),
            side(padding.bottom),
          ],
          maxZoom: FIT_ZOOM,
          animate: false,
        })
      },
      setView: (point, zoom) => void map.setView([point.lat, point.lng], zoom ?? map.getZoom()),
      apply(next) {
        if ('from' in next) handle.setFrom(next.from ?? null)
        if ('to' in next) handle.setTo(next.to ?? null)
        if ('stops' in next) handle.setStops(next.stops ?? null)
        if ('route' in next) handle.setRoute(next.route ?? null)
        if ('car' in next) handle.setCar(next.car ?? null)
        if ('hexes' in next) handle.setHexes(next.hexes ?? null)
        if ('candidates' in next) handle.setCandidates(next.candidates ?? null)
        if (next.cars !== undefined) handle.setCars(next.cars)
        if (next.zones !== undefined) {
          zones = next.zones
          hexLayer.redraw()
        }
        if (next.padding !== undefined) padding = next.padding
        if (next.fit ?? next.center === undefined) handle.fit()
      },
      remove() {
        forgetTheme()
        resized.disconnect()
        marks.remove()
        map.remove()
        maps.delete(element)
      },
    }
    maps.set(element, handle)
    handle.apply(config)
    return handle
  }

  /**
   * @typedef {MapConfig & { tilesUrl?: string, attribution?: string, city?: string }} ElementConfig
   * @param {HTMLElement} element @returns {ElementConfig}
   */
  function readConfig(element) {
    const text = element.dataset.map ?? ''
    return text === '' ? {} : JSON.parse(text)
  }

  /** @param {MapConfig['center']} center @returns {MapPoint | null} */
  function toPoint(center) {
    if (center === undefined || center === null) return null
    return Array.isArray(center) ? { lat: center[0], lng: center[1] } : center
  }

  /** Six decimals are a hand's breadth. @param {MapPoint} point @returns {MapPoint} */
  function rounded({ lat, lng }) {
    const wrapped = ((((lng + 180) % 360) + 360) % 360) - 180
    return { lat: Math.round(lat * 1e6) / 1e6, lng: Math.round(wrapped * 1e6) / 1e6 }
  }

  /**
   * Tiles over our own map, for as long as they come; without a network nothing is asked again until it is back.
   * @param {import('leaflet').Map} map @param {string} url
   */
  function coverWithTiles(map, url) {
    const tiles = Leaflet.tileLayer(url, { maxZoom: CLOSEST_ZOOM, className: 'map-tiles' })
    let failed = 0
    tiles.on('tileload', () => {
      failed = 0
    })
    tiles.on('tileerror', () => {
      failed += 1
      if (failed !== MOST_FAILED_TILES) return
      tiles.remove()
      addEventListener(
        'online',
        () => {
          failed = 0
          if (map.getContainer().isConnected) tiles.addTo(map)
        },
        { once: true },
      )
    })
    tiles.addTo(map)
  }

  /** What markup says, without what it does: what an operator configures is not a way into the page. @param {string} markup */
  function plainText(markup) {
    const { body } = new DOMParser().parseFromString(markup, 'text/html')
    return (body.textContent ?? '').replace(/\s+/g, ' ').trim()
  }

  /** @param {string} text */
  function escaped(text) {
    const holder = document.createElement('span')
    holder.textContent = text
    return holder.innerHTML
  }

  /** The work at the next frame, once however often it is asked for. @param {() => void} work */
  function once(work) {
    let frame = 0
    return () => {
      if (frame !== 0) return
      frame = requestAnimationFrame(() => {
        frame = 0
        work()
      })
    }
  }

  function upgrade() {
    for (const element of document.querySelectorAll('.map[data-map]')) {
      if (element instanceof HTMLElement) HoneycabMap(element)
    }
  }

  /** @param {(handle: HoneycabMapHandle) => void} work */
  function onEveryMap(work) {
    for (const element of document.querySelectorAll('.map[data-map]')) {
      const handle = maps.get(element)
      if (handle !== undefined) work(handle)
    }
  }

  window.HoneycabMap = HoneycabMap
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', upgrade)
  else upgrade()
  document.addEventListener('htmx:after:swap', upgrade)
  document.addEventListener('live:fragment', upgrade)
  document.addEventListener('live:message', (event) => {
    const message = /** @type {CustomEvent} */ (event).detail
    if (message?.type === 'car') onEveryMap((handle) => handle.setCar(message))
  })
})()
