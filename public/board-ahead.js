/**
 * Keys that come before the page is ready for them. While a ride, a driver or the booking is on its way, keys that mean it
 * wait, and so does all that is typed after them: each goes where it would have gone had the answer been quicker, a
 * command to the ride that was opened, letters into the field that was asked for. Esc forgets them.
 */
;(() => {
  /** A sentence; who types more than that ahead has a network that is gone. */
  const MOST = 160
  const FIELD = 'input:not([type="radio"], [type="checkbox"]), textarea'
  /** What waits, in its order: a key, or an act from the palette. @type {({ key: string, shift: boolean } | (() => void))[]} */
  let waiting = []
  /** What is on its way asks for words, so letters are no commands. */
  let isTextDue = false

  function isDue() {
    return window.HoneycabAsked.isUnderWay('board-ride') || window.HoneycabAsked.isUnderWay('board-bulk')
  }

  /** Now, or when what is on its way is there. @param {() => void} act */
  function then(act) {
    if (!isDue()) act()
    else if (waiting.length < MOST) waiting.push(act)
  }

  /**
   * Whether a key waits; then it is done later, and by nobody else.
   * @param {KeyboardEvent} event
   * @param {() => boolean} means whether it means what is on its way
   */
  function takes(event, means) {
    const { key, shiftKey: shift } = event
    if (key === 'Escape') forget()
    if (!isDue() || !(key.length === 1 || key === 'Enter' || key === 'Backspace')) return false
    if (waiting.length === 0 && !isTextDue && !means()) return false
    if (waiting.length < MOST && !event.repeat) waiting.push({ key, shift })
    return true
  }

  function forget() {
    waiting = []
    isTextDue = false
  }

  /** The press that was made asks for words when it is answered. */
  function expectText() {
    isTextDue = isDue()
  }

  /** @param {string} key @param {boolean} shift */
  function type(key, shift) {
    const field = document.activeElement
    if (!(field instanceof HTMLElement)) return
    if (!field.matches(FIELD)) {
      if (!window.HoneycabKeys.handle(key, shift, field) && key === 'Enter') field.click()
    } else if (key === 'Backspace') document.execCommand('delete')
    else if (key !== 'Enter') document.execCommand('insertText', false, key)
    else enter(field, shift)
  }

  /** @param {HTMLElement} field @param {boolean} shiftKey */
  function enter(field, shiftKey) {
    const event = new KeyboardEvent('keydown', { key: 'Enter', shiftKey, bubbles: true, cancelable: true })
    if (field.dispatchEvent(event) && field instanceof HTMLInputElement) field.form?.requestSubmit()
  }

  document.addEventListener('board:answered', () => {
    if (!isDue()) isTextDue = false
    while (waiting.length > 0 && !isDue()) {
      // A question that came up is answered by somebody who has read it.
      if (document.querySelector('dialog[open]:not(#palette)') !== null) return forget()
      const next = waiting.shift()
      if (typeof next === 'function') next()
      else if (next !== undefined) type(next.key, next.shift)
    }
  })
  // Where no answer came there is nothing to do it to.
  document.addEventListener('htmx:error', forget)

  Object.assign(globalThis, { HoneycabAhead: { then, takes, isDue, expectText } })
})()
