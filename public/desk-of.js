/**
 * A page of a company's desk says whose it is with everything it asks for. Who works for several companies may have gone
 * over to another one in this browser since, or lost their part in this one: then the server answers nothing of the
 * other, and the page says so.
 */
;(() => {
  const { desk, deskName = '', deskSlug = '' } = document.body.dataset
  if (desk === undefined) return
  const its = desk
  const asks = window.fetch.bind(window)

  /** @param {RequestInfo | URL} input @param {RequestInit} [init] */
  async function ask(input, init) {
    const address = input instanceof Request ? input.url : String(input)
    if (new URL(address, location.href).origin !== location.origin) return asks(input, init)
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
    headers.set('x-desk', its)
    const answer = await asks(input, { ...init, headers })
    if (answer.headers.get('x-desk') === 'other') say()
    // The person has come back to this desk in another window.
    else if (answer.ok && new URL(address, location.href).pathname.startsWith('/board'))
      document.getElementById('desk-other')?.remove()
    return answer
  }
  Object.assign(window, { fetch: ask })

  function say() {
    if (document.getElementById('desk-other') !== null) return
    const made = document.createElement('div')
    made.id = 'desk-other'
    made.className = 'offline-bar'
    made.setAttribute('role', 'alert')
    const words = document.createElement('span')
    words.textContent = `This page is of ${deskName}, and you are at another company’s desk in this browser now. Nothing pressed here counts.`
    made.append(
      words,
      link('Go on there', location.pathname),
      link(
        `Back to ${deskName}`,
        `/at/${encodeURIComponent(deskSlug)}?next=${encodeURIComponent(location.pathname)}`,
      ),
    )
    document.getElementById('live-state')?.before(made)
  }

  /** @param {string} words @param {string} address */
  function link(words, address) {
    const made = document.createElement('a')
    made.className = 'button button-plain'
    made.href = address
    made.textContent = words
    return made
  }
})()
