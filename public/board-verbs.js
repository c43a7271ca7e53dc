/** Commands of the palette that take a noun: `assign 204`, `open HC-20418`, `force offline 204`, `filter by Broadway`. */
;(() => {
  /** @typedef {import('./board-types.d.ts').BoardVerb} Verb */
  /** @typedef {Parameters<Verb>[1]} Palette */

  /**
   * The row that is meant, of those that are found for some words; null where nobody waits for it any more, and where there
   * is none, which is said.
   * @param {string} words
   * @param {(rows: HTMLElement[]) => HTMLElement | undefined} choose
   * @param {string} none
   * @param {Palette} palette
   */
  async function rowFor(words, choose, none, { say }) {
    const page = await window.HoneycabFind.find(words)
    if (page === null) return null
    if (page === 'no answer') {
      say('No answer: the network is gone. Press Enter again when it is back.')
      return null
    }
    const row = choose(
      [...page.querySelectorAll('.found-row')].filter((found) => found instanceof HTMLElement),
    )
    if (row === undefined) say(none)
    return row ?? null
  }

  /** @param {string} callSign @param {Palette} palette */
  function driverFor(callSign, palette) {
    const wanted = callSign.toLowerCase()
    return rowFor(
      callSign,
      (rows) => rows.find(({ dataset }) => dataset.driverLink && dataset.callSign?.toLowerCase() === wanted),
      `Nobody drives under the call sign ${callSign}.`,
      palette,
    )
  }

  /** The chosen ride to a call sign: one of the candidates, or whoever else has it. @type {Verb} */
  async function assign(callSign, palette) {
    const form = document.getElementById('assign')
    if (!(form instanceof HTMLFormElement)) return palette.say('The chosen ride does not wait for a driver.')
    const { action } = form
    let choice = candidateOf(form, callSign)
    if (choice === null) {
      const driver = await driverFor(callSign, palette)
      if (driver === null) return
      // A pane that is drawn anew keeps its form, whichever ride it shows.
      if (!form.isConnected || form.action !== action)
        return palette.say('The chosen ride does not wait for a driver any more.')
      // Drawn anew meanwhile, they may be among the candidates by now.
      choice = candidateOf(form, callSign) ?? addTo(form, driver)
    }
    palette.close()
    choice.click()
    form.requestSubmit()
  }

  /** @param {HTMLFormElement} form @param {string} callSign */
  function candidateOf(form, callSign) {
    for (const choice of form.querySelectorAll('input[name="driver_id"]'))
      if (choice instanceof HTMLInputElement)
        if (choice.dataset.callSign?.toLowerCase() === callSign.toLowerCase()) return choice
    return null
  }

  /** Not among the nine: the desk may know why it should be this one all the same. @param {HTMLFormElement} form @param {HTMLElement} driver */
  function addTo(form, driver) {
    const choice = document.createElement('input')
    Object.assign(choice, { type: 'radio', name: 'driver_id', hidden: true })
    choice.value = driver.dataset.driverLink ?? ''
    choice.dataset.callSign = driver.dataset.callSign ?? ''
    form.append(choice)
    return choice
  }

  /** The ride of that number, else the newest in whose number it stands: not one of a house or a telephone number. @param {HTMLElement[]} rows @param {string} digits */
  function rideFor(rows, digits) {
    const numberOf = (/** @type {HTMLElement} */ row) =>
      row.querySelector('b')?.textContent?.replace(/\D/g, '')
    const rides = rows.filter(({ dataset }) => dataset.ride !== undefined)
    return (
      rides.find((row) => numberOf(row) === digits) ?? rides.find((row) => numberOf(row)?.includes(digits))
    )
  }

  /** @type {Verb} */
  async function openRide(number, palette) {
    const digits = number.replace(/\D/g, '')
    const row = await rowFor(number, (rows) => rideFor(rows, digits), `There is no ride ${number}.`, palette)
    if (row !== null) palette.pressRow(row)
  }

  /** @type {Verb} */
  async function openDriver(callSign, palette) {
    const row = await driverFor(callSign, palette)
    if (row !== null) palette.pressRow(row)
  }

  /** Their card, and the reason is asked for there: what is typed at once is the reason. @type {Verb} */
  async function takeOffline(callSign, palette) {
    const row = await driverFor(callSign, palette)
    if (row === null) return
    palette.pressRow(row)
    window.HoneycabKeys.run('offline')
    window.HoneycabAhead.expectText()
  }

  /** One more of the cars that are written to, wherever it is. @type {Verb} */
  async function markCar(callSign, palette) {
    const row = await driverFor(callSign, palette)
    if (row === null) return
    palette.close()
    const { driverLink: id, callSign: sign } = row.dataset
    document.dispatchEvent(new CustomEvent('board:mark-cars', { detail: { id, callSign: sign } }))
  }

  /** @type {Verb} */
  function filterBy(words, { close }) {
    close()
    const search = document.getElementById('board-q')
    if (!(search instanceof HTMLInputElement)) return
    search.value = words
    search.dispatchEvent(new Event('input', { bubbles: true }))
    search.focus()
  }

  Object.assign(globalThis, {
    HoneycabVerbs: {
      /** @type {Verb} */
      assign: (callSign, palette) => window.HoneycabAhead.then(() => void assign(callSign, palette)),
      ride: openRide,
      driver: openDriver,
      offline: takeOffline,
      'mark-car': markCar,
      'filter-by': filterBy,
    },
  })
})()
