/** What a company file did, row by row, for the person who ran it. */

export type Effect = 'created' | 'changed' | 'kept' | 'left'
export type Kind =
  | 'company'
  | 'region'
  | 'hours'
  | 'zone'
  | 'tariff'
  | 'code'
  | 'vehicle'
  | 'person'
  | 'driver'
  | 'licence'

export interface ReportEntry {
  /** `left`: not as the file has it and still there, as nothing is ever deleted and the office's own word stays. */
  readonly effect: Effect
  readonly kind: Kind
  /** Slug, plate, e-mail or call sign. */
  readonly name: string
  /** What changed, or what is left. */
  readonly details: readonly string[]
}

export interface NewPassword {
  readonly name: string
  readonly email: string
  readonly password: string
}

type Row = Readonly<Record<string, unknown>>

/** The columns of `wanted` in which a row differs, in the words of the file, old and new. */
export function differences(row: Row, wanted: Row): string[] {
  return Object.entries(wanted).flatMap(([column, value]) => {
    const before = row[column]
    if (Bun.deepEquals(before, value)) return []
    const field = column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
    return [
      typeof value === 'object' && value !== null ? field : `${field} ${shown(before)} -> ${shown(value)}`,
    ]
  })
}

/** A value as a report writes it. */
export function shown(value: unknown): string {
  return value === null ? 'none' : typeof value === 'string' ? `"${value}"` : String(value)
}

/** Created, changed and left rows line by line, the kept ones counted. */
export function reportLines(entries: readonly ReportEntry[]): string[] {
  const told = (['created', 'changed', 'left'] as const).flatMap((effect) =>
    entries.filter((entry) => entry.effect === effect),
  )
  const lines = told.map(({ effect, kind, name, details }) => {
    const said = details.length === 0 ? '' : `: ${details.join(', ')}`
    return `${effect.padEnd(8)} ${kind.padEnd(8)} ${name}${said}`
  })
  const kept = entries.filter(({ effect }) => effect === 'kept').length
  return kept === 0 ? lines : [...lines, `kept     ${kept} as they were`]
}

/** How many entries of each effect, for the audit trail. */
export function countEffects(entries: readonly ReportEntry[]): Record<Effect, number> {
  const counts = { created: 0, changed: 0, kept: 0, left: 0 }
  for (const { effect } of entries) counts[effect]++
  return counts
}
