/** Ratings of one and two stars, of drivers and of riders, until somebody has looked at them. */
import { RATING_WORDS, type RatingSide } from '../../src/engine/rating.ts'
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { formKeys } from '../parts/field.ts'
import { clock, day } from '../parts/figures.ts'
import { starsShown } from '../parts/stars.ts'
import { afterPage } from './after-frame.ts'

export interface LowRatingProps {
  readonly rideId: string
  readonly reference: string
  /** Who rated. */
  readonly side: RatingSide
  readonly stars: number
  readonly words: readonly string[]
  readonly text: string
  readonly ratedAtMs: number
  readonly riderName: string
  /** `204 Amadou Diallo`. */
  readonly driver: string
  readonly key: string
}

export function lowRatingsPage(
  ctx: PageContext,
  { ratings }: { readonly ratings: readonly LowRatingProps[] },
): Html {
  const content =
    ratings.length === 0
      ? html`<div class="card">${emptyState({ title: 'Nothing to look at.', text: 'Ratings of one or two stars appear here until somebody at the desk has seen them.' })}</div>`
      : html`<p class="second">One and two stars of the last 30 days that nobody here has looked at. Who was rated is not told what you do with it.</p><ul class="after-list">${ratings.map((rating) => row(ctx, rating))}</ul>`
  return afterPage(ctx, { part: 'ratings', title: 'Low ratings', content })
}

function row(ctx: PageContext, rating: LowRatingProps): Html {
  const { side, rideId, reference, text } = rating
  const words = rating.words.flatMap((word) => RATING_WORDS[side][word]?.label ?? [])
  const who =
    side === 'rider'
      ? html`<bdi>${rating.riderName}</bdi> of <b><bdi>${rating.driver}</bdi></b>`
      : html`<bdi>${rating.driver}</bdi> of <b><bdi>${rating.riderName}</bdi></b>`
  return html`<li class="card after-row"><div class="after-row-head">${starsShown(rating.stars)}<p>${who}</p><a href="/board?ride=${rideId}"><bdi dir="ltr">${reference}</bdi></a></div>${words.length === 0 ? null : html`<p>${words.join(' · ')}</p>`}${text === '' ? null : html`<p class="rating-text"><bdi>${text}</bdi></p>`}<div class="after-row-foot"><p class="second numbers">${day(ctx, rating.ratedAtMs)}, ${clock(ctx, rating.ratedAtMs)}</p><form method="post" action="/board/rides/${rideId}/rating/seen">${formKeys({ csrf: ctx.csrf, key: rating.key })}<input type="hidden" name="side" value="${side}"><button class="button button-plain button-compact" data-busy="…" aria-label="Seen: ${reference}">Seen</button></form></div></li>`
}
