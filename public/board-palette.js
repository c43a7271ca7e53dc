/**
 * Ctrl K: a verb and a noun, or a few letters of anything. Commands are matched here at once, rides, drivers, people and
 * places by the server; arrows move, Enter does the marked one.
 */
;(() => {
  const TYPING_PAUSE_MS = 120
  const COMMANDS_MOST = 6
  /** Of the open ride, though they press nothing by themselves. */
  const ASSIGNING = new Set(['enter', 'choose', 'assign'])
  const found = document.getElementById('palette')
  const field = document.getElementById('palette-q')
  const commandBox = document.getElementById('palette-commands')
  const foundBox = document.getElementById('palette-found')
  const said = document.getElementById('palette-said')
  if (!(found instanceof HTMLDialogElement && field instanceof HTMLInputElement)) return
  if (commandBox === null || foundBox === null || said === null) return
  const dialog = found
  const input = field

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** What the found rows answer; Enter waits for the words as they are. */
  let answered = ''
  let isEnterDue = false

  function open(text = '') {
    if (!dialog.open) dialog.showModal()
    input.value = text
    input.focus()
    listFound(null)
    changed()
  }

  function close() {
    stopFinding()
    if (dialog.open) dialog.close()
  }

  /** The list for what was typed before is of no use any more, and must not clear what is said meanwhile. */
  function stopFinding() {
    window.HoneycabFind.stop()
    clearTimeout(timer)
    isEnterDue = false
  }

  function changed() {
    isEnterDue = false
    say('')
    listCommands()
    mark(0)
    clearTimeout(timer)
    const text = input.value.trim()
    if (text === '') {
      window.HoneycabFind.stop()
      listFound(null)
      answered = ''
      return
    }
    timer = setTimeout(() => void find(text), TYPING_PAUSE_MS)
  }

  function listCommands() {
    const { isPossible } = window.HoneycabKeys
    const commands = [...window.HoneycabKeys.commands, ...window.HoneycabViews.commands()]
    const query = input.value
    const matches =
      query.trim() === ''
        ? fittingFirst(commands.filter(isPossible)).map((command) => ({ command, noun: '', score: 0 }))
        : window.HoneycabCommands.match(commands, query).filter(({ command }) => isPossible(command))
    const shown = matches.filter(({ command }) => command.id !== 'palette').slice(0, COMMANDS_MOST)
    commandBox?.replaceChildren(...shown.map(commandRow))
  }

  /**
   * With nothing typed yet: first what presses something of the marked rows, then of the open ride or driver.
   * @param {readonly import('./board-types.d.ts').BoardCommand[]} commands
   */
  function fittingFirst(commands) {
    const placeOf = (/** @type {import('./board-types.d.ts').BoardCommand} */ { id, press }) => {
      const pressed = press === undefined ? null : window.HoneycabKeys.pressable(press)
      if (pressed?.closest('#bulk')) return 0
      return ASSIGNING.has(id) || pressed?.closest('#board-ride, #board-undo') ? 1 : 2
    }
    return commands.toSorted((a, b) => placeOf(a) - placeOf(b))
  }

  /** @param {import('./board-types.d.ts').BoardMatch} match @param {number} n */
  function commandRow({ command, noun }, n) {
    const row = document.createElement('div')
    row.className = 'found-row command-row'
    row.id = `palette-command-${n}`
    row.setAttribute('role', 'option')
    row.dataset.command = command.id
    row.dataset.noun = noun
    const words = document.createElement('b')
    words.textContent = command.words
    row.append(words)
    const rest = document.createElement('span')
    rest.className = 'found-words'
    rest.textContent =
      noun !== '' ? noun : command.takes === undefined ? '' : `${NOUN_WORDS[command.takes]} …`
    row.append(rest)
    const keys = document.createElement('span')
    for (const key of command.id === 'choose' ? ['1–9'] : (command.keys ?? [])) {
      const element = document.createElement('kbd')
      element.textContent = key
      keys.append(element)
    }
    row.append(keys)
    return row
  }

  const NOUN_WORDS = { driver: 'call sign', ride: 'number', number: 'number', words: 'words' }

  /** @param {string} text */
  async function find(text) {
    const page = await window.HoneycabFind.find(text)
    if (page === null) return
    if (page === 'no answer') return say('No answer: the network is gone. Commands still work.')
    listFound(page)
    answered = text
    const due = isEnterDue
    mark(Math.max(0, marked()))
    if (due) press()
  }

  /** @param {Document | null} page */
  function listFound(page) {
    const list = page?.getElementById('found') ?? null
    const isNone = list === null || list.classList.contains('found-none')
    foundBox?.replaceChildren(...(isNone ? [] : [...list.children].map((child) => document.adoptNode(child))))
    for (const section of foundBox?.children ?? []) section.setAttribute('role', 'group')
    for (const title of foundBox?.querySelectorAll('.found-title') ?? [])
      title.setAttribute('role', 'presentation')
    for (const row of foundBox?.querySelectorAll('.found-row') ?? []) {
      row.setAttribute('role', 'option')
      row.setAttribute('tabindex', '-1')
    }
    if (foundBox !== null) process(foundBox)
    say(isNone && list !== null && commandBox?.children.length === 0 ? (list.textContent ?? '') : '')
  }

  /** What came by hand gets its links. @param {Element} element */
  function process(element) {
    const { htmx } = /** @type {{htmx?: {process(element: Element): void}}} */ (
      /** @type {unknown} */ (window)
    )
    htmx?.process(element)
  }

  /** @param {string} text */
  function say(text) {
    if (said !== null) said.textContent = text
  }

  function options() {
    return /** @type {HTMLElement[]} */ ([...dialog.querySelectorAll('[role="option"]')])
  }

  function marked() {
    return options().findIndex((option) => option.getAttribute('aria-selected') === 'true')
  }

  /** @param {number} n */
  function mark(n) {
    const all = options()
    for (const [i, option] of all.entries()) option.setAttribute('aria-selected', String(i === n))
    const option = all[n]
    if (option === undefined) input.removeAttribute('aria-activedescendant')
    else {
      input.setAttribute('aria-activedescendant', option.id)
      option.scrollIntoView({ block: 'nearest' })
    }
  }

  function press() {
    const option = options()[Math.max(0, marked())]
    const text = input.value.trim()
    // A command is known at once; what is found has to be of these words.
    if (option?.dataset.command === undefined && answered !== text) {
      isEnterDue = true
      return
    }
    isEnterDue = false
    if (option === undefined) return
    if (option.dataset.command !== undefined) runCommand(option.dataset.command, option.dataset.noun ?? '')
    else take(option)
  }

  /** A found thing: rides open, a driver or a place is shown on the map, for a person a booking begins. @param {HTMLElement} option */
  function take(option) {
    close()
    const { bookFor } = option.dataset
    if (bookFor !== undefined) {
      const event = new CustomEvent('board:book', { detail: { rider: bookFor }, cancelable: true })
      if (document.dispatchEvent(event)) option.click()
      return
    }
    option.click()
  }

  /** @param {string} id @param {string} noun */
  function runCommand(id, noun) {
    const command = window.HoneycabKeys.commands.find((candidate) => candidate.id === id)
    if (command?.takes !== undefined && noun === '' && command.press === undefined) {
      // The verb is chosen; what it is about comes next.
      input.value = `${command.words.split(' ')[0]?.toLowerCase()} `
      if (command.takes === 'words') input.value = 'filter by '
      changed()
      return
    }
    const verb = noun === '' ? undefined : window.HoneycabVerbs[id]
    if (verb !== undefined) {
      stopFinding()
      return verb(noun, { say, close, pressRow })
    }
    close()
    if (!window.HoneycabViews.run(id)) window.HoneycabKeys.run(id)
  }

  /** Press a row that stands in no list. @param {Element} row */
  function pressRow(row) {
    close()
    if (!(row instanceof HTMLElement)) return
    foundBox?.replaceChildren(document.adoptNode(row))
    process(row)
    row.click()
  }

  document.addEventListener('board:palette', () => (dialog.open ? input.select() : open()))
  document.addEventListener('click', (event) => {
    const opener = event.target instanceof Element ? event.target.closest('[data-palette]') : null
    if (opener === null || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    open()
  })
  input.addEventListener('input', changed)
  input.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const count = options().length
    if (step !== 0 && count > 0) {
      event.preventDefault()
      mark((marked() + step + count) % count)
    } else if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault()
      if (!event.repeat) press()
    }
  })
  dialog.querySelector('form')?.addEventListener('submit', (event) => event.preventDefault())
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) close()
    const option = event.target instanceof Element ? event.target.closest('[role="option"]') : null
    if (!(option instanceof HTMLElement)) return
    if (option.dataset.command !== undefined) runCommand(option.dataset.command, option.dataset.noun ?? '')
    // The press itself goes on to the ride or the map; only the dialog is in its way.
    else if (dialog.open) {
      if (option.dataset.bookFor !== undefined) event.preventDefault()
      close()
      if (option.dataset.bookFor !== undefined) take(option)
    }
  })
})()
