// One press makes the ride's link and hands it on: by the phone's own sheet, or into the clipboard.
;(() => {
  /** @param {string} words */
  function say(words) {
    const live = /** @type {{ HoneycabLive?: { say(text: string): void } }} */ (window).HoneycabLive
    live?.say(words)
  }

  /** @param {string} url */
  async function handOn(url) {
    try {
      if (navigator.share !== undefined) await navigator.share({ title: 'My ride', url })
      else {
        await navigator.clipboard.writeText(url)
        say('The link is copied. Paste it to whom you like.')
      }
    } catch (error) {
      // Putting the sheet away is no mistake.
      if (error instanceof DOMException && error.name === 'AbortError') return
      say('The link is on this page: press it long to copy it.')
    }
  }

  /** Buttons that need a script, once there is one. */
  function reveal() {
    for (const button of document.querySelectorAll('[data-share-copy][hidden]'))
      button.removeAttribute('hidden')
  }

  document.addEventListener(
    'submit',
    async (event) => {
      const form = event.target
      if (!(form instanceof HTMLFormElement) || form.dataset.share === undefined) return
      event.preventDefault()
      event.stopImmediatePropagation()
      if (form.dataset.sending !== undefined) return
      form.dataset.sending = ''
      const body = new URLSearchParams()
      for (const [name, value] of new FormData(form)) body.append(name, String(value))
      try {
        const headers = { accept: 'application/json' }
        const answer = await fetch(form.action, { method: 'POST', headers, body })
        const { url } = answer.ok ? await answer.json() : { url: null }
        if (typeof url === 'string') await handOn(url)
        else form.submit()
      } catch {
        say('No network, so that press did not get through. Press again when you are back.')
      } finally {
        delete form.dataset.sending
      }
    },
    { capture: true },
  )
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element) || event.target.closest('[data-share-copy]') === null) return
    const field = document.getElementById('share-url')
    if (field instanceof HTMLInputElement) {
      field.select()
      handOn(field.value)
    }
  })
  document.addEventListener('live:fragment', reveal)
  reveal()
})()
