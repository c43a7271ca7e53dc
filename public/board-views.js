/** Saved views of the board: shown by their names from the palette, and kept or arranged in place of the ride. */
;(() => {
  const PREFIX = 'saved-view '

  function links() {
    return /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#views-list [data-saved-view]')])
  }

  function fold() {
    const list = document.getElementById('views-list')
    if (list?.matches(':popover-open')) list.hidePopover()
  }

  /** Each of them is a command while it is there: "view late at night". */
  function commands() {
    return links().map((link) => ({
      id: PREFIX + link.id,
      words: `View ${link.dataset.savedView}`,
      also: 'show saved',
    }))
  }

  /** @param {string} id */
  function run(id) {
    const link = links().find((candidate) => PREFIX + candidate.id === id)
    link?.click()
    return link !== undefined
  }

  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return
    if (event.target.closest('[data-saved-view], [data-views-pane]') !== null) fold()
  })
  document.addEventListener('htmx:after:swap', (event) => {
    const source = /** @type {CustomEvent} */ (event).detail?.ctx?.sourceElement
    if (!(source instanceof Element) || !source.matches('[data-views-pane]')) return
    const tab = document.querySelector('[data-view-name="ride"]')
    if (tab instanceof HTMLElement) tab.click()
    // What is kept already is arranged, what is not is given a name.
    const kept = document.querySelector('.views-edit[data-shown]')
    if (kept instanceof HTMLDetailsElement) kept.open = true
    const name = document.querySelector('#view-name') ?? kept?.querySelector('input[name="name"]')
    if (!(name instanceof HTMLInputElement)) return
    name.focus()
    name.select()
  })

  Object.assign(globalThis, { HoneycabViews: { commands, run } })
})()
