// What the pages of signing in and of security do beyond plain forms: show a password, ask for a passkey, keep codes.
;(() => {
  /** Shown only where they work: without a script there is no button that does nothing. */
  for (const button of document.querySelectorAll('[data-show]')) {
    const input = document.getElementById(button.getAttribute('data-show') ?? '')
    if (!(button instanceof HTMLButtonElement) || !(input instanceof HTMLInputElement)) continue
    button.hidden = false
    button.addEventListener('click', () => {
      const show = input.type === 'password'
      input.type = show ? 'text' : 'password'
      button.textContent = show ? 'Hide' : 'Show'
      button.setAttribute('aria-pressed', String(show))
      input.focus()
    })
    // Nobody's password is sent, or kept by the browser, as an ordinary text.
    input.form?.addEventListener('submit', () => {
      input.type = 'password'
    })
  }

  const copy = document.querySelector('[data-copy]')
  if (copy instanceof HTMLButtonElement && navigator.clipboard !== undefined) {
    copy.hidden = false
    copy.addEventListener('click', async () => {
      const lines = document.getElementById(copy.dataset.copy ?? '')?.children ?? []
      const text = [...lines].map((line) => line.textContent).join('\n')
      await navigator.clipboard.writeText(text).then(
        () => live()?.say('Copied.'),
        () => live()?.say('The browser did not let us copy. Select the text and copy it yourself.'),
      )
    })
  }
  const print = document.querySelector('[data-print]')
  if (print instanceof HTMLButtonElement) {
    print.hidden = false
    print.addEventListener('click', () => window.print())
  }

  if (window.PublicKeyCredential === undefined) {
    for (const words of document.querySelectorAll('[data-no-passkeys]')) words.removeAttribute('hidden')
  } else {
    for (const form of document.querySelectorAll('form[data-passkey]')) {
      if (form instanceof HTMLFormElement) usePasskeys(form)
    }
  }

  /** @param {HTMLFormElement} form */
  function usePasskeys(form) {
    const button = form.querySelector('[data-passkey-press]')
    const answer = form.elements.namedItem('passkey')
    if (!(button instanceof HTMLButtonElement && answer instanceof HTMLInputElement)) return
    form.hidden = false
    button.addEventListener('click', async () => {
      if (!form.reportValidity() || button.disabled) return
      button.disabled = true
      say(form, null)
      try {
        const options = await question(form)
        const credential =
          options.user === undefined
            ? await navigator.credentials.get({ publicKey: requestOptions(options) })
            : await navigator.credentials.create({ publicKey: creationOptions(options) })
        answer.value = JSON.stringify(credentialJson(credential))
        const remember = form.querySelector('[data-remember]')
        const box = document.querySelector('input[type="checkbox"][name="remember"]')
        if (remember instanceof HTMLInputElement && box instanceof HTMLInputElement)
          remember.value = box.checked ? 'on' : ''
        form.requestSubmit()
      } catch (error) {
        say(form, wordsOf(error))
        button.disabled = false
      }
    })
    // Back from the next page the answer is used up.
    addEventListener('pageshow', () => {
      button.disabled = false
      answer.value = ''
    })
  }

  class Refused extends Error {}

  /** @param {HTMLFormElement} form */
  async function question(form) {
    const response = await fetch(form.dataset.passkey ?? '', {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'x-csrf-token': document.querySelector('meta[name="csrf"]')?.getAttribute('content') ?? '',
      },
      body: form.dataset.ask ?? '{}',
    })
    const body = await response.json().catch(() => null)
    if (!response.ok) throw new Refused(body?.detail ?? 'That did not get through. Try again.')
    return body
  }

  /** @param {unknown} error */
  function wordsOf(error) {
    if (error instanceof Refused) return error.message
    const name = error instanceof Error ? error.name : ''
    if (name === 'NotAllowedError' || name === 'AbortError')
      return 'No passkey was used. Try again, or take another way.'
    if (name === 'InvalidStateError') return 'This device has a passkey of yours already.'
    if (name === 'SecurityError')
      return `Passkeys do not work at ${location.host}. Open the site at its usual address.`
    return 'No network, or the device did not answer. Try again.'
  }

  /**
   * @param {HTMLFormElement} form
   * @param {string | null} text
   */
  function say(form, text) {
    const place = form.querySelector('[data-passkey-error]')
    if (place === null) return
    place.textContent = text
    place.toggleAttribute('hidden', text === null)
  }

  /** @param {string} text */
  function bytes(text) {
    const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return Uint8Array.from(plain, (char) => char.charCodeAt(0))
  }

  /** @param {ArrayBuffer | null | undefined} buffer */
  function base64url(buffer) {
    if (buffer === null || buffer === undefined) return undefined
    const plain = String.fromCharCode(...new Uint8Array(buffer))
    return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  }

  /** @param {any[]} list */
  function credentials(list) {
    return (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }))
  }

  /** @param {any} options */
  function requestOptions(options) {
    return {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: credentials(options.allowCredentials),
    }
  }

  /** @param {any} options */
  function creationOptions(options) {
    return {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: credentials(options.excludeCredentials),
    }
  }

  /** What the server reads; written out by hand, for not every browser has `toJSON`. @param {any} credential */
  function credentialJson(credential) {
    const { response } = credential
    return {
      id: credential.id,
      rawId: base64url(credential.rawId),
      type: credential.type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(response.clientDataJSON),
        attestationObject: base64url(response.attestationObject),
        transports: response.getTransports?.(),
        authenticatorData:
          response.attestationObject === undefined ? base64url(response.authenticatorData) : undefined,
        signature: base64url(response.signature),
        userHandle: base64url(response.userHandle),
      },
    }
  }

  /** @returns {{ say(text: string): void } | undefined} */
  function live() {
    return /** @type {any} */ (window).HoneycabLive
  }
})()
