/**
 * Booking by phone, by keyboard alone: B opens the panel, Enter goes on to what is asked next, the caller's places stand
 * under 1 to 4 and their last ride under R and B, prices follow what is typed, and Enter on a price asks.
 */
;(() => {
  const TYPING_PAUSE_MS = 150
  const TICK_MS = 1_000
  /** What Enter goes through, in the order in which people speak. */
  const ORDER = ['caller', 'caller_name', 'from', 'to', 'at']
  const WAY = ['from', 'to', 'stop1', 'stop2', 'stop3']

  let openedAtMs = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** Newer questions overtake older ones, each kind its own. @type {Map<string, AbortController>} */
  const asking = new Map()
  /** What the prices were asked for; the same again asks nothing. */
  let askedFor = ''
  /** Enter went past the last field before the prices came. */
  let wantsPrice = false
  let isBooking = false

  /** @returns {HTMLFormElement | null} */
  const form = () => /** @type {HTMLFormElement | null} */ (document.querySelector('#board-ride #booking'))
  /** @param {string} name */
  const input = (name) =>
    /** @type {HTMLInputElement | null} */ (
      form()?.querySelector(`input[name="${name}"]:not([type="radio"])`) ?? null
    )
  const list = () => document.getElementById('booking-suggestions')
  const htmx = () =>
    /** @type {{htmx?: {process(element: Element): void}}} */ (/** @type {unknown} */ (window)).htmx

  /**
   * The answer to the newest question of a kind; null where a newer one overtook it or the network is gone.
   * @param {string} kind
   * @param {string} address
   * @param {RequestInit} [init]
   */
  async function ask(kind, address, init = {}) {
    asking.get(kind)?.abort()
    const mine = new AbortController()
    asking.set(kind, mine)
    try {
      const answer = await fetch(address, {
        ...init,
        signal: mine.signal,
        headers: { accept: 'text/html', 'hx-request': 'true' },
      })
      const text = await answer.text()
      if (mine.signal.aborted) return null
      return { answer, page: new DOMParser().parseFromString(text, 'text/html') }
    } catch {
      if (!mine.signal.aborted) say('No network. What you typed stays; prices come when you are back.')
      return null
    }
  }

  /** @param {string} text */
  function say(text) {
    const said = document.getElementById('booking-said')
    if (said !== null && said.textContent !== text) said.textContent = text
  }

  /** @param {string} [rider] */
  async function open(rider) {
    const query = rider === undefined ? '' : `?${new URLSearchParams({ rider })}`
    const press = window.HoneycabAsked.press('board-ride')
    // Whoever speaks does not wait for the panel.
    window.HoneycabAhead.expectText()
    try {
      const got = await ask('panel', `/board/bookings${query}`)
      const fresh = got?.page.getElementById('board-ride')
      if (fresh == null || !press.isNewest()) return
      begin(fresh, rider)
    } finally {
      press.end()
    }
  }

  /** @param {Element} fresh @param {string} [rider] */
  function begin(fresh, rider) {
    show(fresh)
    history.pushState(null, '', '/board')
    openedAtMs = performance.now()
    askedFor = ''
    wantsPrice = false
    tick()
    if (rider === undefined) input('caller')?.focus()
    else {
      input('from')?.focus()
      void findCaller({ rider })
    }
  }

  /** A panel in place of the one that is there. @param {Element} fresh */
  function show(fresh) {
    const old = document.getElementById('board-ride')
    if (old === null) return
    const adopted = document.adoptNode(fresh)
    old.replaceWith(adopted)
    htmx()?.process(adopted)
    const tab = document.querySelector('[data-view-name="ride"]')
    if (tab instanceof HTMLElement) tab.click()
    document.dispatchEvent(new CustomEvent('htmx:after:swap'))
  }

  function tick() {
    const clock = document.getElementById('booking-clock')
    if (clock === null) return
    const seconds = Math.floor((performance.now() - openedAtMs) / 1_000)
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
    clock.classList.toggle('badge-warn', seconds > 20)
  }
  setInterval(tick, TICK_MS)

  /** @param {{ q?: string, rider?: string }} who */
  async function findCaller(who) {
    const got = await ask(
      'caller',
      `/board/callers?${new URLSearchParams(/** @type {Record<string, string>} */ (who))}`,
    )
    const fresh = got?.page.getElementById('booking-caller')
    const old = document.getElementById('booking-caller')
    if (fresh == null || old === null) return
    const name = input('caller_name')?.value ?? ''
    old.replaceWith(document.adoptNode(fresh))
    const field = input('caller_name')
    if (field !== null && name !== '') field.value = name
    price()
  }

  /** @param {HTMLInputElement} field */
  async function suggest(field) {
    const box = list()
    if (box === null || field.value.trim().length < 2) return close()
    const got = await ask('places', `/places?${new URLSearchParams({ q: field.value.trim(), field: 'to' })}`)
    const fresh = got?.page.querySelector('ul')
    if (fresh == null || document.activeElement !== field) return
    // A desk has no position of its own to ride from, and the map is behind the panel.
    for (const other of fresh.querySelectorAll('[data-act]')) other.remove()
    box.replaceChildren(document.adoptNode(fresh))
    box.hidden = box.querySelector('li') === null
    field.closest('.booking-end')?.append(box)
    mark(0)
  }

  function close() {
    asking.get('places')?.abort()
    const box = list()
    if (box !== null) box.hidden = true
  }

  function options() {
    const box = list()
    return box === null || box.hidden ? [] : [...box.querySelectorAll('[role="option"]')]
  }

  /** @param {number} n */
  function mark(n) {
    for (const [i, option] of options().entries()) option.setAttribute('aria-selected', String(i === n))
    options()[n]?.scrollIntoView({ block: 'nearest' })
  }

  /** @param {string} name @param {{ label: string, point: { lat: number, lng: number } }} place */
  function fill(name, { label, point }) {
    const [field, lat, lng] = [input(name), input(`${name}_lat`), input(`${name}_lng`)]
    if (field === null || lat === null || lng === null) return
    field.value = label
    field.removeAttribute('aria-invalid')
    lat.value = String(point.lat)
    lng.value = String(point.lng)
  }

  /** @param {string} name @param {Element} option */
  function take(name, option) {
    const { label = '', lat, lng } = /** @type {HTMLElement} */ (option).dataset
    fill(name, { label, point: { lat: Number(lat), lng: Number(lng) } })
    close()
    price()
  }

  /** A letter or a number alone in From or To is one of the caller's: true where it was. @param {HTMLInputElement} field */
  function short(field) {
    const said = field.value.trim().toLowerCase()
    const button =
      said.length === 1 ? document.querySelector(`#booking-caller [data-short="${CSS.escape(said)}"]`) : null
    if (!(button instanceof HTMLElement)) return false
    clearTimeout(timer)
    close()
    if (button.dataset.way !== undefined) {
      const [from, to] = JSON.parse(button.dataset.way)
      fill('from', from)
      fill('to', to)
      go('at')
    } else {
      fill(field.name, JSON.parse(button.dataset.place ?? '{}'))
      next(field.name)
    }
    price()
    return true
  }

  /** @param {string} name */
  function go(name) {
    const field = input(name)
    if (field === null) toPrice()
    else {
      field.focus()
      field.select()
    }
  }

  /** @param {string} name */
  function next(name) {
    const rest = ORDER.slice(ORDER.indexOf(name) + 1)
    const known = rest.find((other) => input(other) !== null)
    if (name.startsWith('stop')) go('at')
    else if (known === undefined) toPrice()
    else go(known)
  }

  function toPrice() {
    const chosen = document.querySelector('#booking-ask input[name="quote_id"]:checked')
    if (chosen instanceof HTMLElement && askedFor === wanted()) {
      chosen.focus()
      wantsPrice = false
      return
    }
    wantsPrice = true
    price(true)
  }

  /** All that a price depends on, as it stands. */
  function wanted() {
    const of = form()
    if (of === null) return ''
    const body = new URLSearchParams()
    for (const [name, value] of new FormData(of))
      if (
        typeof value === 'string' &&
        !['key', 'csrf', 'caller', 'caller_name', 'caller_phone', 'caller_choice'].includes(name)
      )
        body.append(name, value)
    return body.toString()
  }

  /** Prices for what is typed, once both ends are; `now` says what is missing, too. */
  function price(now = false) {
    clearTimeout(timer)
    timer = setTimeout(() => void askPrice(now), now ? 0 : TYPING_PAUSE_MS)
  }

  /** @param {boolean} isPressed */
  async function askPrice(isPressed) {
    const isSettled = ['from', 'to'].every((name) => (input(`${name}_lat`)?.value ?? '') !== '')
    const text = wanted()
    if (text === '' || (!isSettled && !isPressed)) return
    if (text === askedFor) {
      if (wantsPrice) toPrice()
      return
    }
    const body = new URLSearchParams(text)
    body.set('csrf', input('csrf')?.value ?? '')
    body.set('key', crypto.randomUUID())
    const got = await ask('price', '/board/bookings', { method: 'POST', body })
    if (got === null || text !== wanted()) return
    for (const field of form()?.querySelectorAll('[aria-invalid]') ?? [])
      field.removeAttribute('aria-invalid')
    const fresh = got.page.getElementById('booking-prices')
    if (fresh === null) return refused(got.page, isPressed || wantsPrice)
    say('')
    askedFor = text
    putPrices(fresh)
    if (wantsPrice) toPrice()
  }

  /** New prices with what was chosen and written under the old ones. @param {Element} fresh */
  function putPrices(fresh) {
    const old = document.getElementById('booking-prices')
    if (old === null) return
    const chosen = old.querySelector('input[name="quote_id"]:checked')
    const isFocused = old.contains(document.activeElement)
    const vehicleClass = chosen instanceof HTMLInputElement ? chosen.dataset.class : undefined
    const note = /** @type {HTMLInputElement | null} */ (old.querySelector('input[name="note"]'))?.value ?? ''
    const pay = /** @type {HTMLInputElement | null} */ (old.querySelector('input[name="payment"]:checked'))
      ?.value
    old.replaceWith(document.adoptNode(fresh))
    const same = fresh.querySelector(`input[data-class="${CSS.escape(vehicleClass ?? '')}"]`)
    if (same instanceof HTMLInputElement) same.checked = true
    const field = fresh.querySelector('input[name="note"]')
    if (field instanceof HTMLInputElement && note !== '') field.value = note
    const payment =
      pay === undefined ? null : fresh.querySelector(`input[name="payment"][value="${CSS.escape(pay)}"]`)
    if (payment instanceof HTMLInputElement) payment.checked = true
    if (isFocused)
      /** @type {HTMLElement | null} */ (fresh.querySelector('input[name="quote_id"]:checked'))?.focus()
  }

  /** What is missing, and the cursor where it is; while somebody types on, only that there are no prices. @param {Document} page @param {boolean} isPressed */
  function refused(page, isPressed) {
    if (!isPressed) {
      document.getElementById('booking-prices')?.replaceChildren()
      askedFor = ''
      return
    }
    const errors = [...page.querySelectorAll('#booking .field-error, #booking .notice-danger')]
    const words = errors.map((error) => error.textContent?.trim()).filter(Boolean)
    say(words.join(' ') || 'That could not be priced. Look at what is typed.')
    document.getElementById('booking-prices')?.replaceChildren()
    askedFor = ''
    for (const bad of page.querySelectorAll('#booking [aria-invalid]')) {
      const field = input(bad.getAttribute('name') ?? '')
      field?.setAttribute('aria-invalid', 'true')
    }
    if (!wantsPrice) return
    wantsPrice = false
    const first = form()?.querySelector('[aria-invalid]')
    if (first instanceof HTMLInputElement) {
      first.focus()
      first.select()
      if (WAY.includes(first.name)) void suggest(first)
    }
  }

  /** Ask for the ride at the chosen price. @param {boolean} stays whether the next caller is next */
  async function book(stays) {
    const asked = document.getElementById('booking-ask')
    if (!(asked instanceof HTMLFormElement) || isBooking) return
    if (askedFor !== wanted()) return toPrice()
    const body = new URLSearchParams()
    for (const [name, value] of new FormData(asked)) if (typeof value === 'string') body.append(name, value)
    for (const name of ['rider_id', 'caller_name', 'caller_phone']) {
      const value = input(name)?.value.trim() ?? ''
      if (value !== '') body.set(name, value)
    }
    isBooking = true
    asked.setAttribute('aria-busy', 'true')
    try {
      const got = await ask('book', asked.action, { method: 'POST', body })
      const pane = got?.page.getElementById('board-ride')
      if (got === null) return
      if (pane == null) {
        const prices = got.page.getElementById('booking-prices')
        if (prices !== null) putPrices(prices)
        const why = got.page.querySelector('.notice-danger')?.textContent?.trim()
        say(why ?? 'That was not booked. Look at what is typed and press again.')
        if (input('rider_id') === null) go(input('caller_name') === null ? 'caller' : 'caller_name')
        return
      }
      const tookS = Math.round((performance.now() - openedAtMs) / 1_000)
      const reference = pane.querySelector('#ride-title')?.textContent ?? 'The ride'
      if (stays) {
        await open()
        say(`${reference} is asked for, in ${tookS} s.`)
      } else {
        const rideId = pane.getAttribute('data-ride-id')
        show(pane)
        if (rideId !== null) history.replaceState(null, '', `/board?ride=${encodeURIComponent(rideId)}`)
      }
    } finally {
      isBooking = false
      asked.removeAttribute('aria-busy')
    }
  }

  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null
    if (target === null) return
    const opener = target.closest('[data-book], a[href="/board/bookings"]')
    if (opener !== null && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault()
      void open()
    }
    const option = target.closest('#booking-suggestions [role="option"]')
    const field = option?.closest('.booking-end')?.getAttribute('data-end')
    if (option != null && field != null) {
      take(field, option)
      next(field)
    }
    const place = target.closest('#booking-caller [data-short]')
    if (place instanceof HTMLElement) {
      const empty = input('from')?.value === '' ? input('from') : input('to')
      if (empty !== null) {
        empty.value = place.dataset.short ?? ''
        short(empty)
      }
    }
  })
  // The press must not take the focus from the field first, or the list is gone before the click.
  document.addEventListener('pointerdown', (event) => {
    if (event.target instanceof Element && event.target.closest('#booking-suggestions') !== null)
      event.preventDefault()
  })
  document.addEventListener('board:book', (event) => {
    event.preventDefault()
    void open(String(/** @type {CustomEvent} */ (event).detail.rider))
  })

  document.addEventListener('input', (event) => {
    const field = event.target
    if (!(field instanceof HTMLInputElement) || field.form?.id !== 'booking' || form() === null) return
    if (field.name === 'caller') {
      clearTimeout(timer)
      timer = setTimeout(() => void findCaller({ q: field.value.trim() }), TYPING_PAUSE_MS)
    } else if (WAY.includes(field.name)) {
      for (const part of ['lat', 'lng']) {
        const at = input(`${field.name}_${part}`)
        if (at !== null) at.value = ''
      }
      for (const option of options()) option.remove()
      clearTimeout(timer)
      timer = setTimeout(() => void suggest(field), TYPING_PAUSE_MS)
    } else if (field.name !== 'caller_name') price()
  })
  document.addEventListener('change', (event) => {
    const field = event.target
    if (!(field instanceof HTMLInputElement) || form() === null || field.name !== 'caller_choice') return
    void findCaller({ rider: field.value }).then(() => go('from'))
  })
  document.addEventListener('focusout', (event) => {
    if (event.target instanceof Element && event.target.closest('.booking-end') !== null) close()
  })

  document.addEventListener('submit', (event) => {
    if (!(event.target instanceof HTMLFormElement) || form() === null) return
    if (event.target.id !== 'booking' && event.target.id !== 'booking-ask') return
    event.preventDefault()
    if (event.target.id === 'booking') toPrice()
    else void book(false)
  })

  document.addEventListener(
    'keydown',
    (event) => {
      const field = event.target
      if (!(field instanceof HTMLInputElement) || form() === null) return
      const of = field.form?.id
      if (of !== 'booking' && of !== 'booking-ask') return
      if (event.key === 'Escape') {
        event.preventDefault()
        if (options().length > 0) return close()
        const link = document.querySelector('#board-ride [data-close]')
        if (link instanceof HTMLElement) link.click()
        return
      }
      if (WAY.includes(field.name) && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
        const count = options().length
        if (count === 0) return
        event.preventDefault()
        const now = options().findIndex((option) => option.getAttribute('aria-selected') === 'true')
        mark((now + (event.key === 'ArrowDown' ? 1 : -1) + count) % count)
        return
      }
      const isOn = event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)
      if (!isOn || event.isComposing || event.repeat) return
      if (of === 'booking-ask') {
        if (event.key !== 'Enter') return
        event.preventDefault()
        void book(event.shiftKey)
        return
      }
      if (WAY.includes(field.name)) {
        if (short(field)) return event.preventDefault()
        const chosen = options().find((option) => option.getAttribute('aria-selected') === 'true')
        if (chosen !== undefined && input(`${field.name}_lat`)?.value === '') take(field.name, chosen)
      }
      if (event.key === 'Tab') return
      event.preventDefault()
      if (field.name === 'caller_choice') {
        field.checked = true
        field.dispatchEvent(new Event('change', { bubbles: true }))
      } else if (field.name === 'caller') void onCaller()
      else if (ORDER.includes(field.name) || WAY.includes(field.name)) next(field.name)
      else toPrice()
    },
    true,
  )

  /**
   * Enter on the caller waits for who it is: one goes on, several are chosen from, somebody new says a name. What is typed
   * meanwhile is for the field that comes next, and is kept for it in one that nobody sees.
   */
  async function onCaller() {
    clearTimeout(timer)
    const held = document.createElement('input')
    held.className = 'booking-held'
    held.autocomplete = 'off'
    held.setAttribute('aria-label', 'What comes next')
    held.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing) return
      event.preventDefault()
      // Nothing more is known to belong to the same field.
      held.readOnly = true
    })
    const q = input('caller')?.value.trim() ?? ''
    document.getElementById('board-ride')?.append(held)
    held.focus()
    await findCaller({ q })
    const { value, readOnly: hasEntered } = held
    const isTypedInto = document.activeElement === held
    held.remove()
    // Whoever went elsewhere meanwhile stays there.
    if (form() === null || !isTypedInto) return
    const choice = form()?.querySelector('input[name="caller_choice"]')
    if (choice instanceof HTMLElement) return choice.focus()
    next('caller')
    const field = document.activeElement
    if (value === '' || !(field instanceof HTMLInputElement)) return
    document.execCommand('insertText', false, value)
    if (hasEntered)
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
  }
})()
