/**
 * The supervisor's page moves by itself: ages every second, and what waits for a decision whenever something changed at
 * the desk. The list of what needs somebody comes by the page's own line.
 */
;(() => {
  /** However much changes, it is asked for again at most this often, */
  const EVERY_MS = 2_000
  /** ... and at least this often: papers and reports come without news of the board. */
  const AT_LEAST_MS = 15_000

  const shown = document.querySelector('main[data-server-now]')
  const drawnAtMs = performance.getEntriesByType('navigation')[0]?.toJSON().responseStart ?? 0
  const skewMs =
    shown instanceof HTMLElement ? Number(shown.dataset.serverNow) - (performance.timeOrigin + drawnAtMs) : 0

  function tick() {
    const nowMs = performance.timeOrigin + performance.now() + skewMs
    for (const element of document.querySelectorAll('[data-since]')) {
      if (!(element instanceof HTMLElement)) continue
      const seconds = Math.max(0, Math.floor((nowMs - Number(element.dataset.since)) / 1_000))
      const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
      if (element.textContent !== text) element.textContent = text
    }
  }

  let askedAtMs = performance.now()
  let isDue = false

  async function refresh() {
    isDue = false
    askedAtMs = performance.now()
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' } })
      if (!answer.ok || answer.redirected) return
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const old = document.getElementById('now-waiting')
      const fresh = page.getElementById('now-waiting')
      if (old === null || fresh === null || old.outerHTML === fresh.outerHTML) return
      // A thumb on its way to a line finds it where it was.
      const focused = old.contains(document.activeElement)
        ? document.activeElement?.getAttribute('href')
        : null
      old.replaceWith(document.importNode(fresh, true))
      if (focused !== null)
        for (const link of document.querySelectorAll('#now-waiting a'))
          if (link instanceof HTMLElement && link.getAttribute('href') === focused) link.focus()
    } catch {
      // Without network the bar on top says so; asked again at the next turn.
    }
  }

  function soon() {
    if (isDue) return
    isDue = true
    setTimeout(() => void refresh(), Math.max(0, askedAtMs + EVERY_MS - performance.now()))
  }

  document.addEventListener('live:fragment', (event) => {
    tick()
    const { detail } = /** @type {CustomEvent} */ (event)
    if (detail instanceof Element && detail.id === 'board-queue') soon()
  })
  setInterval(() => {
    tick()
    if (!document.hidden && performance.now() - askedAtMs >= AT_LEAST_MS) soon()
  }, 1_000)
  tick()
})()
