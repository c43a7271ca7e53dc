/**
 * The cars on the desk's map: tells the server what part of the map is looked at and whom the chosen ride has, draws what
 * comes back, and says so where there is nothing to see or what is seen is old.
 */
;(() => {
  const element = document.querySelector('#board-map .map')
  if (!(element instanceof HTMLElement) || window.HoneycabMap === undefined) return
  /** As much is asked for around the view as is drawn around it. */
  const AROUND = 0.15
  /** A map that is dragged says where it is now and then, and again where it came to rest. */
  const SAID_EVERY_MS = 250
  /** What happened in one second comes tile by tile, and a car that went from one to the next in two of them. */
  const DRAWN_AFTER_MS = 20

  const map = window.HoneycabMap(element)
  const { leaflet } = map
  const home = { center: leaflet.getCenter(), zoom: leaflet.getZoom() }
  const picture = new HoneycabBoardPicture()
  /** @type {string | null} */
  let follows = null
  let said = ''
  let isDue = false
  /** What is to be drawn. @type {{ full: boolean, cars: Map<string, MapCarRow>, gone: Set<string> } | null} */
  let news = null

  function viewText() {
    const bounds = leaflet.getBounds().pad(AROUND)
    const degrees = (/** @type {number} */ value, /** @type {number} */ most) =>
      Math.min(most, Math.max(-most, value)).toFixed(5)
    const sides = [
      degrees(bounds.getSouth(), 90),
      degrees(bounds.getWest(), 540),
      degrees(bounds.getNorth(), 90),
      degrees(bounds.getEast(), 540),
    ]
    const { x, y } = leaflet.getSize()
    // On narrow screens the map may be put away.
    if (x === 0 || y === 0) return null
    return [...sides, leaflet.getZoom().toFixed(2), ...(follows === null ? [] : [follows])].join()
  }

  function say() {
    isDue = false
    const view = viewText()
    if (view === null || view === said) return
    said = view
    document.body.dataset.view = view
    window.HoneycabLive?.viewed()
  }
  function saySoon() {
    if (!isDue) setTimeout(say, SAID_EVERY_MS)
    isDue = true
  }

  leaflet.on('move zoomend resize', saySoon)
  element.addEventListener('map:selected', (event) => {
    follows = /** @type {CustomEvent<string | null>} */ (event).detail
    saySoon()
  })

  // All there is follows; what is drawn stays until it has come.
  document.addEventListener('live:begin', () => {
    picture.forget()
    map.setFollowed(null)
  })
  document.addEventListener('live:binary', (event) => {
    const change = picture.apply(/** @type {CustomEvent<ArrayBuffer>} */ (event).detail)
    if (change === null) return
    if (change.isMissing) event.preventDefault()
    if (news === null) setTimeout(draw, DRAWN_AFTER_MS)
    if (news === null || change.full) news = { full: change.full, cars: new Map(), gone: new Set() }
    for (const id of change.gone) {
      news.cars.delete(id)
      news.gone.add(id)
    }
    for (const row of change.cars) {
      news.gone.delete(row[0])
      news.cars.set(row[0], row)
    }
  })
  function draw() {
    if (news === null) return
    const { full, cars, gone } = news
    news = null
    map.updateCars({ full, cars: [...cars.values()], gone: [...gone] })
    map.setCounts(picture.zoom === null ? null : { zoom: picture.zoom, counts: [...picture.counts.values()] })
    sayEmpty()
  }
  document.addEventListener('live:message', (event) => {
    const message = /** @type {CustomEvent} */ (event).detail
    if (message?.type === 'followed') map.setFollowed(message.car)
  })

  /** Nothing to see has its reason, and a way on where there is one. */
  function sayEmpty() {
    const here = picture.zoom === null ? picture.cars.size : picture.counts.size
    show('board-no-cars', picture.all === 0)
    show('board-cars-elsewhere', picture.all > 0 && here === 0)
    const figure = document.querySelector('#board-cars-elsewhere [data-cars]')
    const words = picture.all === 1 ? '1 car is' : `${picture.all} cars are`
    if (figure !== null && figure.textContent !== words) figure.textContent = words
  }

  /** @param {string} id @param {boolean} isShown */
  function show(id, isShown) {
    const note = document.getElementById(id)
    if (note !== null) note.hidden = !isShown
  }

  document.querySelector('#board-cars-elsewhere button')?.addEventListener('click', () => {
    map.setView(home.center, home.zoom)
    element.focus()
  })

  // What was true when the line went is shown as what it is: old.
  document.addEventListener('live:state', (event) => {
    element.classList.toggle('map-old', !(/** @type {CustomEvent} */ (event).detail.live))
  })

  say()
})()
