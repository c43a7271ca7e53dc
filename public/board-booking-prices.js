/** What the ride costs, as it is typed; and asking for it at the price that was read out. */
;(() => {
  const TYPING_PAUSE_MS = 150
  /** Fields that change no price. */
  const OTHERS = ['key', 'csrf', 'caller', 'caller_name', 'caller_phone', 'caller_choice']
  const booking = window.HoneycabBooking
  const { form, input, say } = booking
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** What the prices were asked for; the same again asks nothing. */
  let askedFor = ''
  /** Enter went past the last field before the prices came. */
  let isWanted = false
  let isBooking = false

  function forget() {
    clearTimeout(timer)
    askedFor = ''
    isWanted = false
  }

  /** To the chosen price, once it is of what is typed. */
  function go() {
    const chosen = document.querySelector('#booking-ask input[name="quote_id"]:checked')
    isWanted = !(chosen instanceof HTMLElement && askedFor === wanted())
    if (!isWanted && chosen instanceof HTMLElement) chosen.focus()
    else askSoon(0)
  }

  /** All that a price depends on, as it stands. */
  function wanted() {
    const of = form()
    if (of === null) return ''
    const body = new URLSearchParams()
    for (const [name, value] of new FormData(of))
      if (typeof value === 'string' && !OTHERS.includes(name)) body.append(name, value)
    return body.toString()
  }

  /** @param {number} [afterMs] */
  function askSoon(afterMs = TYPING_PAUSE_MS) {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(afterMs === 0), afterMs)
  }

  /** Prices for what is typed, once both ends are; where they were asked for by a key, what is missing is said, too. @param {boolean} isPressed */
  async function ask(isPressed) {
    const isSettled = ['from', 'to'].every(window.HoneycabPlaces.isSettled)
    const text = wanted()
    if (text === '' || (!isSettled && !isPressed)) return
    if (text === askedFor) {
      if (isWanted) go()
      return
    }
    const body = new URLSearchParams(text)
    body.set('csrf', input('csrf')?.value ?? '')
    body.set('key', crypto.randomUUID())
    const page = await booking.ask('price', '/board/bookings', { method: 'POST', body })
    if (page === null || text !== wanted()) return
    for (const field of form()?.querySelectorAll('[aria-invalid]') ?? [])
      field.removeAttribute('aria-invalid')
    const fresh = page.getElementById('booking-prices')
    if (fresh === null) return refused(page, isPressed || isWanted)
    say('')
    askedFor = text
    put(fresh)
    if (isWanted) go()
  }

  /** New prices with what was chosen and written under the old ones. @param {Element} fresh */
  function put(fresh) {
    const old = document.getElementById('booking-prices')
    if (old === null) return
    const isFocused = old.contains(document.activeElement)
    const chosen = old.querySelector('input[name="quote_id"]:checked')
    const note = old.querySelector('input[name="note"]')
    const payment = old.querySelector('input[name="payment"]:checked')
    old.replaceWith(document.adoptNode(fresh))
    if (chosen instanceof HTMLInputElement)
      check(fresh, `[data-class="${CSS.escape(chosen.dataset.class ?? '')}"]`)
    if (payment instanceof HTMLInputElement)
      check(fresh, `[name="payment"][value="${CSS.escape(payment.value)}"]`)
    const field = fresh.querySelector('input[name="note"]')
    if (field instanceof HTMLInputElement && note instanceof HTMLInputElement)
      field.value = note.value || field.value
    const price = fresh.querySelector('input[name="quote_id"]:checked')
    if (isFocused && price instanceof HTMLElement) price.focus()
  }

  /** @param {Element} within @param {string} which */
  function check(within, which) {
    const box = within.querySelector(`input${which}`)
    if (box instanceof HTMLInputElement) box.checked = true
  }

  /** What is missing, and the cursor where it is; while somebody types on, only that there are no prices. @param {Document} page @param {boolean} isPressed */
  function refused(page, isPressed) {
    document.getElementById('booking-prices')?.replaceChildren()
    askedFor = ''
    if (!isPressed) return
    const errors = [...page.querySelectorAll('#booking .field-error, #booking .notice-danger')]
    const words = errors.map((error) => error.textContent?.trim()).filter(Boolean)
    say(words.join(' ') || 'That could not be priced. Look at what is typed.')
    for (const bad of page.querySelectorAll('#booking [aria-invalid]'))
      input(bad.getAttribute('name') ?? '')?.setAttribute('aria-invalid', 'true')
    if (!isWanted) return
    isWanted = false
    const first = form()?.querySelector('[aria-invalid]')
    if (!(first instanceof HTMLInputElement)) return
    first.focus()
    first.select()
    if (window.HoneycabPlaces.isPlace(first)) void window.HoneycabPlaces.suggest(first)
  }

  /**
   * Ask for the ride at the chosen price.
   * @param {(pane: Element) => Promise<void> | void} done with the ride in its pane
   * @param {boolean} stays whether the next caller is next, and so whatever is typed meanwhile
   */
  async function take(done, stays) {
    const asked = document.getElementById('booking-ask')
    if (!(asked instanceof HTMLFormElement) || isBooking) return
    if (askedFor !== wanted()) return go()
    const body = new URLSearchParams()
    for (const [name, value] of new FormData(asked)) if (typeof value === 'string') body.append(name, value)
    for (const name of ['rider_id', 'caller_name', 'caller_phone']) {
      const value = input(name)?.value.trim() ?? ''
      if (value !== '') body.set(name, value)
    }
    isBooking = true
    asked.setAttribute('aria-busy', 'true')
    const press = window.HoneycabAsked.press('board-ride')
    if (stays) window.HoneycabAhead.expectText()
    try {
      const page = await booking.ask('book', asked.action, { method: 'POST', body })
      const pane = page?.getElementById('board-ride')
      if (pane != null) {
        if (press.isNewest()) await done(pane)
        else window.HoneycabLive?.say(`${referenceOf(pane)} is asked for.`, 'ok')
        return
      }
      window.HoneycabAhead.forget()
      if (page !== null) notTaken(page)
    } finally {
      isBooking = false
      asked.removeAttribute('aria-busy')
      press.end()
    }
  }

  /** @param {Element} pane */
  function referenceOf(pane) {
    return pane.querySelector('#ride-title')?.textContent ?? 'The ride'
  }

  /** @param {Document} page */
  function notTaken(page) {
    // Read first: the prices take the reason along when they are put in their place, and it is said once.
    const why = page.querySelector('.notice-danger')?.textContent?.trim()
    const prices = page.getElementById('booking-prices')
    if (prices !== null) put(prices)
    const isShown = document.querySelector('#booking-prices .notice-danger') !== null
    say(isShown ? '' : (why ?? 'That was not booked. Look at what is typed and press again.'))
    if (input('rider_id') === null) booking.go(input('caller_name') === null ? 'caller' : 'caller_name')
  }

  Object.assign(globalThis, { HoneycabPrices: { go, ask: () => askSoon(), take, forget, referenceOf } })
})()
