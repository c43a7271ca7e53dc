/**
 * Every column of every table: whether it is personal, whether its person is given it, and what a purge makes of it.
 * A test holds this against the database, so that a new column is decided on before it ships. The order is that of a
 * purge: what finds its person through another table comes before it.
 */
import { AFTERCARE } from './columns/aftercare.ts'
import { CHAT } from './columns/chat.ts'
import { COMPANIES } from './columns/companies.ts'
import { FACTORS } from './columns/factors.ts'
import { JOINING } from './columns/joining.ts'
import { LICENCES } from './columns/licences.ts'
import { PEOPLE } from './columns/people.ts'
import { RIDES } from './columns/rides.ts'
import type { ColumnPlan, Section, Subject, TablePlan } from './plan.ts'

const { identities, sessions, ...people } = PEOPLE
export const PLANS: Readonly<Record<string, TablePlan>> = {
  ...people,
  ...FACTORS,
  ...JOINING,
  ...LICENCES,
  ...AFTERCARE,
  ...CHAT,
  ...RIDES,
  ...COMPANIES,
  sessions: sessions!,
  identities: identities!,
}

/** Whether a person is given a column of their rows. */
export function isGiven(plan: ColumnPlan): boolean {
  return plan.as === 'export' || (plan.as === 'keep' && plan.given)
}

export interface ExportSection extends Section {
  readonly table: string
  readonly key: readonly string[]
  readonly shown: (person: Subject) => Readonly<Record<string, ReturnType<Section['about']>>>
}

/** The parts of an export, the person themselves first. */
export const SECTIONS: readonly ExportSection[] = [
  ...sectionsOf('identities', PLANS.identities!),
  ...Object.entries(PLANS).flatMap(([table, plan]) =>
    table === 'identities' ? [] : sectionsOf(table, plan),
  ),
]

function sectionsOf(table: string, plan: TablePlan): ExportSection[] {
  const { title, about, key, shown = () => ({}), also = [] } = plan
  const columns = Object.keys(plan.columns).filter((name) => isGiven(plan.columns[name]!))
  const own = title === null || about === null || columns.length === 0 ? [] : [{ title, about, columns }]
  return [...own, ...also].map((section) => ({ ...section, table, key, shown }))
}
