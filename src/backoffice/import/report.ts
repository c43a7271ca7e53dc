/** What an import brought, counted, for the terminal and the record. */
import type { Role } from '../../io/tables/accounts.ts'
import type { Reading } from './account.ts'

export interface ImportReport {
  readonly people: number
  /** Deleted in the older system. */
  readonly leftOut: number
  readonly passwords: { readonly argon2: number; readonly bcrypt: number; readonly none: number }
  readonly secondFactors: number
  readonly backupCodes: number
  readonly roles: Readonly<Partial<Record<Role, number>>>
  readonly unverified: number
  readonly disabled: number
  /** Fields of the file that mean nothing here, and in how many users they stood. */
  readonly ignored: Readonly<Record<string, number>>
}

export function countOf(readings: readonly Reading[]): ImportReport {
  const accounts = readings.flatMap((reading) => (reading.state === 'account' ? [reading.account] : []))
  const count = (fits: (account: (typeof accounts)[number]) => boolean) => accounts.filter(fits).length
  return {
    people: accounts.length,
    leftOut: readings.filter(({ state }) => state === 'left_out').length,
    passwords: {
      argon2: count(({ password }) => password?.kind === 'argon2'),
      bcrypt: count(({ password }) => password?.kind === 'bcrypt'),
      none: count(({ password }) => password === null),
    },
    secondFactors: count(({ mfaSecret }) => mfaSecret !== null),
    backupCodes: accounts.reduce((sum, { backupCodes }) => sum + backupCodes.length, 0),
    roles: tally(accounts.flatMap(({ roles }) => roles)),
    unverified: count(({ emailVerified }) => !emailVerified),
    disabled: count(({ isDisabled }) => isDisabled),
    ignored: tally(readings.flatMap(({ ignored }) => ignored)),
  }
}

function tally<T extends string>(names: readonly T[]): Record<T, number> {
  const counts = new Map<T, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) as Record<T, number>
}

/** The report as lines for the terminal; what did not happen is left unsaid. */
export function importLines(report: ImportReport): string[] {
  const { passwords, roles, ignored } = report
  const lines: [number, string][] = [
    [report.people, 'people'],
    [passwords.argon2, 'with a password hashed by argon2'],
    [passwords.bcrypt, 'with a password hashed by bcrypt, hashed anew at their first sign-in'],
    [passwords.none, 'without a password: they choose one by "I forgot my password"'],
    [report.secondFactors, 'with an authenticator app'],
    [report.backupCodes, 'backup codes'],
    ...Object.entries(roles).map(([role, count]): [number, string] => [count, `with the role ${role}`]),
    [report.unverified, 'whose e-mail address is not confirmed'],
    [report.disabled, 'closed, as they were there'],
    [report.leftOut, 'left out: deleted there'],
  ]
  const widest = String(Math.max(...lines.map(([count]) => count))).length
  return [
    ...lines
      .filter(([count]) => count > 0)
      .map(([count, what]) => `${String(count).padStart(widest)} ${what}`),
    ...(Object.keys(ignored).length === 0
      ? []
      : [
          `Fields that mean nothing here, and were passed over: ${Object.entries(ignored)
            .map(([name, count]) => `${name} (${count})`)
            .join(', ')}`,
        ]),
    ...(roles.driver === undefined
      ? []
      : ['Drivers need a call sign and a car before they can go online: name them in the company file.']),
  ]
}
