/**
 * Where fares are up, or where people ask, as cells on the driver's map: while the driver is free to go there, and not
 * over an offer or a ride. The server says it when it is another picture than before.
 */
;(() => {
  const REACH_M = 3_000
  /** So much of the city around the car is shown with the cells, degrees of latitude. */
  const AROUND_DEG = 0.016
  /** @type {{hexes: MapHexes, words: {title: string, low: string, high: string}} | null} */
  let told = null
  let isWide = false

  function draw() {
    const page = document.getElementById('driver')
    const element = document.querySelector('#driver-stage .map')
    const legend = document.getElementById('driver-hexes')
    if (page === null || legend === null || !(element instanceof HTMLElement)) return
    if (window.HoneycabMap === undefined || told === null) return
    const isFree = page.dataset.state === 'off' || page.dataset.state === 'waiting'
    const shows = isFree && told.hexes.cells.length > 0
    const map = window.HoneycabMap(element)
    map.setHexes(shows ? told.hexes : null)
    legend.hidden = !shows
    for (const part of /** @type {const} */ (['title', 'low', 'high'])) {
      const words = legend.querySelector(`[data-${part}]`)
      if (words !== null && words.textContent !== told.words[part]) words.textContent = told.words[part]
    }
    if (shows && !isWide && isNear(map)) widen(map)
    isWide = shows
  }

  /** @param {HoneycabMapHandle} map */
  function isNear(map) {
    const center = map.leaflet.getCenter()
    return told?.hexes.cells.some(({ boundary: [corner] }) => {
      const [lat, lng] = Array.isArray(corner) ? corner : [corner?.lat ?? 0, corner?.lng ?? 0]
      return map.leaflet.distance(center, [lat, lng]) < REACH_M
    })
  }

  /** Once, when cells appear: from then on the map is the driver's own to move. @param {HoneycabMapHandle} map */
  function widen(map) {
    const { lat, lng } = map.leaflet.getCenter()
    map.fit([
      { lat: lat - AROUND_DEG, lng },
      { lat: lat + AROUND_DEG, lng },
    ])
  }

  document.addEventListener('live:message', (event) => {
    const message = /** @type {CustomEvent} */ (event).detail
    if (message?.type !== 'hexes') return
    told = message
    draw()
  })
  document.addEventListener('live:fragment', draw)
  document.addEventListener('htmx:after:swap', draw)
})()
