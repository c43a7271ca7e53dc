/** A text as a QR code, drawn as one path: sharp at every size, and no script. */
import QRCode from 'qrcode'
import { type Html, html } from '../html.ts'

/** The light border that readers need, in modules (ISO/IEC 18004). */
const QUIET = 4

/**
 * Always dark on light, whatever the theme: few readers find an inverted code.
 * @param text at most some hundred characters
 * @param label what it is, for screen readers
 */
export function qrCode(text: string, label: string): Html {
  const { size, data } = QRCode.create(text, { errorCorrectionLevel: 'M' }).modules
  const side = size + 2 * QUIET
  return html`<svg class="code-qr" viewBox="0 0 ${side} ${side}" role="img" aria-label="${label}" shape-rendering="crispEdges"><path class="qr-light" d="M0 0h${side}v${side}H0Z"/><path class="qr-dark" d="${pathOf(size, data)}"/></svg>`
}

/** Runs of dark modules, row by row. */
function pathOf(size: number, data: Uint8Array): string {
  let path = ''
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      if (data[y * size + x] !== 1) continue
      const from = x
      while (x + 1 < size && data[y * size + x + 1] === 1) x++
      path += `M${from + QUIET} ${y + QUIET}h${x + 1 - from}v1h-${x + 1 - from}Z`
    }
  return path
}
