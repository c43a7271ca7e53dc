// What a password is worth, said while it is typed. The server judges: it has the lists. Without this the form says it.
;(() => {
  const TYPING_PAUSE_MS = 350

  for (const box of document.querySelectorAll('[data-strength]')) {
    const input = box.querySelector('input')
    const bars = box.querySelector('[data-strength-bars]')
    const words = box.querySelector('[data-strength-words]')
    if (!(input instanceof HTMLInputElement && bars instanceof HTMLElement && words instanceof HTMLElement))
      continue
    watch(input, bars, words)
  }

  /**
   * @param {HTMLInputElement} input
   * @param {HTMLElement} bars
   * @param {HTMLElement} words
   */
  function watch(input, bars, words) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    /** @type {AbortController | null} */
    let asking = null
    input.addEventListener('input', () => {
      clearTimeout(timer)
      asking?.abort()
      if (input.value === '') show(null)
      else timer = setTimeout(ask, TYPING_PAUSE_MS)
    })

    async function ask() {
      asking = new AbortController()
      const form = input.form
      const body = new URLSearchParams({ password: input.value, name: '', email: '' })
      for (const name of ['name', 'email']) {
        const other = form?.elements.namedItem(name)
        if (other instanceof HTMLInputElement) body.set(name, other.value.slice(0, 254))
      }
      body.set('csrf', document.querySelector('meta[name="csrf"]')?.getAttribute('content') ?? '')
      try {
        const response = await fetch('/password-strength', {
          method: 'POST',
          body,
          headers: { accept: 'application/json' },
          signal: asking.signal,
        })
        show(response.ok ? await response.json() : null)
      } catch {
        // Gone on typing, or no network: the form itself tells.
      }
    }

    /** @param {{ score: number, words: string } | null} verdict */
    function show(verdict) {
      bars.hidden = verdict === null
      bars.dataset.score = String(Math.max(1, verdict?.score ?? 0))
      words.textContent = verdict?.words ?? ''
    }
  }
})()
