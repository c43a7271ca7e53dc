/**
 * The desk's page: views on narrow screens, ages that grow, the chosen ride on the map, and a table that stays true.
 * Which ride is chosen and which rides are listed stands in the document; this file only follows it.
 */
;(() => {
  const found = document.getElementById('board')
  if (found === null) return
  const board = found
  /** The table is asked for again at most this often, however many rides change. */
  const TABLE_EVERY_MS = 2_000
  /** ... and at least this often, for its minutes; the socket brings everything else. */
  const TABLE_AT_LEAST_MS = 15_000
  /** More than a drawing is ever on its way. */
  const CLOCK_OFF_MS = 30_000
  /** A question or a menu that is open in the pane, or a form that is filled in there: a refresh leaves it alone. */
  const ASKING = '#board-ride dialog[open], #board-ride details.menu[open], #board-ride[data-editing]'
  /** The choice of cells lies over the map above, their legend below. */
  const COVERED = { top: 40, bottom: 56 }
  const timeZone = document.body.dataset.timeZone

  /** The server's clock less this machine's. */
  let skewMs = 0
  const clock = document.getElementById('board-clock')
  const drawnAtMs = performance.getEntriesByType('navigation')[0]?.toJSON().responseStart ?? 0
  if (clock !== null) skewMs = Number(clock.dataset.serverNow) - (performance.timeOrigin + drawnAtMs)
  const american = document.documentElement.lang === 'en-US'
  const clockFormat = new Intl.DateTimeFormat(american ? 'en-US' : 'en-GB', {
    hour: american ? 'numeric' : '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone,
  })

  function serverNowMs() {
    return performance.timeOrigin + (window.HoneycabLive?.nowMs() ?? performance.now()) + skewMs
  }

  /** Each drawing of the queue says what time it is: our clock is right again after it stood still, or was set. */
  function setClock() {
    const offMs = Number(document.getElementById('board-queue')?.dataset.now) - serverNowMs()
    if (Math.abs(offMs) > CLOCK_OFF_MS) skewMs += offMs
  }

  function tick() {
    const nowMs = serverNowMs()
    if (clock !== null) write(clock, clockFormat.format(nowMs))
    for (const element of board.querySelectorAll('[data-since]')) {
      if (!(element instanceof HTMLElement)) continue
      const seconds = Math.max(0, Math.floor((nowMs - Number(element.dataset.since)) / 1_000))
      write(element, `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`)
      const card = element.closest('.queue-card')
      if (card instanceof HTMLElement) card.dataset.minutes = ageStep(seconds)
    }
  }

  /** @param {number} seconds */
  function ageStep(seconds) {
    const minutes = Math.floor(seconds / 60)
    return minutes >= 4 ? '4' : minutes >= 2 ? '2' : String(minutes)
  }

  /**
   * @param {Element} element
   * @param {string} text
   */
  function write(element, text) {
    if (element.textContent !== text) element.textContent = text
  }

  function chosenRide() {
    const pane = document.getElementById('board-ride')
    return pane?.dataset.rideId ?? null
  }

  /** A pushed queue does not know what this desk has chosen. */
  function markChosen() {
    const chosen = chosenRide()
    for (const link of board.querySelectorAll('a[data-ride]')) {
      if (link.getAttribute('data-ride') === chosen) link.setAttribute('aria-current', 'true')
      else link.removeAttribute('aria-current')
    }
  }

  let drawnScene = ''
  function drawScene() {
    const element = document.querySelector('#board-map .map')
    if (!(element instanceof HTMLElement) || window.HoneycabMap === undefined) return
    const map = window.HoneycabMap(element)
    const scene = document.getElementById('board-ride')?.dataset.scene ?? ''
    if (scene === drawnScene) return
    const isAnother = sceneRide !== chosenRide()
    sceneRide = chosenRide()
    drawnScene = scene
    const {
      from,
      to,
      stops = [],
      way,
      candidates,
      driverId,
      car,
      approaches,
    } = scene === '' ? {} : JSON.parse(scene)
    map.setFrom(from ?? null)
    map.setTo(to ?? null)
    map.setStops(stops)
    map.setRoute(
      from && to
        ? [
            way ? { kind: 'ahead', points: way } : { kind: 'open', points: [from, ...stops, to] },
            ...(car && approaches ? [{ kind: /** @type {const} */ ('approach'), points: [car, from] }] : []),
          ]
        : null,
    )
    drawCandidates()
    if (scene === '') map.setCandidates(null)
    map.selectCar(driverId ?? null)
    // Only a newly chosen ride moves the map; an update of it must not take the view away from the dispatcher.
    if (isAnother && from) map.fit([from, ...stops, to, ...candidates, ...(car ? [car] : [])], COVERED)
  }
  /** @type {string | null} */
  let sceneRide = null

  /** The way of the driver who would get the ride stands out, whoever that is now. */
  function drawCandidates() {
    const element = document.querySelector('#board-map .map')
    if (!(element instanceof HTMLElement) || window.HoneycabMap === undefined || drawnScene === '') return
    const chosen = document.querySelector('#assign input[name="driver_id"]:checked')
    const driverId = chosen instanceof HTMLInputElement ? chosen.value : null
    /** @type {(MapCandidate & {driverId: string})[]} */
    const candidates = JSON.parse(drawnScene).candidates
    window
      .HoneycabMap(element)
      .setCandidates(
        candidates.map((candidate) => ({ ...candidate, isChosen: candidate.driverId === driverId })),
      )
  }

  /** The driver picked by hand for this ride: kept by id when the list is drawn anew in another order. */
  let picked = { rideId: chosenRide(), driverId: '' }

  function nameAssign() {
    if (picked.rideId !== chosenRide()) picked = { rideId: chosenRide(), driverId: '' }
    for (const form of document.querySelectorAll('#assign, #reassignment-dialog:not([open]) form'))
      chooseIn(form)
    const label = document.querySelector('[data-assign-label]')
    const chosen = document.querySelector('#assign input[name="driver_id"]:checked')
    if (label === null || !(chosen instanceof HTMLInputElement)) return
    write(label, `Assign ${chosen.dataset.callSign}`)
  }

  /**
   * Whoever was picked by hand, else the first as it was drawn: a row that was pressed once keeps what it was then, also where
   * it is drawn anew for another ride.
   * @param {Element} form
   */
  function chooseIn(form) {
    /** @type {NodeListOf<HTMLInputElement>} */
    const inputs = form.querySelectorAll('input[name="driver_id"]')
    const mine =
      [...inputs].find(({ value }) => value === picked.driverId) ??
      [...inputs].find(({ defaultChecked }) => defaultChecked)
    if (mine !== undefined) mine.checked = true
  }

  /** @param {HTMLInputElement} input */
  function pick(input) {
    picked = { rideId: chosenRide(), driverId: input.value }
    nameAssign()
    drawCandidates()
  }

  /** @param {string} view */
  function show(view) {
    board.dataset.view = view
    for (const link of document.querySelectorAll('[data-view-name]')) {
      if (link.getAttribute('data-view-name') === view) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
  }

  let askedAtMs = 0
  let isAsking = false

  /** The same rides again, as they are now. The pane too, unless a question is open in it. */
  function refresh() {
    const waitMs = Math.max(0, askedAtMs + TABLE_EVERY_MS - performance.now())
    if (isAsking) return
    isAsking = true
    setTimeout(() => {
      isAsking = false
      askedAtMs = performance.now()
      const { refresh: askFor } = window.HoneycabAsked
      askFor('board-table', () => document.getElementById('board-table')?.dataset.address ?? null)
      askFor('board-ride', () => {
        const ride = document.querySelector(ASKING) === null ? chosenRide() : null
        return ride === null ? null : `/board/rides/${encodeURIComponent(ride)}`
      })
    }, waitMs)
  }

  function drawnAnew() {
    markChosen()
    nameAssign()
    drawScene()
    tick()
  }

  document.addEventListener('live:fragment', (event) => {
    const { detail } = /** @type {CustomEvent} */ (event)
    const isQueue = detail instanceof Element && detail.id === 'board-queue'
    if (isQueue) setClock()
    drawnAnew()
    if (isQueue) refresh()
  })
  document.addEventListener('live:message', (event) => {
    if (/** @type {CustomEvent} */ (event).detail?.type === 'rides') refresh()
  })
  setInterval(() => {
    if (!document.hidden && performance.now() - askedAtMs >= TABLE_AT_LEAST_MS) refresh()
  }, 5_000)

  // An answer without the part that was asked for (signed out meanwhile) is shown as the page it is.
  document.addEventListener('htmx:before:swap', (event) => {
    const ctx = /** @type {CustomEvent} */ (event).detail?.ctx
    const target = ctx?.target instanceof Element ? ctx.target.id : ''
    if (event.defaultPrevented || ctx?.request === undefined || !target.startsWith('board-')) return
    if (String(ctx.text).includes(`id="${target}"`)) {
      // A refresh that was asked for before a question was opened must not take the question away.
      if (target === 'board-ride' && ctx.refreshOf !== undefined && document.querySelector(ASKING) !== null)
        event.preventDefault()
      return
    }
    event.preventDefault()
    // Of another desk nothing is shown here; desk-of.js says it.
    if (ctx.response?.headers.get('x-desk') === 'other') return
    location.reload()
  })
  document.addEventListener('htmx:after:swap', (event) => {
    const source = /** @type {CustomEvent} */ (event).detail?.ctx?.sourceElement
    if (source instanceof Element && source.matches('a[data-ride], a[data-driver-link]')) show('ride')
    if (source instanceof Element && source.matches('[data-close]')) show('queue')
    drawnAnew()
  })

  document.addEventListener('change', (event) => {
    if (event.target instanceof HTMLInputElement && event.target.name === 'driver_id') pick(event.target)
  })
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return
    const view = event.target.closest('[data-view-name]')?.getAttribute('data-view-name')
    if (view) {
      event.preventDefault()
      show(view)
    }
    const shown = event.target.closest('[data-shows]')
    const map = document.querySelector('#board-map .map')
    if (shown instanceof HTMLElement && map instanceof HTMLElement && window.HoneycabMap !== undefined) {
      event.preventDefault()
      show('map')
      window.HoneycabMap(map).fit(JSON.parse(shown.dataset.shows ?? '[]'))
    }
  })

  // A car on the map is chosen for the ride that waits, or opens its driver (board-driver.js), whose rides are a press away.
  document.addEventListener('map:car', (event) => {
    const id = /** @type {CustomEvent} */ (event).detail
    const candidate = document.querySelector(`#assign input[value="${CSS.escape(id)}"]`)
    if (candidate instanceof HTMLInputElement) {
      pick(candidate)
      return
    }
    document.dispatchEvent(new CustomEvent('board:driver', { detail: id }))
    show('ride')
  })

  show(board.dataset.view ?? 'queue')
  setInterval(tick, 1_000)
  drawnAnew()
})()
