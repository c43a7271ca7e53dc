// Two tones while a call for help stands unseen, every ten seconds; the browser lets a page sound once it was touched.
;(() => {
  const AGAIN_MS = 10_000
  /** @type {AudioContext | null} */
  let audio = null
  let soundedAtMs = Number.NEGATIVE_INFINITY

  function sound() {
    audio ??= new AudioContext()
    for (const [n, hertz] of [880, 660].entries()) {
      const tone = audio.createOscillator()
      const loud = audio.createGain()
      tone.frequency.value = hertz
      loud.gain.value = 0.2
      tone.connect(loud).connect(audio.destination)
      tone.start(audio.currentTime + n * 0.25)
      tone.stop(audio.currentTime + n * 0.25 + 0.2)
    }
  }

  function look() {
    const unseen = Number(document.getElementById('board-safety')?.dataset.unseen ?? 0)
    if (unseen === 0 || performance.now() - soundedAtMs < AGAIN_MS) return
    soundedAtMs = performance.now()
    sound()
  }
  look()
  document.addEventListener('live:fragment', look)
  setInterval(look, 1000)
})()
