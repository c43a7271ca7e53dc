/** `import accounts` on the command line. */
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { makeFactorSealers } from '../../accounts/factors.ts'
import { CommandError, orSayWhatIsWrong, readText, say, withDatabase } from '../terminal.ts'
import { importAccounts } from './import.ts'
import { importLines } from './report.ts'
import { type UndoRefusal, undoImport } from './undo.ts'

const USAGE = `Usage: import accounts FILE.json [--company SLUG] [--dry-run]
       import accounts --undo IMPORT_ID [--dry-run]`
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i

const REFUSALS: Readonly<Record<UndoRefusal, string>> = {
  no_such_import: 'There is no import of this ID.',
  undone_before: 'This import was taken back before.',
}

type Asked =
  | { readonly path: string; readonly company?: string; readonly dryRun: boolean }
  | { readonly undo: string; readonly dryRun: boolean }

/**
 * Bring accounts in, or take an import back.
 * @returns the exit code: 0, or 2 when the arguments or the file have to be put right
 */
export function importCommand(args: readonly string[]): Promise<number> {
  return orSayWhatIsWrong(async () => {
    const asked = argumentsOf(args)
    const text = 'path' in asked ? readText(asked.path) : ''
    await withDatabase(async ({ config, ...deps }) => {
      if ('undo' in asked) {
        const undone = await undoImport(deps, asked.undo, asked.dryRun)
        if (typeof undone === 'string') throw new CommandError(REFUSALS[undone])
        say([`Removed: ${undone.removed}.`])
        if (undone.kept.length > 0)
          say([
            `Kept, because they are in use: ${undone.kept.length}.`,
            ...undone.kept.map(({ email, why }) => `  ${email} ${why}`),
          ])
      } else {
        const { path, company, dryRun } = asked
        const sealers = makeFactorSealers(config.sessionSecrets, deps.random)
        const file = { name: basename(path), text, ...(company === undefined ? {} : { company }) }
        const { importId, report } = await importAccounts({ ...deps, sealers }, file, dryRun)
        say(importLines(report))
        if (!dryRun) say(['', `Import ${importId}`, `Take it back: import accounts --undo ${importId}`])
      }
      if (asked.dryRun) say(['', 'Nothing was changed: this was a dry run.'])
    })
  })
}

function argumentsOf(args: readonly string[]): Asked {
  const wrong = (why: string) => new CommandError(`${why}\n${USAGE}`)
  const options = {
    'dry-run': { type: 'boolean' },
    company: { type: 'string' },
    undo: { type: 'string' },
  } as const
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw wrong((error as Error).message)
  }
  const { values, positionals } = parsed
  const [kind, path, ...more] = positionals
  const dryRun = values['dry-run'] ?? false
  if (kind !== 'accounts' || more.length > 0) throw wrong('Only accounts can be brought in.')
  if (values.undo !== undefined) {
    if (path !== undefined || values.company !== undefined) throw wrong('--undo stands alone.')
    if (!UUID.test(values.undo)) throw wrong('--undo takes the ID that the import printed.')
    return { undo: values.undo.toLowerCase(), dryRun }
  }
  if (path === undefined) throw wrong('One file is expected.')
  return { path, dryRun, ...(values.company === undefined ? {} : { company: values.company }) }
}
