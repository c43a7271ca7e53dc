/**
 * What was pressed last is what is shown. Answers come in any order, and the board asks for its parts again by itself: an
 * answer to an older question than the newest press leaves the part alone, and while a press is on its way nobody asks
 * again by the clock. Keys that mean the chosen ride wait until it is there (board-keys.js).
 */
;(() => {
  const PARTS = new Set(['board-table', 'board-ride', 'board-bulk'])
  /** Presses so far, by part. @type {Map<string, number>} */
  const presses = new Map()
  /** What was pressed and is not answered. @type {Map<string, Set<object>>} */
  const underWay = new Map()
  /** Parts that are asked for again just now. @type {Set<string>} */
  const refreshing = new Set()
  /** ... and those that are asked for once nothing is in the way. @type {Map<string, () => string | null>} */
  const due = new Map()

  /** @param {string} part */
  function count(part) {
    return presses.get(part) ?? 0
  }

  /** @param {string} part */
  function isUnderWay(part) {
    return (underWay.get(part)?.size ?? 0) > 0
  }

  /** @param {string} part @param {object} press */
  function begin(part, press) {
    presses.set(part, count(part) + 1)
    underWay.set(part, (underWay.get(part) ?? new Set()).add(press))
  }

  /** @param {string} part @param {object} press */
  function end(part, press) {
    if (underWay.get(part)?.delete(press) !== true || isUnderWay(part)) return
    again(part)
    document.dispatchEvent(new CustomEvent('board:answered', { detail: part }))
  }

  /** @param {string} part */
  function again(part) {
    const address = due.get(part)
    if (address !== undefined && due.delete(part)) refresh(part, address)
  }

  /**
   * A press that does not go by htmx. `isNewest` is asked before its answer is shown, `end` called when it is over.
   * @param {string} part
   */
  function press(part) {
    const own = {}
    begin(part, own)
    const number = count(part)
    return { isNewest: () => number === count(part), end: () => end(part, own) }
  }

  /**
   * The same part again, as it is now; later, where something else is asked for it.
   * @param {string} part
   * @param {() => string | null} addressOf asked when its turn comes; null when there is nothing to ask any more
   */
  function refresh(part, addressOf) {
    if (isUnderWay(part) || refreshing.has(part)) {
      due.set(part, addressOf)
      return
    }
    const { htmx } =
      /** @type {{htmx?: {ajax(method: string, url: string, options: object): Promise<void>}}} */ (
        /** @type {unknown} */ (window)
      )
    const address = addressOf()
    if (address === null || htmx === undefined) return
    refreshing.add(part)
    const target = `#${part}`
    // From the part itself: what is asked from the page as a whole waits in one row.
    const options = { source: target, target, select: target, swap: 'outerMorph', refreshOf: count(part) }
    const over = () => {
      refreshing.delete(part)
      again(part)
    }
    // Without network it fails, and is asked again by the clock.
    void htmx.ajax('GET', address, options).then(over, over)
  }

  /** @param {Event} event */
  function contextOf(event) {
    const ctx = /** @type {CustomEvent} */ (event).detail?.ctx
    const part = ctx?.target instanceof Element ? ctx.target.id : ''
    return { ctx, part: PARTS.has(part) ? part : null }
  }

  document.addEventListener('htmx:config:request', (event) => {
    const { ctx, part } = contextOf(event)
    if (part === null || ctx.refreshOf !== undefined || ctx.request.method !== 'GET') return
    for (const press of [...(underWay.get(part) ?? [])]) {
      const other = /** @type {any} */ (press)
      // The same link pressed again has its answer on the way ...
      if (isSame(other, ctx, part)) event.preventDefault()
      // ... unless something else was pressed since: then it waits in the link's own row until the first is called off.
      else if (other.sourceElement === ctx.sourceElement && other.request.method === 'GET') {
        beginNext(part, ctx)
        other.request.abort()
      }
    }
  })

  /** @param {string} part @param {any} ctx */
  function beginNext(part, ctx) {
    if (ctx.press !== undefined) return
    begin(part, ctx)
    ctx.press = count(part)
  }

  /** @param {any} other @param {any} ctx @param {string} part */
  function isSame(other, ctx, part) {
    return (
      ctx.sourceElement.matches('a') &&
      other.press === count(part) &&
      other.request.action === ctx.request.action
    )
  }

  /** @param {Element} link */
  function isAsking(link) {
    const asked = [...(underWay.get('board-ride') ?? [])].map((press) => /** @type {any} */ (press))
    return asked.some((ctx) => ctx.sourceElement === link && ctx.press === count('board-ride'))
  }

  document.addEventListener('htmx:before:request', (event) => {
    const { ctx, part } = contextOf(event)
    if (part !== null && ctx.refreshOf === undefined) beginNext(part, ctx)
  })

  /**
   * Why something was not done stays beside its ride until the next press; the pane as it is now knows nothing of it.
   * @param {{ type: string, fragment: DocumentFragment }[]} tasks
   */
  function keepRefusal(tasks) {
    const pane = document.getElementById('board-ride')
    const fresh = tasks.find(({ type }) => type === 'main')?.fragment.querySelector('#board-ride')
    const refusal = pane?.querySelector(':scope > .notice[role="alert"]')
    if (
      pane == null ||
      fresh == null ||
      refusal == null ||
      fresh.querySelector('.notice[role="alert"]') !== null
    )
      return
    const isSame = (/** @type {string} */ name) => fresh.getAttribute(name) === pane.getAttribute(name)
    if (isSame('data-ride-id') && isSame('data-driver-card'))
      fresh.querySelector('.pane-head')?.after(refusal.cloneNode(true))
  }

  document.addEventListener('htmx:before:swap', (event) => {
    const { ctx, part } = contextOf(event)
    const number = ctx?.press ?? ctx?.refreshOf
    if (ctx?.refreshOf !== undefined && part === 'board-ride')
      keepRefusal(/** @type {CustomEvent} */ (event).detail.tasks)
    if (part === null || number === undefined || number === count(part)) return
    if (ctx.press === undefined || ctx.request.method === 'GET') {
      event.preventDefault()
      return
    }
    // Something was done, and the way back and the words about it are shown all the same.
    const { tasks } = /** @type {CustomEvent} */ (event).detail
    const main = tasks.findIndex((/** @type {{type: string}} */ { type }) => type === 'main')
    const [overtaken] = main < 0 ? [] : tasks.splice(main, 1)
    const refused = overtaken?.fragment.querySelector('.notice[role="alert"]')?.textContent?.trim()
    const title = overtaken?.fragment.querySelector('#ride-title')?.textContent ?? ''
    if (refused) window.HoneycabLive?.say(`${title}: ${refused}`)
  })

  document.addEventListener('htmx:finally:request', (event) => {
    const { ctx } = contextOf(event)
    for (const part of PARTS) if (underWay.get(part)?.has(ctx)) end(part, ctx)
  })

  Object.assign(globalThis, { HoneycabAsked: { press, refresh, isUnderWay, isAsking } })
})()
