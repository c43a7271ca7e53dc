/** On the rider's page: a link for others to follow the ride by. `share.js` hands it on in one press. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { clock } from '../parts/figures.ts'

export interface ShareProps {
  readonly rideId: string
  /** While there is a car to follow. */
  readonly mayOpen: boolean
  /** Null while nobody can follow; without `url` the link is known to those who have it alone. */
  readonly open: { readonly url: string | null; readonly openedAtMs: number } | null
  /** One-time key of its forms. */
  readonly key: string
}

/** The tile that makes a link; none while one is open, which the card then says. */
export function shareTile(ctx: PageContext, props: ShareProps | null | undefined): Html | null {
  return props == null || props.open !== null ? null : openForm(ctx, props)
}

/** The link that is open, and its end; root id `share`. */
export function shareCard(ctx: PageContext, props: ShareProps | null | undefined): Html | null {
  if (props == null || props.open === null) return null
  const { open } = props
  return html`<section id="share" class="share" aria-label="Share this ride">
<p class="share-head">${icon('eye')}<span><b>A link to this ride is open</b><span class="second">Since ${clock(ctx, open.openedAtMs)}. Who has it sees the car until you are there, not your name, price or doors.</span></span></p>
${open.url === null ? (props.mayOpen ? openForm(ctx, props) : null) : html`<div class="share-link"><label class="screen-reader" for="share-url">Link to this ride</label><input class="input" id="share-url" value="${open.url}" dir="ltr" readonly><button type="button" class="button button-soft" data-share-copy hidden>${icon('copy')}Send</button></div>`}
<form method="post" action="/rides/${props.rideId}/share/end" id="share-end">${formKeys({ csrf: ctx.csrf, key: props.key })}<button class="link-danger" data-busy="Ending…">Stop sharing</button></form></section>`
}

function openForm(ctx: PageContext, props: ShareProps): Html {
  return html`<form method="post" action="/rides/${props.rideId}/share" data-share>${formKeys({ csrf: ctx.csrf, key: props.key })}<button class="ride-tile" aria-label="Share this ride">${icon('eye')}<span>Share</span></button></form>`
}
