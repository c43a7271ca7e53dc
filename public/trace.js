// The page of a decision trace: its map follows the look that is shown, and a press on a car chooses its row.
;(() => {
  /** The scene that the map shows. */
  let shown = ''

  function show() {
    const part = document.getElementById('trace')
    const element = document.querySelector('.trace-map .map')
    if (part === null || !(element instanceof HTMLElement) || window.HoneycabMap === undefined) return
    const map = window.HoneycabMap(element)
    map.selectCar(part.dataset.chosen || null)
    const scene = part.dataset.scene ?? ''
    if (scene === shown) return
    const isFirst = shown === ''
    shown = scene
    /** @type {MapConfig} */
    const config = JSON.parse(scene)
    map.apply({ ...config, fit: false })
    if (isFirst) map.fit(config.zones?.[0]?.rings[0]?.map(([lat, lng]) => ({ lat, lng })) ?? null)
  }

  document.addEventListener('DOMContentLoaded', show)
  document.addEventListener('htmx:after:swap', show)
  document.addEventListener('map:car', (event) => {
    const id = /** @type {CustomEvent<string>} */ (event).detail
    const row = [...document.querySelectorAll('a[data-car]')].find(
      (link) => link instanceof HTMLElement && link.dataset.car === id,
    )
    if (row instanceof HTMLElement) row.click()
  })
  if (document.readyState !== 'loading') show()
})()
