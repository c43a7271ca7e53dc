/** A page's form read at the edge: its data, or its mistakes by field and what was typed, to show it again. */
import type { z } from 'zod'
import { fieldErrors, HttpProblem } from './problem.ts'

export type Form<T> =
  | { readonly ok: true; readonly data: T }
  | {
      readonly ok: false
      readonly errors: ReadonlyMap<string, string>
      readonly typed: Readonly<Record<string, string>>
    }

/** Longer texts are not sent back. */
const LONGEST_TYPED = 1_000

/**
 * Read `body` in this shape.
 * @param shown the fields the person can see and correct
 * @throws HttpProblem 422 for mistakes in any other field: such a form is none of ours
 */
export function readForm<T>(shape: z.ZodType<T>, body: unknown, shown: readonly string[]): Form<T> {
  const form = shape.safeParse(body)
  if (form.success) return { ok: true, data: form.data }
  const errors = fieldErrors(form.error.issues, body ?? {})
  const others = errors.filter(({ field }) => !shown.includes(field))
  if (others.length > 0) throw new HttpProblem(422, 'This form cannot be read.', { errors: others })
  const given = (body ?? {}) as Record<string, unknown>
  const typed = shown.map((name) => {
    const value = given[name]
    return [name, typeof value === 'string' ? value.slice(0, LONGEST_TYPED) : ''] as const
  })
  return {
    ok: false,
    errors: new Map(errors.map(({ field, message }) => [field, message])),
    typed: Object.fromEntries(typed),
  }
}
