// Draws a zone: corners pressed, dragged and taken away on the map, or chosen in a list and typed. The text of corners
// under it is what is sent; without this script it is typed, so nothing here is needed to keep a zone.
;(() => {
  const Leaflet = window.L
  const { readRings, writeRings, crossing, ringNames, wordsOf } = window.HoneycabZoneShape
  const MOST_UNDONE = 100
  /** With more corners than this the handles between them would lie on each other. */
  const MIDDLES_MOST = 60
  const TYPING_PAUSE_MS = 300
  /** Eleven metres of latitude: what an arrow key moves a corner by. */
  const STEP_DEG = 0.0001

  const form = document.querySelector('form[data-zone-editor]')
  if (!(form instanceof HTMLElement)) return
  /** @template {Element} T @param {string} selector @param {new () => T} kind @returns {T} */
  const part = (selector, kind) => {
    const found = form.querySelector(selector)
    if (!(found instanceof kind)) throw new Error(`the zone editor has no ${selector}`)
    return found
  }
  const text = part('textarea[name="area"]', HTMLTextAreaElement)
  const draw = part('[data-zone-draw]', HTMLElement)
  const says = part('[data-zone-says]', HTMLElement)
  const ringList = part('[data-zone-rings]', HTMLSelectElement)
  const cornerList = part('[data-zone-corners]', HTMLSelectElement)
  const latBox = part('[data-zone-lat]', HTMLInputElement)
  const lngBox = part('[data-zone-lng]', HTMLInputElement)
  const addButton = part('[data-zone-do="add"]', HTMLButtonElement)
  const details = part('[data-zone-details]', HTMLDetailsElement)

  draw.hidden = false
  details.open = text.getAttribute('aria-invalid') === 'true'
  const map = window.HoneycabMap(part('.zone-map .map', HTMLElement))
  map.leaflet.invalidateSize()

  /** @type {ZoneRing[]} */
  let rings = readRings(text.value) ?? [{ kind: 'outline', corners: [] }]
  let active = 0
  let chosen = Math.max(0, (rings[0]?.corners.length ?? 0) - 1)
  /** Whether the text holds something that is no area, and so must not be written over. */
  let isUnread = readRings(text.value) === null
  /** @type {string[]} */
  const past = []
  /** @type {(() => void) | null} */
  let stopAdding = null

  const fill = Leaflet.polygon([], { className: 'zone-fill', interactive: false }).addTo(map.leaflet)
  const wrong = Leaflet.polyline([], { className: 'zone-wrong', interactive: false }).addTo(map.leaflet)
  const handles = Leaflet.layerGroup().addTo(map.leaflet)

  const ring = () => rings[active] ?? { kind: /** @type {const} */ ('outline'), corners: [] }

  /** Do something to the zone, so that it can be undone. @param {() => void} work */
  function change(work) {
    past.push(JSON.stringify({ rings, active, chosen }))
    if (past.length > MOST_UNDONE) past.shift()
    work()
    isUnread = false
    text.value = writeRings(rings)
    show()
  }

  function show() {
    active = Math.min(active, rings.length - 1)
    chosen = Math.max(0, Math.min(chosen, ring().corners.length - 1))
    showShape()
    showHandles()
    showLists()
    showWords()
  }

  function showShape() {
    /** Holes go with the outline before them. @type {[number, number][][][]} */
    const parts = []
    for (const { kind, corners } of rings) {
      const line = corners.map(({ lat, lng }) => /** @type {[number, number]} */ ([lat, lng]))
      if (kind === 'outline') parts.push([line])
      else parts[parts.length - 1]?.push(line)
    }
    fill.setLatLngs(parts)
    const crossed = crossing(rings)
    /** @type {[number, number][][]} */
    const edges = (crossed ?? []).map(({ from, to }) => [
      [from.lat, from.lng],
      [to.lat, to.lng],
    ])
    wrong.setLatLngs(edges)
  }

  function showHandles() {
    handles.clearLayers()
    const { corners } = ring()
    for (const [n, corner] of corners.entries()) handles.addLayer(cornerHandle(corner, n))
    if (corners.length < 2 || corners.length > MIDDLES_MOST) return
    for (const [n, corner] of corners.entries()) {
      const next = corners[(n + 1) % corners.length] ?? corner
      // The edge that closes two corners is the one between them once more.
      if (corners.length === 2 && n === 1) continue
      handles.addLayer(
        middleHandle({ lat: (corner.lat + next.lat) / 2, lng: (corner.lng + next.lng) / 2 }, n + 1),
      )
    }
  }

  /** @param {MapPoint} at @param {string} className */
  function handle(at, className) {
    const icon = Leaflet.divIcon({ className, iconSize: [28, 28] })
    return Leaflet.marker([at.lat, at.lng], { icon, draggable: true, keyboard: false, autoPan: true })
  }

  /** @param {MapPoint} corner @param {number} n */
  function cornerHandle(corner, n) {
    const made = handle(corner, `zone-handle${n === chosen ? ' zone-handle-chosen' : ''}`)
    made.on('click', () => {
      chosen = n
      show()
    })
    made.on('dragend', () => {
      const to = made.getLatLng()
      chosen = n
      moveTo(near(to))
    })
    return made
  }

  /** @param {MapPoint} at @param {number} place */
  function middleHandle(at, place) {
    const made = handle(at, 'zone-handle zone-handle-middle')
    const insert = () => insertAt(place, near(made.getLatLng()))
    made.on('click', insert)
    made.on('dragend', insert)
    return made
  }

  /** The chosen corner is there now. @param {MapPoint} to */
  function moveTo(to) {
    change(() => void ring().corners.splice(chosen, 1, to))
  }

  /** @param {number} place @param {MapPoint} corner */
  function insertAt(place, corner) {
    change(() => {
      ring().corners.splice(place, 0, corner)
      chosen = place
    })
  }

  function showLists() {
    const names = ringNames(rings)
    ringList.replaceChildren(...names.map((name, n) => new Option(name, String(n), false, n === active)))
    const { corners } = ring()
    cornerList.replaceChildren(
      ...corners.map(
        ({ lat, lng }, n) =>
          new Option(`${n + 1}: ${lat.toFixed(5)}, ${lng.toFixed(5)}`, String(n), false, n === chosen),
      ),
    )
    const corner = corners[chosen]
    for (const [box, value] of /** @type {const} */ ([
      [latBox, corner?.lat],
      [lngBox, corner?.lng],
    ])) {
      box.disabled = value === undefined
      if (document.activeElement !== box)
        box.value = value === undefined ? '' : String(Number(value.toFixed(6)))
    }
  }

  function showWords() {
    const { words, isWrong } = isUnread
      ? { words: 'The text below is no area yet.', isWrong: true }
      : wordsOf(rings)
    says.textContent = words
    says.classList.toggle('zone-says-wrong', isWrong)
  }

  /** @param {boolean} on */
  function setAdding(on) {
    stopAdding?.()
    stopAdding = on
      ? map.onPick((point) => insertAt(ring().corners.length === 0 ? 0 : chosen + 1, point))
      : null
    addButton.setAttribute('aria-pressed', String(on))
  }

  /** @type {Record<string, () => void>} */
  const deeds = {
    add: () => setAdding(stopAdding === null),
    undo: () => {
      const before = past.pop()
      if (before === undefined) return
      ;({ rings, active, chosen } = JSON.parse(before))
      text.value = writeRings(rings)
      isUnread = false
      show()
    },
    hole: () => addRing('hole'),
    part: () => addRing('outline'),
    drop: () =>
      change(() => {
        // An outline goes with its holes.
        const isOutline = ring().kind === 'outline'
        let until = active + 1
        while (isOutline && rings[until]?.kind === 'hole') until++
        rings.splice(active, until - active)
        if (rings.length === 0) rings.push({ kind: 'outline', corners: [] })
        active = Math.max(0, active - 1)
      }),
    after: () => {
      const { corners } = ring()
      const [corner, next] = [corners[chosen], corners[(chosen + 1) % corners.length]]
      if (corner === undefined || next === undefined) insertAt(0, near(map.leaflet.getCenter()))
      else if (corners.length === 1) insertAt(1, near(map.leaflet.getCenter()))
      else insertAt(chosen + 1, near({ lat: (corner.lat + next.lat) / 2, lng: (corner.lng + next.lng) / 2 }))
    },
    remove: () =>
      change(() => {
        ring().corners.splice(chosen, 1)
        chosen = Math.max(0, chosen - 1)
      }),
  }

  /** @param {ZoneRing['kind']} kind */
  function addRing(kind) {
    change(() => {
      // A hole belongs to the outline it is begun in; another outline comes last.
      let place = rings.length
      if (kind === 'hole') for (place = active + 1; rings[place]?.kind === 'hole'; ) place++
      rings.splice(place, 0, { kind, corners: [] })
      active = place
      chosen = 0
    })
    setAdding(true)
  }

  for (const button of form.querySelectorAll('[data-zone-do]'))
    button.addEventListener('click', () => deeds[button.getAttribute('data-zone-do') ?? '']?.())
  ringList.addEventListener('change', () => {
    active = Number(ringList.value)
    chosen = ring().corners.length - 1
    show()
  })
  cornerList.addEventListener('change', () => {
    chosen = Number(cornerList.value)
    show()
    const corner = ring().corners[chosen]
    if (corner !== undefined && !map.leaflet.getBounds().contains([corner.lat, corner.lng]))
      map.leaflet.panTo([corner.lat, corner.lng])
  })
  cornerList.addEventListener('keydown', (event) => {
    if (event.key === 'Delete' || event.key === 'Backspace') deeds.remove?.()
    else if (event.key === 'Insert') deeds.after?.()
    else return
    event.preventDefault()
  })
  for (const box of [latBox, lngBox])
    box.addEventListener('change', () => {
      const corner = ring().corners[chosen]
      const to = { lat: latBox.valueAsNumber, lng: lngBox.valueAsNumber }
      if (corner === undefined || !(Math.abs(to.lat) <= 90 && Math.abs(to.lng) <= 180)) return
      moveTo(to)
    })
  for (const box of [latBox, lngBox])
    box.addEventListener('keydown', (event) => {
      const steps = { ArrowUp: 1, ArrowDown: -1, Enter: 0 }[event.key]
      if (steps === undefined) return
      // Enter in these moves the corner; it does not send the form.
      event.preventDefault()
      box.valueAsNumber += steps * (event.shiftKey ? 10 : 1) * STEP_DEG
      box.dispatchEvent(new Event('change'))
      box.value = String(Number(box.valueAsNumber.toFixed(6)))
    })
  const queue = form.querySelector('input[name="queue"]')
  // Cars queue at what is called a rank; of a zone that is there it has been said already.
  if (form.querySelector('[name="seen"]') === null)
    for (const kind of form.querySelectorAll('input[name="kind"]'))
      kind.addEventListener('change', () => {
        if (queue instanceof HTMLInputElement && kind instanceof HTMLInputElement)
          queue.checked = kind.value !== 'area'
      })
  const mapBox = map.leaflet.getContainer()
  mapBox.addEventListener('keydown', () => mapBox.classList.add('zone-by-keys'))
  mapBox.addEventListener('pointerdown', () => mapBox.classList.remove('zone-by-keys'))
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing
  text.addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(() => {
      const read = readRings(text.value)
      isUnread = read === null
      if (read !== null) {
        past.push(JSON.stringify({ rings, active, chosen }))
        rings = read
        active = 0
      }
      show()
    }, TYPING_PAUSE_MS)
  })

  /** @param {MapPoint} point */
  function near({ lat, lng }) {
    return { lat: Math.round(lat * 1e6) / 1e6, lng: Math.round(lng * 1e6) / 1e6 }
  }

  show()
  const corners = rings.flatMap((one) => one.corners)
  if (corners.length > 0) map.fit(corners)
  setAdding(corners.length < 3 && !isUnread)
})()
