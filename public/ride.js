// The rider's live page: the car moves, its age and the minutes follow, between the fragments that bring new states.
// The map shows what matters in that state: who is asked, the car and where it comes, the car and where it goes.
;(() => {
  const element = document.querySelector('.split-map .map')
  const map = element instanceof HTMLElement && 'HoneycabMap' in window ? window.HoneycabMap(element) : null
  /** @type {MapConfig} */
  const config = element instanceof HTMLElement ? JSON.parse(element.dataset.map ?? '{}') : {}
  /** Between the two ends, in order. */
  let stops = config.stops ?? []
  const TO_PICKUP = new Set(['assigned', 'en_route', 'arrived'])
  /** An untouched map closes in on the car now and then; more often would make the streets jump. */
  const CLOSE_IN_MS = 15_000

  /** @typedef {{ type: 'car', lat: number, lng: number, headingDeg: number, ageMs: number, etaS: number | null }} CarMessage */

  /** @type {MapPoint | null} */
  let car = null
  let shownState = ''
  let shownAsked = ''
  let shownAtMs = 0
  let labelled = ''
  /** Once somebody moved the map it is theirs, until the ride's state changes. */
  let touched = false
  /** Where the car went with the rider on board. */
  const trail = drivenOf(config.route)
  /** Along the streets from pickup to drop-off; null where nobody knows it. */
  const way = aheadOf(config.route)
  /** A car farther from the way than this went another one. */
  const OFF_WAY_M = 120

  /** @param {MapConfig['route']} route @returns {MapPoint[]} */
  function drivenOf(route) {
    for (const leg of route ?? []) if ('points' in leg && leg.kind === 'driven') return leg.points
    return []
  }

  /** @param {MapConfig['route']} route @returns {MapPoint[] | null} */
  function aheadOf(route) {
    for (const leg of route ?? []) if ('points' in leg && leg.kind === 'ahead') return leg.points
    return null
  }

  if (element !== null)
    for (const type of ['pointerdown', 'wheel', 'keydown'])
      element.addEventListener(
        type,
        () => {
          touched = true
        },
        { passive: true },
      )
  // The sheet grows and shrinks with its words: what is shown stays whole.
  map?.leaflet.on('resize', () => {
    if (!touched) frame()
  })

  document.addEventListener('live:message', (event) => {
    if (!(event instanceof CustomEvent) || event.detail?.type !== 'car') return
    /** @type {CarMessage} */
    const message = event.detail
    if (!isFollowed(state())) return
    // map.js moves the car by itself.
    const isFirst = car === null
    car = { lat: message.lat, lng: message.lng }
    if (state() === 'in_progress') trail.push(car)
    drawWay()
    showAge(message.ageMs)
    if (message.etaS !== null) showEta(message.etaS)
    if (isFirst || (!touched && (performance.now() - shownAtMs > CLOSE_IN_MS || isOutOfSight()))) frame()
  })
  document.addEventListener('live:fragment', follow)
  follow()

  function follow() {
    if (map === null) return
    passStops()
    const status = document.getElementById('ride-status')
    const asked = status?.dataset.asked ?? ''
    if (asked !== shownAsked) {
      shownAsked = asked
      map.setHexes(asked === '' ? null : JSON.parse(asked))
      if (!touched) frame()
    }
    if (state() === shownState) return
    shownState = state()
    touched = false
    if (!isFollowed(shownState)) {
      car = null
      map.setCar(null)
    }
    label(null)
    drawWay()
    frame()
  }

  function state() {
    return document.getElementById('ride-status')?.dataset.state ?? ''
  }

  /** A stop that the car has been at is one no more that is ahead. */
  function passStops() {
    const passed = [...document.querySelectorAll('.ride-stops [data-standing]')].map(
      (row) => row.getAttribute('data-standing') === 'passed',
    )
    const fresh = stops.map((stop, n) => ({ ...stop, isPassed: passed[n] ?? stop.isPassed === true }))
    if (JSON.stringify(fresh) === JSON.stringify(stops)) return
    stops = fresh
    map?.setStops(stops)
    drawWay()
  }

  /** @param {string} name */
  function isFollowed(name) {
    return TO_PICKUP.has(name) || name === 'in_progress'
  }

  /** What is left of the way for a car on it; straight and dotted where no road is known. @param {MapPoint} at @param {MapPoint} to @returns {MapLeg} */
  function rest(at, to) {
    const left = way === null ? null : leftOf(way, at)
    const ahead = stops.filter(({ isPassed }) => isPassed !== true)
    return left === null
      ? { kind: 'open', points: [at, ...ahead, to] }
      : { kind: 'ahead', points: [at, ...left] }
  }

  /** The corners after the piece that the point lies on; null for one that lies on none. @param {MapPoint[]} line @param {MapPoint} at */
  function leftOf(line, at) {
    const northM = 111_195
    const eastM = northM * Math.cos((at.lat * Math.PI) / 180)
    let least = OFF_WAY_M
    let next = -1
    for (let n = 1; n < line.length; n++) {
      const [a, b] = [line[n - 1], line[n]]
      if (a === undefined || b === undefined) continue
      const [x, y] = [(a.lng - at.lng) * eastM, (a.lat - at.lat) * northM]
      const [dx, dy] = [(b.lng - a.lng) * eastM, (b.lat - a.lat) * northM]
      const share = Math.max(0, Math.min(1, -(x * dx + y * dy) / (dx * dx + dy * dy || 1)))
      const awayM = Math.hypot(x + share * dx, y + share * dy)
      // Of two pieces as near the later one: a car at a corner has done with the street before.
      if (awayM <= least) [least, next] = [awayM, n]
    }
    return next < 0 ? null : line.slice(next)
  }

  /** A way along the streets is drawn solid; where none is known, and to the pickup, the line is dotted. */
  function drawWay() {
    if (map === null || config.from == null || config.to == null) return
    const now = state()
    if (now === 'completed' && trail.length > 1) map.setRoute([{ kind: 'ahead', points: trail }])
    else if (now === 'in_progress')
      map.setRoute([{ kind: 'driven', points: trail }, rest(car ?? trail.at(-1) ?? config.from, config.to)])
    else if (now !== 'completed') {
      map.setRoute([
        way === null
          ? { kind: 'open', points: [config.from, ...stops, config.to] }
          : { kind: 'ahead', points: way },
        ...(car === null || now === 'arrived'
          ? []
          : [{ kind: /** @type {const} */ ('open'), points: [car, config.from] }]),
      ])
    }
  }

  /** What this state is about, whole in the view. */
  function frame() {
    if (map === null) return
    shownAtMs = performance.now()
    const ends = [config.from, ...stops, config.to].filter((end) => end != null)
    if (shownState === 'requested' && config.from != null) map.fit(around(config.from))
    else if (car !== null && TO_PICKUP.has(shownState) && config.from != null) map.fit([car, config.from])
    else if (car !== null && config.to != null) map.fit([car, config.to])
    else map.fit([...ends, ...(shownState === 'completed' ? trail : [])])
  }

  /** The first two rings of the cells that are asked; the rest fades out anyway. @param {MapPoint} pickup */
  function around(pickup) {
    /** @type {MapHexes | null} */
    const asked = shownAsked === '' ? null : JSON.parse(shownAsked)
    const near = (asked?.cells ?? []).filter(({ step }) => step <= 2).flatMap(({ boundary }) => boundary)
    return [
      pickup,
      ...near.map((corner) => (Array.isArray(corner) ? { lat: corner[0], lng: corner[1] } : corner)),
    ]
  }

  function isOutOfSight() {
    return map !== null && car !== null && !map.leaflet.getBounds().contains([car.lat, car.lng])
  }

  /** @param {number} ageMs */
  function showAge(ageMs) {
    const age = document.querySelector('#car-age .age')
    if (!(age instanceof HTMLElement)) return
    const nowMs = Date.now()
    age.dataset.now = String(nowMs)
    age.dataset.seen = String(nowMs - ageMs)
  }

  /** @param {number} etaS */
  function showEta(etaS) {
    const headline = document.getElementById('ride-headline')
    const way = headline?.dataset.eta
    if (headline === null || way === undefined) return
    const minutes = Math.round(etaS / 60)
    label(minutes < 1 ? null : `${minutes} min`)
    const words =
      minutes < 1 ? 'Nearly there' : way === 'away' ? `${minutes} min away` : `There in ${minutes} min`
    if (headline.textContent !== words) headline.textContent = words
    const arrival = document.querySelector('#ride-arrival time')
    if (arrival === null) return
    const { timeZone } = document.body.dataset
    const american = document.documentElement.lang === 'en-US'
    const hour = american ? 'numeric' : '2-digit'
    const locale = american ? 'en-US' : 'en-GB'
    const clock = new Intl.DateTimeFormat(locale, { hour, minute: '2-digit', timeZone })
    arrival.textContent = clock.format(Date.now() + etaS * 1000)
  }

  /** The minutes beside the pin the car drives to. @param {string | null} minutes */
  function label(minutes) {
    const now = `${state()} ${minutes}`
    if (map === null || now === labelled) return
    labelled = now
    const { from, to } = config
    const words = minutes === null ? {} : { label: minutes }
    if (from != null) map.setFrom({ ...from, ...(TO_PICKUP.has(state()) ? words : {}) })
    if (to != null) map.setTo({ ...to, ...(state() === 'in_progress' ? words : {}) })
  }
})()
