// The address fields of a ride request: places while you type, where you are, a point on the map.
// Without it they are plain fields and the next page asks "Did you mean".
;(() => {
  const TYPING_PAUSE_MS = 150
  const LOCATE_MS = 20_000
  /** From then on it is said that it takes long. */
  const SLOW_MS = 4_000

  const mapElement = document.querySelector('.split-map .map')
  const map =
    mapElement instanceof HTMLElement && 'HoneycabMap' in window ? window.HoneycabMap(mapElement) : null

  /** @type {(() => void) | null} */
  let stopPicking = null
  /** The fields of the form that is shown. @type {End[]} */
  let fields = []

  function begin() {
    fields = []
    for (const box of document.querySelectorAll('[data-request] .address'))
      if (box instanceof HTMLElement) enhance(box)
    void locateUnasked()
  }
  begin()
  document.addEventListener('sheet:swapped', () => {
    stopPicking?.()
    begin()
  })

  // A place of one's own fills the end that is still empty, the second one first.
  document.addEventListener('click', (event) => {
    const chip = event.target instanceof Element ? event.target.closest('a[data-place]') : null
    if (!(chip instanceof HTMLElement) || fields.length === 0) return
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    const ends = fields.filter(isEnd)
    const empty = ends.filter(({ lat }) => lat.value === '')
    const end = empty.find(({ field }) => field === 'to') ?? empty[0] ?? ends.at(-1)
    if (end === undefined) return
    take(end, chip)
  })

  /** @param {HTMLElement} box */
  function enhance(box) {
    const field = box.dataset.address ?? ''
    const input = box.querySelector(`input[name="${field}"]`)
    const lat = box.querySelector(`input[name="${field}_lat"]`)
    const lng = box.querySelector(`input[name="${field}_lng"]`)
    const list = document.getElementById(`${field}-suggestions`)
    const here = box.querySelector('[data-here]')
    if (
      !(
        input instanceof HTMLInputElement &&
        lat instanceof HTMLInputElement &&
        lng instanceof HTMLInputElement
      )
    )
      return
    if (list === null) return
    /** @type {End} */
    const end = { field, input, lat, lng, list }
    fields.push(end)

    input.setAttribute('role', 'combobox')
    input.setAttribute('aria-autocomplete', 'list')
    input.setAttribute('aria-expanded', 'false')
    input.setAttribute('aria-controls', `${field}-list`)

    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    input.addEventListener('input', () => {
      lat.value = ''
      lng.value = ''
      if (!isEnd(end)) drawWay()
      // What is listed answered other words: nothing of it may be taken any more.
      list.setAttribute('data-stale', '')
      clearTimeout(timer)
      timer = setTimeout(() => suggest(end), TYPING_PAUSE_MS)
    })
    input.addEventListener('focus', () => {
      if (lat.value === '') suggest(end)
    })
    input.addEventListener('keydown', (event) => onKey(end, event))
    input.addEventListener('blur', () => {
      asking?.abort()
      // The button that this press was aimed at would be gone from under it, and nothing would have been pressed.
      window.HoneycabPress.afterwards(() => {
        if (document.activeElement !== input) hide(end)
      })
    })
    // The press must not take the focus from the field first, or the list is gone before the click.
    list.addEventListener('pointerdown', (event) => event.preventDefault())
    list.addEventListener('click', (event) => {
      const option = event.target instanceof Element ? event.target.closest('[role="option"]') : null
      // What answered other words is about to be replaced: a press on it was meant for the words.
      if (option instanceof HTMLElement && !list.hasAttribute('data-stale')) take(end, option)
    })
    if (here instanceof HTMLButtonElement && canLocate()) {
      here.hidden = field !== 'from'
      here.addEventListener('click', () => locate(end))
    }
  }

  /**
   * @typedef {object} End
   * @property {string} field `from`, `to`, or `stop1` and so on
   * @property {HTMLInputElement} input
   * @property {HTMLInputElement} lat
   * @property {HTMLInputElement} lng
   * @property {HTMLElement} list
   */

  /** @type {AbortController | null} */
  let asking = null

  /**
   * The server's list for some words, or null when a newer question overtook this one or the network is gone.
   * @param {URLSearchParams} query
   */
  async function ask(query) {
    asking?.abort()
    asking = new AbortController()
    try {
      const answer = await fetch(`/places?${query}`, {
        signal: asking.signal,
        headers: { accept: 'text/html' },
      })
      return answer.ok ? await answer.text() : null
    } catch {
      return null
    }
  }

  /** @param {End} end */
  async function suggest(end) {
    const query = new URLSearchParams({ q: end.input.value.trim(), field: end.field })
    const near = map?.leaflet.getCenter()
    if (near !== undefined) query.set('near', `${near.lat.toFixed(5)},${near.lng.toFixed(5)}`)
    const markup = await ask(query)
    if (markup === null || document.activeElement !== end.input) return
    end.list.innerHTML = markup
    end.list.removeAttribute('data-stale')
    if (map === null) end.list.querySelector('[data-act="map"]')?.remove()
    if (!canLocate()) end.list.querySelector('[data-act="here"]')?.remove()
    end.list.hidden = end.list.querySelector('li') === null
    end.input.setAttribute('aria-expanded', String(!end.list.hidden))
    end.input.removeAttribute('aria-activedescendant')
  }

  /** @param {End} end */
  function close(end) {
    asking?.abort()
    hide(end)
  }

  /** @param {End} end */
  function hide(end) {
    end.list.hidden = true
    end.input.setAttribute('aria-expanded', 'false')
    end.input.removeAttribute('aria-activedescendant')
  }

  /**
   * @param {End} end
   * @param {KeyboardEvent} event
   */
  function onKey(end, event) {
    if (end.list.hidden || (end.list.hasAttribute('data-stale') && event.key !== 'Escape')) return
    const options = [...end.list.querySelectorAll('[role="option"]')]
    const now = options.findIndex((option) => option.getAttribute('aria-selected') === 'true')
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && options.length > 0) {
      event.preventDefault()
      const next = now < 0 && step < 0 ? options.length - 1 : (now + step + options.length) % options.length
      for (const [i, option] of options.entries()) option.setAttribute('aria-selected', String(i === next))
      options[next]?.scrollIntoView({ block: 'nearest' })
      end.input.setAttribute('aria-activedescendant', options[next]?.id ?? '')
    } else if (event.key === 'Escape') {
      event.preventDefault()
      close(end)
    } else if (event.key === 'Enter') {
      // Enter takes the marked answer, or the best one, rather than sending words that still could mean several places.
      const option = options[Math.max(0, now)]
      if (!(option instanceof HTMLElement)) return
      if (now < 0 && (option.dataset.act !== undefined || end.input.value.trim() === '')) return
      event.preventDefault()
      take(end, option)
    }
  }

  /**
   * @param {End} end
   * @param {HTMLElement} option
   */
  function take(end, option) {
    if (option.dataset.act === 'here') {
      locate(end)
    } else if (option.dataset.act === 'map') {
      pick(end)
    } else {
      settle(
        end,
        { lat: Number(option.dataset.lat), lng: Number(option.dataset.lng) },
        option.dataset.label ?? '',
      )
      focusNext(end)
      tellSettled(end)
    }
    close(end)
  }

  /**
   * @param {End} end
   * @param {{ lat: number, lng: number }} point
   * @param {string} label
   */
  function settle(end, point, label) {
    end.input.value = label
    end.lat.value = point.lat.toFixed(6)
    end.lng.value = point.lng.toFixed(6)
    note(end, null)
    if (map !== null) {
      if (end.field === 'from') map.setFrom(point)
      else if (end.field === 'to') map.setTo(point)
      drawWay()
      map.fit()
    }
  }

  /** Where the form leads as of now: its stops, and a line through them once both ends are known. */
  function drawWay() {
    const points = (/** @type {End[]} */ ends) => ends.map(pointOf).filter((point) => point !== null)
    const stops = points(fields.filter((end) => !isEnd(end)))
    const [from, to] = ['from', 'to'].map((field) => pointOf(fields.find((one) => one.field === field)))
    map?.setStops(stops)
    map?.setRoute(from && to ? [{ kind: 'open', points: [from, ...stops, to] }] : null)
  }

  /** No stop between the two. @param {End} end */
  function isEnd({ field }) {
    return field === 'from' || field === 'to'
  }

  /** All ends of the form are known, and no row for a stop waits to be filled in. @param {End} end */
  function tellSettled(end) {
    const isOpen = (/** @type {End} */ one) => isEnd(one) || one.input.checkVisibility()
    if (fields.some((one) => one.lat.value === '' && isOpen(one))) return
    end.input.form?.dispatchEvent(new CustomEvent('request:settled', { bubbles: true }))
  }

  /** @param {End | undefined} end */
  function pointOf(end) {
    if (end === undefined || end.lat.value === '') return null
    return { lat: Number(end.lat.value), lng: Number(end.lng.value) }
  }

  /** @param {End} end */
  function focusNext(end) {
    const form = end.input.form
    const next = form?.querySelector('.button-next')
    const other = form?.querySelector(`input[name="${end.field === 'from' ? 'to' : 'from'}"]`)
    if (other instanceof HTMLInputElement && other.value === '') other.focus()
    else if (next instanceof HTMLElement) next.focus()
  }

  /**
   * Name a bare point by what is there, then settle on it.
   * @param {End} end
   * @param {{ lat: number, lng: number }} point
   * @param {string} otherwise
   */
  async function settleNamed(end, point, otherwise) {
    settle(end, point, otherwise)
    const at = `${point.lat.toFixed(6)},${point.lng.toFixed(6)}`
    const markup = await ask(new URLSearchParams({ at, field: end.field }))
    const template = document.createElement('template')
    template.innerHTML = markup ?? ''
    const name = template.content.querySelector('[data-label]')?.getAttribute('data-label')
    if (name && end.input.value === otherwise) end.input.value = name
  }

  function canLocate() {
    return window.isSecureContext && 'geolocation' in navigator
  }

  /** Why the phone did not say where it is, and what to do instead. */
  const NOT_LOCATED = [
    '',
    'Location is not allowed for this page. Allow it in the browser’s settings for this site, or type the place.',
    'The phone does not know where it is just now. Type the place, or pick it on the map.',
    'The phone took too long to find where it is. Type the place, or try again under the open sky.',
  ]

  /**
   * @param {End} end
   * @param {{ unasked?: boolean }} [how] unasked: nobody pressed, so nothing is said where it does not work
   */
  function locate(end, { unasked = false } = {}) {
    const before = end.input.value
    if (!unasked) note(end, 'Looking where you are…', 'hint')
    const slow = setTimeout(() => {
      if (!unasked)
        note(end, 'Still looking where you are; indoors it takes longer. You can type it meanwhile.', 'hint')
    }, SLOW_MS)
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        clearTimeout(slow)
        // What was typed or chosen while the phone looked is the rider's word; what stood there before, they pressed away.
        if (end.input.value !== before) return unasked ? undefined : note(end, null)
        const at = { lat: coords.latitude, lng: coords.longitude }
        void settleNamed(end, at, 'Where I am').then(() => {
          if (!unasked) focusNext(end)
          tellSettled(end)
        })
      },
      ({ code }) => {
        clearTimeout(slow)
        if (!unasked) note(end, NOT_LOCATED[code] ?? NOT_LOCATED[2] ?? '')
      },
      { enableHighAccuracy: true, timeout: LOCATE_MS, maximumAge: 30_000 },
    )
  }

  /** Who allowed it before need not press: the pickup is where they are, until they say otherwise. */
  async function locateUnasked() {
    const from = fields.find(({ field }) => field === 'from')
    // Only for oneself: a desk books for somebody who is elsewhere.
    if (from?.input.form?.getAttribute('action') !== '/quotes') return
    if (from.input.value !== '' || !canLocate()) return
    try {
      const { state } = await navigator.permissions.query({ name: 'geolocation' })
      if (state === 'granted') locate(from, { unasked: true })
    } catch {
      // A browser that cannot say: then it is a press.
    }
  }

  /** @type {Record<string, string>} */
  const PICK_WORDS = {
    from: 'Press the map where the car should come.',
    to: 'Press the map where you go.',
  }

  /** @param {End} end */
  function pick(end) {
    if (map === null || mapElement === null) return
    stopPicking?.()
    const hint = document.createElement('p')
    hint.className = 'pill pick-hint'
    hint.setAttribute('role', 'status')
    hint.textContent = PICK_WORDS[end.field] ?? 'Press the map where you stop on the way.'
    mapElement.after(hint)
    const stop = map.onPick(
      (point) => {
        stopPicking?.()
        void settleNamed(end, point, 'Spot on the map').then(() => {
          focusNext(end)
          tellSettled(end)
        })
      },
      { kind: end.field === 'from' ? 'from' : 'to' },
    )
    stopPicking = () => {
      stop()
      hint.remove()
      stopPicking = null
    }
    mapElement.scrollIntoView({ block: 'start' })
    if (mapElement instanceof HTMLElement) mapElement.focus()
  }
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') stopPicking?.()
  })

  /**
   * A sentence under the field: a mistake, in the same place as the server's, or a hint at what goes on.
   * @param {End} end
   * @param {string | null} sentence
   * @param {'error' | 'hint'} [kind]
   */
  function note(end, sentence, kind = 'error') {
    const id = `field-${end.field}-error`
    document.getElementById(id)?.remove()
    end.input.toggleAttribute('aria-invalid', false)
    if (sentence === null) return
    const line = document.createElement('p')
    line.id = id
    line.className = kind === 'error' ? 'field-error' : 'field-hint'
    line.setAttribute('role', kind === 'error' ? 'alert' : 'status')
    line.textContent = sentence
    end.list.after(line)
    end.input.setAttribute('aria-describedby', id)
  }
})()
