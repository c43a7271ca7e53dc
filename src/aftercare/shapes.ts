/** What arrives after a ride: a rating, what was left behind, a report. */
import { z } from 'zod'
import { RATING_MOST_STARS, RATING_WORDS, type RatingSide } from '../engine/rating.ts'
import { CASE_STEPS, CASE_TOPICS, type CaseKind, type CaseStep } from '../engine/ride-case.ts'
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

/** Kinds as addresses name them. */
export const CASE_PATHS: Readonly<Record<CaseKind, string>> = { lost_item: 'lost-item', problem: 'problem' }
export const caseParams = z.object({
  id: z.uuid(),
  kind: z
    .enum(['lost-item', 'problem'])
    .transform((path): CaseKind => (path === 'lost-item' ? 'lost_item' : 'problem')),
})
const CASE_TEXT_MOST = 1_000
const caseText = z
  .string()
  .overwrite(oneLine)
  .max(CASE_TEXT_MOST, { error: `Up to ${CASE_TEXT_MOST} letters.` })
/** What a program sends of a case; which topics a kind has, `readCase` knows. */
const TOPICS = Object.values(CASE_TOPICS).flatMap((topics) => Object.keys(topics))
export const caseBody = z.strictObject({
  topic: z.enum(TOPICS as [string, ...string[]]),
  text: caseText.min(1),
})
export const caseStepBody = z.strictObject({ step: z.enum(CASE_STEPS), text: caseText.default('') })
const stepForm = caseStepBody.extend({ key })

/** @throws HttpProblem 422 with the one sentence that the form shows */
export function readCase(kind: CaseKind, body: unknown): { topic: string; text: string } {
  const shape = z.strictObject({
    topic: z.enum(Object.keys(CASE_TOPICS[kind]) as [string, ...string[]]),
    text: caseText.min(1),
    key,
  })
  const form = readForm(shape, body, ['topic', 'text'])
  if (form.ok) return { topic: form.data.topic, text: form.data.text }
  throw new HttpProblem(
    422,
    form.errors.has('topic') ? 'Choose what it is about.' : 'Write a few words first, up to 1000 letters.',
  )
}

/** @throws HttpProblem 422 for words that are too long, or a step there is not */
export function readCaseStep(body: unknown): { step: CaseStep; text: string } {
  const form = readForm(stepForm, body, ['text'])
  if (!form.ok) throw new HttpProblem(422, form.errors.get('text') ?? 'This form cannot be read.')
  return { step: form.data.step, text: form.data.text }
}

export const onlyKey = z.strictObject({ key })
export const seenForm = z.strictObject({ side: z.enum(['rider', 'driver']), key })
