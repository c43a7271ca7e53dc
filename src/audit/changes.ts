/** What an entry's detail says, in words. */

export interface Change {
  readonly name: string
  readonly before: string
  readonly after: string
}

/** What differs between `before` and `after` of an entry's detail, name by name. */
export function changesOf(before: unknown, after: unknown): Change[] {
  const was = recordOf(before)
  const is = recordOf(after)
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].map((name) => ({
    name,
    before: textOf(was[name] ?? null),
    after: textOf(is[name] ?? null),
  }))
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

/** A value of an entry's detail as people read it. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.join(', ') || 'none'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
