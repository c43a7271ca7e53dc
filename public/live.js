// What comes by the page's line (line.js): fragments that replace elements by id, messages for the map, and the honest bar while it is down.
// Also what every page needs without a socket: clocks that run, ages that grow, forms that are sent once.
;(() => {
  /** A deploy or a lift cuts the line this long all the time; only a longer cut is worth a bar. */
  const BAR_AFTER_MS = 1200
  /** What is as old as this is said at once: a machine that slept, a page that was frozen. */
  const OLD_MS = 20_000
  /** The clock on the wall goes on while a machine sleeps; the one of the page, on most systems, does not. */
  const ASLEEP_MS = 5_000
  const TOAST_MS = 6000
  const SILENT_AFTER_S = 30
  /** Attributes that say what the person at this screen did; a fragment knows nothing of them. */
  const PERSONS_OWN = new Set(['open', 'data-sent', 'data-waiting', 'style'])

  /** @type {HoneycabLine | null} */
  let line = null
  let sleptMs = 0
  const looked = { page: performance.now(), wall: Date.now() }

  /** Milliseconds of this page, with those in which the machine slept; never backwards, whatever is done to its clock. */
  function nowMs() {
    const page = performance.now()
    const wall = Date.now()
    const missingMs = wall - looked.wall - (page - looked.page)
    if (missingMs > ASLEEP_MS) sleptMs += missingMs
    Object.assign(looked, { page, wall })
    return page + sleptMs
  }
  /** A page that the service worker kept is as old as it is. */
  let lastNewsAtMs = Number(document.body.dataset.keptAt) || Date.now()
  let hasBeenLive = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let barTimer
  /** Fragments land one after the other, in the order they came. */
  let landing = Promise.resolve()

  /** @param {string | Record<string, unknown> | ArrayBuffer} message @returns false for what does not fit to what came before */
  function receive(message) {
    if (message instanceof ArrayBuffer)
      return document.dispatchEvent(new CustomEvent('live:binary', { detail: message, cancelable: true }))
    if (typeof message === 'string') {
      if (!message.startsWith('<')) return true
      const heardAtMs = nowMs()
      landing = landing
        .then(() => land(message, heardAtMs))
        .catch((error) => console.error('fragment', error))
    } else document.dispatchEvent(new CustomEvent('live:message', { detail: message }))
    return true
  }

  /**
   * @param {string} markup
   * @param {number} heardAtMs by `nowMs`
   */
  async function land(markup, heardAtMs) {
    await new Promise((resolve) => window.HoneycabPress.afterwards(() => resolve(undefined)))
    const template = document.createElement('template')
    template.innerHTML = markup
    for (const fresh of [...template.content.children]) {
      const old = fresh.id === '' ? null : document.getElementById(fresh.id)
      if (old === null) continue
      const htmx = /** @type {{ htmx?: { swap(ctx: object): Promise<void> } }} */ (window).htmx
      if (htmx !== undefined) await htmx.swap({ text: fresh.outerHTML, target: old, swap: 'outerMorph' })
      else morph(old, fresh)
      const now = document.getElementById(fresh.id)
      if (now === null) continue
      startClocks(now, heardAtMs)
      document.dispatchEvent(new CustomEvent('live:fragment', { detail: now }))
    }
    tick()
  }

  /**
   * Make `old` look like `fresh` while keeping the elements that stay: focus, typed text, open details, running maps.
   * @param {Element} old
   * @param {Element} fresh
   */
  function morph(old, fresh) {
    if (old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
      old.replaceWith(fresh)
      return
    }
    if (old.hasAttribute('hx-morph-skip')) return
    for (const { name } of [...old.attributes])
      if (!fresh.hasAttribute(name) && !PERSONS_OWN.has(name)) old.removeAttribute(name)
    for (const { name, value } of [...fresh.attributes])
      if (old.getAttribute(name) !== value) old.setAttribute(name, value)
    const kept = [...old.childNodes]
    let at = 0
    for (const child of [...fresh.childNodes]) {
      const match = kept.find((node, i) => i >= at && alike(node, child))
      if (match === undefined) {
        old.insertBefore(child, kept[at] ?? null)
        continue
      }
      while (kept[at] !== match) kept[at++]?.remove()
      at += 1
      if (match instanceof Element && child instanceof Element) morph(match, child)
      else if (match.nodeValue !== child.nodeValue) match.nodeValue = child.nodeValue
    }
    for (const rest of kept.slice(at)) rest.remove()
  }

  /**
   * @param {Node} a
   * @param {Node} b
   */
  function alike(a, b) {
    if (a.nodeName !== b.nodeName) return false
    return !(a instanceof Element && b instanceof Element) || (a.id === b.id && a.className === b.className)
  }

  /** @param {string | null} next what happens now, or null when the line is up @param {boolean} [final] */
  function showDown(next, final = false) {
    document.dispatchEvent(new CustomEvent('live:state', { detail: { live: next === null, final } }))
    const bar = document.getElementById('live-state')
    if (bar === null) return
    if (next === null) {
      clearTimeout(barTimer)
      barTimer = undefined
      bar.hidden = true
      return
    }
    const words = bar.querySelector('span')
    if (words !== null) words.textContent = `Not live since ${clock(lastNewsAtMs)}. ${next}`
    const isOld = hasBeenLive && Date.now() - lastNewsAtMs > OLD_MS
    if (isOld) bar.hidden = false
    barTimer ??= setTimeout(() => {
      bar.hidden = false
    }, BAR_AFTER_MS)
  }

  /** @param {number} atMs */
  function clock(atMs) {
    const timeZone = document.body.dataset.timeZone
    const american = document.documentElement.lang === 'en-US'
    const hour = american ? 'numeric' : '2-digit'
    const locale = american ? 'en-US' : 'en-GB'
    return new Intl.DateTimeFormat(locale, { hour, minute: '2-digit', timeZone }).format(atMs)
  }

  /**
   * For each running element, when its server's "now" was on our monotonic clock: the phone's own clock may be wrong.
   * @type {WeakMap<Element, { now: string, atMs: number, due: boolean }>}
   */
  const started = new WeakMap()

  /**
   * @param {Element} root
   * @param {number} heardAtMs
   */
  function startClocks(root, heardAtMs) {
    const inside = [...root.querySelectorAll('[data-now]')]
    for (const element of root.hasAttribute('data-now') ? [root, ...inside] : inside) {
      const now = element.getAttribute('data-now') ?? ''
      const before = started.get(element)
      if (before?.now !== now) started.set(element, { now, atMs: heardAtMs, due: false })
    }
  }

  /** @param {HTMLElement} element */
  function serverNowMs(element) {
    const start = started.get(element)
    if (start === undefined || start.now !== element.dataset.now) startClocks(element, nowMs())
    const known = started.get(element)
    return known === undefined ? Date.now() : Number(known.now) + nowMs() - known.atMs
  }

  function tick() {
    for (const element of document.querySelectorAll('[data-until][data-now]'))
      if (element instanceof HTMLElement) countDown(element)
    for (const element of document.querySelectorAll('[data-seen][data-now]'))
      if (element instanceof HTMLElement) growOld(element)
  }

  /** @param {HTMLElement} element */
  function countDown(element) {
    const leftMs = Math.max(0, Number(element.dataset.until) - serverNowMs(element))
    const seconds = Math.ceil(leftMs / 1000)
    const ring = element.querySelector('.ring-left')
    if (ring === null) {
      write(element, `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`)
    } else {
      const share = Math.min(1, leftMs / Math.max(1, Number(element.dataset.total)))
      ring.setAttribute('stroke-dashoffset', (100 - share * 100).toFixed(1))
      element.toggleAttribute('data-last', seconds <= 3)
      const digits = element.querySelector('span')
      if (digits !== null) write(digits, String(seconds))
    }
    const start = started.get(element)
    if (leftMs > 0 || start === undefined || start.due) return
    start.due = true
    setHidden(element.dataset.dueShow, false)
    setHidden(element.dataset.dueHide, true)
    element.dispatchEvent(new CustomEvent('live:due', { bubbles: true }))
  }

  /**
   * @param {string | undefined} ids with spaces between them
   * @param {boolean} hidden
   */
  function setHidden(ids, hidden) {
    for (const id of ids?.split(' ') ?? []) document.getElementById(id)?.toggleAttribute('hidden', hidden)
  }

  /** @param {HTMLElement} element */
  function growOld(element) {
    const ageS = Math.max(0, (serverNowMs(element) - Number(element.dataset.seen)) / 1000)
    const words = element.querySelector('[data-age-text]') ?? element
    write(
      words,
      ageS < 60
        ? `${Math.floor(ageS)} s`
        : ageS < 3600
          ? `${Math.floor(ageS / 60)} min`
          : `${Math.floor(ageS / 3600)} h`,
    )
    element.dataset.age = ageS <= 10 ? 'ok' : ageS <= 20 ? 'warn' : 'danger'
    const left = Math.max(0, 1 - ageS / SILENT_AFTER_S)
    element.querySelector('.age-left')?.setAttribute('stroke-dashoffset', (100 - left * 100).toFixed(1))
  }

  /**
   * @param {Element} element
   * @param {string} text
   */
  function write(element, text) {
    if (element.textContent !== text) element.textContent = text
  }

  /** A second press while the first is under way is ignored; the button keeps its width and says what it does. */
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (!(form instanceof HTMLFormElement) || form.method !== 'post') return
    if (form.hasAttribute('data-sent')) {
      event.preventDefault()
      event.stopImmediatePropagation()
      return
    }
    form.setAttribute('data-sent', '')
    const button = event.submitter
    if (!(button instanceof HTMLButtonElement)) return
    button.style.minInlineSize = `${button.offsetWidth}px`
    button.setAttribute('data-waiting', '')
    const busy = button.dataset.busy
    if (busy === undefined) return
    button.dataset.label = button.innerHTML
    button.textContent = busy
  })

  function readyAgain() {
    for (const form of document.querySelectorAll('form[data-sent]')) form.removeAttribute('data-sent')
    for (const button of document.querySelectorAll('button[data-waiting]')) {
      button.removeAttribute('data-waiting')
      if (button instanceof HTMLElement && button.dataset.label !== undefined)
        button.innerHTML = button.dataset.label
    }
  }
  document.addEventListener('htmx:finally:request', readyAgain)
  addEventListener('pageshow', (event) => {
    if (event instanceof PageTransitionEvent && event.persisted) readyAgain()
  })

  /**
   * What was pressed and did not get through is said: the button alone would look as if nothing had happened.
   * @param {string} text
   * @param {'ok' | 'warn'} [tone]
   */
  function say(text, tone = 'warn') {
    const toast = document.createElement('div')
    toast.className = `toast toast-${tone}`
    toast.dataset.toast = tone
    const words = document.createElement('p')
    words.textContent = text
    toast.append(words)
    document.getElementById('toasts')?.replaceChildren(toast)
    sweepToasts()
  }
  /** @param {Event} event */
  function isPress(event) {
    const request = /** @type {CustomEvent} */ (event).detail?.ctx?.request
    return String(request?.method).toUpperCase() === 'POST'
  }
  document.addEventListener('htmx:error', (event) => {
    if (isPress(event))
      say('No network, so that press did not get through. Press again when you are back; it counts once.')
  })
  document.addEventListener('htmx:response:error', (event) => {
    const status = /** @type {CustomEvent} */ (event).detail?.ctx?.response?.status
    if (isPress(event) && status >= 500) say('That did not get through. Press again; it counts once.')
  })

  /** A menu is put away by a press beside it, or by Escape. @param {Event} event */
  function closeMenus(event) {
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      const inside = event.target instanceof Node && menu.contains(event.target)
      const escaped = event instanceof KeyboardEvent && event.key === 'Escape'
      if (escaped || (event.type === 'click' && !inside)) menu.removeAttribute('open')
    }
  }
  document.addEventListener('click', closeMenus)
  document.addEventListener('keydown', closeMenus)

  const leaving = new WeakSet()
  function sweepToasts() {
    for (const toast of document.querySelectorAll('[data-toast]:not([data-toast="danger"])')) {
      if (leaving.has(toast)) continue
      leaving.add(toast)
      setTimeout(() => toast.remove(), TOAST_MS)
    }
  }

  const [navigation] = performance.getEntriesByType('navigation')
  startClocks(
    document.documentElement,
    navigation instanceof PerformanceNavigationTiming ? navigation.responseStart : performance.now(),
  )
  tick()
  sweepToasts()
  let knownSleptMs = 0
  setInterval(() => {
    tick()
    nowMs()
    // Awake again: what looks live may be as old as the night.
    if (sleptMs > knownSleptMs) line?.look()
    knownSleptMs = sleptMs
    sweepToasts()
  }, 1000)

  // A row of links that is longer than the screen begins where one is.
  for (const link of document.querySelectorAll('nav [aria-current="page"], nav [aria-current="true"]')) {
    const row = link.closest('nav')
    if (row !== null && row.scrollWidth > row.clientWidth)
      link.scrollIntoView({ inline: 'center', block: 'nearest', behavior: 'instant' })
  }

  const path = document.body.dataset.live
  if (path !== undefined) {
    line = HoneycabLine.openLine({
      path,
      makeSocket(at) {
        const url = new URL(at, location.href)
        url.protocol = url.protocol.replace('http', 'ws')
        return new WebSocket(url)
      },
      fetch: (at, init) => fetch(at, init),
      clock: {
        nowMs,
        after(ms, call) {
          const timer = setTimeout(call, ms)
          return () => clearTimeout(timer)
        },
      },
      fraction: Math.random,
      onMessage: receive,
      view: () => document.body.dataset.view ?? null,
      onBegin: () => document.dispatchEvent(new CustomEvent('live:begin')),
      onState({ live, final, silentMs }) {
        hasBeenLive ||= live
        if (hasBeenLive) lastNewsAtMs = Date.now() - silentMs
        showDown(
          live
            ? null
            : final
              ? 'Load the page again to go on.'
              : 'Trying again. What you see may have moved.',
          final,
        )
      },
    })
    addEventListener('online', () => line?.now())
    addEventListener('offline', () => line?.cut())
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) line?.look()
    })
  }

  /** For the page's other scripts: send on the page's socket, false while it is down; say a sentence in a toast. */
  Object.assign(window, {
    HoneycabLive: {
      say,
      /** @param {string | ArrayBuffer} message */
      send: (message) => line?.send(message) ?? false,
      /** The page shows another part of its subject: what `<body data-view>` says. */
      viewed: () => line?.viewed(),
      nowMs,
    },
  })

  // For the time without network; after the page has all it needs. Refused in a private window, and over plain http.
  addEventListener('load', () => {
    navigator.serviceWorker?.register('/worker.js', { updateViaCache: 'none' }).catch(() => {})
  })
})()
