// The page without network: the ride this browser saw last, and the page that was asked for as soon as it can be had.
;(() => {
  const AGAIN_EVERY_MS = 5_000
  const again = document.getElementById('offline-again')

  async function showRide() {
    if (!('caches' in window)) return
    const kept = await (await caches.open('honeycab-private')).match('/kept/ride')
    const card = document.getElementById('offline-ride')
    if (kept === undefined || card === null) return
    const { timeZone, lang, atMs, ...words } = await kept.json()
    const american = lang === 'en-US'
    const format = new Intl.DateTimeFormat(american ? 'en-US' : 'en-GB', {
      ...{ hour: american ? 'numeric' : '2-digit', minute: '2-digit', timeZone },
      // A ride of yesterday says so.
      ...(Date.now() - atMs > 12 * 3_600_000 && { day: 'numeric', month: 'short' }),
    })
    for (const field of card.querySelectorAll('[data-field]')) {
      const name = field.getAttribute('data-field') ?? ''
      field.textContent = name === 'at' ? format.format(atMs) : (words[name] ?? '')
    }
    card.hidden = false
  }

  /** Asked without a page: a load that fails would blink. */
  async function tryAgain() {
    try {
      const answer = await fetch('/health/live', { cache: 'no-store', signal: AbortSignal.timeout(4_000) })
      if (answer.ok && location.pathname !== '/offline') location.reload()
    } catch {
      // Still none.
    }
  }

  if (again !== null) {
    again.hidden = false
    again.addEventListener('click', () => location.reload())
  }
  addEventListener('online', tryAgain)
  setInterval(tryAgain, AGAIN_EVERY_MS)
  showRide().catch(() => {})
})()
