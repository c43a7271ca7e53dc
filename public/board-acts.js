/**
 * What the desk's acts need beside their forms: a number chooses the driver in a question, what was refused stays to be
 * read, and whoever changes a ride says so while they do.
 */
;(() => {
  // What was asked is answered, done or refused: the question and the menu it was in are over. A morph leaves them open;
  // where no answer came they stay, and what was typed with them.
  /** @param {Event} event */
  function answered(event) {
    const { request } = /** @type {CustomEvent} */ (event).detail?.ctx ?? {}
    if (String(request?.method).toUpperCase() !== 'POST') return
    for (const dialog of document.querySelectorAll('#board-ride dialog'))
      if (dialog instanceof HTMLDialogElement && dialog.hasAttribute('open')) dialog.close()
    for (const menu of document.querySelectorAll('#board-ride details.menu')) menu.removeAttribute('open')
  }
  document.addEventListener('htmx:after:swap', answered)

  // The pane is drawn anew at every change of a ride, and a refusal is for a person to read: it stays until they act again
  // or choose another ride, for as long as somebody may have looked away.
  const TOLD_MS = 30_000
  const KEPT = 'hx-morph-skip'
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let forget
  const told = () => document.getElementById('board-told')
  document.addEventListener('htmx:before:swap', (event) => {
    const { ctx } = /** @type {CustomEvent} */ (event).detail ?? {}
    const isPress = String(ctx?.request?.method).toUpperCase() === 'POST' || ctx?.sourceElement?.matches('a')
    if (isPress) told()?.removeAttribute(KEPT)
  })
  document.addEventListener('htmx:after:swap', (event) => {
    const { request } = /** @type {CustomEvent} */ (event).detail?.ctx ?? {}
    if (String(request?.method).toUpperCase() !== 'POST' || !told()?.hasChildNodes()) return
    told()?.setAttribute(KEPT, '')
    clearTimeout(forget)
    forget = setTimeout(() => told()?.removeAttribute(KEPT), TOLD_MS)
  })

  // The page that changes a ride asks for itself, as an open pane does, so that other desks go on reading who does.
  const EDITING_EVERY_MS = 15_000
  if (document.querySelector('[data-editing]') !== null)
    setInterval(() => {
      if (!document.hidden) void fetch(location.pathname).catch(() => {})
    }, EDITING_EVERY_MS)

  // In the question who drives instead, a number chooses as it does in the pane.
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key)) return
    const drivers = document.querySelectorAll('#reassignment-dialog[open] input[name="driver_id"]')
    const driver = drivers[Number(event.key) - 1]
    if (!(driver instanceof HTMLInputElement)) return
    event.preventDefault()
    driver.click()
    driver.focus()
  })
})()
