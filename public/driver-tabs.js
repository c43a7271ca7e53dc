/**
 * The driver's page in several tabs of one phone: one leads, sends the position and keeps the screen on, and the
 * others say so. The browser's locks know who leads, also after a tab is closed or has crashed.
 */
;(() => {
  const driverId = document.getElementById('driver')?.dataset.driver ?? ''
  const NAME = `honeycab-driver-${driverId}`
  let leads = true

  function tell() {
    show()
    document.dispatchEvent(new CustomEvent('driver:tabs'))
  }

  /** @param {LockOptions} how */
  function lead(how) {
    navigator.locks
      .request(NAME, how, (lock) => {
        if (lock === null) {
          leads = false
          tell()
          // In line for when the other tab goes.
          lead({})
          return
        }
        leads = true
        tell()
        // Kept until this tab goes, or another one takes it.
        return new Promise(() => {})
      })
      .catch(() => {
        leads = false
        tell()
        lead({})
      })
  }

  function show() {
    const isOnShift = document.getElementById('driver')?.dataset.shift === 'on'
    const old = document.getElementById('other-tab')
    if (leads || !isOnShift) return old?.remove()
    if (old !== null) return
    const words = document.createElement('p')
    words.textContent = 'Another tab of this page sends your position. This one looks on.'
    const take = document.createElement('button')
    take.type = 'button'
    take.className = 'button button-plain'
    take.textContent = 'Use this one'
    take.addEventListener('click', () => lead({ steal: true }))
    const notice = document.createElement('div')
    notice.id = 'other-tab'
    notice.className = 'notice driver-notice'
    notice.setAttribute('role', 'status')
    notice.append(words, take)
    document.getElementById('driver-sheet')?.prepend(notice)
  }

  globalThis.HoneycabTabs = { isLeading: () => leads }
  // Over plain http there are no locks; then each tab is on its own, as before there were any.
  if ('locks' in navigator && driverId !== '') lead({ ifAvailable: true })
  document.addEventListener('live:fragment', show)
  document.addEventListener('htmx:after:swap', show)
})()
