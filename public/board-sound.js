/**
 * The desk hears what cannot wait, and nothing else: two tones every ten seconds while a call for help stands unseen, and
 * one soft tone when something has less than a minute left. Muted, a call for help is heard once, and the rest not at all.
 * A call that came before the page might sound is heard as soon as it may.
 */
;(() => {
  const AGAIN_MS = 10_000
  const SHORT_MS = 60_000
  const KEPT = 'board-muted'
  /** More than one desk ever has at once; the oldest are forgotten. */
  const HEARD_MOST = 500

  /** @type {AudioContext | null} */
  let audio = null
  let soundedAtMs = Number.NEGATIVE_INFINITY
  /** Calls that were heard once while muted, by how many there were. */
  let unseenHeard = 0
  /** Cards that were heard already, in the order they were. @type {Set<string>} */
  const heard = new Set()
  let isFirst = true

  /** The server's clock when the list was drawn, and this page's then. */
  const drawn = { serverMs: 0, hereMs: 0 }

  const button = document.getElementById('board-mute')
  let isMuted = localStorage.getItem(KEPT) === 'yes'

  /** The browser lets a page sound once somebody pressed something on it, since it was loaded. */
  function maySound() {
    return navigator.userActivation?.hasBeenActive !== false
  }

  /** @param {readonly number[]} hertz @param {number} loudness */
  function sound(hertz, loudness) {
    if (!maySound()) return
    audio ??= new AudioContext()
    // Taken away by the system now and then, as by a call on the same machine.
    if (audio.state === 'suspended') void audio.resume()
    for (const [n, pitch] of hertz.entries()) {
      const tone = audio.createOscillator()
      const loud = audio.createGain()
      tone.frequency.value = pitch
      loud.gain.value = loudness
      tone.connect(loud).connect(audio.destination)
      tone.start(audio.currentTime + n * 0.25)
      tone.stop(audio.currentTime + n * 0.25 + 0.2)
    }
    // What was heard, for whoever tests it.
    document.dispatchEvent(new CustomEvent('board:sound', { detail: hertz.length > 1 ? 'safety' : 'short' }))
  }

  function lookForHelp() {
    const unseen = Number(document.getElementById('board-safety')?.dataset.unseen ?? 0)
    if (unseen === 0) unseenHeard = 0
    if (unseen === 0 || performance.now() - soundedAtMs < AGAIN_MS) return
    if (isMuted && unseen <= unseenHeard) return
    // Heard as soon as it may be.
    if (!maySound()) return
    unseenHeard = unseen
    soundedAtMs = performance.now()
    sound([880, 660], 0.2)
  }

  /** A card is heard once, when it comes under a minute; what was short when the page opened is seen anyway. */
  function lookForShort() {
    const list = document.getElementById('board-queue')
    const serverMs = Number(list?.dataset.now ?? 0)
    if (serverMs !== drawn.serverMs) Object.assign(drawn, { serverMs, hereMs: performance.now() })
    const nowMs = drawn.serverMs + performance.now() - drawn.hereMs
    let isNew = false
    for (const card of list?.querySelectorAll('[data-fails]') ?? []) {
      const leftMs = Number(card.getAttribute('data-fails')) - nowMs
      if (leftMs >= SHORT_MS || leftMs < 0) {
        // Time was won: the next minute is another one.
        if (leftMs >= SHORT_MS) heard.delete(card.id)
        continue
      }
      if (heard.has(card.id)) continue
      heard.add(card.id)
      isNew = true
    }
    for (const id of heard) {
      if (heard.size <= HEARD_MOST) break
      heard.delete(id)
    }
    if (isNew && !isFirst && !isMuted) sound([520], 0.1)
    isFirst = false
  }

  function look() {
    drawButton()
    lookForHelp()
    lookForShort()
  }

  function drawButton() {
    if (button === null) return
    button.hidden = false
    button.setAttribute('aria-pressed', String(isMuted))
    const words = isMuted
      ? 'Muted: only a call for help, once (S)'
      : maySound()
        ? 'Sounds are on (S mutes)'
        : 'Sounds are on as soon as you press anything on this page (S mutes)'
    if (button.title !== words) button.title = words
    button.toggleAttribute('data-waits', !maySound())
  }

  button?.addEventListener('click', () => {
    isMuted = !isMuted
    localStorage.setItem(KEPT, isMuted ? 'yes' : 'no')
    drawButton()
  })
  look()
  document.addEventListener('live:fragment', look)
  setInterval(look, 1000)
})()
