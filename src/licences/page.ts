/** The driver's licence page out of what was entered, decided and turned off. */
import type { LicenceField, LicencePageProps } from '../../views/licences/entry.ts'
import type { Company } from '../companies/companies.ts'
import { capabilityOf } from '../drivers/capability.ts'
import { driverOfIdentity } from '../drivers/drivers.ts'
import { daysBetween, localDay } from '../engine/day.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { type Holder, type LoadedLicence, licencesOf, readOf } from './licences.ts'

export interface Typed {
  readonly values?: Readonly<Partial<Record<LicenceField, string>>>
  readonly errors?: ReadonlyMap<string, string>
  readonly saved?: string | undefined
}

const EMPTY: Record<LicenceField, string> = {
  ...{
    legal_name: '',
    number: '',
    country: '',
    issuing_state: '',
    classes: '',
    issued_on: '',
    expires_on: '',
  },
}

export async function licencePageProps(
  { db, random }: { db: Db; random: Random },
  asked: {
    readonly holder: Holder
    readonly company: Company
    readonly timeZone: string
    readonly nowMs: number
    readonly typed?: Typed
  },
): Promise<LicencePageProps> {
  const { holder, nowMs, typed = {} } = asked
  const today = localDay(nowMs, asked.timeZone)
  const all = await licencesOf(db, holder)
  const person = await db
    .selectFrom('identities')
    .select('name')
    .where('id', '=', holder.identityId)
    .executeTakeFirstOrThrow()
  // Out of sight for who applied there and looks at another company's pages; most check.
  const settings = await db
    .selectFrom('companies')
    .select('licence_check')
    .where('id', '=', holder.companyId)
    .executeTakeFirst()
  const driver = await driverOfIdentity(db, holder.companyId, holder.identityId)
  const capability =
    driver === undefined
      ? undefined
      : await capabilityOf(db, { companyId: holder.companyId, driverId: driver.id, nowMs })
  const inState = (state: LoadedLicence['state']) => all.find((licence) => licence.state === state)
  const [draft, submitted, approved] = [inState('draft'), inState('submitted'), inState('approved')]
  // Until the chore has been round, the day itself says that it is over.
  const counts = approved !== undefined && (approved.expires_on ?? '') >= today ? approved : undefined
  const newest = all.find(({ state }) => state !== 'draft' && state !== 'withdrawn')
  const over =
    counts === undefined ? (approved ?? (newest?.state === 'expired' ? newest : undefined)) : undefined
  const read = draft === undefined ? {} : wordsRead(draft)
  const shown = new Set([draft, submitted, counts, over].map((licence) => licence?.id))
  return {
    company: asked.company.name,
    name: person.name,
    checked: settings?.licence_check !== 'not_checked',
    applicant: driver === undefined,
    approved:
      counts === undefined
        ? null
        : { expiresOn: counts.expires_on ?? '', daysLeft: daysBetween(today, counts.expires_on ?? today) },
    submittedAtMs: submitted?.submitted_at?.getTime() ?? null,
    rejected: newest?.state === 'rejected' ? { reason: newest.reason ?? '' } : null,
    expired: over === undefined ? null : { expiresOn: over.expires_on ?? '' },
    draft:
      draft === undefined
        ? null
        : {
            ...{ frontId: draft.front_id, backId: draft.back_id },
            read: Object.keys(read) as LicenceField[],
          },
    values: { ...EMPTY, ...read, ...typed.values },
    errors: typed.errors ?? new Map(),
    driving:
      capability === undefined
        ? null
        : capability.disabled_at !== null
          ? 'disabled'
          : capability.stopped_at !== null
            ? 'stopped'
            : 'on',
    disabledReason: capability?.disabled_reason ?? null,
    earlier: all
      .filter(({ id }) => !shown.has(id))
      .map(({ state, expires_on, reason }) => ({ state, expiresOn: expires_on, reason })),
    saved: typed.saved,
    key: () => random.uuid(),
  }
}

/** What was read off the picture, under the names of the form. */
function wordsRead(draft: LoadedLicence): Partial<Record<LicenceField, string>> {
  const { legalName, number, country, issuingState, classes, issuedOn, expiresOn } = readOf(draft)
  const fields = {
    ...{ legal_name: legalName, number, country, issuing_state: issuingState, classes },
    ...{ issued_on: issuedOn, expires_on: expiresOn },
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
