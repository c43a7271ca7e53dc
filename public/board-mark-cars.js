/**
 * Cars marked on the map, so that words go to some of them: a box drawn with Shift held adds what lies in it, Shift and a
 * press one car, Shift D all that the map shows; Esc lets go. A mark is the car's, wherever it drives meanwhile.
 */
;(() => {
  const element = document.querySelector('#board-map .map')
  const bar = document.getElementById('cars-marked')
  if (!(element instanceof HTMLElement) || bar === null || window.HoneycabMap === undefined) return
  const surface = element
  const map = window.HoneycabMap(surface)
  // With Shift held a box means cars here; the wheel and the buttons zoom.
  map.leaflet.boxZoom.disable()
  /** As many as one message is addressed to by hand (`MOST_PICKED` in src/board/audience.ts). */
  const MOST_MARKED = 200
  /** More call signs than one reads at a glance. */
  const MOST_NAMED = 6
  /** A press that trembles is no box. */
  const LEAST_BOX_PX = 5
  /** The nearest first. */
  const REACHES_PX = [3, 6, 9, 12]

  /** Call signs by the car's id, in the order of marking. @type {Map<string, string>} */
  const marked = new Map()
  /** Where a box begins. @type {MapPixel | null} */
  let start = null
  /** @type {HTMLElement | null} */
  let box = null
  let said = ''

  /** @param {string} [note] what else there is to say */
  function show(note = '') {
    map.markCars(new Set(marked.keys()))
    if (bar !== null) bar.hidden = marked.size === 0 && note === ''
    const link = bar?.querySelector('[data-write-marked]')
    if (link instanceof HTMLAnchorElement) {
      link.hidden = marked.size === 0
      link.href = `/board/messages?${new URLSearchParams({ to: `drivers:${[...marked.keys()].join()}` })}`
    }
    const words = note === '' ? wordsOf([...marked.values()]) : note
    if (words !== said) write(words)
  }

  /** @param {string} words */
  function write(words) {
    said = words
    const place = bar?.querySelector('[data-marked-words]')
    if (place !== null && place !== undefined) place.textContent = words
  }

  /** @param {string[]} signs */
  function wordsOf(signs) {
    if (signs.length === 0) return ''
    const count = `${signs.length} ${signs.length === 1 ? 'car' : 'cars'} marked`
    return signs.length > MOST_NAMED ? count : `${count}: ${signs.join(', ')}`
  }

  /** @param {readonly MapCarName[] | null} cars */
  function add(cars) {
    if (cars === null) return show('Cars are counted here. Zoom in to mark them.')
    const before = marked.size
    for (const { id, callSign } of cars) if (marked.size < MOST_MARKED) marked.set(id, callSign)
    if (cars.some(({ id }) => !marked.has(id)))
      return show(`${MOST_MARKED} cars marked, as many as one message may name`)
    show(before === 0 && cars.length === 0 ? 'No car is in there.' : '')
  }

  function unmark() {
    marked.clear()
    show()
  }

  /** @param {MapPixel} at @param {number} px */
  function around({ x, y }, px) {
    return map.carsWithin({ x: x - px, y: y - px }, { x: x + px, y: y + px })
  }

  /** The marked one lets go again. @param {MapPixel} at */
  function toggle(at) {
    const [car] = REACHES_PX.flatMap((px) => around(at, px) ?? [])
    if (car === undefined) return around(at, 0) === null ? add(null) : undefined
    if (marked.delete(car.id)) show()
    else add([car])
  }

  /** @param {MouseEvent} event @returns {MapPixel} */
  function pixelOf({ clientX, clientY }) {
    const { left, top, width, height } = surface.getBoundingClientRect()
    const inside = (/** @type {number} */ value, /** @type {number} */ most) =>
      Math.min(most, Math.max(0, value))
    return { x: inside(clientX - left, width), y: inside(clientY - top, height) }
  }

  /** @param {MapPixel} one @param {MapPixel} other */
  function isBox(one, other) {
    return Math.max(Math.abs(one.x - other.x), Math.abs(one.y - other.y)) >= LEAST_BOX_PX
  }

  /** @param {MapPixel} end */
  function draw(end) {
    if (start === null) return
    if (box === null) {
      box = document.createElement('div')
      box.className = 'cars-box'
      surface.append(box)
    }
    box.style.transform = `translate(${Math.min(start.x, end.x)}px, ${Math.min(start.y, end.y)}px)`
    box.style.inlineSize = `${Math.abs(end.x - start.x)}px`
    box.style.blockSize = `${Math.abs(end.y - start.y)}px`
  }

  function endBox() {
    start = null
    box?.remove()
    box = null
  }

  /** @param {Event} event */
  function isOfControl({ target }) {
    return target instanceof Element && target.closest('.leaflet-control') !== null
  }

  /** @param {KeyboardEvent} event */
  function cancel(event) {
    if (start === null || event.key !== 'Escape') return
    event.stopPropagation()
    endBox()
  }

  surface.addEventListener('pointerdown', (event) => {
    if (!event.shiftKey || event.button !== 0 || isOfControl(event)) return
    start = pixelOf(event)
    surface.setPointerCapture(event.pointerId)
    surface.focus({ preventScroll: true })
  })
  surface.addEventListener('pointermove', (event) => {
    const at = pixelOf(event)
    if (start !== null && (box !== null || isBox(start, at))) draw(at)
  })
  surface.addEventListener('pointerup', (event) => {
    if (start === null) return
    const [from, to] = [start, pixelOf(event)]
    endBox()
    if (isBox(from, to)) add(map.carsWithin(from, to))
    else toggle(to)
  })
  for (const name of ['pointercancel', 'lostpointercapture']) surface.addEventListener(name, endBox)
  // With Shift held nothing is selected as text, and no car opens.
  for (const name of ['mousedown', 'click'])
    surface.addEventListener(
      name,
      (event) => {
        if (!(event instanceof MouseEvent && event.shiftKey) || isOfControl(event)) return
        event.preventDefault()
        if (name === 'click') event.stopPropagation()
      },
      { capture: true },
    )
  window.addEventListener('keydown', cancel, { capture: true })

  document.addEventListener('board:mark-cars', (event) => {
    const what = /** @type {CustomEvent} */ (event).detail
    const { x, y } = map.leaflet.getSize()
    if (what === 'none') unmark()
    else if (what === 'shown') add(map.carsWithin({ x: 0, y: 0 }, { x, y }))
    else add([what])
  })
  bar.querySelector('[data-unmark-cars]')?.addEventListener('click', () => {
    unmark()
    surface.focus({ preventScroll: true })
  })
})()
