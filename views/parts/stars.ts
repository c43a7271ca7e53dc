/** Stars: as a question with five answers, and as a given answer. Both say their number in words. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'

const WORDS = ['Bad', 'Poor', 'Fair', 'Good', 'Very good']

/** What so many stars say: `Good`. */
export function starsWord(stars: number): string {
  return WORDS[stars - 1] ?? ''
}

/** Five radio buttons drawn as stars; the style sheet fills those up to the chosen one. */
export function starChoice(props: { readonly label: Html | string; readonly chosen: number | null }): Html {
  return html`<fieldset class="stars"><legend class="screen-reader">${props.label}</legend>${WORDS.map(
    (word, i) =>
      html`<label class="star"><input type="radio" name="stars" value="${i + 1}" required${props.chosen === i + 1 ? html` checked` : null}>${icon('star')}<span class="screen-reader">${i + 1} of 5: ${word}</span></label>`,
  )}</fieldset>`
}

/** A rating that was given. */
export function starsShown(stars: number): Html {
  return html`<span class="stars-shown" role="img" aria-label="${stars} of 5 stars">${WORDS.map(
    (_, i) => html`<span${i < stars ? html` class="star-full"` : null}>${icon('star')}</span>`,
  )}</span>`
}
