// While something is being pressed nothing may move: what the finger came down on would be gone from under it when it
// goes up, and nothing, or something else, would have been pressed. Who changes the page waits here for the press to be over.
;(() => {
  /** A press that lasts longer is a map that is dragged, or words that are marked: news does not wait for that. */
  const LONGEST_MS = 1_000
  /** Of a touch, the click follows when the finger has gone up. */
  const CLICK_WITHIN_MS = 60

  let isDown = false
  /** @type {(() => void)[]} */
  let waiting = []
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  function press() {
    isDown = true
    endIn(LONGEST_MS)
  }
  /** @param {number} ms */
  function endIn(ms) {
    clearTimeout(timer)
    timer = setTimeout(end, ms)
  }
  function end() {
    isDown = false
    const acts = waiting
    waiting = []
    for (const act of acts) act()
  }

  // Of a touch, the mouse's events come after it, and take the focus.
  for (const down of ['pointerdown', 'mousedown']) addEventListener(down, press, true)
  for (const up of ['pointerup', 'pointercancel']) addEventListener(up, () => endIn(CLICK_WITHIN_MS), true)
  for (const up of ['mouseup', 'dragend']) addEventListener(up, () => endIn(0), true)

  /** @param {() => void} act at once where nothing is being pressed */
  function afterwards(act) {
    if (isDown) waiting.push(act)
    else act()
  }
  Object.assign(window, { HoneycabPress: { afterwards } })
})()
