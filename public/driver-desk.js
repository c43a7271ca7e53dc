/** Messages of the desk on the driver's page: once they are in front of somebody, the desk is told that they came. */
;(() => {
  /** @type {Set<string>} */
  const said = new Set()

  async function tell() {
    const box = document.getElementById('from-desk')
    if (box === null || document.visibilityState !== 'visible') return
    const ids = (box.dataset.ids ?? '').split(' ').filter((id) => id !== '' && !said.has(id))
    if (ids.length === 0) return
    for (const id of ids) said.add(id)
    const csrf = document.querySelector('meta[name="csrf"]')?.getAttribute('content') ?? ''
    const body = new URLSearchParams({ csrf, ids: ids.join(' ') })
    try {
      const answer = await fetch('/driver/messages/delivered', { method: 'POST', body, redirect: 'manual' })
      if (answer.type !== 'opaqueredirect' && !answer.ok) throw new Error(`answered ${answer.status}`)
      if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(80)
    } catch {
      // Said with the next drawing.
      for (const id of ids) said.delete(id)
    }
  }

  document.addEventListener('live:fragment', tell)
  document.addEventListener('htmx:after:swap', tell)
  document.addEventListener('visibilitychange', tell)
  void tell()
})()
