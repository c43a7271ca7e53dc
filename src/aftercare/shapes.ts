/** What arrives after a ride: a rating, a tip's neighbours on the receipt, what was left behind, a report. */
import { z } from 'zod'
import { RATING_MOST_STARS, RATING_WORDS, type RatingSide } from '../engine/rating.ts'
import { readForm } from '../web/forms.ts'
import { HttpProblem } from '../web/problem.ts'
import { oneLine } from '../web/text.ts'

const key = z.string().max(128).optional()
const RATING_TEXT_MOST = 500
const ratingText = z
  .string()
  .overwrite(oneLine)
  .max(RATING_TEXT_MOST, { error: `Up to ${RATING_TEXT_MOST} letters.` })
  .default('')

/** Stars as a form sends them, words as a box each. */
function ratingForm(side: RatingSide) {
  const boxes = Object.fromEntries(
    Object.keys(RATING_WORDS[side]).map((word) => [`word_${word}`, z.literal('yes').optional()] as const),
  )
  return z
    .strictObject({
      stars: z.enum(['1', '2', '3', '4', '5'], { error: 'Choose one to five stars.' }).transform(Number),
      text: ratingText,
      key,
      ...boxes,
    })
    .transform(({ stars, text, ...rest }) => ({
      ...{ stars, text },
      words: Object.keys(RATING_WORDS[side]).filter(
        (word) => (rest as Record<string, unknown>)[`word_${word}`] === 'yes',
      ),
    }))
}

const RATING_FORMS = { rider: ratingForm('rider'), driver: ratingForm('driver') }

/** @throws HttpProblem 422 with the one sentence that the card shows */
export function readRating(side: RatingSide, body: unknown) {
  const form = readForm(RATING_FORMS[side], body, ['stars', 'text'])
  if (form.ok) return form.data
  const wrong = form.errors.has('stars') ? 'Choose one to five stars.' : form.errors.get('text')
  throw new HttpProblem(422, wrong ?? 'This form cannot be read.')
}

export function ratingBody(side: RatingSide) {
  return z.strictObject({
    stars: z.int().min(1).max(RATING_MOST_STARS),
    words: z
      .array(z.enum(Object.keys(RATING_WORDS[side]) as [string, ...string[]]))
      .max(20)
      .default([]),
    text: ratingText,
  })
}

export const onlyKey = z.strictObject({ key })
export const seenForm = z.strictObject({ side: z.enum(['rider', 'driver']), key })
