// The tables of a tariff: rows come when asked for, go when pressed away, and show the fields their kind has.
// Without this script a table ends in two empty rows, and a row is taken away by emptying its name.
;(() => {
  const form = document.querySelector('form[data-tariff-editor]')
  if (!(form instanceof HTMLElement)) return

  for (const table of form.querySelectorAll('[data-rows]')) {
    const rows = () => [...table.querySelectorAll('[data-row]')]
    const spare = rows().filter((row) => row.hasAttribute('data-spare'))
    const pattern = spare[0]?.cloneNode(true)
    for (const row of spare) row.remove()
    for (const row of rows()) enhance(row)
    const add = form.querySelector(`[data-add="${table.getAttribute('data-rows')}"]`)
    if (!(add instanceof HTMLElement && pattern instanceof HTMLElement)) continue
    let next = Number(pattern.dataset.row)
    add.hidden = false
    add.addEventListener('click', () => {
      const row = numbered(pattern, next++)
      table.append(row)
      enhance(row)
      const first = row.querySelector('input, select')
      if (first instanceof HTMLElement) first.focus()
    })
  }

  /** The pattern's fields under another number. @param {HTMLElement} pattern @param {number} n */
  function numbered(pattern, n) {
    const row = /** @type {HTMLElement} */ (pattern.cloneNode(true))
    const from = `.${pattern.dataset.row}.`
    row.dataset.row = String(n)
    for (const element of row.querySelectorAll('[name], [id], [for]'))
      for (const name of ['name', 'id', 'for']) {
        const value = element.getAttribute(name)
        if (value !== null) element.setAttribute(name, value.replace(from, `.${n}.`))
      }
    const legend = row.querySelector('legend')
    if (legend !== null) legend.textContent = (legend.textContent ?? '').replace(/\d+$/, String(n + 1))
    return row
  }

  /** @param {Element} row */
  function enhance(row) {
    const gone = document.createElement('button')
    gone.type = 'button'
    gone.className = 'button button-quiet button-compact tariff-gone'
    gone.textContent = 'Remove'
    const legend = row.querySelector('legend')?.textContent ?? 'row'
    gone.setAttribute('aria-label', `Remove: ${legend}`)
    gone.addEventListener('click', () => {
      const beside = row.nextElementSibling ?? row.previousElementSibling
      row.remove()
      const focus = beside?.querySelector('input, select')
      if (focus instanceof HTMLElement) focus.focus()
    })
    row.append(gone)
    const kind = row.querySelector('select[name$=".kind"]')
    if (!(kind instanceof HTMLSelectElement)) return
    const show = () => {
      for (const part of row.querySelectorAll('[data-for]'))
        if (part instanceof HTMLElement)
          part.hidden = !(part.dataset.for ?? '').split(' ').includes(kind.value)
    }
    kind.addEventListener('change', show)
    show()
  }
})()
