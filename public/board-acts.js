/** The desk's way back by keyboard: U takes the last act back while its button is there. */
;(() => {
  const TYPING = 'input:not([type="radio"]), textarea, select, [contenteditable]'

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.repeat) return
    if (event.key.toLowerCase() !== 'u' || document.querySelector('dialog[open]') !== null) return
    if (event.target instanceof Element && event.target.matches(TYPING)) return
    const button = document.querySelector('#board-undo form:not([hidden]) [data-undo]')
    if (!(button instanceof HTMLElement)) return
    event.preventDefault()
    button.click()
  })
})()
