/** The desk by keyboard: what each key does stands in the table of commands (views/board/commands.ts) and nowhere else. */
;(() => {
  const TYPING = 'input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable]'
  const table = document.getElementById('palette')?.dataset.commands
  /** @type {import('./board-types.d.ts').BoardCommand[]} */
  const commands = table === undefined ? [] : JSON.parse(table)
  const byKey = new Map(
    commands.flatMap((command) => (command.keys ?? []).map((key) => [key.toLowerCase(), command])),
  )

  const { isInSight, move, toPart } = window.HoneycabRows

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

  function hasCandidates() {
    return document.querySelector('#assign input[name="driver_id"]') !== null
  }

  /** Enter on a ride that is already open, or where Enter means nothing else. @param {Element} target */
  function meansAssign(target) {
    if (!hasCandidates() || target.matches('.mark input')) return false
    const pressed = target.closest('a, button, summary')
    return pressed === null || (pressed.matches('a[data-ride]') && pressed.hasAttribute('aria-current'))
  }

  function toMap() {
    const tab = document.querySelector('[data-view-name="map"]')
    if (tab instanceof HTMLElement && tab.offsetParent !== null) tab.click()
    const map = document.querySelector('#board-map .map')
    if (map instanceof HTMLElement) map.focus()
  }

  /** @param {string} id */
  function open(id) {
    const dialog = document.getElementById(id)
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal()
  }

  /** @type {Record<string, () => void>} */
  const OWN = {
    next: () => move(1),
    previous: () => move(-1),
    queue: () => toPart('queue', '#board-queue .queue a'),
    table: () => toPart('table', '#board-table a.row-link'),
    map: toMap,
    hexes: () => void document.dispatchEvent(new CustomEvent('board:next-hexes')),
    help: () => open('key-help'),
    palette: () => void document.dispatchEvent(new CustomEvent('board:palette')),
    close() {
      if (document.querySelector('#board-table .mark input:checked') !== null) {
        marking('unmark')
        return
      }
      if (document.querySelector('#cars-marked:not([hidden])') !== null) {
        markingCars('none')
        return
      }
      const link = document.querySelector('[data-close]')
      if (link instanceof HTMLElement) link.click()
    },
    enter: assign,
    mark: () => marking('mark'),
    'mark-down': () => marking('mark-down'),
    'mark-up': () => marking('mark-up'),
    'mark-all': () => marking('mark-all'),
    'mark-cars': () => markingCars('shown'),
    unmark() {
      marking('unmark')
      markingCars('none')
    },
  }

  /** Done by board-mark-cars.js. @param {string} what */
  function markingCars(what) {
    document.dispatchEvent(new CustomEvent('board:mark-cars', { detail: what }))
  }

  /** Done by board-bulk.js. @param {string} what */
  function marking(what) {
    document.dispatchEvent(new CustomEvent('board:mark', { detail: what }))
  }

  /** The key as the table of commands names it. @param {string} key @param {boolean} shift */
  function commandOf(key, shift) {
    const name = key === 'escape' ? 'esc' : key === ' ' ? 'space' : key
    return (shift && /^[a-z]$/.test(key) ? byKey.get(`shift ${name}`) : undefined) ?? byKey.get(name)
  }

  /** What a command would press now; null where there is nothing. @param {string} selector */
  function pressable(selector) {
    for (const element of document.querySelectorAll(selector))
      if (element instanceof HTMLElement && isInReach(element)) return element
    return null
  }

  /** In sight, or folded up into something that is: unfolding it is part of the press. @param {Element} element @returns {boolean} */
  function isInReach(element) {
    if (isInSight(element)) return true
    const inner = element.tagName === 'SUMMARY' ? element.parentElement?.parentElement : element
    const fold = inner?.closest('details:not([open]), [popover]:not(:popover-open)') ?? null
    if (!(fold instanceof HTMLDetailsElement)) return fold !== null
    const summary = fold.querySelector(':scope > summary')
    return summary !== null && isInReach(summary)
  }

  /** What comes when they are pressed begins with a field. */
  const ASKS_WORDS = new Set(['views-arrange'])

  /** Do a command that takes nothing; false where it has nothing to press. @param {string} id */
  function run(id) {
    const command = commands.find((candidate) => candidate.id === id)
    if (command?.press !== undefined) {
      const element = pressable(command.press)
      if (element === null) return false
      // A summary unfolds by its own press.
      const folded = element.tagName === 'SUMMARY' ? null : element.closest('details:not([open])')
      if (folded instanceof HTMLDetailsElement) folded.open = true
      if (element.matches(TYPING)) element.focus()
      else element.click()
      if (ASKS_WORDS.has(id)) window.HoneycabAhead.expectText()
      // What was unfolded is there to be filled in; of more than one the words that must be written: on a choice letters
      // would be keys of the board.
      const form = element.matches('summary') ? element.parentElement : null
      const field =
        form?.querySelector('input[required]:not([type="radio"], [type="hidden"]), textarea[required]') ??
        form?.querySelector('input:not([type="hidden"]), select, textarea, button')
      if (field instanceof HTMLElement) field.focus()
      return true
    }
    const own = OWN[id]
    own?.()
    return own !== undefined
  }

  /** Whether a command could do anything just now. @param {import('./board-types.d.ts').BoardCommand} command */
  function isPossible(command) {
    // With a noun it opens first what it presses.
    if (command.press !== undefined) return command.takes !== undefined || pressable(command.press) !== null
    if (command.id === 'assign')
      return document.getElementById('assign') !== null || window.HoneycabAhead.isDue()
    if (command.id === 'enter' || command.id === 'choose')
      return hasCandidates() || window.HoneycabAhead.isDue()
    return true
  }

  /** What means the chosen ride or driver, and so what is on its way. */
  const OF_RIDE = new Set([
    ...['enter', 'reassign', 'release', 'cancel', 'hold', 'wider', 'patience', 'write', 'trace'],
    ...['join', 'part', 'undo', 'driver-of-ride', 'edit'],
    // The driver's card comes to the same place.
    ...['offline', 'put-back', 'write-driver'],
  ])
  /** Whether a key means the chosen ride. @param {string} key @param {boolean} shift @param {Element} target */
  function meansRide(key, shift, target) {
    if (/^[1-9]$/.test(key)) return true
    // Once more on the ride that is on its way is Enter on it when it is there.
    if (key === 'enter')
      return target.matches('a[data-ride]') ? window.HoneycabAsked.isAsking(target) : meansAssign(target)
    return OF_RIDE.has(commandOf(key, shift)?.id ?? '')
  }

  /**
   * Do what a key means on the board, where nobody types words.
   * @param {string} name @param {boolean} shift @param {Element} target
   * @returns whether it meant something
   */
  function handle(name, shift, target) {
    const key = name.toLowerCase()
    if (/^[1-9]$/.test(key)) {
      choose(Number(key))
      return true
    }
    if (key === 'enter') {
      if (!meansAssign(target)) return false
      assign()
      return true
    }
    // Space presses what has the focus, and marks only a row.
    if (key === ' ' && !target.matches('#board-table a[data-ride]')) return false
    const command = commandOf(key, shift)
    return command !== undefined && run(command.id)
  }

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey) return
    const key = event.key.toLowerCase()
    if ((event.ctrlKey || event.metaKey) && key === 'k') {
      event.preventDefault()
      run('palette')
      return
    }
    if (event.ctrlKey || event.metaKey) return
    const dialog = document.querySelector('dialog[open]')
    if (dialog !== null) {
      // A question that was answered goes once its act is done: until then keys are for what comes after it.
      const isSent = dialog.querySelector('form[data-sent]') !== null
      if (isSent && window.HoneycabAhead.takes(event, () => true)) event.preventDefault()
      return
    }
    const target = event.target instanceof Element ? event.target : document.body
    // A field of a dialog that was just closed has the focus until the next frame; nobody types into it.
    if (target.matches(TYPING) && target.closest('dialog:not([open])') === null) {
      if (key === 'escape' && target instanceof HTMLElement) target.blur()
      return
    }
    const waits = window.HoneycabAhead.takes(event, () => meansRide(key, event.shiftKey, target))
    if (waits || (key === 'enter' && event.repeat ? false : handle(event.key, event.shiftKey, target)))
      event.preventDefault()
  })

  /** By its name, as by its key. @param {string} id */
  function runByName(id) {
    if (OF_RIDE.has(id)) window.HoneycabAhead.then(() => void run(id))
    else run(id)
  }

  Object.assign(globalThis, { HoneycabKeys: { commands, run: runByName, handle, isPossible, pressable } })
})()
