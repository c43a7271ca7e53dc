// A ride that was shared: the car moves and ages between the fragments, and the page says so when the link has ended.
;(() => {
  const element = document.querySelector('.split-map .map')
  const map = element instanceof HTMLElement && 'HoneycabMap' in window ? window.HoneycabMap(element) : null
  /** Once somebody moved the map it is theirs. */
  let touched = false
  /** Nothing to look at was drawn before the first car. */
  let shown = JSON.parse(element instanceof HTMLElement ? (element.dataset.map ?? '{}') : '{}').car != null

  for (const type of ['pointerdown', 'wheel', 'keydown'])
    element?.addEventListener(
      type,
      () => {
        touched = true
      },
      { passive: true },
    )

  document.addEventListener('live:message', (event) => {
    if (!(event instanceof CustomEvent) || event.detail?.type !== 'car') return
    // map.js moves the car by itself.
    const { lat, lng, ageMs } = event.detail
    showAge(ageMs)
    if (map !== null && !touched && (!shown || !map.leaflet.getBounds().contains([lat, lng])))
      map.fit([{ lat, lng }])
    shown = true
  })

  document.addEventListener('live:fragment', (event) => {
    const fresh = event instanceof CustomEvent ? event.detail : null
    if (!(fresh instanceof HTMLElement) || fresh.id !== 'shared-ride') return
    document.title = document.title.replace(/^[^·]*/, `${fresh.querySelector('h1')?.textContent ?? ''} `)
    // A driver gave the ride back, and the next one is not found yet.
    if (document.getElementById('car-age') === null) map?.setCar(null)
  })

  // The line ended for good: the page itself says it when the link or the ride has ended.
  document.addEventListener('live:state', async (event) => {
    if (!(event instanceof CustomEvent) || !event.detail?.final) return
    const answer = await fetch(location.pathname, { cache: 'no-store' }).catch(() => null)
    if (answer?.status === 404) location.reload()
  })

  /** @param {number} ageMs of the fix when the message was made */
  function showAge(ageMs) {
    const age = document.querySelector('#car-age .age')
    if (!(age instanceof HTMLElement)) return
    const nowMs = Date.now()
    age.dataset.now = String(nowMs)
    age.dataset.seen = String(nowMs - ageMs)
  }
})()
