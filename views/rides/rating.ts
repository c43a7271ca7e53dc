/** How was it? Five stars, then words to choose from and room for one's own; the same card for rider and driver. */
import { praises, RATING_WORDS, type RatingSide } from '../../src/engine/rating.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { field, formKeys } from '../parts/field.ts'
import { clock, day } from '../parts/figures.ts'
import { starChoice, starsShown, starsWord } from '../parts/stars.ts'

export interface RatingCardProps {
  readonly side: RatingSide
  /** `Amadou`; of a rider, as their driver may know them. */
  readonly name: string
  /** Under the name, such as the car. */
  readonly detail: string
  /** Where it is sent. */
  readonly action: string
  readonly given: { readonly stars: number; readonly words: readonly string[]; readonly text: string } | null
  /** Until when it can be given or changed; null: not any more. */
  readonly untilMs: number | null
  readonly key: string
  readonly error?: string | undefined
}

/** Nothing where nothing was said and nothing can be said any more. */
export function ratingCard(ctx: PageContext, props: RatingCardProps): Html | null {
  const { given, untilMs, error } = props
  if (given === null && untilMs === null) return null
  const head = html`<div class="rating-head"><div><h2>${given === null ? html`How was ${props.name}?` : html`You rated ${props.name}`}</h2><p class="second">${props.detail}</p></div>${given === null ? null : starsShown(given.stars)}</div>`
  const mistake =
    error === undefined
      ? null
      : html`<p class="field-error" role="alert">${icon('triangle-alert')}<span>${error}</span></p>`
  if (given === null)
    return html`<section class="card rating no-print" id="rating" aria-label="Rating">${form(ctx, props, head, mistake)}</section>`
  const change =
    untilMs === null
      ? null
      : html`<details class="rating-change"${error === undefined ? null : html` open`}><summary>Change it</summary>${form(ctx, props, null, mistake)}<p class="second">Until ${day(ctx, untilMs)}, ${clock(ctx, untilMs)}.</p></details>`
  return html`<section class="card rating no-print" id="rating" aria-label="Rating">${head}<p class="rating-said">${[starsWord(given.stars), ...wordsOf(props.side, given.words)].join(' · ')}</p>${given.text === '' ? null : html`<p class="rating-text"><bdi>${given.text}</bdi></p>`}${change}</section>`
}

/** What is asked after the stars shows once there are some; without `:has` in the browser it always does. */
function form(ctx: PageContext, props: RatingCardProps, head: Html | null, mistake: Html | null): Html {
  const { side, given } = props
  const boxes = (isGood: boolean) =>
    html`<fieldset class="rating-words ${isGood ? 'rating-good' : 'rating-bad'}"><legend>${isGood ? 'What was good?' : 'What went wrong?'}</legend><div class="word-boxes">${Object.entries(
      RATING_WORDS[side],
    )
      .filter(([, word]) => word.isGood === isGood)
      .map(
        ([key, { label }]) =>
          html`<label class="word-box"><input type="checkbox" name="word_${key}" value="yes"${given?.words.includes(key) === true && praises(given.stars) === isGood ? html` checked` : null}><span>${label}</span></label>`,
      )}</div></fieldset>`
  return html`<form method="post" action="${props.action}" class="rating-form">${formKeys({ csrf: ctx.csrf, key: props.key })}<div class="rating-ask">${head}${starChoice({ label: html`Stars for ${props.name}`, chosen: given?.stars ?? null })}</div>${mistake}<div class="rating-more">${boxes(true)}${boxes(false)}${field({ name: 'text', label: side === 'rider' ? 'Anything else? Your driver reads it a day later, without your name' : 'Anything else? Only the desk reads it', value: given?.text ?? '', lines: 2, maxLength: 500 })}<button class="button button-next button-wide" data-busy="Sending…">${given === null ? 'Send' : 'Change it'}</button></div></form>`
}

function wordsOf(side: RatingSide, words: readonly string[]): string[] {
  return words.flatMap((word) => RATING_WORDS[side][word]?.label ?? [])
}
