/**
 * The rows of the board: J and K go from one to the next, and whoever is on a row stays there while lists are drawn anew. A
 * row that is gone hands the focus on, or the next Enter would mean the ride that is open.
 */
;(() => {
  const ROWS = '#board a[data-ride], #board-queue .queue a, #board-table a.row-link'

  /** @param {Element | null} element */
  function isInSight(element) {
    return (
      element instanceof HTMLElement &&
      (element.offsetParent !== null || element.closest('dialog[open]') !== null)
    )
  }

  /** In the order they stand on the page. */
  function rows() {
    return /** @type {HTMLElement[]} */ ([...document.querySelectorAll(ROWS)]).filter(isInSight)
  }

  /** @param {1 | -1} by */
  function move(by) {
    const links = rows()
    const focused = links.indexOf(/** @type {HTMLElement} */ (document.activeElement))
    const current = focused >= 0 ? focused : links.findIndex((link) => link.hasAttribute('aria-current'))
    toRow(links[Math.min(links.length - 1, Math.max(0, current + by))])
  }

  /** @param {Element | null | undefined} row */
  function toRow(row) {
    if (!(row instanceof HTMLElement)) return
    row.focus()
    row.scrollIntoView({ block: 'nearest' })
  }

  /** The first row of a part, shown first where only one part is seen at a time. @param {string} view @param {string} selector */
  function toPart(view, selector) {
    const shown = document.querySelector(`[data-view-name="${view}"]`)
    if (shown instanceof HTMLElement && shown.offsetParent !== null) shown.click()
    toRow([...document.querySelectorAll(selector)].find(isInSight))
  }

  /** @param {HTMLElement} row */
  function rowsBeside(row) {
    const part = row.closest('#board section[id]')?.id ?? ''
    return { part, links: rows().filter((link) => link.closest('#board section[id]')?.id === part) }
  }

  /** @param {HTMLElement} row */
  function idOf(row) {
    return row.closest('li[id], tr[id]')?.id
  }

  /** The row with the focus when the drawing began. @type {{ part: string, at: number, id?: string, ride?: string } | null} */
  let held = null

  document.addEventListener('htmx:before:swap', () => {
    const row = document.activeElement
    held = null
    if (!(row instanceof HTMLElement) || !row.matches(ROWS)) return
    const { part, links } = rowsBeside(row)
    held = { part, at: links.indexOf(row), id: idOf(row), ride: row.dataset.ride }
  })

  /** The same row, another one of its ride, or the one that took its place. */
  function keepFocus() {
    const was = held
    held = null
    if (was === null || (document.activeElement !== document.body && document.activeElement !== null)) return
    const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(`#${was.part} a`)]).filter(
      (link) => link.matches(ROWS) && isInSight(link),
    )
    const row =
      links.find((link) => was.id !== undefined && idOf(link) === was.id) ??
      links.find((link) => was.ride !== undefined && link.dataset.ride === was.ride) ??
      links[Math.min(was.at, links.length - 1)]
    row?.focus({ preventScroll: true })
  }
  document.addEventListener('htmx:after:swap', keepFocus)

  Object.assign(globalThis, { HoneycabRows: { isInSight, move, toPart } })
})()
