/**
 * How offers are heard: a tone made here (nothing to fetch where the network is thin), vibration, or neither, as this
 * phone's driver chose. Browsers allow either only after the first touch of a page.
 */
;(() => {
  const CHOICE = 'honeycab-sound'
  /** Hertz, one after the other. */
  const TUNES = {
    offer: [660, 880, 1_100, 660, 880, 1_100],
    last: [1_100, 1_100],
    nudge: [880, 660, 880, 660],
  }
  const TONE_S = 0.2

  /** @returns {'on' | 'felt' | 'off'} */
  function choice() {
    const kept = localStorage.getItem(CHOICE)
    return kept === 'felt' || kept === 'off' ? kept : 'on'
  }

  function isAllowed() {
    return navigator.userActivation?.hasBeenActive !== false
  }

  /** @param {keyof typeof TUNES} tune */
  function ring(tune) {
    if (choice() !== 'on' || !isAllowed() || globalThis.AudioContext === undefined) return
    const audio = new AudioContext()
    const beginS = audio.currentTime
    const tones = TUNES[tune]
    for (const [n, hertz] of tones.entries()) {
      const tone = audio.createOscillator()
      const volume = audio.createGain()
      const atS = beginS + n * (TONE_S + 0.02)
      tone.frequency.value = hertz
      volume.gain.setValueAtTime(0.0001, atS)
      volume.gain.exponentialRampToValueAtTime(0.3, atS + 0.03)
      volume.gain.exponentialRampToValueAtTime(0.0001, atS + TONE_S)
      tone.connect(volume).connect(audio.destination)
      tone.start(atS)
      tone.stop(atS + TONE_S + 0.01)
      if (n === tones.length - 1) tone.addEventListener('ended', () => void audio.close())
    }
    document.dispatchEvent(new CustomEvent('driver:rang', { detail: tune }))
  }

  /** @param {number | number[]} pattern milliseconds on, off, on */
  function buzz(pattern) {
    if (choice() !== 'off' && isAllowed()) navigator.vibrate?.(pattern)
  }

  globalThis.HoneycabSound = { ring, buzz, choice, isAllowed }

  const settings = document.getElementById('sound')
  if (settings === null) return
  settings.hidden = false
  for (const radio of settings.querySelectorAll('input')) {
    radio.checked = radio.value === choice()
    radio.addEventListener('change', () => localStorage.setItem(CHOICE, radio.value))
  }
  settings.querySelector('[data-try]')?.addEventListener('click', () => {
    buzz([200, 100, 200])
    ring('offer')
  })
})()
