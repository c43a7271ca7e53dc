/** A driver says how it was with a rider. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { address, clock, day } from '../parts/figures.ts'
import { type RatingCardProps, ratingCard } from '../rides/rating.ts'
import { DRIVER_STYLES } from './parts.ts'

export interface RateRiderProps {
  readonly card: RatingCardProps
  readonly from: string
  readonly to: string
  readonly endedAtMs: number
}

export function rateRiderPage(ctx: PageContext, props: RateRiderProps, options: { isNight: boolean }): Html {
  const card =
    ratingCard(ctx, props.card) ??
    html`<p class="notice">${icon('clock')}<span>A ride can be rated for two weeks. This one is longer ago.</span></p>`
  return page(ctx, {
    title: 'Rate your rider',
    layout: 'plain',
    styles: [...DRIVER_STYLES, 'rating.css'],
    theme: options.isNight ? 'dark' : undefined,
    body: html`<main id="main" class="earnings">
<header class="earnings-head"><a class="pill pill-round" href="/driver/earnings">${icon('arrow-left')}<span class="screen-reader">Back to your rides</span></a><h1>Rate your rider</h1></header>
<p><b>${address(props.from)} <span aria-label="to">→</span> ${address(props.to)}</b><br><span class="second numbers">${day(ctx, props.endedAtMs)}, ${clock(ctx, props.endedAtMs)}</span></p>
${card}</main>`,
  })
}
