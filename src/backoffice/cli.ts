/** `company`, `password` and `factors` on the command line. */
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { takeFactorsAway } from './factors.ts'
import { foundCompany } from './found.ts'
import { parseCompanyFile } from './mistakes.ts'
import { renewPassword } from './password.ts'
import { type NewPassword, reportLines } from './report.ts'
import { CommandError, orSayWhatIsWrong, readText, say, withDatabase } from './terminal.ts'

const COMPANY_USAGE = 'company FILE.json [--dry-run] [--over-office] [--passwords FILE]'
const PASSWORD_USAGE = 'password EMAIL'
const FACTORS_USAGE = 'factors EMAIL'

/**
 * Found a company, or bring it up to its file.
 * @returns the exit code: 0, or 2 when the arguments or the file have to be put right
 */
export function companyCommand(args: readonly string[]): Promise<number> {
  return orSayWhatIsWrong(async () => {
    const { path, dryRun, overOffice, passwords } = companyArguments(args)
    const file = parseCompanyFile(readText(path))
    await withDatabase(async (deps) => {
      const keep = passwords === undefined || dryRun ? null : openSecret(passwords)
      let founded: Awaited<ReturnType<typeof foundCompany>> | null = null
      try {
        founded = await foundCompany(deps, file, { dryRun, overOffice })
        if (keep !== null && founded.passwords.length > 0) keep.write(passwordLines(founded.passwords))
      } finally {
        keep?.close(founded !== null && founded.passwords.length > 0)
      }
      say(reportLines(founded.entries))
      if (dryRun) say(['', 'Nothing was changed: this was a dry run.'])
      else if (founded.passwords.length === 0) return
      else if (keep !== null) say(['', `The passwords of new people are in ${passwords}.`])
      else say(['', 'Passwords of new people, shown this once:', ...passwordLines(founded.passwords)])
    })
  })
}

/**
 * Give a person a new password.
 * @returns the exit code: 0, or 2 when there is no such person
 */
export function passwordCommand(args: readonly string[]): Promise<number> {
  return orSayWhatIsWrong(async () => {
    const [email, ...more] = args
    if (email === undefined || more.length > 0) throw new CommandError(`Usage: ${PASSWORD_USAGE}`)
    await withDatabase(async (deps) => {
      const renewed = await renewPassword(deps, email)
      if (!renewed.ok) throw new CommandError(`Nobody here has the e-mail address ${email}.`)
      say([`${email}  ${renewed.value}`, 'Shown this once. All their sessions have ended.'])
    })
  })
}

/** @returns the exit code: 0, or 2 when nobody has this e-mail address */
export function factorsCommand(args: readonly string[]): Promise<number> {
  return orSayWhatIsWrong(async () => {
    const [email, ...more] = args
    if (email === undefined || more.length > 0) throw new CommandError(`Usage: ${FACTORS_USAGE}`)
    await withDatabase(async (deps) => {
      const taken = await takeFactorsAway(deps, email)
      if (!taken.ok) throw new CommandError(`Nobody here has the e-mail address ${email}.`)
      const had = taken.value ? 'Their second factor is taken away' : 'They had no second factor'
      say([`${had}; all their sessions have ended. They sign in by password, and are asked for a new one.`])
    })
  })
}

function companyArguments(args: readonly string[]): {
  path: string
  dryRun: boolean
  overOffice: boolean
  passwords?: string
} {
  try {
    const options = {
      'dry-run': { type: 'boolean' },
      'over-office': { type: 'boolean' },
      passwords: { type: 'string' },
    } as const
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0) throw new Error('One file is expected.')
    const dryRun = values['dry-run'] ?? false
    const overOffice = values['over-office'] ?? false
    return {
      path,
      dryRun,
      overOffice,
      ...(values.passwords === undefined ? {} : { passwords: values.passwords }),
    }
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\nUsage: ${COMPANY_USAGE}`)
  }
}

/** A file that only this user can read, made before any work is done; an older one is never overwritten. */
function openSecret(path: string): { write(lines: readonly string[]): void; close(isKept: boolean): void } {
  let file: number
  try {
    file = openSync(path, 'wx', 0o600)
  } catch (error) {
    throw new CommandError(`Cannot make ${path}: ${(error as Error).message}`)
  }
  return {
    write: (lines) => void writeSync(file, `${lines.join('\n')}\n`),
    close(isKept) {
      closeSync(file)
      if (!isKept) unlinkSync(path)
    },
  }
}

function passwordLines(passwords: readonly NewPassword[]): string[] {
  const widest = Math.max(...passwords.map(({ email }) => email.length))
  return passwords.map(({ email, password, name }) => `${email.padEnd(widest)}  ${password}  ${name}`)
}
