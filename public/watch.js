// A ride that was shared: asked for anew every few seconds while somebody looks, until the link ends.
;(() => {
  const EVERY_MS = 4_000
  const path = `${location.pathname}/now`
  const element = document.querySelector('.split-map .map')
  const map = element instanceof HTMLElement && 'HoneycabMap' in window ? window.HoneycabMap(element) : null
  /** Once somebody moved the map it is theirs. */
  let touched = false
  /** Nothing to look at was drawn before the first car. */
  let shown = JSON.parse(element instanceof HTMLElement ? (element.dataset.map ?? '{}') : '{}').car != null
  let isAsking = false

  for (const type of ['pointerdown', 'wheel', 'keydown'])
    element?.addEventListener(
      type,
      () => {
        touched = true
      },
      { passive: true },
    )

  async function ask() {
    if (document.hidden || isAsking) return
    isAsking = true
    try {
      const answer = await fetch(path, { headers: { accept: 'application/json' }, cache: 'no-store' })
      // The page itself says that it is over.
      if (answer.status === 404) {
        clearInterval(asking)
        location.reload()
      }
      if (answer.ok) show(await answer.json())
      say(answer.ok || answer.status === 404 ? null : 'Not live. Trying again.')
    } catch {
      say('Not live. Trying again.')
    } finally {
      isAsking = false
    }
  }

  /** @param {{ status: string, car: { lat: number, lng: number } | null }} news */
  function show({ status, car }) {
    const template = document.createElement('template')
    template.innerHTML = status
    const fresh = template.content.firstElementChild
    const old = document.getElementById('shared-ride')
    if (fresh === null || old === null) return
    // Screen readers hear the words again only when they are others.
    const [before, after] = [old, fresh].map((root) => root.querySelector('[role="status"]'))
    if (before != null && after != null && before.innerHTML === after.innerHTML) after.replaceWith(before)
    old.replaceWith(fresh)
    document.title = document.title.replace(/^[^·]*/, `${fresh.querySelector('h1')?.textContent ?? ''} `)
    if (car === null) map?.setCar(null)
    else {
      document.dispatchEvent(new CustomEvent('live:message', { detail: car }))
      if (map !== null && !touched && (!shown || !map.leaflet.getBounds().contains([car.lat, car.lng])))
        map.fit([car])
      shown = true
    }
  }

  /** @param {string | null} words null while it is live */
  function say(words) {
    const bar = document.getElementById('live-state')
    const sentence = bar?.querySelector('span')
    if (bar === null || sentence == null) return
    if (words !== null) sentence.textContent = words
    bar.hidden = words === null
  }

  const asking = setInterval(ask, EVERY_MS)
  document.addEventListener('visibilitychange', ask)
  addEventListener('online', ask)
})()
