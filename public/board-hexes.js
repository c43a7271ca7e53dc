/**
 * The cells on the desk's map: balance, supply, demand or surge, by the choice over the map or the key Shift Z. The figures
 * come over the socket as often as the region is counted; a cell's corners come once.
 */
;(() => {
  const choice = document.getElementById('board-hexes')
  if (choice === null) return
  const KEPT = 'board-hexes'
  /** Counted every ten seconds: after three counts missed nothing is shown. */
  const STALE_MS = 35_000
  /** From these figures on each colour counts. */
  const DEMAND_FROM = [0.5, 2, 4, 8, 16, 32]
  const SUPPLY_FROM = [0.5, 2, 5]
  const BALANCE_FROM = [1, 3, 6]
  const MIDDLE = 4
  const LAYERS = ['balance', 'supply', 'demand', 'surge', 'off']

  /** @type {Map<string, [number, number][]>} */
  const shapes = new Map()
  /** @type {[cell: string, asking: number, free: number, step: number, words: string][]} */
  let cells = []
  let surges = false
  let isStale = true
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let staleTimer

  /** @param {number[]} from @param {number} value */
  function count(from, value) {
    return from.filter((least) => value >= least).length
  }

  /** @returns {MapHexes['cells'][number] | null} */
  function drawn(
    /** @type {string} */ layer,
    /** @type {(typeof cells)[number]} */ [cell, asking, free, step, words],
  ) {
    const boundary = shapes.get(cell)
    if (boundary === undefined) return null
    const wanted = asking - free
    const rounded = Math.round(Math.abs(wanted))
    if (layer === 'balance') {
      const steps = count(BALANCE_FROM, Math.abs(wanted))
      return steps === 0
        ? null
        : {
            boundary,
            step: MIDDLE + Math.sign(wanted) * steps,
            figure: `${wanted > 0 ? '−' : '+'}${rounded}`,
          }
    }
    if (layer === 'supply') {
      const steps = count(SUPPLY_FROM, free)
      return steps === 0 ? null : { boundary, step: MIDDLE - steps, figure: String(Math.round(free)) }
    }
    if (layer === 'demand') {
      const steps = count(DEMAND_FROM, asking)
      return steps === 0 ? null : { boundary, step: steps, figure: String(Math.round(asking)) }
    }
    return step === 0 ? null : { boundary, step, figure: words }
  }

  function chosen() {
    const input = choice?.querySelector('input[name="hexes"]:checked')
    return input instanceof HTMLInputElement ? input.value : 'off'
  }

  function draw() {
    const element = document.querySelector('#board-map .map')
    if (!(element instanceof HTMLElement) || window.HoneycabMap === undefined) return
    const layer = chosen()
    for (const legend of choice?.querySelectorAll('[data-layer]') ?? []) {
      if (!(legend instanceof HTMLElement)) continue
      legend.hidden = legend.dataset.layer !== layer
      const note = legend.querySelector('[data-note]')
      if (note instanceof HTMLElement && !legend.hidden) say(note, noteOn(layer))
    }
    const shown = layer === 'off' || isStale ? [] : cells.map((row) => drawn(layer, row))
    const scale = layer === 'balance' || layer === 'supply' ? 'diverging' : 'sequential'
    window.HoneycabMap(element).setHexes({ scale, cells: shown.filter((cell) => cell !== null) })
  }

  /** What the colours alone would not say. @param {string} layer */
  function noteOn(layer) {
    if (isStale) return 'Not counted just now.'
    if (layer !== 'surge') return ''
    if (!surges) return 'Prices do not rise here.'
    return cells.some(([, , , step]) => step > 0) ? '' : 'Usual prices everywhere.'
  }

  /** @param {HTMLElement} note @param {string} words */
  function say(note, words) {
    if (note.textContent !== words) note.textContent = words
    note.hidden = words === ''
  }

  /** @param {string} layer */
  function choose(layer) {
    const input = choice?.querySelector(`input[name="hexes"][value="${CSS.escape(layer)}"]`)
    if (input instanceof HTMLInputElement) input.checked = true
    draw()
  }

  document.addEventListener('live:message', (event) => {
    const message = /** @type {CustomEvent} */ (event).detail
    if (message?.type !== 'cells') return
    for (const [cell, corners] of Object.entries(message.shapes)) {
      /** @type {[number, number][]} */
      const boundary = []
      for (let at = 0; at < corners.length; at += 2)
        boundary.push([corners[at] / 100_000, corners[at + 1] / 100_000])
      shapes.set(cell, boundary)
    }
    cells = message.cells
    surges = message.surges
    isStale = !message.isCounted
    clearTimeout(staleTimer)
    staleTimer = setTimeout(() => {
      isStale = true
      draw()
    }, STALE_MS)
    draw()
  })

  choice.addEventListener('change', () => {
    try {
      localStorage.setItem(KEPT, chosen())
    } catch {
      // A browser that keeps nothing shows the first choice next time.
    }
    draw()
  })
  document.addEventListener('board:next-hexes', () => {
    const next = LAYERS[(LAYERS.indexOf(chosen()) + 1) % LAYERS.length] ?? 'off'
    choose(next)
    choice.dispatchEvent(new Event('change'))
  })

  choice.hidden = false
  let kept = null
  try {
    kept = localStorage.getItem(KEPT)
  } catch {
    // As above.
  }
  choose(kept !== null && LAYERS.includes(kept) ? kept : 'balance')
})()
