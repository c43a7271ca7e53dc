/**
 * The checks before going online that only the phone can answer. Location blocks, for nobody is offered a ride whose
 * place is unknown; the rest only warns.
 */
;(() => {
  /** @typedef {{tone: 'ok' | 'warn' | 'block', words: string, mayPress?: boolean}} Check */
  const LOW = 0.2
  const MANY = /** @type {const} */ ({ 1: 'One thing', 2: 'Two things', 3: 'Three things', 4: 'Four things' })

  /** @type {{level: number, charging: boolean} | null} */
  let battery = null
  /** @type {PermissionState | 'unknown' | 'none'} */
  let location = 'geolocation' in navigator && isSecureContext ? 'unknown' : 'none'

  /** @returns {Check} */
  function ofLocation() {
    if (location === 'none')
      return {
        tone: 'block',
        words:
          'This browser gives no location, so no ride can be offered. Open the page by https, in another browser if need be.',
      }
    if (location === 'denied')
      return {
        tone: 'block',
        words:
          'Turned off for this page. Allow it in the browser’s settings for this site; without it no ride can be offered.',
      }
    if (location === 'granted') return { tone: 'ok', words: 'Allowed.' }
    return {
      tone: 'warn',
      words: 'The phone will ask; say yes, so that rides near you come.',
      mayPress: true,
    }
  }

  /** @returns {Check} */
  function ofSound() {
    const { choice, isAllowed } = globalThis.HoneycabSound
    if (choice() === 'off')
      return { tone: 'warn', words: 'Both are off under Settings: look at the screen for offers.' }
    if (!isAllowed()) return { tone: 'warn', words: 'Silent until you touch this page once.', mayPress: true }
    return {
      tone: 'ok',
      words: choice() === 'felt' ? 'Offers are felt, not heard.' : 'Offers ring.',
      mayPress: true,
    }
  }

  /** @returns {Check | null} */
  function ofNotices() {
    if (globalThis.Notification === undefined) return null
    if (Notification.permission === 'granted')
      return { tone: 'ok', words: 'Offers show while another app is in front.' }
    if (Notification.permission === 'denied')
      return { tone: 'warn', words: 'Not allowed: offers show on this page alone, so keep it in front.' }
    return { tone: 'warn', words: 'Allow it to see offers while another app is in front.', mayPress: true }
  }

  /** @returns {Check | null} */
  function ofBattery() {
    if (battery === null) return null
    const { level, charging } = battery
    const words = `${Math.round(level * 100)} %, ${charging ? 'charging' : 'not charging'}`
    if (charging || level > LOW) return { tone: 'ok', words: `${words}.` }
    return { tone: 'warn', words: `${words}. Plug it in: location and screen use much of it.` }
  }

  /** @returns {Check} */
  function ofScreen() {
    return 'wakeLock' in navigator
      ? { tone: 'ok', words: 'Stays on while you are online.' }
      : { tone: 'warn', words: 'This browser lets it go dark, and then no offers come: set it to stay on.' }
  }

  const CHECKS = {
    location: ofLocation,
    sound: ofSound,
    notices: ofNotices,
    battery: ofBattery,
    screen: ofScreen,
  }

  function draw() {
    const list = document.getElementById('checks')
    if (list === null) return
    for (const [id, check] of Object.entries(CHECKS)) show(list, id, check())
    const toned = [...list.querySelectorAll('.check:not([hidden])')]
    const wrong = toned.filter((row) => row.getAttribute('data-tone') !== 'ok').length
    const blocked = toned.some((row) => row.getAttribute('data-tone') === 'block')
    write(
      list,
      '[data-sum]',
      wrong === 0
        ? `All ${toned.length} checks are right`
        : `${MANY[/** @type {1} */ (wrong)] ?? `${wrong} things`} to look at`,
    )
    list
      .querySelector('.checks-mark')
      ?.setAttribute('data-tone', wrong === 0 ? 'ok' : blocked ? 'block' : 'warn')
    block(blocked)
    if (blocked && !wasBlocked) list.setAttribute('open', '')
    wasBlocked = blocked
  }
  let wasBlocked = false

  /**
   * @param {HTMLElement} list
   * @param {string} id
   * @param {Check | null} check
   */
  function show(list, id, check) {
    const row = /** @type {HTMLElement | null} */ (list.querySelector(`[data-check="${id}"]`))
    if (row === null) return
    row.hidden = check === null
    if (check === null) return
    row.dataset.tone = check.tone
    write(row, '[data-words]', check.words)
    const button = row.querySelector('button')
    if (button !== null) button.hidden = check.mayPress !== true
  }

  /** The reason stands in the button's own words. @param {boolean} blocked */
  function block(blocked) {
    const button = /** @type {HTMLButtonElement | null} */ (document.querySelector('#go-online .big'))
    const words = button?.querySelector('span')
    if (button === null || !words) return
    words.dataset.does ??= words.textContent ?? ''
    button.disabled = blocked
    const text = blocked ? 'allow your location first' : words.dataset.does
    if (words.textContent !== text) words.textContent = text
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

  const PRESSES = {
    location: () => navigator.geolocation.getCurrentPosition(draw, draw),
    sound: () => {
      globalThis.HoneycabSound.buzz([200, 100, 200])
      globalThis.HoneycabSound.ring('offer')
    },
    notices: () => Notification.requestPermission(),
  }
  document.addEventListener('click', async (event) => {
    const row =
      event.target instanceof Element ? event.target.closest('[data-press]')?.closest('[data-check]') : null
    const press = PRESSES[/** @type {keyof typeof PRESSES} */ (row?.getAttribute('data-check') ?? '')]
    await press?.()
    draw()
  })

  async function watchLocation() {
    const status = await navigator.permissions?.query({ name: 'geolocation' }).catch(() => null)
    if (location === 'none' || !status) return draw()
    const read = () => {
      location = status.state
      draw()
    }
    status.addEventListener('change', read)
    read()
  }

  /** Not every browser tells. */
  async function watchBattery() {
    const { getBattery } =
      /** @type {{getBattery?: () => Promise<EventTarget & {level: number, charging: boolean}>}} */ (
        /** @type {unknown} */ (navigator)
      )
    const source = await getBattery?.call(navigator).catch(() => null)
    if (!source) return
    const read = () => {
      battery = { level: source.level, charging: source.charging }
      draw()
    }
    for (const change of ['levelchange', 'chargingchange']) source.addEventListener(change, read)
    read()
  }

  document.addEventListener('live:fragment', draw)
  document.addEventListener('htmx:after:swap', draw)
  // The first touch lets sound through.
  document.addEventListener('pointerup', () => setTimeout(draw), { once: true })
  draw()
  watchLocation()
  watchBattery()
})()
