/**
 * Several rows at once: X and Space mark, Shift with J and K extends, Esc lets go. A mark keeps the version that was looked
 * at when it was set, so that a ride that changes afterwards is refused and not done to by surprise.
 */
;(() => {
  if (document.getElementById('board') === null) return
  /** What each marked row would send, by its ride. @type {Map<string, string>} */
  const marks = new Map()
  /** Where a range by mouse begins. @type {string | null} */
  let anchor = null

  function boxes() {
    return /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('#board-table .mark input')])
  }

  /** @param {HTMLInputElement} box */
  function rideOf(box) {
    return box.closest('tr')?.querySelector('a[data-ride]')?.getAttribute('data-ride') ?? ''
  }

  /** @param {HTMLInputElement} box @param {boolean} isMarked */
  function mark(box, isMarked) {
    const ride = rideOf(box)
    if (!isMarked) marks.delete(ride)
    else if (!marks.has(ride)) marks.set(ride, box.getAttribute('value') ?? '')
  }

  /** Rows are drawn anew at any time; those that are listed no more are not meant any more. */
  function show() {
    const listed = new Set()
    for (const box of boxes()) {
      const ride = rideOf(box)
      listed.add(ride)
      const marked = marks.get(ride)
      box.checked = marked !== undefined
      if (marked !== undefined) box.value = marked
    }
    for (const ride of marks.keys()) if (!listed.has(ride)) marks.delete(ride)
    endPreview()
    const count = document.querySelector('[data-bulk-count]')
    if (count !== null && count.textContent !== String(marks.size)) count.textContent = String(marks.size)
  }

  /** What merging would mean is told of the rides that were marked then, and of no others. */
  function endPreview() {
    const preview = document.querySelector('.merge-preview')
    const told = preview?.getAttribute('data-marked')?.split(' ')
    if (told !== undefined && (told.length !== marks.size || told.some((ride) => !marks.has(ride))))
      preview?.remove()
  }

  function unmark() {
    marks.clear()
    const form = document.getElementById('bulk')
    if (form instanceof HTMLFormElement) form.reset()
    show()
    for (const menu of document.querySelectorAll('#board-bulk details[open]')) menu.removeAttribute('open')
  }

  /** The row that has the focus, else the chosen one, else the first. */
  function currentBox() {
    const all = boxes()
    const focused = document.activeElement?.closest('#board-table tr')
    return (
      all.find((box) => focused?.contains(box)) ??
      all.find((box) => box.closest('tr')?.querySelector('[aria-current]') !== null) ??
      all[0]
    )
  }

  /** @param {HTMLInputElement} box */
  function focusRow(box) {
    const link = box.closest('tr')?.querySelector('a[data-ride]')
    if (!(link instanceof HTMLElement)) return
    link.focus()
    link.scrollIntoView({ block: 'nearest' })
  }

  /** On to the next row with the mark; going back over marked rows takes their marks away. @param {1 | -1} by */
  function extend(by) {
    const from = currentBox()
    if (from === undefined) return
    const all = boxes()
    const to = all[all.indexOf(from) + by]
    if (to === undefined) mark(from, true)
    else if (marks.has(rideOf(from)) && marks.has(rideOf(to))) mark(from, false)
    else {
      mark(from, true)
      mark(to, true)
    }
    focusRow(to ?? from)
    show()
  }

  /** @type {Record<string, () => void>} */
  const DO = {
    mark() {
      const box = currentBox()
      if (box === undefined) return
      mark(box, !marks.has(rideOf(box)))
      focusRow(box)
      show()
    },
    'mark-down': () => extend(1),
    'mark-up': () => extend(-1),
    'mark-all'() {
      for (const box of boxes()) mark(box, true)
      show()
    },
    unmark,
  }
  document.addEventListener('board:mark', (event) => DO[/** @type {CustomEvent} */ (event).detail]?.())

  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return
    if (event.target.closest('[data-bulk-close]') !== null) {
      event.target.closest('.bulk-result')?.remove()
      if (event.target.closest('.bulk-bar') !== null) unmark()
      return
    }
    if (event.target.matches('#bulk [data-nothing]')) event.preventDefault()
    const send = event.target.closest('#bulk button[value="message"]')
    const text = document.querySelector('#bulk textarea')
    if (send !== null && text instanceof HTMLTextAreaElement && text.value.trim() === '') {
      event.preventDefault()
      text.focus()
    }
    const box = event.target
    if (!(box instanceof HTMLInputElement) || !box.matches('#board-table .mark input')) return
    const all = boxes()
    const start = all.findIndex((other) => rideOf(other) === anchor)
    const end = all.indexOf(box)
    const range =
      event.shiftKey && start >= 0 ? all.slice(Math.min(start, end), Math.max(start, end) + 1) : [box]
    for (const one of range) mark(one, box.checked)
    anchor = rideOf(box)
    show()
  })

  document.addEventListener('htmx:after:swap', (event) => {
    // By its address: the form itself may have become another one by the swap.
    const action = /** @type {CustomEvent} */ (event).detail?.ctx?.request?.action
    const isChoice =
      typeof action === 'string' && new URL(action, location.href).pathname === '/board/batches'
    const preview = document.querySelector('.merge-preview')
    if (!isChoice) show()
    else if (preview !== null) {
      show()
      const next = preview.querySelector('#bulk-merge button') ?? preview.querySelector('.close')
      if (next instanceof HTMLElement) next.focus()
    } else {
      // Done or refused, the choice is over; what was refused is read beside why.
      const last = currentBox()
      unmark()
      if (last !== undefined) focusRow(last)
    }
  })
  document.addEventListener('live:fragment', show)
  show()
})()
