/**
 * The service worker of both apps. It never answers in the network's place while there is one: pages always come from
 * the server, so none is stale. It keeps the files under hashed addresses, which cannot change, and for the time
 * without network the driver's job sheet and the state of the rider's ride; both go when their person signs out.
 *
 * `src/install.ts` puts two lists in front of this: the addresses of the page without network, and of all files of
 * this release.
 */
;(() => {
  // The types of this project are a page's; a worker has a few of its own.
  const worker = /** @type {any} */ (self)
  /** @type {string[]} */
  const shell = worker.HONEYCAB_SHELL
  /** @type {Set<string>} */
  const files = new Set(worker.HONEYCAB_FILES)

  /** Under hashed addresses, of this release and, while a kept page still asks for them, of an older one. */
  const FILES = 'honeycab-files'
  /** What belongs to the person who is signed in. */
  const PRIVATE = 'honeycab-private'
  const OFFLINE = '/offline'
  const JOB_SHEET = '/driver'
  /** When a kept page was kept, epoch milliseconds by this phone's clock. */
  const KEPT_AT = 'x-kept-at'
  /** Half a network is none: a driver who loads the page anew sees the job after this long. */
  const JOB_SHEET_AFTER_MS = 6_000
  /** A gateway's words for "the server is not there". */
  const AWAY = new Set([502, 503, 504])

  worker.addEventListener('install', (/** @type {any} */ event) => {
    event.waitUntil(keepShell().then(() => worker.skipWaiting()))
  })

  worker.addEventListener('activate', (/** @type {any} */ event) => {
    event.waitUntil(
      Promise.all([worker.registration.navigationPreload?.enable(), forgetOldFiles()]).then(() =>
        worker.clients.claim(),
      ),
    )
  })

  worker.addEventListener('fetch', (/** @type {any} */ event) => {
    /** @type {Request} */
    const request = event.request
    const { origin, pathname } = new URL(request.url)
    if (origin !== location.origin) return
    if (request.mode === 'navigate') {
      if (request.method === 'GET') event.respondWith(navigate(event, pathname))
      // Not waited for by the answer: what is private goes even when the sign-out itself finds no network.
      else if (pathname === '/sign-out') event.waitUntil(forgetEverything())
    } else if (request.method === 'GET' && pathname.startsWith('/assets/')) {
      event.respondWith(file(request))
    }
  })

  async function keepShell() {
    const cache = await caches.open(FILES)
    // Without the cookie: this page is nobody's.
    const offline = await fetch(OFFLINE, { credentials: 'omit', cache: 'reload' })
    if (!offline.ok) throw new Error(`the page without network answered ${offline.status}`)
    await Promise.all([cache.put(OFFLINE, offline), ...shell.map((path) => keepFile(cache, path))])
  }

  /**
   * @param {Cache} cache
   * @param {string} path
   */
  async function keepFile(cache, path) {
    if ((await cache.match(path)) === undefined) await cache.add(path)
  }

  /** Of older releases only what the kept job sheet is made of stays. */
  async function forgetOldFiles() {
    const cache = await caches.open(FILES)
    const sheet = await (await caches.open(PRIVATE)).match(JOB_SHEET)
    const text = sheet === undefined ? '' : await sheet.text()
    for (const { url } of await cache.keys()) {
      const { pathname } = new URL(url)
      if (pathname !== OFFLINE && !files.has(pathname) && !text.includes(pathname)) await cache.delete(url)
    }
  }

  /** @param {Request} request */
  async function file(request) {
    const cache = await caches.open(FILES)
    const kept = await cache.match(request.url)
    if (kept !== undefined) return kept
    const fresh = await fetch(request)
    if (fresh.ok && fresh.type === 'basic') await cache.put(request.url, fresh.clone())
    return fresh
  }

  /**
   * A page, from the network; without one what is kept instead.
   * @param {any} event
   * @param {string} pathname
   */
  async function navigate(event, pathname) {
    const sheet = pathname === JOB_SHEET ? await keptSheet() : undefined
    /** @type {Promise<Response>} */
    const asked = Promise.resolve(event.preloadResponse).then((early) => early ?? fetch(event.request))
    try {
      const answer = await (sheet === undefined ? asked : withinTime(asked))
      if (sheet !== undefined && AWAY.has(answer.status)) return sheet
      // Who is shown the way in is not signed in: the session was ended from elsewhere, or by time.
      if (pathname === '/sign-in' && answer.ok) event.waitUntil(caches.delete(PRIVATE))
      return answer
    } catch {
      return sheet ?? (await caches.match(OFFLINE)) ?? Response.error()
    }
  }

  /** @param {Promise<Response>} asked @returns {Promise<Response>} */
  function withinTime(asked) {
    return new Promise((resolve, reject) => {
      asked.then(resolve, reject)
      setTimeout(reject, JOB_SHEET_AFTER_MS, new Error('no answer in time'))
    })
  }

  /** The job sheet as it was kept, saying since when. @returns {Promise<Response | undefined>} */
  async function keptSheet() {
    const kept = await (await caches.open(PRIVATE)).match(JOB_SHEET)
    if (kept === undefined) return undefined
    const keptAtMs = Number(kept.headers.get(KEPT_AT))
    const text = (await kept.text()).replace('<body ', `<body data-kept-at="${keptAtMs}" `)
    return new Response(text, { headers: kept.headers })
  }

  async function forgetEverything() {
    await caches.delete(PRIVATE)
    for (const name of ['honeycab-pings', 'honeycab-steps']) indexedDB.deleteDatabase(name)
  }
})()
