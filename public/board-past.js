/**
 * The last hours played: asks for five minutes at a time, moves the cars between the moments that are kept, and writes the
 * rides as they were. The instant stands in the address whenever it rests.
 */
;(() => {
  const found = document.querySelector('main.past')
  const element = document.querySelector('.past-map .map')
  if (
    !(found instanceof HTMLElement) ||
    !(element instanceof HTMLElement) ||
    window.HoneycabMap === undefined
  )
    return
  const page = found
  const map = window.HoneycabMap(element)
  const scrub = /** @type {HTMLInputElement} */ (document.getElementById('past-scrub'))
  const speed = /** @type {HTMLSelectElement} */ (document.getElementById('past-speed'))
  const play = /** @type {HTMLButtonElement} */ (document.getElementById('past-play'))
  const time = /** @type {HTMLElement} */ (document.getElementById('past-time'))
  const body = /** @type {HTMLElement} */ (document.getElementById('past-rows'))
  const count = /** @type {HTMLElement} */ (document.getElementById('past-count'))
  const spanMs = Number(page.dataset.span)
  /** A car that was kept before and not after is shown no longer than this. */
  const GAP_MS = 4 * Number(page.dataset.every)
  /** @type {Record<string, string>} */
  const words = JSON.parse(page.dataset.words ?? '{}')
  const BEAT_MS = 500
  const ROWS = 100
  const ENDED = new Set(['completed', 'cancelled', 'no_show', 'unfulfilled', 'scheduled'])

  /**
   * @typedef {{atMs: number, cars: [number, number, number, number, number][]}} Frame
   * @typedef {{atMs: number, state: string, driverId: string | null, callSign: string | null}} Moment
   * @typedef {{id: string, reference: string, riderName: string, from: {label: string}, to: {label: string}, moments: Moment[]}} Ride
   * @typedef {{states: MapCarState[], drivers: {id: string, callSign: string}[], frames: Frame[], rides: Ride[]}} Chunk
   */

  /** By the start of their five minutes. @type {Map<number, Promise<Chunk>>} */
  const chunks = new Map()

  /** @param {number} fromMs @returns {Promise<Chunk>} */
  function chunk(fromMs) {
    let known = chunks.get(fromMs)
    if (known === undefined) {
      known = fetch(`/api/v1/board/past?from=${fromMs}&until=${fromMs + spanMs}`).then((answer) => {
        if (!answer.ok) throw new Error(`the past answered ${answer.status}`)
        return answer.json()
      })
      // What did not come is asked for again; what is going on now is not whole yet.
      const isWhole = fromMs + spanMs < Number(page.dataset.now)
      known.catch(() => chunks.delete(fromMs))
      if (isWhole || chunks.size < 3) chunks.set(fromMs, known)
      if (chunks.size > 24) chunks.delete(/** @type {number} */ (chunks.keys().next().value))
    }
    return known
  }

  const american = document.documentElement.lang === 'en-US'
  /** @param {boolean} seconds */
  const clock = (seconds) =>
    new Intl.DateTimeFormat(american ? 'en-US' : 'en-GB', {
      ...{ hour: american ? 'numeric' : '2-digit', minute: '2-digit' },
      ...(seconds ? { second: '2-digit' } : {}),
      timeZone: document.body.dataset.timeZone,
    })
  const [withSeconds, withoutSeconds] = [clock(true), clock(false)]

  let atMs = Number(page.dataset.at)
  let isPlaying = false
  let drawing = 0

  async function draw() {
    const turn = ++drawing
    time.textContent = withSeconds.format(atMs)
    scrub.value = String(atMs)
    const startMs = Math.floor(atMs / spanMs) * spanMs
    /** @type {Chunk} */
    let now
    try {
      now = await chunk(startMs)
    } catch {
      return
    }
    // A newer drawing was begun while this one waited.
    if (turn !== drawing) return
    if (isPlaying && atMs - startMs > spanMs / 2 && startMs + spanMs < Number(scrub.max))
      void chunk(startMs + spanMs)
    map.setCars(carsAt(now))
    ridesAt(now)
  }

  /** Straight between the moment before and the one after; never further. @param {Chunk} now @returns {MapCarRow[]} */
  function carsAt({ frames, drivers, states }) {
    const after = frames.findIndex((frame) => frame.atMs > atMs)
    const before = frames[after < 0 ? frames.length - 1 : after - 1]
    if (before === undefined || atMs - before.atMs > GAP_MS) return []
    const next = after < 0 ? undefined : frames[after]
    const there = new Map(next?.cars.map((car) => [car[0], car]))
    const share = next === undefined ? 0 : (atMs - before.atMs) / (next.atMs - before.atMs)
    return before.cars.flatMap(([n, lat6, lng6, headingDeg, state]) => {
      const driver = drivers[n]
      const name = states[state]
      if (driver === undefined || name === undefined) return []
      const to = there.get(n)
      /** @type {(from: number, until: number | undefined) => number} */
      const between = (from, until) =>
        until === undefined ? from : Math.round(from + (until - from) * share)
      /** @type {MapCarRow} */
      const row = [
        driver.id,
        driver.callSign,
        between(lat6, to?.[1]),
        between(lng6, to?.[2]),
        headingDeg,
        name,
        0,
      ]
      return [row]
    })
  }

  /** As the board's table says places. @param {string} label */
  function short(label) {
    return label.replace(/^near /, '')
  }

  /** @param {Chunk} now */
  function ridesAt({ rides }) {
    const open = rides.flatMap((ride) => {
      const moment = ride.moments.findLast((one) => one.atMs <= atMs)
      return moment === undefined || ENDED.has(moment.state) ? [] : [{ ride, moment }]
    })
    count.textContent = String(open.length)
    body.replaceChildren(
      ...open.slice(0, ROWS).map(({ ride, moment }) => {
        const row = document.createElement('tr')
        const link = document.createElement('a')
        link.href = `/board?ride=${encodeURIComponent(ride.id)}`
        link.textContent = ride.reference
        const cells = [
          ...[
            words[moment.state] ?? moment.state,
            link,
            ride.riderName,
            short(ride.from.label),
            short(ride.to.label),
          ],
          ...[moment.callSign ?? '—', withoutSeconds.format(moment.atMs)],
        ]
        for (const [n, content] of cells.entries()) {
          const cell = row.insertCell()
          cell.append(content)
          if (n === cells.length - 1) cell.className = 'number'
        }
        return row
      }),
    )
  }

  function rest() {
    history.replaceState(null, '', `/board/past?at=${Math.round(atMs)}`)
  }

  /** @param {number} toMs */
  function go(toMs) {
    atMs = Math.min(Number(scrub.max), Math.max(Number(scrub.min), toMs))
    void draw()
    if (!isPlaying) rest()
  }

  /** @param {boolean} on */
  function setPlaying(on) {
    isPlaying = on
    play.textContent = on ? 'Pause' : 'Play'
    play.setAttribute('aria-pressed', String(on))
    if (!on) rest()
  }

  setInterval(() => {
    if (!isPlaying || document.hidden) return
    if (atMs >= Number(scrub.max)) setPlaying(false)
    else go(atMs + BEAT_MS * Number(speed.value))
  }, BEAT_MS)
  play.addEventListener('click', () => setPlaying(!isPlaying))
  scrub.addEventListener('input', () => go(Number(scrub.value)))
  document.addEventListener('click', (event) => {
    const step = event.target instanceof Element ? event.target.closest('[data-step]') : null
    if (!(step instanceof HTMLElement)) return
    event.preventDefault()
    go(atMs + Number(step.dataset.step))
  })
  document.addEventListener('keydown', (event) => {
    const target = event.target instanceof Element ? event.target : document.body
    if (event.key !== ' ' || event.ctrlKey || target.matches('input, select, button, a, textarea')) return
    event.preventDefault()
    setPlaying(!isPlaying)
  })

  const plays = document.querySelector('.past-plays')
  if (plays instanceof HTMLElement) plays.hidden = false
  void draw()
})()
