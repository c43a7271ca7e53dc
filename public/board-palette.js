/**
 * Ctrl K: a verb and a noun, or a few letters of anything. Commands are matched here at once, rides, drivers, people and
 * places by the server; arrows move, Enter does the marked one.
 */
;(() => {
  const TYPING_PAUSE_MS = 120
  const COMMANDS_MOST = 6
  const found = document.getElementById('palette')
  const field = document.getElementById('palette-q')
  const commandBox = document.getElementById('palette-commands')
  const foundBox = document.getElementById('palette-found')
  const said = document.getElementById('palette-said')
  if (!(found instanceof HTMLDialogElement && field instanceof HTMLInputElement)) return
  if (commandBox === null || foundBox === null || said === null) return
  const dialog = found
  const input = field

  /** @type {AbortController | null} */
  let asking = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** What the found rows answer; Enter waits for the words as they are. */
  let answered = ''
  let isEnterDue = false

  function open(text = '') {
    if (!dialog.open) dialog.showModal()
    input.value = text
    input.focus()
    listFound('')
    changed()
  }

  function close() {
    stopFinding()
    if (dialog.open) dialog.close()
  }

  /** The list for what was typed before is of no use any more, and must not clear what is said meanwhile. */
  function stopFinding() {
    asking?.abort()
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
      asking?.abort()
      listFound('')
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
        ? commands.filter(isPossible).map((command) => ({ command, noun: '', score: 0 }))
        : window.HoneycabCommands.match(commands, query).filter(({ command }) => isPossible(command))
    const shown = matches.filter(({ command }) => command.id !== 'palette').slice(0, COMMANDS_MOST)
    commandBox?.replaceChildren(...shown.map(commandRow))
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
    asking?.abort()
    const mine = new AbortController()
    asking = mine
    try {
      const answer = await fetch(`/board/find?${new URLSearchParams({ q: text })}`, {
        signal: mine.signal,
        headers: { accept: 'text/html', 'hx-request': 'true' },
      })
      if (!answer.ok || mine.signal.aborted) return
      listFound(await answer.text())
      answered = text
      const due = isEnterDue
      mark(Math.max(0, marked()))
      if (due) press()
    } catch {
      if (!mine.signal.aborted) say('No answer: the network is gone. Commands still work.')
    }
  }

  /** @param {string} markup */
  function listFound(markup) {
    const page = new DOMParser().parseFromString(markup, 'text/html').getElementById('found')
    const isNone = page === null || page.classList.contains('found-none')
    foundBox?.replaceChildren(...(isNone ? [] : [...page.children].map((child) => document.adoptNode(child))))
    for (const section of foundBox?.children ?? []) section.setAttribute('role', 'group')
    for (const title of foundBox?.querySelectorAll('.found-title') ?? [])
      title.setAttribute('role', 'presentation')
    for (const row of foundBox?.querySelectorAll('.found-row') ?? []) {
      row.setAttribute('role', 'option')
      row.setAttribute('tabindex', '-1')
    }
    const { htmx } = /** @type {{htmx?: {process(element: Element): void}}} */ (
      /** @type {unknown} */ (window)
    )
    if (foundBox !== null) htmx?.process(foundBox)
    say(isNone && page !== null && commandBox?.children.length === 0 ? (page.textContent ?? '') : '')
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
    if (option.dataset.command !== undefined)
      void runCommand(option.dataset.command, option.dataset.noun ?? '')
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
  async function runCommand(id, noun) {
    const command = window.HoneycabKeys.commands.find((candidate) => candidate.id === id)
    if (command?.takes !== undefined && noun === '' && command.press === undefined) {
      // The verb is chosen; what it is about comes next.
      input.value = `${command.words.split(' ')[0]?.toLowerCase()} `
      if (command.takes === 'words') input.value = 'filter by '
      changed()
      return
    }
    if (id === 'assign') return window.HoneycabAhead.then(() => void assign(noun))
    if (id === 'ride') return void openRide(noun)
    if (id === 'driver') return void openDriver(noun)
    if (id === 'mark-car') return void markCar(noun)
    if (id === 'offline' && noun !== '') {
      if (await openDriver(noun)) whenShown(() => window.HoneycabKeys.run('offline'))
      return
    }
    close()
    if (id === 'filter-by') filterBy(noun)
    else if (!window.HoneycabViews.run(id)) window.HoneycabKeys.run(id)
  }

  /**
   * The rows that the server finds for some words; null where nobody waits for them any more, since something else was
   * typed or the palette was closed, or where there was no answer, which is said.
   * @param {string} text
   */
  async function rowsFor(text) {
    stopFinding()
    const mine = new AbortController()
    asking = mine
    try {
      const answer = await fetch(`/board/find?${new URLSearchParams({ q: text })}`, {
        signal: mine.signal,
        headers: { accept: 'text/html', 'hx-request': 'true' },
      })
      const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : '', 'text/html')
      if (mine.signal.aborted) return null
      return /** @type {HTMLElement[]} */ ([...page.querySelectorAll('.found-row')])
    } catch {
      if (!mine.signal.aborted) say('No answer: the network is gone. Press Enter again when it is back.')
      return null
    }
  }

  /** The chosen ride to a call sign: one of the candidates, or whoever else has it. @param {string} callSign */
  async function assign(callSign) {
    const form = document.getElementById('assign')
    if (!(form instanceof HTMLFormElement)) return say('The chosen ride does not wait for a driver.')
    const wanted = callSign.toLowerCase()
    let input = [...form.querySelectorAll('input[name="driver_id"]')].find(
      (candidate) =>
        candidate instanceof HTMLInputElement && candidate.dataset.callSign?.toLowerCase() === wanted,
    )
    if (input === undefined) {
      const rows = await rowsFor(callSign)
      if (rows === null) return
      if (!form.isConnected) return say('The chosen ride does not wait for a driver any more.')
      const driver = rows.find((row) => row.dataset.callSign?.toLowerCase() === wanted)
      if (driver?.dataset.driverLink === undefined) {
        say(`Nobody drives under the call sign ${callSign}.`)
        return
      }
      // Not among the nine: the desk may know why it should be this one all the same.
      const other = document.createElement('input')
      other.type = 'radio'
      other.name = 'driver_id'
      other.hidden = true
      other.value = driver.dataset.driverLink
      other.dataset.callSign = driver.dataset.callSign ?? callSign
      form.append(other)
      input = other
    }
    close()
    if (input instanceof HTMLInputElement) input.click()
    form.requestSubmit()
  }

  /** @param {string} number */
  async function openRide(number) {
    const rows = await rowsFor(number)
    if (rows === null) return
    pressRow(
      rows.find((row) => row.dataset.ride !== undefined),
      `There is no ride ${number}.`,
    )
  }

  /** @param {string} callSign */
  async function openDriver(callSign) {
    const isTheirs = (/** @type {HTMLElement} */ row) =>
      row.dataset.callSign?.toLowerCase() === callSign.toLowerCase()
    const rows = await rowsFor(callSign)
    if (rows === null) return false
    return pressRow(rows.find(isTheirs), `Nobody drives under the call sign ${callSign}.`)
  }

  /** @param {string} callSign */
  async function markCar(callSign) {
    const rows = await rowsFor(callSign)
    if (rows === null) return
    const driver = rows.find((row) => row.dataset.callSign?.toLowerCase() === callSign.toLowerCase())
    const { driverLink: id, callSign: sign } = driver?.dataset ?? {}
    if (id === undefined) return say(`Nobody drives under the call sign ${callSign}.`)
    close()
    document.dispatchEvent(new CustomEvent('board:mark-cars', { detail: { id, callSign: sign ?? callSign } }))
  }

  /** Press a row that stands in no list yet, or say why there is none. @param {HTMLElement | undefined} row @param {string} none */
  function pressRow(row, none) {
    if (row === undefined) {
      say(none)
      return false
    }
    close()
    foundBox?.replaceChildren(document.adoptNode(row))
    const { htmx } = /** @type {{htmx?: {process(element: Element): void}}} */ (
      /** @type {unknown} */ (window)
    )
    htmx?.process(row)
    row.click()
    return true
  }

  /** Once the press for the pane is answered: other parts of the board change meanwhile. @param {() => void} act */
  function whenShown(act) {
    window.HoneycabAhead.expectText()
    document.addEventListener('board:answered', function look(event) {
      if (/** @type {CustomEvent} */ (event).detail !== 'board-ride') return
      document.removeEventListener('board:answered', look)
      act()
    })
  }

  /** @param {string} words */
  function filterBy(words) {
    const search = document.getElementById('board-q')
    if (!(search instanceof HTMLInputElement)) return
    search.value = words
    search.dispatchEvent(new Event('input', { bubbles: true }))
    search.focus()
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
    if (option.dataset.command !== undefined)
      void runCommand(option.dataset.command, option.dataset.noun ?? '')
    // The press itself goes on to the ride or the map; only the dialog is in its way.
    else if (dialog.open) {
      if (option.dataset.bookFor !== undefined) event.preventDefault()
      close()
      if (option.dataset.bookFor !== undefined) take(option)
    }
  })
})()
