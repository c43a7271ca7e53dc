// The ride's way became another one: the page is asked for anew, so that its map shows it. Nothing typed is lost: what
// is being written stays until it is sent, and the page waits for that.
;(() => {
  const way = () => document.querySelector('[data-way]')?.getAttribute('data-way') ?? null
  const first = way()
  document.addEventListener('live:fragment', () => {
    const now = way()
    const typing = document.activeElement
    if (now === null || first === null || now === first) return
    if (typing instanceof HTMLTextAreaElement || typing instanceof HTMLInputElement) return
    location.reload()
  })
})()
