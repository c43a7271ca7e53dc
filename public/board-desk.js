/** A desk page that lists what others do: asked for again every few seconds, while nothing is being typed or unfolded. */
;(() => {
  const EVERY_MS = 6_000
  const PARTS = ['desk-answers', 'desk-sendings', 'handover-new', 'handover-notes']

  async function refresh() {
    if (document.hidden) return
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' } })
      if (!answer.ok || answer.redirected) return
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      for (const id of PARTS) {
        const old = document.getElementById(id)
        const fresh = page.getElementById(id)
        if (old === null || fresh === null || old.outerHTML === fresh.outerHTML) continue
        // What somebody unfolded, or has the focus in, stays as it is.
        if (old.querySelector('details[open]') !== null || old.contains(document.activeElement)) continue
        old.replaceWith(document.importNode(fresh, true))
      }
    } catch {
      // Asked again at the next turn.
    }
  }

  setInterval(refresh, EVERY_MS)
})()
