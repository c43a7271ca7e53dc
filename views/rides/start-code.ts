/** The rider's start code: digits to say, and the same as a picture for the driver's camera. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { codeTiles } from '../parts/figures.ts'
import { qrCode } from '../parts/qr.ts'

/** What the picture says: whose ride the code is of, so that a neighbour's is not counted as a wrong try. */
export function scannedText({ reference, code }: { reference: string; code: string }): string {
  return `${reference}/${code}`
}

export function startCodeRow(reference: string, code: string): Html {
  return html`<div class="code-row"><p><b>Your start code</b><span class="second">Say it as you get in</span></p>${codeTiles(code)}</div>
<details class="code-scan" id="start-code-scan"><summary>${icon('qr-code')}Show it to be scanned</summary>${qrCode(scannedText({ reference, code }), `Start code ${[...code].join(' ')} for the driver’s camera`)}</details>`
}
