// Says once that the car is near: at 500 m and at 100 m from the pickup, in words, by a short vibration, and where the
// rider wished for it as a notification over other apps. The server measures; what was said survives a reload.
;(() => {
  const STEPS_M = [500, 100]
  /** An older fix says where the car was. */
  const OLDEST_MS = 30_000
  const VIBRATION_MS = [120, 80, 120]

  /** A ride may get another driver: then it comes near once more. */
  function key() {
    const plate = document.querySelector('#ride-status .plate')?.textContent?.trim() ?? ''
    return `near ${location.pathname} ${plate}`
  }

  function said() {
    try {
      return Number(sessionStorage.getItem(key()) ?? Number.POSITIVE_INFINITY)
    } catch {
      return Number.POSITIVE_INFINITY
    }
  }

  document.addEventListener('live:message', (event) => {
    const { type, pickupM, ageMs } = /** @type {CustomEvent} */ (event).detail ?? {}
    if (type !== 'car' || typeof pickupM !== 'number' || ageMs > OLDEST_MS) return
    const stepM = STEPS_M.findLast((most) => pickupM <= most)
    if (stepM === undefined || stepM >= said()) return
    try {
      sessionStorage.setItem(key(), String(stepM))
    } catch {
      // Without a memory it may be said again after a reload.
    }
    tell(`Your car is ${Math.max(10, Math.round(pickupM / 10) * 10)} m away.`)
  })

  /** @param {string} text */
  function tell(text) {
    const live = /** @type {{ HoneycabLive?: { say(text: string, tone: string): void } }} */ (window)
      .HoneycabLive
    live?.say(text, 'ok')
    // Browsers refuse it, and say so, before the page was touched for the first time.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(VIBRATION_MS)
    if (!document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return
    // Phones show notifications through the worker alone.
    navigator.serviceWorker?.ready
      .then((worker) => worker.showNotification(text, { tag: location.pathname }))
      .catch(() => {})
  }

  /** The wish is asked for by a press, and only where it has not been answered yet. */
  function showAsk() {
    const ask = document.querySelector('[data-near-ask]')
    if (ask instanceof HTMLElement)
      ask.hidden = !('Notification' in window) || Notification.permission !== 'default'
  }
  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-near-ask]') !== null)
      Notification.requestPermission().then(showAsk)
  })
  document.addEventListener('live:fragment', showAsk)
  showAsk()
})()
