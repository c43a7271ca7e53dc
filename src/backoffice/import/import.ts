/** Accounts of an older system brought in: looked at whole first, then in one transaction, or not at all. */

import { passwordRow } from '../../accounts/credentials.ts'
import type { FactorSealers } from '../../accounts/second-factor.ts'
import { adoptTotp } from '../../accounts/totp.ts'
import { record } from '../../audit/audit.ts'
import { assert, type CompanyId, type IdentityId } from '../../engine/units.ts'
import type { Clock } from '../../io/clock.ts'
import { commitForOthers, type Work } from '../../io/commit.ts'
import type { Db } from '../../io/postgres.ts'
import type { Random } from '../../io/random.ts'
import { type Account, readAccount } from './account.ts'
import { readExport } from './export-file.ts'
import { keepBackupCodes } from './factors.ts'
import { countOf, type ImportReport } from './report.ts'

export interface ImportDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly sealers: FactorSealers
}

export interface ImportFile {
  /** As the report names it. */
  readonly name: string
  readonly text: string
  /** Slug of the company whose roles the file gives; not needed where there is one company, or no roles. */
  readonly company?: string
}

/** The file cannot be brought in as it is; nothing was changed. */
export class ImportMistakes extends Error {
  override name = 'ImportMistakes'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.mistakes = mistakes
  }
}

/** Rows a statement may carry: far below Postgres's bound of 65,535 values. */
const BATCH = 1_000

class DryRun extends Error {
  constructor(readonly report: ImportReport) {
    super('a dry run changes nothing')
  }
}

/**
 * Bring the accounts of an export in. A dry run does everything, and takes it back.
 * @throws ExportFileError when the file holds no list of users, ImportMistakes with all that has to be put right
 */
export async function importAccounts(
  deps: ImportDeps,
  file: ImportFile,
  dryRun: boolean,
): Promise<{ readonly importId: string; readonly report: ImportReport }> {
  const readings = readExport(file.text).map(({ where, value }) => readAccount(where, value))
  const accounts = readings.flatMap((reading) => (reading.state === 'account' ? [reading.account] : []))
  const mistakes = [
    ...readings.flatMap((reading) => (reading.state === 'wrong' ? reading.mistakes : [])),
    ...doubles(accounts, 'email', ({ email }) => email),
    ...doubles(accounts, 'id', ({ oldId }) => oldId),
  ]
  if (readings.length === 0) mistakes.push('There are no users in this file.')
  const report = countOf(readings)
  const importId = deps.random.uuid()
  try {
    await commitForOthers(deps, async (unit) => {
      const company = await companyFor(unit, accounts, file.company)
      if (!company.ok) mistakes.push(company.mistake)
      mistakes.push(...(await taken(unit, accounts)))
      if (mistakes.length > 0 || !company.ok) throw new ImportMistakes(mistakes)
      const made = { importId, companyId: company.id, file, report }
      await write(deps, unit, accounts, made)
      if (dryRun) throw new DryRun(report)
    })
  } catch (error) {
    if (!(error instanceof DryRun)) throw error
  }
  return { importId, report }
}

function doubles(accounts: readonly Account[], field: string, of: (account: Account) => string): string[] {
  const first = new Map<string, Account>()
  return accounts.flatMap((account) => {
    const before = first.get(of(account))
    if (before === undefined) first.set(of(account), account)
    return before === undefined
      ? []
      : [`${account.where}: ${field} ${of(account)} is that of ${before.where} already`]
  })
}

async function companyFor(
  unit: Work,
  accounts: readonly Account[],
  slug: string | undefined,
): Promise<{ ok: true; id: CompanyId | null } | { ok: false; mistake: string }> {
  const companies = await unit.db
    .selectFrom('companies')
    .select(['id', 'slug'])
    .where('deleted_at', 'is', null)
    .orderBy('slug')
    .execute()
  if (slug !== undefined) {
    const named = companies.find((company) => company.slug === slug)
    return named === undefined
      ? { ok: false, mistake: `There is no company "${slug}".` }
      : { ok: true, id: named.id }
  }
  const some = accounts.find(({ roles }) => roles.length > 0)
  if (some === undefined) return { ok: true, id: null }
  const [only, ...more] = companies
  if (only !== undefined && more.length === 0) return { ok: true, id: only.id }
  const choice =
    companies.map((company) => company.slug).join(', ') || 'none yet: bring one in with "company" first'
  return {
    ok: false,
    mistake: `${some.where} has a role, and roles belong to a company: say --company with one of: ${choice}`,
  }
}

/** Addresses and ids that somebody here has already. */
async function taken(unit: Work, accounts: readonly Account[]): Promise<string[]> {
  const mistakes: string[] = []
  for (const some of batches(accounts)) {
    const rows = await unit.db
      .selectFrom('identities')
      .select('email')
      .where(
        'email',
        'in',
        some.map(({ email }) => email),
      )
      .execute()
    const here = new Set(rows.map(({ email }) => email))
    for (const { where, email } of some)
      if (here.has(email)) mistakes.push(`${where}: somebody here has the e-mail ${email} already`)
  }
  return mistakes
}

async function write(
  { random, sealers }: ImportDeps,
  unit: Work,
  accounts: readonly Account[],
  made: { importId: string; companyId: CompanyId | null; file: ImportFile; report: ImportReport },
): Promise<void> {
  const { importId, companyId, file, report } = made
  const at = new Date(unit.atMs)
  await unit.db
    .insertInto('imports')
    .values({
      ...{ id: importId, kind: 'accounts' as const, company_id: companyId, created_at: at, undone_at: null },
      file_name: file.name.slice(-255),
      file_sha256: new Bun.CryptoHasher('sha256').update(file.text).digest('hex'),
      report: JSON.stringify(report),
    })
    .execute()
  for (const some of batches(accounts)) {
    const people = some.map((account) => ({ account, id: random.uuid() as IdentityId }))
    await unit.db
      .insertInto('identities')
      .values(
        people.map(({ account, id }) => ({
          ...{ id, email: account.email, name: account.name, phone: account.phone },
          ...{ created_at: account.createdAt ?? at, updated_at: at },
          email_verified: account.emailVerified,
          email_verified_at: account.emailVerified ? at : null,
          ...(account.isDisabled && { banned_at: at, ban_reason: CLOSED_THERE }),
        })),
      )
      .execute()
    await unit.db
      .insertInto('imported_accounts')
      .values(
        people.map(({ account, id }) => ({ import_id: importId, old_id: account.oldId, identity_id: id })),
      )
      .execute()
    const passwords = people.flatMap(({ account: { password }, id }) =>
      password === null ? [] : [passwordRow(random, { identityId: id, hash: password.hash, at })],
    )
    if (passwords.length > 0) await unit.db.insertInto('credentials').values(passwords).execute()
    const memberships = people.flatMap(({ account: { roles }, id }) =>
      roles.map((role) => {
        assert(companyId !== null, 'a role has its company')
        return { company_id: companyId, identity_id: id, role, created_at: at }
      }),
    )
    if (memberships.length > 0) await unit.db.insertInto('memberships').values(memberships).execute()
    for (const { account, id } of people) {
      if (account.mfaSecret === null) continue
      const kept = await adoptTotp(unit, sealers.totp, { identityId: id, secret: account.mfaSecret })
      assert(kept, 'a secret that was looked at before is kept')
      await keepBackupCodes(unit, sealers.backupCodes, { identityId: id, codes: account.backupCodes })
    }
  }
  await record(unit.db, random, {
    action: 'accounts.imported',
    atMs: unit.atMs,
    subject: importId,
    detail: { file: file.name, people: accounts.length },
    ...(companyId === null ? {} : { companyId }),
  })
}

/** Why such an account is closed here, too. */
export const CLOSED_THERE = 'This account was closed in the system it came from.'

function batches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, n) =>
    all.slice(n * BATCH, (n + 1) * BATCH),
  )
}
