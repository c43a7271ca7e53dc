import type { z } from 'zod'

export interface FieldError {
  readonly field: string
  readonly message: string
}

/** What went wrong, as the person or program that asked is told. */
export interface Problem {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly errors: readonly FieldError[]
  /** The id under which our log tells the rest. */
  readonly reference: string
}

/** Stop this request with `status`; everything in it is shown to the one who asked. */
export class HttpProblem extends Error {
  override name = 'HttpProblem'
  readonly status: number
  readonly detail: string
  readonly errors: readonly FieldError[]
  readonly headers: Readonly<Record<string, string>>
  /** A path of ours where a browser is led instead of being shown the problem. */
  readonly leadTo: string | null

  constructor(
    status: number,
    detail: string,
    more: {
      readonly errors?: readonly FieldError[]
      readonly headers?: Readonly<Record<string, string>>
      readonly leadTo?: string
    } = {},
  ) {
    super(`${status} ${detail}`)
    this.status = status
    this.detail = detail
    this.errors = more.errors ?? []
    this.headers = more.headers ?? {}
    this.leadTo = more.leadTo ?? null
  }
}

/** The one answer for what is not there and for what is not yours. */
export function notThere(): HttpProblem {
  return new HttpProblem(404, 'There is nothing at this address.')
}

/** Too many tries: 429 with Retry-After in whole seconds. */
export function tooMany(retryAfterS: number): HttpProblem {
  const seconds = Math.max(1, Math.ceil(retryAfterS))
  const wait = seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
  return new HttpProblem(429, `That was too often. Try again in ${wait}.`, {
    headers: { 'retry-after': String(seconds) },
  })
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Not understood',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not now',
  413: 'Too large',
  415: 'Wrong kind of content',
  422: 'Some fields need another look',
  429: 'Too many tries',
  500: 'Our mistake',
  503: 'Not available right now',
}

export function titleOf(status: number): string {
  return TITLES[status] ?? 'Refused'
}

/** RFC 9457. `type` stays about:blank: the status and the field list say all we promise. */
export function problemDocument(problem: Problem): string {
  const { status, title, detail, errors, reference } = problem
  return JSON.stringify({ type: 'about:blank', title, status, detail, errors, reference })
}

/** Long enough for any name of ours, short enough not to carry an essay back. */
const LONGEST_FIELD_NAME = 80
const MOST_FIELD_ERRORS = 20

/**
 * Which fields zod refused, each with its first reason, never what was in them.
 * @param value what was refused, looked at only to tell a missing field from a wrong one
 */
export function fieldErrors(issues: readonly z.core.$ZodIssue[], value: unknown): FieldError[] {
  const messages = new Map<string, string>()
  for (const issue of issues) {
    const missing = valueAt(value, issue.path) === undefined
    const fields =
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: [...issue.path, key], message: 'This field is not known.' }))
        : [{ path: issue.path, message: sentence(issue, missing) }]
    for (const { path, message } of fields) {
      const field = path.join('.').slice(0, LONGEST_FIELD_NAME)
      if (!messages.has(field)) messages.set(field, message)
    }
  }
  return [...messages].slice(0, MOST_FIELD_ERRORS).map(([field, message]) => ({ field, message }))
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let inner = value
  for (const key of path) inner = (inner as Record<PropertyKey, unknown> | null | undefined)?.[key]
  return inner
}

function sentence(issue: z.core.$ZodIssue, missing: boolean): string {
  if (missing) return 'This field is needed.'
  switch (issue.code) {
    case 'invalid_type':
      return `This should be of type ${issue.expected}.`
    case 'too_small':
      return issue.minimum === 1 && issue.origin === 'string'
        ? 'This field is needed.'
        : `This should be at least ${issue.minimum}${issue.origin === 'string' ? ' characters' : ''}.`
    case 'too_big':
      return `This should be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}.`
    case 'invalid_format':
      return issue.format === 'email' ? 'This should be an e-mail address.' : 'This is not in the right form.'
    case 'invalid_value':
      return `This should be one of: ${issue.values.join(', ')}.`
    case 'custom':
      return issue.message
    default:
      return 'This is not valid.'
  }
}
