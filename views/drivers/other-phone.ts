/** On the phone that does not count: which one does, and the way to change it. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clock } from '../parts/figures.ts'
import { hiddenKeys, sentBy } from './parts.ts'

/** @param sinceMs since when the other phone tells where the car is */
export function otherPhoneNotice(ctx: PageContext, sinceMs: number, key: string): Html {
  return html`<section class="notice driver-notice" id="other-phone" role="status"><p>${icon('locate-fixed')} Another phone of yours sends your position since ${clock(ctx, sinceMs)}. This one looks on.</p><form ${sentBy('/driver/phone')}>${hiddenKeys(ctx, key)}<button class="button button-plain" data-busy="Changing…">Use this phone</button></form></section>`
}
