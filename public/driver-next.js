/**
 * The step that is suggested, by where the phone is: near the stop the step itself, far from it the way there. And how
 * far it still is, between what the server says.
 */
;(() => {
  const { distanceM } = globalThis.HoneycabPing
  /** Who stands at the border of near and far would see the button change with every fix. */
  const LEAVES_AT = 1.2
  /** @type {{lat: number, lng: number} | null} */
  let place = null
  /** What the server said last, and where the phone was then. @type {{said: string, straightM: number} | null} */
  let began = null

  function suggest() {
    const page = document.getElementById('driver')
    const [lat, lng] = (page?.dataset.nextAt ?? '').split(',').map(Number)
    if (page === null || place === null || lat === undefined || lng === undefined) return
    const awayM = distanceM(place, { lat, lng })
    const withinM = Number(page.dataset.nextWithin)
    const isNear = awayM <= (page.dataset.place === 'near' ? withinM * LEAVES_AT : withinM)
    page.dataset.place = isNear ? 'near' : 'far'
    const [before, early] = [document.getElementById('step-assigned'), document.getElementById('step-early')]
    if (before !== null && early !== null) {
      before.hidden = isNear
      early.hidden = !isNear
    }
    countDown(awayM)
  }

  /** As much nearer in a straight line, as much nearer on the road. @param {number} awayM */
  function countDown(awayM) {
    const far = /** @type {HTMLElement | null} */ (document.querySelector('.bar-far[data-left-m]'))
    if (far === null) return
    const said = `${far.dataset.leftM} ${far.dataset.leftS}`
    if (began?.said !== said) began = { said, straightM: awayM }
    // Nothing is known of the way from so near, and a detour is no going back.
    if (began.straightM < 30) return
    const share = Math.min(1, awayM / began.straightM)
    write(far, '.bar-metres', metres(Number(far.dataset.leftM) * share))
    write(far, '.bar-minutes', minutes(Number(far.dataset.leftS) * share))
  }

  /**
   * @param {HTMLElement} inside
   * @param {string} selector
   * @param {string} text
   */
  function write(inside, selector, text) {
    const element = inside.querySelector(selector)
    if (element !== null && element.textContent !== text) element.textContent = text
  }

  /** As the server writes them. @param {number} m */
  function metres(m) {
    const tens = Math.round(m / 10) * 10
    if (tens < 1_000) return `${tens} m`
    return m < 9_950 ? `${(m / 1_000).toFixed(1)} km` : `${Math.round(m / 1_000)} km`
  }

  /** @param {number} seconds */
  function minutes(seconds) {
    const whole = Math.round(seconds / 60)
    return whole < 1 ? 'now' : whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`
  }

  document.addEventListener('driver:place', (event) => {
    place = /** @type {CustomEvent} */ (event).detail
    suggest()
  })
  document.addEventListener('live:fragment', suggest)
  document.addEventListener('htmx:after:swap', suggest)
})()
