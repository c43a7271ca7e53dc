/**
 * Keys that come before the page is ready for them. While a ride, a driver, the booking, a caller or a place is on its way,
 * a key that means it waits, and so does all that is typed after it: each goes where it would have gone had the answer been
 * quicker, a command to the ride that was opened, words into the field that was asked for. They are typed into a field that
 * nobody sees, so that letters may be composed and taken back. Esc, and a press elsewhere, forget them.
 */
;(() => {
  /** A sentence; who types more than that ahead has a network that is gone. */
  const MOST = 160
  const PARTS = ['board-ride', 'board-bulk', 'booking']
  const FIELD = 'input:not([type="radio"], [type="checkbox"]), textarea'
  /** A question that came up is answered by somebody who has read it; who opened the palette types there. */
  const QUESTION = 'dialog[open]'
  /**
   * What waits, in its order: an act, a key, or what was typed.
   * @type {((() => void) | { key: string, shift: boolean } | { text: string })[]}
   */
  let waiting = []
  /** What is on its way asks for words, so letters are no commands. */
  let isTextDue = false
  /** Where the focus was before it went to the holding field. @type {Element | null} */
  let from = null
  let isComposing = false

  const field = document.createElement('input')
  field.className = 'typed-ahead'
  field.autocomplete = 'off'
  field.spellcheck = false
  field.maxLength = MOST
  field.setAttribute('aria-label', 'What comes next')

  function isDue() {
    return PARTS.some((part) => window.HoneycabAsked.isUnderWay(part))
  }

  /** Whether what is typed goes into the holding field, and so nobody went elsewhere meanwhile. */
  function isHeld() {
    return document.activeElement === field
  }

  function hold() {
    if (isHeld() || document.querySelector(QUESTION) !== null) return
    from = document.activeElement
    document.body.append(field)
    field.focus({ preventScroll: true })
  }

  /** The focus goes back to where it was, unless it went on already. */
  function letGo() {
    if (isHeld() && from instanceof HTMLElement && from.isConnected) from.focus({ preventScroll: true })
    field.remove()
    field.value = ''
    from = null
  }

  function forget() {
    waiting = []
    isTextDue = false
    letGo()
  }

  /** What stands in the holding field comes after what waits already. */
  function store() {
    if (field.value !== '') waiting.push({ text: field.value })
    field.value = ''
  }

  /** @param {(() => void) | { key: string, shift: boolean }} item */
  function wait(item) {
    store()
    if (waiting.length < MOST) waiting.push(item)
  }

  /**
   * Now, or when what is on its way is there.
   * @param {() => void} act
   */
  function then(act) {
    if (!isDue()) return act()
    wait(act)
    hold()
  }

  /** What was pressed asks for words when it is answered. */
  function expectText() {
    isTextDue = isDue()
    if (isTextDue) hold()
  }

  /**
   * Whether a key waits; then it is done later, and by nobody else. Those after it come by the holding field.
   * @param {KeyboardEvent} event
   * @param {() => boolean} means whether it means what is on its way
   */
  function takes({ key, shiftKey: shift, repeat }, means) {
    if (key === 'Escape') forget()
    if (!isDue() || !(key.length === 1 || key === 'Enter')) return false
    if (waiting.length === 0 && !isTextDue && !means()) return false
    if (!repeat) wait({ key, shift })
    hold()
    return true
  }

  field.addEventListener('keydown', (event) => {
    if (event.isComposing) return
    const { key, shiftKey: shift } = event
    if (key === 'Escape') forget()
    else if (key !== 'Enter' && key !== 'Tab') return
    // As Enter, Tab goes on to what is asked next.
    else if (!event.repeat && !(key === 'Tab' && shift)) wait({ key: 'Enter', shift })
    event.preventDefault()
  })
  field.addEventListener('compositionstart', () => {
    isComposing = true
  })
  field.addEventListener('compositionend', () => {
    isComposing = false
    // The letters stand in the field once this event is over.
    setTimeout(flush)
  })
  document.addEventListener('pointerdown', (event) => {
    if (field.isConnected && event.target !== field) forget()
  })

  /** @param {{ key: string, shift: boolean } | { text: string }} item @param {HTMLElement} target where the focus is */
  function type(item, target) {
    if (target.matches(FIELD)) {
      if (!('text' in item) && item.key === 'Enter') enter(target, item.shift)
      else document.execCommand('insertText', false, 'text' in item ? item.text : item.key)
      return
    }
    if ('text' in item) {
      // Commands, each of which may open something that those after it are for.
      const [key = '', ...rest] = item.text
      if (rest.length > 0) waiting.unshift({ text: rest.join('') })
      window.HoneycabKeys.handle(key, key !== key.toLowerCase(), target)
    } else if (!window.HoneycabKeys.handle(item.key, item.shift, target) && item.key === 'Enter')
      target.click()
  }

  /** @param {HTMLElement} target @param {boolean} shiftKey */
  function enter(target, shiftKey) {
    const event = new KeyboardEvent('keydown', { key: 'Enter', shiftKey, bubbles: true, cancelable: true })
    if (target.dispatchEvent(event) && target instanceof HTMLInputElement) target.form?.requestSubmit()
  }

  function flush() {
    if (isComposing || isDue()) return
    store()
    letGo()
    while (waiting.length > 0 && !isDue()) {
      const target = document.activeElement
      const next = waiting.shift()
      if (typeof next === 'function') next()
      else if (!(target instanceof HTMLElement) || document.querySelector(QUESTION) !== null) return forget()
      // Words for a field that did not come are no commands.
      else if (isTextDue && !target.matches(FIELD)) return forget()
      else if (next !== undefined) type(next, target)
    }
    if (waiting.length > 0) hold()
    else if (!isDue()) isTextDue = false
  }

  document.addEventListener('board:answered', flush)
  // Where no answer came there is nothing to do it to.
  document.addEventListener('htmx:error', forget)

  Object.assign(globalThis, { HoneycabAhead: { then, takes, isDue, isHeld, expectText, forget } })
})()
