/**
 * The driver's phone: takes fixes, keeps them until the server has them, and says how that goes.
 * Everything from outside (the receiver, time, the store, the way out) is passed in; driver.js does that on the page.
 *
 * @typedef {{seq: number, at: number, lat: number, lng: number, accuracy: number, speed?: number, heading?: number}} Ping
 * @typedef {{seq: number, refused?: Record<string, number>}} Ack
 * @typedef {'denied' | 'unavailable' | 'unsupported'} LocationTrouble
 * @typedef {object} PingState
 * @property {boolean} sending whether the driver is on shift, so that fixes go out
 * @property {{atMs: number, accuracyM: number} | null} fix the newest from the receiver
 * @property {{lat: number, lng: number, headingDeg: number | null} | null} place of that fix
 * @property {LocationTrouble | null} trouble
 * @property {number} waiting pings the server has not acknowledged
 * @property {boolean} offline neither the socket nor a POST got through
 * @property {'ahead' | 'behind' | null} clock what the server thinks of this phone's clock
 * @property {number | null} ackedAtMs
 * @property {number | null} batteryPct how full the battery is, while that is so little that fixes go out less often
 *
 * @typedef {object} PingStore survives reloads; every method may reject, the queue then lives in memory alone
 * @property {() => Promise<{lastSeq: number, pings: Ping[]}>} load
 * @property {(ping: Ping) => Promise<void>} put
 * @property {(seqs: number[]) => Promise<void>} remove
 *
 * @typedef {object} PingTransport
 * @property {(pings: Ping[]) => boolean} send over the socket; false when it is not open
 * @property {(pings: Ping[]) => Promise<Ack | 'refused' | 'failed'>} post `refused`: these will never be taken
 *
 * @typedef {object} PingClock
 * @property {() => number} nowMs the server's time, as far as the phone knows it
 * @property {(timestampMs: number) => number} fixAtMs by the same, of what the receiver says
 * @property {(ms: number, call: () => void) => () => void} every returns how to stop it
 *
 * @typedef {object} Pinger
 * @property {(sending: boolean) => Promise<void>} start watch the receiver; send too when on shift
 * @property {() => void} stop
 * @property {(ack: Ack) => void} acked
 * @property {(open: boolean) => void} connection the socket opened or closed
 * @property {(pct: number | null) => void} lowBattery null when it is full enough, or charging
 * @property {() => PingState} state
 */
;(() => {
  /** A fix every five seconds while the car moves. */
  const MOVING_EVERY_MS = 5_000
  /** With little left in the battery: half the fixes, still far within the 30 s that the server trusts one. */
  const MOVING_LOW_MS = 10_000
  /** A standing car is asked for at least this often: the server trusts a position for 30 s. */
  const STILL_EVERY_MS = 15_000
  /** The receiver reports a standing phone seldom or never, so it is asked a little before a fix is due. */
  const ASK_AFTER_MS = 12_000
  const MOVING_MPS = 0.7
  const MOVED_M = 12
  /** The receiver calls once a second, give or take this; without it every fix would come a second late. */
  const JITTER_MS = 250
  /** Over an hour and a half of driving without network; the oldest go first. */
  const MAX_WAITING = 1_200
  /** The server keeps no ping older than two hours. */
  const MAX_AGE_MS = 2 * 3_600_000
  /** About 12 KB a message. */
  const BATCH = 100
  const FRESH = { enableHighAccuracy: true, maximumAge: 0 }
  /** `GeolocationPositionError.TIMEOUT` */
  const TIMEOUT = 3
  const ACK_WITHIN_MS = 10_000
  const RETRY_AFTER_MS = 5_000

  /**
   * @param {{geolocation: Pick<Geolocation, 'watchPosition' | 'clearWatch' | 'getCurrentPosition'> | null,
   *   clock: PingClock, store: PingStore, transport: PingTransport, onChange: (state: PingState) => void}} parts
   * @returns {Pinger}
   */
  function createPinger({ geolocation, clock, store, transport, onChange }) {
    /** @type {PingState} */
    const state = {
      sending: false,
      fix: null,
      place: null,
      trouble: null,
      waiting: 0,
      offline: false,
      clock: null,
      ackedAtMs: null,
      batteryPct: null,
    }
    /** Not yet acknowledged, by seq. @type {Ping[]} */
    let waiting = []
    let lastSeq = 0
    let highestAcked = 0
    /** One batch at a time, so that an acknowledgement can only mean that batch. @type {{pings: Ping[], sentAtMs: number, byPost: boolean} | null} */
    let inFlight = null
    /** @type {Ping | null} */
    let lastTaken = null
    /** @type {GeolocationPosition | null} */
    let newest = null
    let newestAtMs = 0
    let retryAtMs = 0
    let isAsking = false
    /** Between the last two fixes taken. */
    let wasMoving = false
    /** @type {number | null} */
    let watchId = null
    /** @type {(() => void) | null} */
    let stopTicking = null
    /** @type {Promise<void> | null} */
    let loading = null

    function changed() {
      state.waiting = waiting.length
      onChange({ ...state })
    }

    /** @param {boolean} sending */
    async function start(sending) {
      state.sending = sending
      loading ??= load()
      await loading
      if (geolocation === null) state.trouble = 'unsupported'
      else if (watchId === null) {
        watchId = geolocation.watchPosition(onFix, onTrouble, { ...FRESH, timeout: 20_000 })
      }
      stopTicking ??= clock.every(1_000, tick)
      tick()
    }

    function stop() {
      if (watchId !== null) geolocation?.clearWatch(watchId)
      watchId = null
      stopTicking?.()
      stopTicking = null
    }

    async function load() {
      const kept = await store.load().catch(() => ({ lastSeq: 0, pings: [] }))
      lastSeq = Math.max(lastSeq, kept.lastSeq)
      waiting = [...kept.pings, ...waiting].sort((a, b) => a.seq - b.seq)
    }

    /** @param {GeolocationPosition} position */
    function onFix(position) {
      isAsking = false
      state.trouble = null
      if (newest !== null && position.timestamp < newest.timestamp) return
      newest = position
      newestAtMs = Math.round(clock.fixAtMs(position.timestamp))
      const { latitude, longitude, accuracy, heading } = position.coords
      state.fix = { atMs: newestAtMs, accuracyM: accuracy }
      state.place = { lat: latitude, lng: longitude, headingDeg: Number.isFinite(heading) ? heading : null }
      takeIfDue()
      changed()
    }

    /**
     * Asked for a fresh fix, some receivers answer with the last one and its old time when nothing around them has
     * changed. That answer is news all the same: the car stands there now.
     * @param {GeolocationPosition} position
     */
    function onAnswer(position) {
      const isOld = newest !== null && position.timestamp <= newest.timestamp
      if (!isOld || newest === null) return onFix(position)
      onFix(/** @type {GeolocationPosition} */ ({ coords: position.coords, timestamp: newest.timestamp }))
      newestAtMs = clock.nowMs()
      state.fix = { atMs: newestAtMs, accuracyM: position.coords.accuracy }
      takeIfDue()
      changed()
    }

    /** @param {GeolocationPositionError} error */
    function onTrouble(error) {
      isAsking = false
      // A timeout is what an idle receiver does; it becomes trouble only when there has never been a fix.
      if (error.code === error.PERMISSION_DENIED) state.trouble = 'denied'
      else if (newest === null) state.trouble = 'unavailable'
      changed()
    }

    function tick() {
      const nowMs = clock.nowMs()
      takeIfDue()
      askIfSilent(nowMs)
      if (inFlight !== null && !inFlight.byPost && nowMs - inFlight.sentAtMs >= ACK_WITHIN_MS) {
        // A socket that swallows messages looks open for minutes on a phone; the same pings go by POST.
        const { pings } = inFlight
        inFlight = null
        post(pings, nowMs)
      }
      sendNext()
      changed()
    }

    function takeIfDue() {
      if (!state.sending || newest === null) return
      const at = Math.round(newestAtMs)
      if (lastTaken !== null) {
        const elapsedMs = clock.nowMs() - lastTaken.at + JITTER_MS
        if (at <= lastTaken.at) return
        const movingMs = state.batteryPct === null ? MOVING_EVERY_MS : MOVING_LOW_MS
        if (elapsedMs < (isMoving(newest, lastTaken) ? movingMs : STILL_EVERY_MS)) return
      }
      wasMoving = lastTaken !== null && isMoving(newest, lastTaken)
      const { latitude, longitude, accuracy, speed, heading } = newest.coords
      // Seconds since 1970 as the floor: the count goes on growing even when the phone has lost what it stored.
      lastSeq = Math.max(lastSeq + 1, Math.floor(clock.nowMs() / 1_000))
      /** @type {Ping} */
      const ping = {
        seq: lastSeq,
        at,
        lat: latitude,
        lng: longitude,
        accuracy: Math.round(accuracy * 10) / 10,
      }
      if (typeof speed === 'number' && Number.isFinite(speed)) ping.speed = Math.round(speed * 10) / 10
      if (typeof heading === 'number' && Number.isFinite(heading)) ping.heading = Math.round(heading) % 360
      lastTaken = ping
      waiting.push(ping)
      store.put(ping).catch(() => {})
      forgetTooMany()
      sendNext()
    }

    /** @param {number} nowMs */
    function askIfSilent(nowMs) {
      if (!state.sending || geolocation === null || newest === null || isAsking) return
      if (nowMs - newestAtMs < ASK_AFTER_MS) return
      isAsking = true
      geolocation.getCurrentPosition(onAnswer, askForLast, { ...FRESH, timeout: 2_000 })
    }

    /**
     * No fresh fix: where nothing changes, some receivers have none to give. If the car stood, the last one holds as
     * long as the receiver vouches for it; of a car that drove (into a tunnel) we honestly know nothing.
     * @param {GeolocationPositionError} error
     */
    function askForLast(error) {
      if (geolocation === null || wasMoving || error.code !== TIMEOUT) return onTrouble(error)
      const any = { ...FRESH, maximumAge: Number.POSITIVE_INFINITY, timeout: 2_000 }
      geolocation.getCurrentPosition(onAnswer, onTrouble, any)
    }

    function forgetTooMany() {
      const oldestMs = clock.nowMs() - MAX_AGE_MS
      const kept = waiting.filter((ping) => ping.at >= oldestMs).slice(-MAX_WAITING)
      if (kept.length === waiting.length) return
      const keptSeqs = new Set(kept.map((ping) => ping.seq))
      forget(waiting.filter((ping) => !keptSeqs.has(ping.seq)))
    }

    /** @param {Ping[]} pings */
    function forget(pings) {
      const seqs = new Set(pings.map((ping) => ping.seq))
      waiting = waiting.filter((ping) => !seqs.has(ping.seq))
      store.remove([...seqs]).catch(() => {})
    }

    /** Where the car is now goes first and alone; then what waited, in order. */
    function nextBatch() {
      const last = waiting.at(-1)
      if (last !== undefined && last.seq > highestAcked) return [last]
      return waiting.slice(0, BATCH)
    }

    function sendNext() {
      const nowMs = clock.nowMs()
      if (inFlight !== null || nowMs < retryAtMs) return
      const pings = nextBatch()
      if (pings.length === 0) return
      if (transport.send(pings)) {
        inFlight = { pings, sentAtMs: nowMs, byPost: false }
      } else post(pings, nowMs)
    }

    /**
     * @param {Ping[]} pings
     * @param {number} nowMs
     */
    function post(pings, nowMs) {
      const sent = { pings, sentAtMs: nowMs, byPost: true }
      inFlight = sent
      transport.post(pings).then((answer) => {
        if (inFlight !== sent) return
        if (answer === 'failed') {
          inFlight = null
          state.offline = true
          retryAtMs = clock.nowMs() + RETRY_AFTER_MS
          changed()
        } else if (answer === 'refused') settle(pings)
        else acked(answer)
      })
    }

    /** @param {Ack} ack */
    function acked(ack) {
      if (inFlight === null) return
      const { pings } = inFlight
      const highest = pings.at(-1)?.seq ?? 0
      const refused = Object.values(ack.refused ?? {}).reduce((sum, count) => sum + count, 0)
      if (ack.seq < highest && refused < pings.length) return
      state.clock = ack.refused?.future
        ? 'ahead'
        : ack.refused?.too_old && pings.length === 1
          ? 'behind'
          : null
      settle(pings)
    }

    /** @param {Ping[]} pings */
    function settle(pings) {
      inFlight = null
      retryAtMs = 0
      state.offline = false
      state.ackedAtMs = clock.nowMs()
      highestAcked = Math.max(highestAcked, pings.at(-1)?.seq ?? 0)
      forget(pings)
      sendNext()
      changed()
    }

    /** @param {boolean} open */
    function connection(open) {
      retryAtMs = 0
      // What the old socket carried may be lost; sent again, the server knows it by its seq and time.
      if (inFlight !== null && !inFlight.byPost) inFlight = null
      if (open) sendNext()
      changed()
    }

    /** @param {number | null} pct */
    function lowBattery(pct) {
      if (pct === state.batteryPct) return
      state.batteryPct = pct
      changed()
    }

    return { start, stop, acked, connection, lowBattery, state: () => ({ ...state }) }
  }

  /**
   * @param {GeolocationPosition} position
   * @param {Ping} before
   */
  function isMoving(position, before) {
    const { latitude, longitude, speed } = position.coords
    if (typeof speed === 'number' && speed >= MOVING_MPS) return true
    return distanceM(before, { lat: latitude, lng: longitude }) >= MOVED_M
  }

  /**
   * Equirectangular distance, good to a few metres over the few hundred that matter here.
   * @param {{lat: number, lng: number}} a
   * @param {{lat: number, lng: number}} b
   */
  function distanceM(a, b) {
    const meanLat = ((a.lat + b.lat) / 2) * (Math.PI / 180)
    return Math.hypot(a.lat - b.lat, (a.lng - b.lng) * Math.cos(meanLat)) * 111_195
  }

  /**
   * What the pill says about the driver's position, always.
   * @param {PingState} state
   * @param {number} nowMs
   * @param {(atMs: number) => string} clockTime
   * @returns {{tone: 'ok' | 'warn' | 'danger' | 'quiet', text: string}}
   */
  function pillText(state, nowMs, clockTime) {
    const { trouble, fix, waiting } = state
    if (trouble === 'unsupported') {
      return { tone: 'danger', text: 'No location here. Open this page over https, on a phone with GPS.' }
    }
    if (trouble === 'denied') {
      return {
        tone: 'danger',
        text: 'Location is blocked. Allow it for this page in the browser’s site settings; it goes on by itself.',
      }
    }
    if (state.sending && state.offline) {
      const what = waiting === 1 ? '1 position waits here and goes' : `${waiting} positions wait here and go`
      return { tone: 'warn', text: `No network. Keep driving: ${what} out first thing.` }
    }
    if (fix === null) {
      return trouble === 'unavailable'
        ? { tone: 'warn', text: 'No GPS fix yet. It comes quicker under open sky.' }
        : { tone: 'quiet', text: 'Finding your location…' }
    }
    const ageS = Math.max(0, Math.round((nowMs - fix.atMs) / 1_000))
    if (state.sending && ageS > 30) {
      return {
        tone: 'danger',
        text: `We have not seen you since ${clockTime(fix.atMs)}. Keep this page open and check that location is on.`,
      }
    }
    if (state.sending && state.clock !== null) {
      return {
        tone: 'danger',
        text: `This phone’s clock is ${state.clock}. Set it to automatic time, or no offers can come.`,
      }
    }
    const accuracyM = Math.max(1, Math.round(fix.accuracyM))
    if (accuracyM > 100) return { tone: 'warn', text: `Location weak, ±${accuracyM} m` }
    if (!state.sending) return { tone: 'ok', text: `Location good, ±${accuracyM} m` }
    const sent = waiting <= 1 ? 'all sent' : `${waiting} to send`
    const saves = state.batteryPct === null ? '' : ` · battery ${state.batteryPct} %, every 10 s`
    return { tone: waiting <= 1 ? 'ok' : 'warn', text: `Live · ${ageS} s · ${sent}${saves}` }
  }

  /** A battery below this and not charging is spared. */
  const LOW_BATTERY = 0.2

  /**
   * @param {{level: number, charging: boolean}} battery
   * @returns {number | null} per cent, where there is little left
   */
  function lowPct({ level, charging }) {
    return charging || level > LOW_BATTERY ? null : Math.round(level * 100)
  }

  /**
   * @param {number} hiddenMs
   * @param {{wasSeen?: boolean, onRide?: boolean}} [meanwhile] whether positions went on going out, as some phones
   *   let a hidden page do; whether a ride was under way, during which no offers are missed
   * @returns {string | null} nothing for a glance at another app
   */
  function hiddenText(hiddenMs, { wasSeen = false, onRide = false } = {}) {
    const seconds = Math.round(hiddenMs / 1_000)
    if (seconds < 10 || wasSeen) return null
    const minutes = Math.floor(seconds / 60)
    const parts = [minutes > 0 ? `${minutes} min` : '', seconds % 60 > 0 ? `${seconds % 60} s` : '']
    const lost = onRide ? 'nobody saw where you were' : 'no offers came'
    return `This page was hidden for ${parts.filter(Boolean).join(' ')}, so ${lost}. Keep it open while you drive.`
  }

  globalThis.HoneycabPing = { createPinger, pillText, hiddenText, lowPct, distanceM }
})()
