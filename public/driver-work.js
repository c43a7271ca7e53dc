/**
 * The driver's buttons: an offer that drains, a press that counts once, a question when the place disagrees,
 * and turn by turn handed to the phone.
 */
;(() => {
  const { distanceM } = globalThis.HoneycabPing
  const { buzz, ring } = globalThis.HoneycabSound
  /** A second press within this is the same press: gloves, bumps, and impatience. */
  const SAME_PRESS_MS = 400
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)')

  /** Where the phone is, from driver.js. @type {{lat: number, lng: number} | null} */
  let place = null
  document.addEventListener('driver:place', (event) => {
    place = /** @type {CustomEvent} */ (event).detail
  })

  function drainOffer() {
    const spent = /** @type {HTMLElement | null} */ (document.querySelector('.accept-spent'))
    if (spent === null || spent.dataset.running !== undefined) return
    spent.dataset.running = ''
    const totalMs = Math.max(1, Number(spent.dataset.totalMs))
    const leftMs = Math.min(totalMs, Number(spent.dataset.leftMs))
    const from = `${(1 - leftMs / totalMs) * 100}%`
    spent.animate([{ inlineSize: from }, { inlineSize: '100%' }], {
      duration: leftMs,
      fill: 'forwards',
      easing: reducedMotion.matches ? `steps(${Math.max(1, Math.round(leftMs / 1_000))}, end)` : 'linear',
    })
    buzz([200, 100, 200])
    ring('offer')
    showOutside(spent)
    const untilLastMs = leftMs - 3_000
    if (untilLastMs > 0) setTimeout(() => spent.isConnected && warnLast(), untilLastMs)
  }

  function warnLast() {
    buzz(400)
    ring('last')
  }

  /**
   * Whose screen shows another app sees the offer there, where they allowed it; it goes with the offer.
   * @param {HTMLElement} offer
   */
  async function showOutside(offer) {
    if (!document.hidden || globalThis.Notification?.permission !== 'granted') return
    const words = (/** @type {string} */ part) =>
      offer.closest('[data-offer]')?.querySelector(part)?.textContent?.trim()
    const title = `${words('.offer-figure')} yours: a ride for you`
    const tag = 'offer'
    const body = `${words('.leg-minutes')} to ${words('.leg-place')}`
    const registration = await navigator.serviceWorker?.getRegistration()
    if (registration === undefined) {
      const shown = new Notification(title, { body, tag })
      shown.addEventListener('click', () => window.focus())
      setTimeout(() => shown.close(), Number(offer.dataset.leftMs))
      return
    }
    await registration.showNotification(title, { body, tag })
    setTimeout(async () => {
      for (const shown of await registration.getNotifications({ tag })) shown.close()
    }, Number(offer.dataset.leftMs))
  }

  /** What the page has rung for; the same nudge drawn again stays quiet. */
  let rung = ''

  /** Somebody waits and the car does not come: felt, and heard over the radio. */
  function ringNudge() {
    const nudge = /** @type {HTMLElement | null} */ (document.querySelector('[data-nudge]'))
    const about = nudge?.dataset.nudge ?? ''
    if (about === rung) return
    rung = about
    if (about === '') return
    buzz([300, 150, 300, 150, 300])
    ring('nudge')
  }

  // What begins by the clock alone, such as the last half hour of driving, is heard as well.
  document.addEventListener('live:due', (event) => {
    if (!(event.target instanceof Element) || !event.target.hasAttribute('data-rings')) return
    buzz([300, 150, 300])
    ring('nudge')
  })

  // A lapsed offer greys until the server takes the card away; its buttons would only earn a refusal.
  document.addEventListener('live:due', (event) => {
    const card = event.target instanceof Element ? event.target.closest('[data-offer]') : null
    if (card === null) return
    card.setAttribute('data-over', '')
    if (open !== null) open.ranOut = true
    for (const button of card.querySelectorAll('button')) button.disabled = true
  })

  let pressedAtMs = Number.NEGATIVE_INFINITY
  document.addEventListener(
    'click',
    (event) => {
      const button = event.target instanceof Element ? event.target.closest('button, .big') : null
      if (button === null || !button.closest('#driver')) return
      const nowMs = performance.now()
      if (nowMs - pressedAtMs < SAME_PRESS_MS) {
        event.preventDefault()
        event.stopImmediatePropagation()
        return
      }
      pressedAtMs = nowMs
    },
    true,
  )

  /** Forms whose question was answered with yes. @type {WeakSet<HTMLFormElement>} */
  const confirmed = new WeakSet()

  document.addEventListener(
    'submit',
    (event) => {
      const form = event.target
      if (!(form instanceof HTMLFormElement) || form.dataset.near === undefined || confirmed.has(form)) return
      const awayM = metresAway(form.dataset.near)
      if (awayM === null || awayM <= Number(form.dataset.within)) return
      event.preventDefault()
      event.stopImmediatePropagation()
      const submitter = /** @type {HTMLButtonElement | null} */ (event.submitter)
      ask(`You are ${distanceWords(awayM)} away. ${form.dataset.ask}`, () => {
        confirmed.add(form)
        form.requestSubmit(submitter)
      })
    },
    true,
  )

  /** @param {string} near "lat,lng" */
  function metresAway(near) {
    const [lat, lng] = near.split(',').map(Number)
    if (place === null || lat === undefined || lng === undefined) return null
    return distanceM(place, { lat, lng })
  }

  /** @param {number} metres */
  function distanceWords(metres) {
    return metres < 1_000 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1_000).toFixed(1)} km`
  }

  /**
   * @param {string} question
   * @param {() => void} yes
   */
  function ask(question, yes) {
    const dialog = document.createElement('dialog')
    const title = document.createElement('h2')
    title.id = 'ask-title'
    title.textContent = question
    dialog.setAttribute('aria-labelledby', title.id)
    const actions = document.createElement('div')
    actions.className = 'actions'
    const no = answer('Not yet', 'button button-plain')
    const go = answer('Yes', 'button button-plain')
    actions.append(no, go)
    dialog.append(title, actions)
    document.getElementById('ask')?.replaceChildren(dialog)
    dialog.addEventListener('close', () => dialog.remove())
    no.addEventListener('click', () => dialog.close())
    go.addEventListener('click', () => {
      dialog.close()
      yes()
    })
    dialog.showModal()
    no.focus()
  }

  /**
   * @param {string} text
   * @param {string} className
   */
  function answer(text, className) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = className
    button.textContent = text
    return button
  }

  function upgradeNavigate() {
    for (const link of document.querySelectorAll('a[data-place]'))
      if (link instanceof HTMLAnchorElement) openPhonesMap(link)
  }

  /** @param {HTMLAnchorElement} link */
  function openPhonesMap(link) {
    const target = link.dataset.place ?? ''
    const label = encodeURIComponent(link.dataset.label ?? '')
    const agent = navigator.userAgent
    if (/android/i.test(agent)) link.href = `geo:${target}?q=${target}(${label})`
    else if (/iphone|ipad|ipod/i.test(agent)) link.href = `maps://?daddr=${target}&q=${label}`
    else return
    link.removeAttribute('target')
  }

  /** A finished ride's card stays gone when the next fragment brings it again. */
  const SEEN = 'honeycab-seen'
  document.addEventListener('click', (event) => {
    const next = event.target instanceof Element ? event.target.closest('[data-next]') : null
    const card = next?.closest('[data-ended]')
    if (!card) return
    event.preventDefault()
    sessionStorage.setItem(SEEN, card.id)
    hideSeen()
  })

  function hideSeen() {
    const card = document.getElementById(sessionStorage.getItem(SEEN) ?? '')
    if (card instanceof HTMLElement && card.hasAttribute('data-ended')) {
      card.hidden = true
      document.querySelector('[data-after-ended]')?.removeAttribute('hidden')
    }
  }

  /** The offer on the page, until it is answered here or goes by itself. @type {{id: string, ranOut: boolean} | null} */
  let open = null
  document.addEventListener('submit', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-offer]')) open = null
  })

  /** An offer that goes by itself says why, in a sentence that goes by itself too. */
  function tellWhereOfferWent() {
    const card = document.querySelector('[data-offer]')
    const was = open
    if (card !== null && card.querySelector('[data-waiting]') === null) {
      open = { id: card.id, ranOut: card.hasAttribute('data-over') }
    } else open = null
    if (was === null || card !== null || document.getElementById('driver')?.dataset.state !== 'waiting')
      return
    const { HoneycabLive } = /** @type {{HoneycabLive?: {say(text: string): void}}} */ (
      /** @type {unknown} */ (window)
    )
    HoneycabLive?.say(
      was.ranOut
        ? 'That offer ran out. After three in a row offers pause for a while.'
        : 'That offer was taken back. It does not count against you.',
    )
  }

  function drawnAnew() {
    tellWhereOfferWent()
    hideSeen()
    upgradeNavigate()
    drainOffer()
    ringNudge()
  }

  document.addEventListener('live:fragment', drawnAnew)
  document.addEventListener('htmx:after:swap', drawnAnew)

  // An answer without this page in it (signed out meanwhile) is shown as the page it is, not swapped into nothing.
  document.addEventListener('htmx:before:swap', (event) => {
    const ctx = /** @type {CustomEvent} */ (event).detail?.ctx
    if (ctx?.request === undefined || String(ctx.text).includes('id="driver"')) return
    event.preventDefault()
    location.reload()
  })

  drawnAnew()
})()
