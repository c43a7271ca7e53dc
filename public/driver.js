/**
 * The driver's page and its phone: the receiver, the socket and the store for the pinger, a screen that stays on, the map.
 * The state of the work is the server's; what this file keeps is only what the phone itself knows.
 */
;(() => {
  const { createPinger, pillText, hiddenText, lowPct } = globalThis.HoneycabPing
  const page = document.getElementById('driver')
  if (page === null) return
  const timeZone = document.body.dataset.timeZone

  function root() {
    return document.getElementById('driver') ?? /** @type {HTMLElement} */ (page)
  }

  function isOnShift() {
    return root().dataset.shift === 'on'
  }

  /** The page's socket; live.js is the last script, so it is looked up when it is needed. */
  function live() {
    return /** @type {{HoneycabLive?: {send(message: string | ArrayBuffer): boolean}}} */ (
      /** @type {unknown} */ (window)
    ).HoneycabLive
  }

  /** @param {number} atMs */
  function clockTime(atMs) {
    const american = document.documentElement.lang === 'en-US'
    const hour = american ? 'numeric' : '2-digit'
    const locale = american ? 'en-US' : 'en-GB'
    return new Intl.DateTimeFormat(locale, { hour, minute: '2-digit', timeZone }).format(atMs)
  }

  const CLOCK = 'honeycab-clock'
  const phoneClock = globalThis.createHoneycabClock({
    wallMs: () => Date.now(),
    steadyMs: () => performance.now(),
    kept: {
      load: () => Number(localStorage.getItem(CLOCK) ?? 0),
      save: (offsetMs) => localStorage.setItem(CLOCK, String(offsetMs)),
    },
  })
  /** The drawing whose time was read last. */
  let timeRead = ''

  /** @param {number} ageMs how long ago the page was drawn */
  function learnTime(ageMs) {
    const { now, ahead } = root().dataset
    // What the phone itself kept or drew ahead says when that was.
    if (
      now === undefined ||
      now === timeRead ||
      ahead !== undefined ||
      document.body.dataset.keptAt !== undefined
    )
      return
    timeRead = now
    phoneClock.learn(Number(now) + ageMs)
  }

  const pinger = createPinger({
    geolocation: isSecureContext && 'geolocation' in navigator ? navigator.geolocation : null,
    clock: {
      nowMs: phoneClock.nowMs,
      fixAtMs: phoneClock.fixAtMs,
      every: (ms, call) => {
        const timer = setInterval(call, ms)
        return () => clearInterval(timer)
      },
    },
    store: globalThis.openHoneycabPingStore(indexedDB, page.dataset.driver ?? ''),
    transport: {
      send: sendPings,
      post: postPings,
    },
    onChange: showPosition,
  })

  /** A server of yesterday, in the hour of a deploy, knows text alone. */
  let knowsFrames = true

  /**
   * @param {Ping[]} pings
   * @returns {boolean}
   */
  function sendPings(pings) {
    const frame = knowsFrames ? globalThis.HoneycabPingFrame.write(pings) : null
    return live()?.send(frame ?? JSON.stringify({ type: 'pings', pings })) ?? false
  }

  /**
   * @param {Ping[]} pings
   * @returns {Promise<Ack | 'refused' | 'failed'>}
   */
  async function postPings(pings) {
    try {
      const token = document.querySelector('meta[name="csrf"]')?.getAttribute('content') ?? ''
      const response = await fetch('/api/v1/positions', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-csrf-token': token },
        body: JSON.stringify({ pings }),
        keepalive: pings.length < 50,
        signal: AbortSignal.timeout(10_000),
      })
      if (response.ok) return await response.json()
      return response.status === 400 || response.status === 413 || response.status === 422
        ? 'refused'
        : 'failed'
    } catch {
      return 'failed'
    }
  }

  /** @param {PingState} state */
  function showPosition(state) {
    const pill = document.getElementById('gps')
    const words = pill?.querySelector('span')
    if (pill && words) {
      const { tone, text } = pillText(state, phoneClock.nowMs(), clockTime)
      pill.dataset.tone = tone
      // The pill then says all the bar on top would, and what it means for a driver.
      document.body.toggleAttribute('data-no-network', state.sending && state.offline)
      // The age changes each second: written into a live region it would be read out each second.
      pill.setAttribute('aria-live', tone === 'ok' ? 'off' : 'polite')
      if (words.textContent !== text) words.textContent = text
    }
    if (state.place !== null && state.fix !== null) {
      const headingDeg = state.place.headingDeg ?? lastHeadingDeg
      lastHeadingDeg = headingDeg
      map()?.setCar({ ...state.place, headingDeg, ageMs: Math.max(0, phoneClock.nowMs() - state.fix.atMs) })
      follow()
      document.dispatchEvent(new CustomEvent('driver:place', { detail: state.place }))
    }
  }
  let lastHeadingDeg = 0

  /** Of several tabs one sends and keeps the screen on, and of several phones the one that the server says. */
  function isSending() {
    return isOnShift() && globalThis.HoneycabTabs.isLeading() && root().dataset.otherPhone === undefined
  }

  async function startPosition() {
    await pinger.start(isSending())
    if (isSending()) keepAwake()
    else letSleep()
  }

  // Blocked and then allowed again, in the browser's settings: the watch of before is dead.
  navigator.permissions
    ?.query({ name: 'geolocation' })
    .then((permission) => {
      permission.addEventListener('change', () => {
        pinger.stop()
        startPosition()
      })
    })
    .catch(() => {})

  /** @typedef {EventTarget & {level: number, charging: boolean}} Battery not in the types, and not in every browser */
  const { getBattery } = /** @type {{getBattery?: () => Promise<Battery>}} */ (
    /** @type {unknown} */ (navigator)
  )
  getBattery
    ?.call(navigator)
    .then((battery) => {
      const look = () => pinger.lowBattery(lowPct(battery))
      for (const name of ['levelchange', 'chargingchange']) battery.addEventListener(name, look)
      look()
    })
    .catch(() => {})

  document.addEventListener('live:state', (event) => {
    pinger.connection(/** @type {CustomEvent} */ (event).detail.live === true)
  })
  document.addEventListener('live:message', (event) => {
    const message = /** @type {CustomEvent} */ (event).detail
    if (message.type === 'ack') pinger.acked(message)
    if (message.type === 'refused' && message.fields !== undefined && knowsFrames) {
      knowsFrames = false
      pinger.connection(true)
    }
  })
  addEventListener('online', () => pinger.connection(true))

  /** @type {WakeLockSentinel | null} */
  let lock = null
  /** @type {number | null} */
  let hiddenAtMs = null

  let isAskingForLock = false

  async function keepAwake() {
    if (lock !== null || isAskingForLock || document.hidden || !('wakeLock' in navigator)) return
    isAskingForLock = true
    try {
      lock = await navigator.wakeLock.request('screen')
      // A phone takes it back with every look at another app.
      lock.addEventListener('release', () => {
        lock = null
        showAwake()
      })
    } catch {
      // Refused with a low battery; the page works all the same and the pill does not claim otherwise.
    } finally {
      isAskingForLock = false
    }
    showAwake()
  }

  function letSleep() {
    lock?.release()
  }

  function showAwake() {
    const pill = document.getElementById('awake')
    if (pill !== null) pill.hidden = lock === null || root().dataset.state !== 'ride'
  }

  /** Within this the server trusts the last position, and offers come. */
  const SEEN_MS = 30_000

  document.addEventListener('visibilitychange', () => {
    if (!isSending()) return
    if (document.hidden) {
      hiddenAtMs = Date.now()
      return
    }
    keepAwake()
    const { ackedAtMs } = pinger.state()
    const wasSeen = ackedAtMs !== null && phoneClock.nowMs() - ackedAtMs < SEEN_MS
    const onRide = root().dataset.state === 'ride'
    const text = hiddenAtMs === null ? null : hiddenText(Date.now() - hiddenAtMs, { wasSeen, onRide })
    hiddenAtMs = null
    const bar = document.getElementById('hidden-notice')
    if (text === null || bar === null) return
    bar.textContent = text
    bar.hidden = false
    setTimeout(() => {
      bar.hidden = true
    }, 12_000)
  })

  /** @type {HoneycabMapHandle | null} */
  let drawn = null
  let drawnScene = ''

  function map() {
    const element = /** @type {HTMLElement | null} */ (document.querySelector('#driver-stage .map'))
    if (element === null || window.HoneycabMap === undefined) return null
    if (drawn === null) {
      drawn = window.HoneycabMap(element)
      drawn.leaflet.on('dragstart', () => {
        isMovedByHand = true
      })
      // A sheet that grows or shrinks, or a phone that is turned, leaves another window on the city.
      resized.observe(element)
    }
    return drawn
  }

  /** Whoever moved the map by hand keeps the view, until there is something new to see. */
  let isMovedByHand = false
  const resized = new ResizeObserver(() => {
    if (drawn === null || isMovedByHand) return
    drawn.leaflet.invalidateSize({ pan: false })
    showWhole(drawn)
  })

  function drawScene() {
    const scene = root().dataset.scene ?? '{}'
    const canvas = map()
    if (scene === drawnScene || canvas === null) return
    drawnScene = scene
    isMovedByHand = false
    const { from, to, stops, route, approach, car } = JSON.parse(scene)
    canvas.setFrom(from ?? null)
    canvas.setTo(to ?? null)
    canvas.setStops(stops ?? null)
    canvas.setRoute([
      ...(approach === undefined ? [] : [{ kind: /** @type {const} */ ('approach'), points: approach }]),
      ...wayAhead(route, from, to, stops),
    ])
    if (car && pinger.state().place === null) canvas.setCar(car)
    showWhole(canvas)
  }

  /**
   * Without a known way along the streets the two ends are joined by a dotted line, which promises nothing.
   * @param {MapPoint[] | undefined} route
   * @param {MapPoint | undefined} from
   * @param {MapPoint | undefined} to
   * @param {MapStop[]} [stops]
   * @returns {MapLeg[]}
   */
  function wayAhead(route, from, to, stops = []) {
    if (route !== undefined) return [{ kind: 'ahead', points: route }]
    return from === undefined || to === undefined ? [] : [{ kind: 'open', points: [from, ...stops, to] }]
  }

  /** The car and where it goes next, clear of what floats on the map. @param {HoneycabMapHandle} canvas */
  function showWhole(canvas) {
    const { car, center } = JSON.parse(drawnScene)
    const focus = JSON.parse(root().dataset.focus ?? '[]')
    const points = [...focus, pinger.state().place ?? car].filter(Boolean)
    canvas.fit(points.length > 0 ? points : [center], { top: 56, right: 8, bottom: 36, left: 8 })
  }

  /** A car that drives off the edge takes the view along; one that does not leaves it alone, for whoever moved it. */
  function follow() {
    const place = pinger.state().place
    if (drawn === null || place === null) return
    if (!drawn.leaflet.getBounds().contains([place.lat, place.lng])) showWhole(drawn)
  }

  /** For the page's other scripts. */
  globalThis.HoneycabDriver = { clockTime, nowMs: phoneClock.nowMs }

  document.addEventListener('driver:tabs', startPosition)

  function drawnAnew() {
    learnTime(0)
    drawScene()
    startPosition()
    showAwake()
    showPosition(pinger.state())
  }

  document.addEventListener('live:fragment', drawnAnew)
  document.addEventListener('htmx:after:swap', drawnAnew)
  const [load] = performance.getEntriesByType('navigation')
  learnTime(load instanceof PerformanceNavigationTiming ? performance.now() - load.responseStart : 0)
  drawnAnew()
})()
