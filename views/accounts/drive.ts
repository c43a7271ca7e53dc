/** Asking a company to drive for it. */

import type { Html } from '../html.ts'
import { html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { cardPage } from './card.ts'

export interface DriveProps {
  readonly companyName: string
  /** Where somebody stands on the way to driving. */
  readonly state: 'may_ask' | 'asked' | 'unverified'
  /** One-time key of the form. */
  readonly key: string
}

export function drivePage(ctx: PageContext, props: DriveProps): Html {
  const { companyName, state } = props
  const content = {
    may_ask:
      () => html`<p>${companyName} looks at your application and at your licence, and gives you a call sign and a car. You see your pay before you accept a ride.</p>
<form method="post" action="/drive" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key })}<button class="button button-next button-wide" data-busy="Applying…">Apply to drive</button></form>`,
    asked:
      () => html`<p class="notice notice-info" role="status">${icon('check')}<span>Your application is with ${companyName}. You hear from them by mail.</span></p>
<a class="button button-next button-wide" href="/driver/licence">Hand in your licence</a>
<a class="button button-plain button-wide" href="/request">Ask for a ride meanwhile</a>`,
    unverified: () => html`<p>Confirm your e-mail address first, so that the answer reaches you.</p>
<a class="button button-next button-wide" href="/account/verification">Confirm my address</a>`,
  }[state]()
  return cardPage(ctx, { title: `Drive for ${companyName}`, content })
}
