/**
 * Booking by phone, by keyboard alone: B opens the panel, Enter goes on to what is asked next, the caller's places stand
 * under 1 to 4 and their last ride under R and B, prices follow what is typed, and Enter on a price asks. Here are the
 * panel, its clock and its keys; what they do is in board-booking-caller, -places and -prices.
 */
;(() => {
  const TICK_MS = 1_000
  const LATE_S = 20
  const { form, input, ask, say, next, go } = window.HoneycabBooking
  const callers = window.HoneycabCallers
  const places = window.HoneycabPlaces
  const prices = window.HoneycabPrices
  let openedAtMs = 0

  /** @param {string} [rider] */
  async function open(rider) {
    const query = rider === undefined ? '' : `?${new URLSearchParams({ rider })}`
    const press = window.HoneycabAsked.press('board-ride')
    // Whoever speaks does not wait for the panel.
    window.HoneycabAhead.expectText()
    try {
      const page = await ask('panel', `/board/bookings${query}`)
      const fresh = page?.getElementById('board-ride')
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
    prices.forget()
    tick()
    go(rider === undefined ? 'caller' : 'from')
    if (rider !== undefined) void callers.find({ rider })
  }

  /** A panel in place of the one that is there. @param {Element} fresh */
  function show(fresh) {
    const old = document.getElementById('board-ride')
    if (old === null) return
    const { htmx } = /** @type {{htmx?: {process(element: Element): void}}} */ (
      /** @type {unknown} */ (window)
    )
    const adopted = document.adoptNode(fresh)
    old.replaceWith(adopted)
    htmx?.process(adopted)
    const tab = document.querySelector('[data-view-name="ride"]')
    if (tab instanceof HTMLElement) tab.click()
    document.dispatchEvent(new CustomEvent('htmx:after:swap'))
  }

  function tookS() {
    return Math.floor((performance.now() - openedAtMs) / 1_000)
  }

  function tick() {
    const clock = document.getElementById('booking-clock')
    if (clock === null) return
    const seconds = tookS()
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
    clock.classList.toggle('badge-warn', seconds > LATE_S)
  }
  setInterval(tick, TICK_MS)

  /** Ask for the ride at the chosen price. @param {boolean} stays whether the next caller is next */
  function book(stays) {
    void prices.take(async (pane) => {
      if (stays) {
        const said = `${prices.referenceOf(pane)} is asked for, in ${tookS()} s.`
        await open()
        return say(said)
      }
      const rideId = pane.getAttribute('data-ride-id')
      show(pane)
      if (rideId !== null) history.replaceState(null, '', `/board?ride=${encodeURIComponent(rideId)}`)
    }, stays)
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
      places.take(field, option)
      next(field)
    }
    const place = target.closest('#booking-caller [data-short]')
    if (place instanceof HTMLElement) {
      const empty = input('from')?.value === '' ? input('from') : input('to')
      if (empty !== null) {
        empty.value = place.dataset.short ?? ''
        places.short(empty)
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
    if (field.name === 'caller') callers.typed(field)
    else if (places.isPlace(field)) places.typed(field)
    else if (field.name !== 'caller_name') prices.ask()
  })
  document.addEventListener('change', (event) => {
    const field = event.target
    if (!(field instanceof HTMLInputElement) || form() === null || field.name !== 'caller_choice') return
    callers.choose(field.value)
  })
  document.addEventListener('focusout', (event) => {
    if (event.target instanceof Element && event.target.closest('.booking-end') !== null) places.close()
  })

  document.addEventListener('submit', (event) => {
    if (!(event.target instanceof HTMLFormElement) || form() === null) return
    if (event.target.id !== 'booking' && event.target.id !== 'booking-ask') return
    event.preventDefault()
    if (event.target.id === 'booking') prices.go()
    else book(false)
  })

  /** @param {HTMLInputElement} field */
  function enter(field) {
    if (field.name === 'caller_choice') {
      field.checked = true
      callers.choose(field.value)
    } else if (field.name === 'caller') callers.enter(field)
    else if (!places.isPlace(field)) next(field.name)
    else if (!places.short(field)) places.enter(field)
  }

  document.addEventListener(
    'keydown',
    (event) => {
      const field = event.target
      if (!(field instanceof HTMLInputElement) || form() === null) return
      const of = field.form?.id
      if (of !== 'booking' && of !== 'booking-ask') return
      const { key, shiftKey, isComposing, repeat } = event
      if (key === 'Escape') {
        event.preventDefault()
        if (places.isOpen()) return places.close()
        const link = document.querySelector('#board-ride [data-close]')
        if (link instanceof HTMLElement) link.click()
      } else if (places.isPlace(field) && (key === 'ArrowDown' || key === 'ArrowUp')) {
        if (places.move(key === 'ArrowDown' ? 1 : -1)) event.preventDefault()
      } else if (key === 'Tab' && !shiftKey && !isComposing && places.isPlace(field)) {
        if (places.short(field)) event.preventDefault()
        else places.takeMarked(field)
      } else if (key === 'Enter' && !isComposing) {
        event.preventDefault()
        if (repeat) return
        if (of === 'booking-ask') book(shiftKey)
        else enter(field)
      }
    },
    true,
  )
})()
