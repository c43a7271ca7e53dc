// Messages of a ride: sent without leaving the page, and said to be read while they are in front of somebody.
;(() => {
  const TYPING_EVERY_MS = 4_000
  const HERE_EVERY_MS = 25_000

  /** How far was said to be read, by the address it was said to. */
  const said = { action: '', seq: 0, atMs: Number.NEGATIVE_INFINITY, typedAtMs: Number.NEGATIVE_INFINITY }

  const panel = () => document.getElementById('chat')
  const log = () => document.getElementById('chat-log')

  /** @param {string} words */
  function say(words) {
    const live = /** @type {{ HoneycabLive?: { say(text: string): void } }} */ (window).HoneycabLive
    live?.say(words)
  }

  /** Whether somebody can read them now. */
  function isInFront() {
    const box = panel()
    return box instanceof HTMLDetailsElement && box.open && document.visibilityState === 'visible'
  }

  function toTheEnd() {
    const list = log()
    if (list !== null) list.scrollTop = list.scrollHeight
  }

  /** @param {boolean} isTyping */
  function look(isTyping) {
    const list = log()
    const form = document.querySelector('form[data-chat-write]')
    const { action = '', last = '0' } = list?.dataset ?? {}
    if (!(form instanceof HTMLFormElement) || !isInFront()) return
    const nowMs = performance.now()
    const isNew = said.action !== action || Number(last) > said.seq || nowMs - said.atMs > HERE_EVERY_MS
    if (!isTyping && !isNew) return
    Object.assign(said, { action, seq: Number(last), atMs: nowMs })
    const csrf = String(new FormData(form).get('csrf') ?? '')
    const body = new URLSearchParams({ csrf, seen: last, typing: isTyping ? 'yes' : 'no' })
    // What cannot be said now is said with the next look.
    fetch(`${action}/seen`, { method: 'POST', body, redirect: 'manual' }).catch(() => {
      said.atMs = Number.NEGATIVE_INFINITY
    })
  }

  // Before the page's own handling of forms: these do not lead anywhere.
  document.addEventListener(
    'submit',
    async (event) => {
      const form = event.target
      if (!(form instanceof HTMLFormElement) || form.dataset.chat === undefined) return
      event.preventDefault()
      event.stopImmediatePropagation()
      if (form.dataset.sending !== undefined) return
      form.dataset.sending = ''
      const body = new URLSearchParams()
      for (const [name, value] of new FormData(form, event.submitter)) body.append(name, String(value))
      const field = form.querySelector('input[name="text"]:not([type="hidden"])')
      try {
        const answer = await fetch(form.action, { method: 'POST', body, redirect: 'manual' })
        if (answer.type !== 'opaqueredirect') {
          say(
            answer.status === 429
              ? 'That was many messages at once. Wait a minute, then send it again.'
              : 'That was not sent. Load the page again, then try once more.',
          )
          return
        }
        if (field instanceof HTMLInputElement) field.value = ''
        // A key is good for one message; the next drawing of the page brings another, but the next word may be quicker.
        for (const key of document.querySelectorAll('#chat input[name="key"]'))
          if (key instanceof HTMLInputElement) key.value = crypto.randomUUID()
      } catch {
        say('No network: your message was not sent. It stays here; send it again.')
      } finally {
        delete form.dataset.sending
      }
    },
    true,
  )

  document.addEventListener('input', (event) => {
    const field = event.target
    if (!(field instanceof HTMLInputElement) || field.id !== 'chat-text') return
    const nowMs = performance.now()
    if (nowMs - said.typedAtMs < TYPING_EVERY_MS) return
    said.typedAtMs = nowMs
    look(true)
  })

  document.addEventListener(
    'toggle',
    (event) => {
      if (event.target !== panel() || !isInFront()) return
      toTheEnd()
      look(false)
    },
    true,
  )

  let shown = Number(log()?.dataset.last ?? 0)
  function drawnAnew() {
    const last = Number(log()?.dataset.last ?? 0)
    if (last !== shown) {
      shown = last
      if (isInFront()) toTheEnd()
      // Before the first tap a page may not.
      else if (panel() !== null && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(80)
    }
    look(false)
  }
  // By the socket, and on the desk by what it asks for itself.
  document.addEventListener('live:fragment', drawnAnew)
  document.addEventListener('htmx:after:swap', drawnAnew)
  document.addEventListener('visibilitychange', () => look(false))
  setInterval(() => look(false), HERE_EVERY_MS)

  // An address that names the messages opens them.
  const box = panel()
  if (location.hash === '#chat-log' && box instanceof HTMLDetailsElement) box.open = true
})()
