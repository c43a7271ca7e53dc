/** What the server finds for a few letters of anything, for the palette and for verbs with a noun (board-verbs.js). */
;(() => {
  /** @type {AbortController | null} */
  let asking = null

  /** Nobody waits for the answer any more. */
  function stop() {
    asking?.abort()
  }

  /**
   * The list for some words, as `<div id="found">` of a page of its own; a newer question overtakes an older one.
   * @param {string} text
   * @returns {Promise<Document | 'no answer' | null>} null where nobody waits for it any more
   */
  async function find(text) {
    stop()
    const mine = new AbortController()
    asking = mine
    try {
      const answer = await fetch(`/board/find?${new URLSearchParams({ q: text })}`, {
        signal: mine.signal,
        headers: { accept: 'text/html', 'hx-request': 'true' },
      })
      const markup = await answer.text()
      if (mine.signal.aborted) return null
      return answer.ok ? new DOMParser().parseFromString(markup, 'text/html') : 'no answer'
    } catch {
      return mine.signal.aborted ? null : 'no answer'
    }
  }

  Object.assign(globalThis, { HoneycabFind: { find, stop } })
})()
