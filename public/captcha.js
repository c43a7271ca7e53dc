// Works out a form's proof of work while the form is filled in: ALTCHA's challenge, ALTCHA's worker, nothing to press.
// Where this cannot run the form is sent without it, and the server lets fewer of those through.
;(() => {
  const WAIT_MS = 90_000
  /** Ask for a fresh challenge before the old one runs out on the server. */
  const FRESH_MS = 15 * 60_000

  for (const form of document.querySelectorAll('form[data-captcha]'))
    if (form instanceof HTMLFormElement) guard(form)

  /** @param {HTMLFormElement} form */
  function guard(form) {
    const field = form.elements.namedItem('altcha')
    const state = form.querySelector('[data-captcha-state]')
    if (!(field instanceof HTMLInputElement && state instanceof HTMLElement)) return
    const answer = field
    const status = state
    /** @type {Promise<void> | null} */
    let working = null

    /** @param {string} words */
    const say = (words) => {
      status.textContent = words
    }
    const work = () => {
      working ??= solve(form.dataset.captcha ?? '', form.dataset.captchaWorker ?? '')
        .then((solution) => {
          answer.value = solution
          setTimeout(() => {
            answer.value = ''
            working = null
          }, FRESH_MS)
        })
        .catch(() => {
          working = null
        })
      return working
    }

    form.addEventListener('focusin', () => void work(), { once: true })
    form.addEventListener(
      'submit',
      (event) => {
        if (answer.value !== '' || form.dataset.captchaGivenUp !== undefined) return
        event.preventDefault()
        // Others that listen, such as the one that shows the button as busy, wait for the real sending.
        event.stopImmediatePropagation()
        const { submitter } = event
        say('One moment: your browser shows that it is no robot…')
        void work().then(() => {
          say('')
          if (answer.value === '') form.dataset.captchaGivenUp = ''
          form.requestSubmit(submitter)
        })
      },
      { capture: true },
    )
  }

  /**
   * @param {string} from where challenges come from
   * @param {string} workerUrl
   * @returns {Promise<string>}
   */
  async function solve(from, workerUrl) {
    const response = await fetch(from, { headers: { accept: 'application/json' } })
    if (!response.ok) throw new Error(String(response.status))
    const challenge = await response.json()
    const worker = new Worker(workerUrl)
    try {
      const solution = await new Promise((resolve, reject) => {
        worker.addEventListener('message', ({ data }) =>
          data?.derivedKey === undefined ? reject(new Error('unsolved')) : resolve(data),
        )
        worker.addEventListener('error', reject)
        worker.postMessage({ type: 'work', challenge, counterStart: 0, counterStep: 1, timeout: WAIT_MS })
      })
      return btoa(JSON.stringify({ challenge, solution }))
    } finally {
      worker.terminate()
    }
  }
})()
