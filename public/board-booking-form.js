/** The fields of a booking by phone, and what its other scripts share: questions to the server, and the way from field to field. */
;(() => {
  /** What Enter goes through, in the order in which people speak. */
  const ORDER = ['caller', 'caller_name', 'from', 'to', 'at']
  /** Newer questions overtake older ones, each kind its own. @type {Map<string, AbortController>} */
  const asking = new Map()

  /** @returns {HTMLFormElement | null} */
  const form = () => /** @type {HTMLFormElement | null} */ (document.querySelector('#board-ride #booking'))
  /** @param {string} name */
  const input = (name) =>
    /** @type {HTMLInputElement | null} */ (
      form()?.querySelector(`input[name="${name}"]:not([type="radio"])`) ?? null
    )

  /** @param {string} text */
  function say(text) {
    const said = document.getElementById('booking-said')
    if (said !== null && said.textContent !== text) said.textContent = text
  }

  /**
   * The answer to the newest question of a kind; null where a newer one overtook it or the network is gone.
   * @param {string} kind
   * @param {string} address
   * @param {RequestInit} [init]
   */
  async function ask(kind, address, init = {}) {
    stop(kind)
    const mine = new AbortController()
    asking.set(kind, mine)
    try {
      const answer = await fetch(address, {
        ...init,
        signal: mine.signal,
        headers: { accept: 'text/html', 'hx-request': 'true' },
      })
      const text = await answer.text()
      return mine.signal.aborted ? null : new DOMParser().parseFromString(text, 'text/html')
    } catch {
      if (!mine.signal.aborted) say('No network. What you typed stays; prices come when you are back.')
      return null
    }
  }

  /** @param {string} kind */
  function stop(kind) {
    asking.get(kind)?.abort()
  }

  /** The cursor into a field, or on to the prices where the form has none of that name. @param {string} name */
  function go(name) {
    const field = input(name)
    if (field === null) return window.HoneycabPrices.go()
    field.focus()
    field.select()
  }

  /** On to what is asked after a field; after what nobody is asked for, to the prices. @param {string} name */
  function next(name) {
    if (name.startsWith('stop')) return go('at')
    const at = ORDER.indexOf(name)
    go((at < 0 ? undefined : ORDER.slice(at + 1).find((other) => input(other) !== null)) ?? 'price')
  }

  /**
   * What is typed until some work is done is for the field that comes next, and waits for it.
   * @template T
   * @param {() => Promise<T>} work
   * @param {(result: T) => void} goOn not called where somebody went elsewhere meanwhile: they stay there
   */
  async function whileTyping(work, goOn) {
    const press = window.HoneycabAsked.press('booking')
    window.HoneycabAhead.expectText()
    const of = form()
    try {
      const result = await work()
      if (of === form() && window.HoneycabAhead.isHeld()) goOn(result)
      else window.HoneycabAhead.forget()
    } finally {
      press.end()
    }
  }

  Object.assign(globalThis, { HoneycabBooking: { form, input, say, ask, stop, go, next, whileTyping } })
})()
