/** Where from, where to: suggestions under the field, and the caller's own places by a letter or a number. */
;(() => {
  const TYPING_PAUSE_MS = 150
  const LETTERS_LEAST = 2
  const FIELDS = ['from', 'to', 'stop1', 'stop2', 'stop3']
  const { input, ask, stop, go, next, whileTyping } = window.HoneycabBooking
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  const list = () => document.getElementById('booking-suggestions')

  /** @param {HTMLInputElement} field */
  function find(field) {
    clearTimeout(timer)
    return ask('places', `/places?${new URLSearchParams({ q: field.value.trim(), field: 'to' })}`)
  }

  /** @param {HTMLInputElement} field */
  async function suggest(field) {
    const box = list()
    if (box === null || field.value.trim().length < LETTERS_LEAST) return close()
    const fresh = (await find(field))?.querySelector('ul')
    if (fresh == null || document.activeElement !== field) return
    // A desk has no position of its own to ride from, and the map is behind the panel.
    for (const other of fresh.querySelectorAll('[data-act]')) other.remove()
    box.replaceChildren(document.adoptNode(fresh))
    box.hidden = box.querySelector('li') === null
    field.closest('.booking-end')?.append(box)
    mark(0)
  }

  function close() {
    stop('places')
    const box = list()
    if (box !== null) box.hidden = true
  }

  function options() {
    const box = list()
    return box === null || box.hidden ? [] : [...box.querySelectorAll('[role="option"]')]
  }

  function marked() {
    return options().findIndex((option) => option.getAttribute('aria-selected') === 'true')
  }

  /** @param {number} n */
  function mark(n) {
    for (const [i, option] of options().entries()) option.setAttribute('aria-selected', String(i === n))
    options()[n]?.scrollIntoView({ block: 'nearest' })
  }

  /** @param {1 | -1} by @returns whether there is a list to go through */
  function move(by) {
    const count = options().length
    if (count > 0) mark((marked() + by + count) % count)
    return count > 0
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

  /** @param {string} name */
  function isSettled(name) {
    return (input(`${name}_lat`)?.value ?? '') !== ''
  }

  /** Other words than those that were settled. @param {HTMLInputElement} field */
  function typed(field) {
    for (const part of ['lat', 'lng']) {
      const at = input(`${field.name}_${part}`)
      if (at !== null) at.value = ''
    }
    for (const option of options()) option.remove()
    clearTimeout(timer)
    timer = setTimeout(() => void suggest(field), TYPING_PAUSE_MS)
  }

  /** @param {string} name @param {Element} option */
  function take(name, option) {
    const { label = '', lat, lng } = /** @type {HTMLElement} */ (option).dataset
    fill(name, { label, point: { lat: Number(lat), lng: Number(lng) } })
    clearTimeout(timer)
    close()
    window.HoneycabPrices.ask()
  }

  /** The marked suggestion, where the words are not settled. @param {HTMLInputElement} field */
  function takeMarked(field) {
    const option = options()[marked()]
    if (option !== undefined && !isSettled(field.name)) take(field.name, option)
  }

  /** Enter takes the marked suggestion and goes on; where there is none yet, it is waited for. @param {HTMLInputElement} field */
  function enter(field) {
    const { name } = field
    takeMarked(field)
    if (isSettled(name) || field.value.trim().length < LETTERS_LEAST) return next(name)
    void whileTyping(
      () => find(field),
      (page) => {
        const first = page?.querySelector('[role="option"]:not([data-act])')
        if (first != null) take(name, first)
        next(name)
      },
    )
  }

  /** A letter or a number alone in From or To is one of the caller's: true where it was. @param {HTMLInputElement} field */
  function short(field) {
    const said = field.value.trim().toLowerCase()
    const button =
      said.length === 1 ? document.querySelector(`#booking-caller [data-short="${CSS.escape(said)}"]`) : null
    if (!(button instanceof HTMLElement)) return false
    clearTimeout(timer)
    close()
    window.HoneycabPrices.ask()
    if (button.dataset.way !== undefined) {
      const [from, to] = JSON.parse(button.dataset.way)
      fill('from', from)
      fill('to', to)
      go('at')
    } else {
      fill(field.name, JSON.parse(button.dataset.place ?? '{}'))
      next(field.name)
    }
    return true
  }

  /** @param {HTMLInputElement} field */
  function isPlace(field) {
    return FIELDS.includes(field.name)
  }

  Object.assign(globalThis, {
    HoneycabPlaces: {
      ...{ isPlace, isSettled, typed, suggest, take, takeMarked, enter, short, move, close },
      isOpen: () => options().length > 0,
    },
  })
})()
