/** What riders found of a driver: one figure, how it is spread, and what they said, never who said it. */
import { RATING_WORDS, RATINGS_FOR_AVERAGE } from '../../src/engine/rating.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { starsShown } from '../parts/stars.ts'
import { DRIVER_STYLES } from './parts.ts'

export interface DriverRatingsProps {
  readonly count: number
  /** Null while there are too few. */
  readonly average: number | null
  /** Of one star, of two, … of five. */
  readonly byStars: readonly number[]
  readonly words: readonly { readonly word: string; readonly count: number }[]
  readonly texts: readonly string[]
  /** Given, not yet shown. */
  readonly fresh: number
}

export function driverRatingsPage(
  ctx: PageContext,
  props: DriverRatingsProps,
  options: { isNight: boolean },
): Html {
  return page(ctx, {
    title: 'Ratings',
    layout: 'plain',
    styles: [...DRIVER_STYLES, 'rating.css', 'driver-ratings.css'],
    theme: options.isNight ? 'dark' : undefined,
    body: html`<main id="main" class="earnings">
<header class="earnings-head"><a class="pill pill-round" href="/driver">${icon('arrow-left')}<span class="screen-reader">Back to driving</span></a><h1>Ratings</h1></header>
${props.average === null ? tooFew(props) : figures(props, props.average)}
<p class="second">A rating counts a day after it was given, when it can no longer change, and nobody is told which ride it is of.${props.fresh === 0 ? null : ` ${props.fresh} of the last day ${props.fresh === 1 ? 'is' : 'are'} not counted yet.`}</p>
</main>`,
  })
}

function tooFew({ count }: DriverRatingsProps): Html {
  const left = RATINGS_FOR_AVERAGE - count
  return html`<div class="card">${emptyState({
    title: count === 0 ? 'No ratings yet.' : `${count} ${count === 1 ? 'rating' : 'ratings'} so far.`,
    text: `Your average appears from ${RATINGS_FOR_AVERAGE} on, ${left} to go: of fewer it would tell who gave it.`,
  })}</div>`
}

function figures(props: DriverRatingsProps, average: number): Html {
  const most = Math.max(1, ...props.byStars)
  const bars = props.byStars
    .map((times, i) => ({ stars: i + 1, times }))
    .toReversed()
    .map(
      ({ stars, times }) =>
        html`<li><span class="numbers">${stars}</span>${icon('star')}<progress max="${most}" value="${times}" aria-label="${times} with ${stars} ${stars === 1 ? 'star' : 'stars'}"></progress><span class="numbers second">${times}</span></li>`,
    )
  const said = props.words.flatMap(({ word, count }) => {
    const known = RATING_WORDS.rider[word]
    return known === undefined ? [] : [{ ...known, count }]
  })
  const words = (isGood: boolean) => {
    const list = said.filter((word) => word.isGood === isGood)
    if (list.length === 0) return null
    return html`<section><h2 class="second">${isGood ? 'What riders liked' : 'What they missed'}</h2><ul class="said-words">${list.map(({ label, count }) => html`<li class="badge${isGood ? ' badge-ok' : ''}">${label}<b class="numbers">${count}</b></li>`)}</ul></section>`
  }
  return html`<section class="card ratings-card"><div class="ratings-figure"><p class="today-figure numbers">${average.toFixed(1)}</p>${starsShown(Math.round(average))}<p class="second numbers">${props.count} ratings</p></div><ol class="ratings-bars">${bars}</ol></section>
${words(true)}${words(false)}
${props.texts.length === 0 ? null : html`<section aria-labelledby="texts-title"><h2 id="texts-title" class="card-title">In their words</h2><ul class="ratings-texts">${props.texts.map((text) => html`<li class="rating-text"><bdi>${text}</bdi></li>`)}</ul></section>`}`
}
