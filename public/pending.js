// What a press leads to and takes longer than 300 ms says so: bars over the part that will change, or a line along the top while another page is on its way.
;(() => {
  const AFTER_MS = 300
  /** A page that has not begun to leave by then was a file, or was called off. */
  const LONGEST_MS = 20_000

  /**
   * Show that this part waits, from 300 ms on; what stands in it stays where it is, and so does the focus.
   * @param {Element | null} part
   * @returns {() => void} ends it
   */
  function pending(part) {
    const timer = setTimeout(() => {
      part?.setAttribute('data-pending', '')
      part?.setAttribute('aria-busy', 'true')
    }, AFTER_MS)
    return () => {
      clearTimeout(timer)
      part?.removeAttribute('data-pending')
      part?.removeAttribute('aria-busy')
    }
  }

  /** @type {Map<object, () => void>} */
  const asked = new Map()
  document.addEventListener('htmx:before:request', (event) => {
    const { ctx } = /** @type {CustomEvent} */ (event).detail
    // A form's button says itself that it is being sent; what comes by the clock is nobody's wait.
    const isPressed = /^(click|submit|input|keydown)$/.test(ctx.sourceEvent?.type ?? '')
    if (!isPressed || String(ctx.request.method).toUpperCase() !== 'GET') return
    const { target } = ctx
    asked.set(ctx, pending(target instanceof Element ? target : document.querySelector(target ?? '#main')))
  })
  document.addEventListener('htmx:finally:request', (event) => {
    const ctx = /** @type {CustomEvent} */ (event).detail?.ctx
    asked.get(ctx)?.()
    asked.delete(ctx)
  })

  /** @type {() => void} */
  let stay = () => {}
  addEventListener('beforeunload', () => {
    stay()
    const end = pending(document.body)
    const timer = setTimeout(end, LONGEST_MS)
    stay = () => {
      clearTimeout(timer)
      end()
    }
  })
  // A page that comes back as it was left.
  addEventListener('pageshow', () => stay())

  Object.assign(window, { HoneycabPending: pending })
})()
