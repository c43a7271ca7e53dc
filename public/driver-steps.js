/**
 * The next step, pressed without network: it waits on the phone, the page goes on to the step after it, and when
 * there is network again all go out once, each with its own time. With network, htmx sends it and this only looks on.
 */
;(() => {
  const { createStepQueue, openStepStore } = globalThis.HoneycabSteps
  const { clockTime, nowMs } = globalThis.HoneycabDriver
  const driverId = document.getElementById('driver')?.dataset.driver
  if (driverId === undefined || !('indexedDB' in window)) return

  const AGAIN_EVERY_MS = 5_000
  /** A line that swallows what it is given looks open for minutes on a phone. */
  const GIVE_UP_MS = 8_000
  /** What each step is pressed in, at a stop with its number behind it. @type {Record<string, string>} */
  const PRESSED_IN = { set_off: 'assigned', arrive: 'en_route', board: 'arrived', finish: 'in_progress' }

  /** A press on its way by htmx: as it was pressed, whatever is drawn meanwhile. @type {Omit<QueuedStep, 'n'> | null} */
  let underWay = null
  /** The last press found no network, and nothing has got through since. */
  let isCut = false
  let signedOut = false

  const queue = createStepQueue({
    store: openStepStore(indexedDB, driverId),
    send,
    onChange(_waiting, state) {
      signedOut = state.signedOut
      show()
    },
    onRefused: tellRefused,
    alone: async (work) => {
      if (!('locks' in navigator)) return work()
      await navigator.locks.request('honeycab-steps', { ifAvailable: true }, (lock) =>
        lock === null ? undefined : work(),
      )
    },
  })

  function main() {
    return document.getElementById('driver')
  }

  document.addEventListener(
    'submit',
    (event) => {
      const form = event.target
      if (!(form instanceof HTMLFormElement) || form.dataset.step === undefined) return
      underWay = pressed(form)
      if (navigator.onLine && !isCut && queue.waiting().length === 0) return
      event.preventDefault()
      event.stopImmediatePropagation()
      keepPress()
    },
    true,
  )

  document.addEventListener('htmx:config:request', (event) => {
    const ctx = /** @type {CustomEvent} */ (event).detail?.ctx
    if (isStep(ctx)) ctx.request.timeout = `${GIVE_UP_MS}ms`
  })
  // What says "press again" to every other form stands behind these two.
  document.addEventListener('htmx:error', notThrough)
  document.addEventListener('htmx:response:error', (event) => {
    if (Number(/** @type {CustomEvent} */ (event).detail?.ctx?.response?.status) >= 500) notThrough(event)
  })

  /** @param {Event} event */
  function notThrough(event) {
    if (!isStep(/** @type {CustomEvent} */ (event).detail?.ctx) || underWay === null) return
    event.stopImmediatePropagation()
    isCut = true
    keepPress()
  }

  /** @param {any} ctx */
  function isStep(ctx) {
    return ctx?.sourceElement instanceof HTMLFormElement && ctx.sourceElement.dataset.step !== undefined
  }

  /**
   * The form, with the time of the press in it.
   * @param {HTMLFormElement} form
   * @returns {Omit<QueuedStep, 'n'>}
   */
  function pressed(form) {
    const said = /** @type {HTMLInputElement} */ (
      form.elements.namedItem('said_at') ?? document.createElement('input')
    )
    const saidAtMs = Math.round(nowMs())
    said.type = 'hidden'
    said.name = 'said_at'
    said.value = String(saidAtMs)
    form.append(said)
    const action = form.getAttribute('action') ?? ''
    const body = new URLSearchParams()
    for (const [name, value] of new FormData(form)) if (name !== 'csrf') body.append(name, String(value))
    return {
      driverId: driverId ?? '',
      rideId: action.split('/')[2] ?? '',
      step: form.dataset.step ?? '',
      verb: form.querySelector('button b')?.textContent ?? '',
      action,
      body: body.toString(),
      saidAtMs,
    }
  }

  function keepPress() {
    const step = underWay
    underWay = null
    if (step !== null) queue.add(step).then(queue.flush).catch(cannotKeep)
  }

  /** @param {unknown} error */
  function cannotKeep(error) {
    console.error('step', error)
    say('No network, and this phone keeps nothing here. Press again when you are back; it counts once.')
  }

  /**
   * As the form itself would go, so that the key finds what a lost first try did: the answer is the driver's page, or
   * that page with a word about what was not possible.
   * @param {QueuedStep} step
   * @returns {Promise<StepAnswer>}
   */
  async function send(step) {
    try {
      const token = document.querySelector('meta[name="csrf"]')?.getAttribute('content') ?? ''
      const response = await fetch(step.action, {
        method: 'POST',
        headers: {
          accept: 'text/html',
          'content-type': 'application/x-www-form-urlencoded',
          'x-csrf-token': token,
        },
        body: step.body,
        signal: AbortSignal.timeout(GIVE_UP_MS),
      })
      const { pathname, searchParams } = new URL(response.url)
      const isLedToSignIn = response.redirected && pathname !== '/driver'
      if (isLedToSignIn || response.status === 401 || response.status === 403) return 'signed_out'
      // Busy with the first try of this very press, too fast, or not well.
      if (response.headers.has('retry-after') || response.status >= 500) return 'later'
      isCut = false
      if (response.ok && !searchParams.has('told')) return 'done'
      if (response.status === 404) return { refused: 'This ride is no longer yours.' }
      const page = new DOMParser().parseFromString(await response.text(), 'text/html')
      const words = page.querySelector('#toasts p, .problem p')?.textContent
      return { refused: words ?? 'It was not possible any more.' }
    } catch {
      isCut = true
      return 'later'
    }
  }

  /** The page as it will be when all of it has arrived, and what waits, on top. */
  function show() {
    const page = main()
    if (page === null) return
    const waiting = queue.waiting()
    const last = waiting.at(-1)
    if (last !== undefined) goAhead(page, last)
    else if (page.dataset.ahead !== undefined) drawAnew()
    notice(waiting)
  }

  /** All presses of the ride, in order, as the server knows its stops. */
  function order() {
    return document.getElementById('later')?.dataset.order?.split(' ') ?? []
  }

  /** What comes after a step; undefined where nobody here knows. @param {string} step */
  function after(step) {
    const at = order().indexOf(PRESSED_IN[step] ?? `in_progress-${step}`)
    return at < 0 ? undefined : order()[at + 1]
  }

  /**
   * @param {HTMLElement} page
   * @param {QueuedStep} last
   */
  function goAhead(page, last) {
    const state = after(last.step)
    /** @type {HTMLFormElement | null} */
    const form = page.querySelector('form[data-step]')
    if (state === undefined) {
      if (form?.dataset.step === last.step) waitFor(form)
      return
    }
    const drawn = page.dataset.ahead ?? stateOf(form)
    const isOfRide = page.dataset.ahead !== undefined || form?.getAttribute('action') === last.action
    if (!isOfRide || drawn === null || order().indexOf(drawn) >= order().indexOf(state)) return
    /** @type {HTMLTemplateElement | null} */
    const template = document.querySelector(`#later template[data-later="${state}"]`)
    const sheet = page.querySelector('#driver-sheet')
    if (template === null) {
      if (form !== null) waitFor(form)
      return
    }
    const fresh = template.content.querySelector('#driver')
    if (fresh === null) sheet?.replaceChildren(template.content.cloneNode(true))
    else {
      const stage = page.querySelector('#driver-stage')
      const next = /** @type {HTMLElement} */ (fresh.cloneNode(true))
      const way = next.querySelector('#driver-stage [data-place]')
      // The map stays, as it does with every other drawing; where it navigates to is the next place.
      if (stage !== null) next.querySelector('#driver-stage')?.replaceWith(stage)
      stage?.querySelector('[data-place]')?.remove()
      if (way !== null) stage?.append(way)
      const { shift, driver } = page.dataset
      page.replaceWith(next)
      Object.assign(next.dataset, { shift, driver })
      htmx()?.process(next)
    }
    const shown = main()
    if (shown === null) return
    shown.dataset.ahead = state
    document.dispatchEvent(new CustomEvent('live:fragment', { detail: shown }))
  }

  /** What comes after it is the server's to say: nothing to press until then. @param {HTMLFormElement} form */
  function waitFor(form) {
    for (const button of form.querySelectorAll('button')) button.disabled = true
  }

  /** The state that a step's form leads out of. @param {Element | null} form */
  function stateOf(form) {
    return form === null ? null : form.id.replace('step-', '')
  }

  /** All has arrived: from here on the server's drawing counts again. */
  async function drawAnew() {
    if (isDrawing) return
    isDrawing = true
    try {
      const answer = await fetch('/driver', { headers: { accept: 'text/html' } })
      if (!answer.ok || answer.redirected) return location.reload()
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('driver')
      const page = main()
      if (fresh === null || page === null || page.dataset.ahead === undefined) return
      delete page.dataset.ahead
      await htmx()?.swap({ text: fresh.outerHTML, target: page, swap: 'outerMorph' })
      document.dispatchEvent(new CustomEvent('live:fragment', { detail: main() }))
    } catch {
      // The next push, or the next try, brings it.
    } finally {
      isDrawing = false
    }
  }
  let isDrawing = false

  /** @param {QueuedStep[]} waiting */
  function notice(waiting) {
    const old = document.getElementById('queued-steps')
    if (waiting.length === 0) return old?.remove()
    const words = waiting.map(({ verb, saidAtMs }) => `“${verb}” of ${clockTime(saidAtMs)}`).join(', ')
    const goes = waiting.length === 1 ? 'waits here and goes' : 'wait here and go'
    const text = signedOut
      ? `${words}: not sent yet, because you are signed out. Load the page, sign in, and it goes out by itself.`
      : `${words} ${goes} out once, as soon as there is network.`
    const place = old ?? document.createElement('p')
    place.id = 'queued-steps'
    place.className = 'notice driver-notice'
    place.setAttribute('role', 'status')
    if (place.textContent !== text) place.textContent = text
    const sheet = document.getElementById('driver-sheet')
    if (sheet !== null && place.parentElement !== sheet) sheet.prepend(place)
  }

  /** Stays until it is read: what the driver believed done was not. @type {HTMLElement | null} */
  let refusal = null

  /**
   * @param {QueuedStep} step
   * @param {string} words
   * @param {QueuedStep[]} dropped
   */
  function tellRefused(step, words, dropped) {
    const also = dropped.map(({ verb }) => `“${verb}”`).join(', ')
    const text = document.createElement('p')
    text.textContent = `“${step.verb}” of ${clockTime(step.saidAtMs)} was not counted. ${words}${also === '' ? '' : ` ${also} was not sent either.`}`
    const close = document.createElement('button')
    close.type = 'button'
    close.className = 'button button-plain'
    close.textContent = 'Understood'
    close.addEventListener('click', () => {
      refusal?.remove()
      refusal = null
    })
    refusal?.remove()
    refusal = document.createElement('div')
    refusal.id = 'refused-step'
    refusal.className = 'notice driver-notice'
    refusal.setAttribute('role', 'alert')
    refusal.append(text, close)
    keepRefusal()
  }

  function keepRefusal() {
    if (refusal !== null && !refusal.isConnected) document.getElementById('driver-sheet')?.prepend(refusal)
  }

  /** @param {string} text */
  function say(text) {
    const { HoneycabLive } = /** @type {{HoneycabLive?: {say(text: string): void}}} */ (
      /** @type {unknown} */ (window)
    )
    HoneycabLive?.say(text)
  }

  function htmx() {
    return /** @type {{htmx?: {process(element: Element): void, swap(ctx: object): Promise<void>}}} */ (
      /** @type {unknown} */ (window)
    ).htmx
  }

  function again() {
    if (queue.waiting().length > 0) queue.flush().catch(() => {})
  }

  function drawnAnew() {
    show()
    keepRefusal()
  }
  document.addEventListener('live:fragment', drawnAnew)
  document.addEventListener('htmx:after:swap', drawnAnew)
  document.addEventListener('live:state', (event) => {
    if (/** @type {CustomEvent} */ (event).detail.live !== true) return
    isCut = false
    again()
  })
  addEventListener('online', () => {
    isCut = false
    again()
  })
  setInterval(again, AGAIN_EVERY_MS)
  queue
    .load()
    .then(queue.flush)
    .catch(() => {})
})()
