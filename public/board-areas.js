/**
 * Zones as a grid over the map, by the button on it or the key Z; kept true while it is open. What the table is narrowed
 * to the queue is narrowed to as well, whichever way that came about.
 */
;(() => {
  const EVERY_MS = 5_000
  const side = document.getElementById('areas-side')
  const button = document.getElementById('areas-button')
  if (side === null || button === null) return

  /** The zone or hexagon that the table shows; null while it shows all. */
  function shown() {
    const address = document.getElementById('board-table')?.dataset.address ?? ''
    return new URL(address, location.href).searchParams.get('zone')
  }

  /** Cards of other parts are put away; they are drawn for all desks alike. */
  function narrow() {
    const zone = shown()
    const cards = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#board-queue .queue > li')])
    let here = 0
    for (const card of cards) {
      const isHere = zone === null || card.dataset.area === zone
      if (card.hidden === isHere) card.hidden = !isHere
      if (isHere) here++
    }
    const note = document.getElementById('board-narrowed')
    if (note === null) return
    note.hidden = zone === null
    const name = document.getElementById('board-table')?.dataset.zoneName ?? ''
    write(note.querySelector('[data-narrowed-name]'), name)
    write(
      note.querySelector('[data-narrowed-count]'),
      zone === null ? '' : `: ${here} of ${cards.length} here`,
    )
    for (const tile of document.querySelectorAll('#board-areas [data-area]'))
      if (tile.getAttribute('data-area') === zone) tile.setAttribute('aria-current', 'true')
      else tile.removeAttribute('aria-current')
  }

  /** @param {Element | null} element @param {string} text */
  function write(element, text) {
    if (element !== null && element.textContent !== text) element.textContent = text
  }

  let isAsking = false
  let askedAtMs = 0

  async function load() {
    if (isAsking) return
    isAsking = true
    askedAtMs = performance.now()
    try {
      const answer = await fetch('/board/zones', { headers: { accept: 'text/html', 'hx-request': 'true' } })
      if (!answer.ok) return
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const fresh = page.getElementById('board-areas')
      const { htmx } = /** @type {{ htmx?: { swap(ctx: object): Promise<void> } }} */ (
        /** @type {unknown} */ (window)
      )
      const target = document.getElementById('board-areas')
      if (fresh !== null && target !== null)
        await htmx?.swap({ text: fresh.outerHTML, target, swap: 'outerMorph' })
      narrow()
    } catch {
      // Without network the bar on top says so; the grid is asked for again.
    } finally {
      isAsking = false
    }
  }

  function tiles() {
    return /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#board-areas [data-area]')])
  }

  async function toggle() {
    if (side === null || button === null) return
    const isOpen = side.hidden
    side.hidden = !isOpen
    button.setAttribute('aria-expanded', String(isOpen))
    write(button.querySelector('[data-areas-word]'), isOpen ? 'Map' : 'Zones')
    if (!isOpen) return
    const map = document.querySelector('[data-view-name="map"]')
    if (map instanceof HTMLElement && map.offsetParent !== null) map.click()
    await load()
    const chosen = tiles().find((tile) => tile.hasAttribute('aria-current')) ?? tiles()[0]
    if (
      side.contains(document.activeElement) ||
      document.activeElement === document.body ||
      document.activeElement === button
    )
      chosen?.focus()
  }

  /** Arrows go to the tile beside, above or below. @param {KeyboardEvent} event @param {HTMLElement} tile */
  function move(event, tile) {
    const all = tiles()
    const boxes = all.map((one) => one.getBoundingClientRect())
    const at = all.indexOf(tile)
    const columns = boxes.filter(({ top }) => Math.abs(top - (boxes[0]?.top ?? 0)) < 4).length
    const ahead = getComputedStyle(tile).direction === 'rtl' ? -1 : 1
    const by = { ArrowRight: ahead, ArrowLeft: -ahead, ArrowDown: columns, ArrowUp: -columns }[event.key]
    const next = by === undefined ? undefined : all[at + by]
    if (next === undefined) return
    event.preventDefault()
    next.focus()
  }

  document.addEventListener('keydown', (event) => {
    const tile = event.target instanceof Element ? event.target.closest('#board-areas [data-area]') : null
    if (tile instanceof HTMLElement) move(event, tile)
  })
  button.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    void toggle()
  })
  setInterval(() => {
    if (!side.hidden && !document.hidden && performance.now() - askedAtMs >= EVERY_MS) void load()
  }, 1_000)
  document.addEventListener('live:fragment', (event) => {
    const { detail } = /** @type {CustomEvent} */ (event)
    if (detail instanceof Element && detail.id === 'board-queue') narrow()
  })
  document.addEventListener('htmx:after:swap', narrow)
  narrow()
})()
