/** Words to the cars that are on the map: as many as are seen there when they are sent. */
;(() => {
  const link = document.querySelector('[data-write-map]')
  const element = document.querySelector('#board-map .map')
  if (!(link instanceof HTMLAnchorElement && element instanceof HTMLElement)) return
  if (window.HoneycabMap === undefined) return
  const { leaflet } = window.HoneycabMap(element)

  function follow() {
    if (!(link instanceof HTMLAnchorElement)) return
    const bounds = leaflet.getBounds()
    const within = (/** @type {number} */ value, /** @type {number} */ most) =>
      Math.min(most, Math.max(-most, value)).toFixed(5)
    const sides = [
      within(bounds.getSouth(), 90),
      within(bounds.getWest(), 540),
      within(bounds.getNorth(), 90),
      within(bounds.getEast(), 540),
    ]
    link.href = `/board/messages?${new URLSearchParams({ to: `view:${sides.join()}` })}`
  }

  leaflet.on('moveend resize', follow)
  follow()
  link.hidden = false
})()
