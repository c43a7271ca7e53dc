/** Forms that come back with their words and their mistakes. */
import type { z } from 'zod'
import { fieldErrors, HttpProblem } from './problem.ts'

export type FormRead<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false
      /** The first mistake of each field. */
      readonly errors: Readonly<Record<string, string>>
      /** What was typed into a field, at most `most` characters of it; empty where nothing or no text came. */
      typed(name: string, most: number): string
    }

/**
 * A form's values, or its mistakes for the page that shows it again.
 * @param shown the fields at which a mistake can be shown; the form has no others that a person could mend
 * @throws HttpProblem 422 for any other field
 */
export function readForm<T>(shape: z.ZodType<T>, body: unknown, shown: readonly string[]): FormRead<T> {
  const form = shape.safeParse(body)
  if (form.success) return { ok: true, value: form.data }
  const values = (body ?? {}) as Record<string, unknown>
  const errors = fieldErrors(form.error.issues, values)
  const others = errors.filter(({ field }) => !shown.includes(field))
  if (others.length > 0) throw new HttpProblem(422, 'This form cannot be read.', { errors: others })
  return {
    ok: false,
    errors: Object.fromEntries(errors.map(({ field, message }) => [field, message])),
    typed: (name, most) => {
      const value = values[name]
      return typeof value === 'string' ? value.slice(0, most) : ''
    },
  }
}
