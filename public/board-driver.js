/** The driver's card: opened by a car on the map, kept true while it is open, and where the car has been on the map. */
;(() => {
  const EVERY_MS = 5_000

  /** The id of the driver on the card; null while there is none. */
  function chosen() {
    return document.getElementById('board-ride')?.dataset.driverCard ?? null
  }

  /** @param {string} driverId */
  function addressOf(driverId) {
    return `/board/drivers/${encodeURIComponent(driverId)}`
  }

  document.addEventListener('board:driver', async (event) => {
    const driverId = String(/** @type {CustomEvent} */ (event).detail)
    const { htmx } =
      /** @type {{htmx?: {ajax(method: string, url: string, options: object): Promise<void>}}} */ (
        /** @type {unknown} */ (window)
      )
    await htmx?.ajax('GET', addressOf(driverId), {
      ...{ target: '#board-ride', select: '#board-ride', swap: 'outerMorph' },
    })
    if (chosen() === driverId) history.pushState(null, '', `/board?driver=${encodeURIComponent(driverId)}`)
  })

  /** @type {string | null} */
  let drawnFor = null

  function draw() {
    const pane = document.getElementById('board-ride')
    const element = document.querySelector('#board-map .map')
    if (!(element instanceof HTMLElement) || window.HoneycabMap === undefined) return
    const driverId = chosen()
    const isAnother = driverId !== drawnFor
    drawnFor = driverId
    if (driverId === null) return
    const map = window.HoneycabMap(element)
    /** @type {MapPoint[]} */
    const points = JSON.parse(pane?.dataset.trail ?? '[]')
    map.setRoute(points.length > 1 ? [{ kind: 'driven', points }] : null)
    map.selectCar(driverId)
    const { car } = JSON.parse(pane?.dataset.scene ?? '{}')
    // Only a newly chosen driver moves the map; an update must not take the view away from the dispatcher.
    if (isAnother && car) map.fit([...points, car])
  }

  /** Somebody writes or decides: what they have before them stays as it is. */
  function isInUse() {
    const pane = document.getElementById('board-ride')
    const typing = pane?.querySelector('input:focus, textarea:focus, select:focus')
    return typing != null || pane?.querySelector('details.driver-hold[open]') != null
  }

  setInterval(() => {
    if (document.hidden) return
    window.HoneycabAsked.refresh('board-ride', () => {
      const driverId = isInUse() ? null : chosen()
      return driverId === null ? null : addressOf(driverId)
    })
  }, EVERY_MS)

  // What was sent stands above the field; a morph leaves words in the field that somebody is in, to be sent again.
  document.addEventListener('htmx:after:swap', (event) => {
    const { ctx } = /** @type {CustomEvent} */ (event).detail ?? {}
    const form = ctx?.sourceElement instanceof Element ? ctx.sourceElement : null
    const field = document.getElementById('driver-text')
    const isSent = form?.matches('.driver-write') && ctx.response?.status < 400
    if (isSent && field instanceof HTMLInputElement) field.value = ''
  })

  for (const name of ['htmx:after:swap', 'live:fragment']) document.addEventListener(name, draw)
  draw()
})()
