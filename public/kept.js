/**
 * What this phone keeps for the time without network: on a ride's page its state in words, on the driver's page the
 * page itself, the job sheet. The service worker shows both; see `worker.js`.
 */
;(() => {
  const PRIVATE = 'honeycab-private'
  const JOB_SHEET = '/driver'
  const RIDE = '/kept/ride'
  // A page of a private window, or over plain http, has no caches; it works all the same, online.
  if (!('caches' in window) || document.body.dataset.borrowed !== undefined) return

  // What is kept is as old as it is: clocks and ages on it run from when it was drawn.
  const oldMs = Date.now() - Number(document.body.dataset.keptAt ?? Date.now())
  if (oldMs > 0)
    for (const element of document.querySelectorAll('[data-now]'))
      element.setAttribute('data-now', String(Number(element.getAttribute('data-now')) + oldMs))
  // Live again, it is an ordinary page.
  document.addEventListener('live:fragment', () => {
    if (document.getElementById('driver')?.dataset.ahead === undefined) delete document.body.dataset.keptAt
  })

  /** The last of several changes in a row is the one to keep. */
  let keeping = Promise.resolve()
  let kept = ''

  function keepRide() {
    const words = document.getElementById('ride-status')?.dataset.kept
    if (words === undefined) return
    keeping = keeping
      .then(async () => {
        const cache = await caches.open(PRIVATE)
        if (words === '') await cache.delete(RIDE)
        else {
          await cache.put(RIDE, new Response(words, { headers: { 'content-type': 'application/json' } }))
        }
      })
      .catch(() => {})
  }

  /** Drawn anew by the server, so that it opens exactly as a load would; once a state of the work, not once a fix. */
  function keepJobSheet() {
    const main = document.getElementById('driver')
    // What the phone drew ahead by itself is not to be kept as the server's word.
    if (main === null || main.dataset.ahead !== undefined || document.body.dataset.keptAt !== undefined)
      return
    const step = main.querySelector('form[data-step]')
    const where = main.querySelector('h1')?.textContent ?? ''
    const state = [main.dataset.state, step?.id, step?.getAttribute('action'), where].join(' ')
    if (state === kept) return
    kept = state
    keeping = keeping
      .then(async () => {
        const page = await fetch(JOB_SHEET, { headers: { accept: 'text/html' } })
        // Led to the sign-in page, say.
        if (!page.ok || page.redirected) return
        const headers = new Headers(page.headers)
        headers.set('x-kept-at', String(Date.now()))
        const text = await page.text()
        const cache = await caches.open(PRIVATE)
        await cache.put(JOB_SHEET, new Response(text, { headers }))
        // The steps ahead, for a press without network on this very page.
        const later = new DOMParser().parseFromString(text, 'text/html').getElementById('later')
        if (later !== null) document.getElementById('later')?.replaceWith(later)
        await keepFiles()
      })
      .catch(() => {
        // Without network nothing newer can be kept; the next state is another chance.
        kept = ''
      })
  }

  /** What this page is made of, also when it was loaded before there was a worker to see it. */
  async function keepFiles() {
    const cache = await caches.open('honeycab-files')
    for (const { name } of performance.getEntriesByType('resource')) {
      const { origin, pathname } = new URL(name)
      if (origin === location.origin && pathname.startsWith('/assets/') && !(await cache.match(pathname)))
        await cache.add(pathname)
    }
  }

  function keep() {
    keepRide()
    keepJobSheet()
  }

  document.addEventListener('live:fragment', keep)
  document.addEventListener('htmx:after:swap', keep)
  // After the page itself has what it needs.
  if (document.readyState === 'complete') keep()
  else addEventListener('load', keep)
})()
