/**
 * What time it is, by the server's clock, on a phone whose own may be wrong by hours. The server says its time with
 * every drawing of the driver's page; what was learned is kept, so that a page without network knows it too.
 *
 * @typedef {object} PhoneClock
 * @property {() => number} nowMs the server's time as far as known, epoch milliseconds
 * @property {(serverNowMs: number) => void} learn what the server said its time is, just now
 * @property {(timestampMs: number) => number} fixAtMs when a fix of the receiver was taken, by the server's time
 * @property {() => number} offsetMs what the phone's clock is short of the server's
 */
;(() => {
  /** Within this the phone's clock is right: what is learned carries the time of the way, too. */
  const RIGHT_MS = 2_000

  /**
   * @param {{wallMs: () => number, steadyMs: () => number, kept?: {load(): number, save(offsetMs: number): void}}} parts
   *   `steadyMs` never goes back, whoever sets the clock
   * @returns {PhoneClock}
   */
  function createPhoneClock({ wallMs, steadyMs, kept }) {
    let offsetMs = kept?.load() ?? 0
    let seenWallMs = wallMs()
    let seenSteadyMs = steadyMs()
    /** An offset that came out smaller, until it comes out so again. @type {number | null} */
    let smaller = null
    /** Before the first word of the server on this page, what is known was kept by an earlier one. */
    let isTold = false

    /** A clock that was set back is noticed at once; one that was set forward looks like a phone that slept. */
    function notice() {
      const wall = wallMs()
      const steady = steadyMs()
      const setBackMs = steady - seenSteadyMs - (wall - seenWallMs)
      if (setBackMs > RIGHT_MS) keep(offsetMs + setBackMs)
      seenWallMs = wall
      seenSteadyMs = steady
      return wall
    }

    /** @param {number} ms */
    function keep(ms) {
      offsetMs = Math.abs(ms) < RIGHT_MS ? 0 : Math.round(ms)
      smaller = null
      kept?.save(offsetMs)
    }

    return {
      nowMs: () => notice() + offsetMs,
      offsetMs: () => offsetMs,
      learn(serverNowMs) {
        const heardMs = serverNowMs - notice()
        const isFirst = !isTold
        isTold = true
        if (Math.abs(heardMs - offsetMs) < RIGHT_MS) {
          smaller = null
          return
        }
        // News that lay around before it was read makes the server's time look earlier than it is, never later. So
        // an earlier one counts when it is said twice.
        const isLate = heardMs < offsetMs && !isFirst
        if (isLate && (smaller === null || Math.abs(heardMs - smaller) > RIGHT_MS)) smaller = heardMs
        else keep(heardMs)
      },
      /** Some receivers tell the satellites' time, which is right on any phone; others the phone's own. */
      fixAtMs(timestampMs) {
        const now = notice() + offsetMs
        const byPhoneMs = timestampMs + offsetMs
        return Math.abs(now - timestampMs) < Math.abs(now - byPhoneMs) ? timestampMs : byPhoneMs
      },
    }
  }

  globalThis.createHoneycabClock = createPhoneClock
})()
