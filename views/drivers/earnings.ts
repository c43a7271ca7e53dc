/** What the driver earned: today, the week, and each ride behind the figures. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { address, amount, clock } from '../parts/figures.ts'
import { dayText as dateText, money } from '../parts/format.ts'
import { DRIVER_STYLES, dayText, weekBars } from './parts.ts'
import type { EarningsProps } from './props.ts'

type EarnedRide = EarningsProps['rides'][number]

/** @param options.isNight after sunset in the region: the page is dark then */
export function earningsPage(ctx: PageContext, props: EarningsProps, options: { isNight: boolean }): Html {
  const { today, week } = props
  return page(ctx, {
    title: 'Earnings',
    layout: 'plain',
    styles: DRIVER_STYLES,
    theme: options.isNight ? 'dark' : undefined,
    body: html`<main id="main" class="earnings">
<header class="earnings-head"><a class="pill pill-round" href="/driver">${icon('arrow-left')}<span class="screen-reader">Back to driving</span></a><h1>Earnings</h1></header>
<section class="card figures"><div class="today"><h2 class="second">Today, after fees</h2><p class="today-figure"><bdi dir="ltr">${money(today.earnedMinor, today.currency, ctx.lang)}</bdi></p><p class="second numbers">${dayText(today)}</p></div><div><h2 class="second">This week ${amount(ctx, { amountMinor: week.earnedMinor, currency: week.currency })}</h2>${weekBars(ctx, { days: props.days, currency: week.currency })}<p class="second numbers">${dayText(week)}</p></div></section>
<section aria-labelledby="rides-title"><h2 id="rides-title" class="card-title">Rides this week</h2>${rideList(ctx, props)}</section>
</main>`,
  })
}

function rideList(ctx: PageContext, { rides, hasMore }: EarningsProps): Html {
  if (rides.length === 0) {
    return emptyState({
      title: 'No rides this week yet.',
      text: 'Each ride appears here when it ends, with what it paid.',
    })
  }
  return html`<ol class="rides">${rides.map((ride) => rideRow(ctx, ride))}</ol>${hasMore ? html`<p class="second">The newest ${rides.length} are listed; the figures above count all.</p>` : null}`
}

const OUTCOME_WORDS: Record<EarnedRide['outcome'], string> = {
  completed: '',
  no_show: ' · no-show',
  cancelled: ' · cancelled',
}

function rideRow(ctx: PageContext, ride: EarnedRide): Html {
  const { currency } = ride
  return html`<li class="earned"><div><p><b>${address(ride.from)} <span aria-label="to">→</span> ${address(ride.to)}</b></p><p class="second numbers">${dateText(ctx, ride.endedAtMs).replace(/ \d{4}$/, '')} ${clock(ctx, ride.endedAtMs)} · <span class="unbroken">${ride.reference}</span>${OUTCOME_WORDS[ride.outcome]}</p></div><div class="earned-figures"><p><b>${amount(ctx, { amountMinor: ride.earnedMinor, currency })}</b></p><p class="second">of ${amount(ctx, { amountMinor: ride.chargedMinor, currency })} ${ride.payment}${ride.tipMinor === undefined || ride.tipMinor === 0 ? null : html`, with a tip of ${amount(ctx, { amountMinor: ride.tipMinor, currency })}`}</p></div></li>`
}
