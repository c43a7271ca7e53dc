/** Where the driver types what the rider says, above the button that starts the ride. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { RideProps } from './props.ts'
import { firstName } from './words.ts'

/** `driver-scan.js` shows the button beside it where the phone can read the rider's picture. Four digits and how often one may still be wrong; once none is left, who can start the ride now. */
export function startCodeField({
  state,
  reference,
  riderName,
  codeTriesLeft,
}: Pick<RideProps['ride'], 'state' | 'reference' | 'riderName' | 'codeTriesLeft'>): Html | null {
  if (state !== 'arrived' || codeTriesLeft == null) return null
  const name = firstName(riderName)
  if (codeTriesLeft === 0)
    return html`<p class="notice">${icon('triangle-alert')}<span>Five wrong codes. Write to the desk: only they can start this ride now.</span></p>`
  const left = codeTriesLeft >= 5 ? null : codeTriesLeft === 1 ? '1 try left' : `${codeTriesLeft} tries left`
  return html`<div class="start-code-row"><label class="field start-code"><span class="field-label">${name}’s start code${left === null ? null : html` <span class="second">${left}</span>`}</span><input class="input start-code-input numbers" id="start-code" name="code" inputmode="numeric" autocomplete="off" pattern="[0-9 ]{4,7}" maxlength="7" placeholder="4 digits" required dir="ltr" hx-morph-skip></label><button type="button" class="scan-code" id="scan-code" data-reference="${reference}" hidden hx-morph-skip>${icon('qr-code')}Scan</button></div>`
}
