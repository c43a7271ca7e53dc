/**
 * What the table shows stands in the address: rows, filters and the chosen ride or driver, so that a reload, a bookmark and a link to
 * a colleague bring the same. On narrow screens whatever leads to the table shows it.
 */
;(() => {
  const board = document.getElementById('board')
  if (board === null) return

  function keepAddress() {
    const table = document.getElementById('board-table')?.dataset.address
    if (table === undefined) return
    const { searchParams } = new URL(table, location.href)
    const now = new URLSearchParams(location.search)
    // A board that begins with a saved view says so when it shows all live rides instead.
    if (searchParams.size === 0 && document.querySelector('#board-views[data-first]') !== null)
      searchParams.set('show', 'live')
    for (const name of ['ride', 'driver']) {
      const chosen = now.get(name)
      if (chosen) searchParams.set(name, chosen)
    }
    const search = searchParams.toString()
    const address = search === '' ? '/board' : `/board?${search}`
    if (address !== location.pathname + location.search) history.replaceState(history.state, '', address)
  }

  document.addEventListener('htmx:after:swap', (event) => {
    const source = /** @type {CustomEvent} */ (event).detail?.ctx?.sourceElement
    if (source instanceof Element && source.matches('[data-table], .search')) {
      const tab = document.querySelector('[data-view-name="table"]')
      if (tab instanceof HTMLElement && tab.offsetParent !== null) tab.click()
    }
    keepAddress()
  })
  // A ride that is opened pushes its own address; the rows beside it belong to it.
  document.addEventListener('htmx:after:history:update', keepAddress)
})()
