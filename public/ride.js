// The rider's live page: the car moves, its age and the minutes follow, between the fragments that bring new states.
;(() => {
  const element = document.querySelector('.split-map .map')
  const map = element instanceof HTMLElement && 'HoneycabMap' in window ? window.HoneycabMap(element) : null
  const FOLLOWED = new Set(['assigned', 'en_route', 'arrived', 'in_progress'])
  let seen = false

  /** @typedef {{ type: 'car', lat: number, lng: number, headingDeg: number, ageMs: number, etaS: number | null }} CarMessage */

  document.addEventListener('live:message', (event) => {
    if (!(event instanceof CustomEvent) || event.detail?.type !== 'car') return
    /** @type {CarMessage} */
    const car = event.detail
    if (!FOLLOWED.has(state())) return
    // map.js moves the car by itself; what is ours is to show it whole when it first appears.
    if (!seen) map?.fit()
    seen = true
    showAge(car.ageMs)
    if (car.etaS !== null) showEta(car.etaS)
  })

  document.addEventListener('live:fragment', () => {
    if (FOLLOWED.has(state())) return
    map?.setCar(null)
    seen = false
  })

  function state() {
    return document.getElementById('ride-status')?.dataset.state ?? ''
  }

  /** @param {number} ageMs */
  function showAge(ageMs) {
    const age = document.querySelector('#car-age .age')
    if (!(age instanceof HTMLElement)) return
    const nowMs = Date.now()
    age.dataset.now = String(nowMs)
    age.dataset.seen = String(nowMs - ageMs)
  }

  /** @param {number} etaS */
  function showEta(etaS) {
    const headline = document.getElementById('ride-headline')
    const way = headline?.dataset.eta
    if (headline === null || way === undefined) return
    const minutes = Math.round(etaS / 60)
    const words =
      minutes < 1 ? 'Nearly there' : way === 'away' ? `${minutes} min away` : `There in ${minutes} min`
    if (headline.textContent !== words) headline.textContent = words
    const arrival = document.querySelector('#ride-arrival time')
    if (arrival === null) return
    const { timeZone } = document.body.dataset
    const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone })
    arrival.textContent = clock.format(Date.now() + etaS * 1000)
  }
})()
