/**
 * The rider's start code by camera, where the browser reads QR codes by itself; elsewhere it is typed. The picture says
 * whose ride the code is of: a neighbour's is told and never sent, so it costs no try.
 */
;(() => {
  const LOOK_EVERY_MS = 200
  const { BarcodeDetector: Detector } =
    /** @type {{BarcodeDetector?: {new (how: {formats: string[]}): {detect(from: HTMLVideoElement): Promise<{rawValue: string}[]>}, getSupportedFormats(): Promise<string[]>}}} */ (
      /** @type {unknown} */ (window)
    )
  if (Detector === undefined || navigator.mediaDevices?.getUserMedia === undefined) return

  let canScan = false
  Detector.getSupportedFormats()
    .then((formats) => {
      canScan = formats.includes('qr_code')
      show()
    })
    .catch(() => {})

  function show() {
    const button = document.getElementById('scan-code')
    if (button !== null) button.hidden = !canScan
  }
  document.addEventListener('live:fragment', show)
  document.addEventListener('htmx:after:swap', show)

  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('#scan-code') : null
    if (button instanceof HTMLElement) scan(button.dataset.reference ?? '')
  })

  /** @param {string} reference of the ride whose code is wanted */
  async function scan(reference) {
    const dialog = document.createElement('dialog')
    dialog.className = 'scan-dialog'
    dialog.setAttribute('aria-label', 'Scan the rider’s start code')
    const video = document.createElement('video')
    video.muted = true
    video.playsInline = true
    const words = document.createElement('p')
    words.setAttribute('role', 'status')
    words.textContent = 'Starting the camera…'
    const close = document.createElement('button')
    close.type = 'button'
    close.className = 'button button-plain button-wide'
    close.textContent = 'Type it instead'
    dialog.append(video, words, close)
    document.body.append(dialog)
    /** @type {MediaStream | null} */
    let stream = null
    let isOver = false
    close.addEventListener('click', () => dialog.close())
    dialog.addEventListener('close', () => {
      isOver = true
      for (const track of stream?.getTracks() ?? []) track.stop()
      dialog.remove()
      document.getElementById('start-code')?.focus()
    })
    dialog.showModal()
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'environment' },
        audio: false,
      })
      if (isOver) {
        for (const track of stream.getTracks()) track.stop()
        return
      }
      video.srcObject = stream
      // Until it plays nothing is found in it, and that is all.
      video.play().catch(() => {})
      words.textContent = 'Hold the rider’s code in front of the camera.'
    } catch {
      words.textContent =
        'The camera is not allowed here, or another app uses it. Type the four digits instead.'
      return
    }
    const detector = new /** @type {NonNullable<typeof Detector>} */ (Detector)({ formats: ['qr_code'] })
    while (!isOver) {
      const found = await detector.detect(video).catch(() => [])
      for (const { rawValue } of found) {
        const [of, code] = rawValue.split('/')
        if (of === reference && code !== undefined && /^\d{4}$/.test(code)) {
          write(code)
          return dialog.close()
        }
        words.textContent = 'This is not the code of your rider. Ask whose car they wait for.'
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }

  /** Written where it would be typed, so that the driver sees it and presses the step. @param {string} code */
  function write(code) {
    const field = document.getElementById('start-code')
    if (!(field instanceof HTMLInputElement)) return
    field.value = code
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  show()
})()
