/** Who rings: found by what is typed, chosen where several fit, given a name where nobody has the number yet. */
;(() => {
  const TYPING_PAUSE_MS = 150
  const { form, input, ask, go, next, whileTyping } = window.HoneycabBooking
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  /** @param {{ q?: string, rider?: string }} who */
  async function find(who) {
    clearTimeout(timer)
    const search = new URLSearchParams(/** @type {Record<string, string>} */ (who))
    const page = await ask('caller', `/board/callers?${search}`)
    const fresh = page?.getElementById('booking-caller')
    const old = document.getElementById('booking-caller')
    if (fresh == null || old === null) return
    const name = input('caller_name')?.value ?? ''
    old.replaceWith(document.adoptNode(fresh))
    const field = input('caller_name')
    if (field !== null && name !== '') field.value = name
    window.HoneycabPrices.ask()
  }

  /** Whoever is typed, once a pause says that it is all. @param {HTMLInputElement} field */
  function typed(field) {
    clearTimeout(timer)
    timer = setTimeout(() => void find({ q: field.value.trim() }), TYPING_PAUSE_MS)
  }

  /** Enter waits for who it is: one goes on, several are chosen from, somebody new says a name. @param {HTMLInputElement} field */
  function enter(field) {
    void whileTyping(
      () => find({ q: field.value.trim() }),
      () => {
        const choice = form()?.querySelector('input[name="caller_choice"]')
        if (choice instanceof HTMLElement) choice.focus()
        else next('caller')
      },
    )
  }

  /** @param {string} rider */
  function choose(rider) {
    void whileTyping(
      () => find({ rider }),
      () => go('from'),
    )
  }

  Object.assign(globalThis, { HoneycabCallers: { find, typed, enter, choose } })
})()
