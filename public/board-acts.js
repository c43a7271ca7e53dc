/** What the desk's acts need beside their forms: a number chooses the driver in a question, and whoever changes a ride says so while they do. */
;(() => {
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
