// Fields with a limit say how much is left once most of it is used; without this the browser stops at the limit all the same.
;(() => {
  const SHORTEST = 40
  const SHOWN_FROM = 0.6
  const SAID_FROM_LEFT = 20

  document.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) return
    if (target.maxLength < SHORTEST || target.type === 'password' || target.type === 'search') return
    count(target)
  })

  /** @param {HTMLInputElement | HTMLTextAreaElement} field */
  function count(field) {
    const left = field.maxLength - field.value.length
    const isNear = field.value.length >= field.maxLength * SHOWN_FROM
    const known = field.parentElement?.querySelector(':scope > [data-count]')
    if (!isNear) {
      known?.remove()
      return
    }
    const counter = known ?? document.createElement('p')
    counter.className = 'field-count numbers'
    counter.setAttribute('data-count', left <= SAID_FROM_LEFT ? 'short' : '')
    // Every letter read out would drown what is typed; the last twenty are worth it.
    counter.setAttribute('aria-live', left <= SAID_FROM_LEFT ? 'polite' : 'off')
    counter.textContent = left === 1 ? '1 letter left' : `${left} letters left`
    if (known == null) field.after(counter)
  }
})()
