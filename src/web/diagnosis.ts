import { ParseError, ValidationError } from 'elysia'
import { z } from 'zod'
import { OutsideError } from '../io/outside.ts'
import { type FieldError, fieldErrors, HttpProblem } from './problem.ts'

/** What to tell the one who asked, and whether it is our fault and belongs in the log. */
export interface Diagnosis {
  readonly status: number
  readonly detail: string
  readonly errors: readonly FieldError[]
  readonly headers: Readonly<Record<string, string>>
  readonly blame: 'asker' | 'outside' | 'us'
}

/** How long to wait before asking an outside service of ours again. */
const OUTSIDE_RETRY_S = 5

/**
 * The four kinds of wrong (and Elysia's own), each with its status. Nothing of an error's text is passed on
 * unless it was written for the one who asked.
 * @param code Elysia's name for the error, where it has one
 */
export function diagnose(code: unknown, thrown: unknown): Diagnosis {
  // What a body parser throws arrives wrapped.
  const error = thrown instanceof ParseError && thrown.cause instanceof HttpProblem ? thrown.cause : thrown
  if (error instanceof HttpProblem) {
    const { status, detail, errors, headers } = error
    return { status, detail, errors, headers, blame: 'asker' }
  }
  if (error instanceof ValidationError && error.type !== 'response') {
    const errors = fieldErrors(issuesOf(error), error.value)
    // An address with a malformed id leads nowhere, like one with an id nobody has.
    return error.type === 'params'
      ? asker(404, 'There is nothing at this address.', errors)
      : asker(422, 'Some fields need another look.', errors)
  }
  if (error instanceof OutsideError) {
    const headers = { 'retry-after': String(OUTSIDE_RETRY_S) }
    return {
      status: 503,
      detail: 'Something we depend on does not answer. Nothing was changed. Try again in a moment.',
      errors: [],
      headers,
      blame: 'outside',
    }
  }
  switch (code) {
    case 'NOT_FOUND':
      return asker(404, 'There is nothing at this address.')
    case 'PARSE':
      return asker(400, 'The body could not be read.')
    case 'INVALID_FILE_TYPE':
      return asker(415, 'This kind of file is not taken here.')
    case 'INVALID_COOKIE_SIGNATURE':
      return asker(400, 'A cookie was changed on the way. Clear the cookies of this site and try again.')
    default:
      return {
        status: 500,
        detail: 'This is our mistake, and it is noted.',
        errors: [],
        headers: {},
        blame: 'us',
      }
  }
}

function asker(status: number, detail: string, errors: readonly FieldError[] = []): Diagnosis {
  return { status, detail, errors, headers: {}, blame: 'asker' }
}

/** Elysia's own list has lost what kind of mistake each was, so the schema is asked once more. */
function issuesOf(error: ValidationError): z.core.$ZodIssue[] {
  const { schema } = error.validator as { schema?: unknown }
  return schema instanceof z.ZodType ? (schema.safeParse(error.value).error?.issues ?? []) : []
}
