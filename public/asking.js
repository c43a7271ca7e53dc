// Asking for a ride as one page: both ends settled, the prices stand where the form was; another time, more seats or a
// child seat, and they stand there anew. Without it each of them is a page of its own.
;(() => {
  const LOOK_AGAIN_MS = 15_000

  const mapElement = document.querySelector('.split-map .map')
  /** @type {AbortController | null} */
  let asking = null

  const main = () => document.querySelector('main.split')

  document.addEventListener('submit', (event) => {
    const form = event.target
    if (!(form instanceof HTMLFormElement) || form.getAttribute('action') !== '/quotes') return
    if (main() === null || event.defaultPrevented) return
    event.preventDefault()
    void prices(form)
  })

  // Every wish asks anew at once; the prices say what it changes.
  document.addEventListener('change', (event) => {
    const control = event.target
    if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement)) return
    if (control.form?.id === 'again') control.form.requestSubmit()
  })

  // Both ends are known: nothing is left to press.
  document.addEventListener('request:settled', (event) => {
    const form = event.target
    if (!(form instanceof HTMLFormElement) || main() === null) return
    if (form.getAttribute('action') === '/quotes') form.requestSubmit()
  })

  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[data-swap]') : null
    if (!(link instanceof HTMLAnchorElement) || main() === null) return
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    void visit(link.href)
  })

  addEventListener('popstate', () => location.reload())

  /** @param {HTMLFormElement} form */
  async function prices(form) {
    const body = new URLSearchParams()
    // The key was made for the form as it stood; asking for prices twice does nothing twice.
    for (const [name, value] of new FormData(form))
      if (typeof value === 'string' && name !== 'key') body.append(name, value)
    const answer = await ask(form.action, { method: 'POST', body })
    if (answer === undefined) return
    if (answer === null) {
      say('No network, so there are no prices yet. What you chose stays; press See prices when you are back.')
      ready()
      return
    }
    const before = new URL(location.href)
    const filled = new URLSearchParams([...body].filter(([name]) => name !== 'csrf'))
    if (!swap(answer)) {
      // Not a page of this kind: a sign-in, a refusal. The browser shows it as it shows any.
      form.submit()
      return
    }
    const isPrices = new URL(answer.url).pathname.startsWith('/quotes/')
    if (isPrices && !before.pathname.startsWith('/quotes/')) {
      // Going back leads to the form as it was filled in.
      history.replaceState(null, '', `/request?${filled}`)
      history.pushState(null, '', answer.url)
      scrollTo(0, 0)
    } else if (isPrices) history.replaceState(null, '', answer.url)
  }

  /** @param {string} address */
  async function visit(address) {
    const answer = await ask(address, {})
    if (answer === undefined) return
    if (answer === null || !swap(answer)) {
      location.assign(address)
      return
    }
    history.pushState(null, '', answer.url)
    scrollTo(0, 0)
    const field = document.querySelector('.address input:not([type="hidden"])')
    if (field instanceof HTMLElement) field.focus()
  }

  /**
   * The page that answers; null where the network is gone, undefined where a newer question overtook this one.
   * @param {string} address
   * @param {RequestInit} init
   * @returns {Promise<{ url: string, text: string } | null | undefined>}
   */
  async function ask(address, init) {
    asking?.abort()
    const mine = new AbortController()
    asking = mine
    const end = window.HoneycabPending?.(main()?.querySelector('.sheet') ?? null)
    try {
      const answer = await fetch(address, { ...init, signal: mine.signal, headers: { accept: 'text/html' } })
      return { url: answer.url, text: await answer.text() }
    } catch {
      return mine.signal.aborted ? undefined : null
    } finally {
      end?.()
    }
  }

  /**
   * Put the answer's sheet where this page's is, under the map that stays.
   * @param {{ text: string }} answer
   */
  function swap({ text }) {
    const page = new DOMParser().parseFromString(text, 'text/html')
    const fresh = page.querySelector('main.split')
    const old = main()
    const map = old?.querySelector('.split-map')
    if (fresh === null || old === null || map == null) return false
    const focused = nameOf(document.activeElement)
    const isOpen = old.querySelector('.needs[open]') !== null
    for (const child of [...old.children]) if (child !== map) child.remove()
    for (const child of [...fresh.children])
      if (!child.matches('.split-map')) map.before(document.adoptNode(child))
    old.className = fresh.className
    document.title = page.title
    const config = fresh.querySelector('.map')?.getAttribute('data-map')
    if (mapElement instanceof HTMLElement && config != null && 'HoneycabMap' in window) {
      mapElement.dataset.map = config
      const handle = window.HoneycabMap(mapElement)
      // The sheet is another one, so the map has another size, which it would learn only after this.
      handle.leaflet.invalidateSize({ animate: false })
      handle.apply(JSON.parse(config))
    }
    if (isOpen) old.querySelector('.needs')?.setAttribute('open', '')
    const again = focused === null ? null : old.querySelector(focused)
    if (again instanceof HTMLElement) again.focus({ preventScroll: true })
    document.dispatchEvent(new CustomEvent('sheet:swapped'))
    return true
  }

  /** How to find a control again in the sheet that comes. @param {Element | null} element */
  function nameOf(element) {
    if (!(element instanceof HTMLInputElement || element instanceof HTMLSelectElement)) return null
    if (element.form?.id !== 'again') return null
    const value = element.type === 'radio' ? `[value="${CSS.escape(element.value)}"]` : ''
    return `[form="again"][name="${CSS.escape(element.name)}"]${value}`
  }

  /** @param {string} text */
  function say(text) {
    const { HoneycabLive } = /** @type {{ HoneycabLive?: { say(text: string): void } }} */ (
      /** @type {unknown} */ (window)
    )
    HoneycabLive?.say(text)
  }

  /** The form may be sent again; live.js keeps it from being sent twice. */
  function ready() {
    document.dispatchEvent(new CustomEvent('htmx:finally:request'))
  }

  // Who waits for a car to get free hears it on the page, too.
  setInterval(async () => {
    if (document.hidden || document.querySelector('[data-told-of]') === null) return
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' } })
      const text = await answer.text()
      if (text.includes('data-free-now')) swap({ text })
    } catch {
      // The next look is not far.
    }
  }, LOOK_AGAIN_MS)
})()
