/** The desk by keyboard: J and K move, Enter opens and assigns, 1 to 9 choose a driver, M map, Z its cells, / search, Q mutes, Esc closes. */
;(() => {
  const TYPING = 'input:not([type="radio"]), textarea, select, [contenteditable]'

  /** @param {1 | -1} by */
  function move(by) {
    const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('a[data-ride]')]).filter(
      (link) => link.offsetParent !== null,
    )
    const focused = links.indexOf(/** @type {HTMLElement} */ (document.activeElement))
    const current = focused >= 0 ? focused : links.findIndex((link) => link.hasAttribute('aria-current'))
    const next = links[Math.min(links.length - 1, Math.max(0, current + by))]
    next?.focus()
    next?.scrollIntoView({ block: 'nearest' })
  }

  /** @param {number} number */
  function choose(number) {
    const driver = document.querySelectorAll('#assign input[name="driver_id"]')[number - 1]
    if (!(driver instanceof HTMLInputElement)) return
    driver.click()
    driver.focus()
  }

  function assign() {
    const form = document.getElementById('assign')
    if (form instanceof HTMLFormElement) form.requestSubmit()
  }

  /** Enter on a ride that is already open, or where Enter means nothing else. @param {Element} target */
  function meansAssign(target) {
    if (document.getElementById('assign') === null) return false
    const pressed = target.closest('a, button, summary')
    return pressed === null || (pressed.matches('a[data-ride]') && pressed.hasAttribute('aria-current'))
  }

  function close() {
    const link = document.querySelector('[data-close]')
    if (link instanceof HTMLElement) link.click()
  }

  function toMap() {
    const tab = document.querySelector('[data-view-name="map"]')
    if (tab instanceof HTMLElement && tab.offsetParent !== null) tab.click()
    const map = document.querySelector('#board-map .map')
    if (map instanceof HTMLElement) map.focus()
  }

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (document.querySelector('dialog[open]') !== null) return
    const target = event.target instanceof Element ? event.target : document.body
    if (target.matches(TYPING)) {
      if (event.key === 'Escape' && target instanceof HTMLElement) target.blur()
      return
    }
    const key = event.key.toLowerCase()
    if (key === 'j') move(1)
    else if (key === 'k') move(-1)
    else if (/^[1-9]$/.test(key)) choose(Number(key))
    else if (key === 'm') toMap()
    else if (key === 'z') document.dispatchEvent(new CustomEvent('board:next-hexes'))
    else if (key === '/') document.getElementById('board-q')?.focus()
    else if (key === 'q') document.getElementById('board-mute')?.click()
    else if (key === 'escape') close()
    else if (key === 'enter' && !event.repeat && meansAssign(target)) assign()
    else return
    event.preventDefault()
  })
})()
