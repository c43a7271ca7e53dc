/** `places` on the command line: a gazetteer for the address search. */
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { bringIn, FileRefused, type ImportReport, textOfFile } from '../places/places.ts'
import { CommandError, orSayWhatIsWrong, readBytes, say, withDatabase } from './terminal.ts'

const USAGE = 'places FILE [--name DATASET] [--skip-bad] [--dry-run]'
/** About three million places; a country's worth is better brought in by parts. */
const MOST_BYTES = 400 * 1_048_576
/** A line of progress each time so much more is read. */
const SAID_EVERY = 0.1

/**
 * Bring a gazetteer into the database: CSV with the columns `name`, `lat`, `lng` and, where there are, `kind`, `detail`,
 * `source`; or GeoJSON; gzip or not. The file's name names the dataset unless `--name` does; the same name again replaces
 * what it brought before.
 * @returns the exit code: 0, or 2 when the file has to be put right; then nothing was changed
 */
export function placesCommand(args: readonly string[]): Promise<number> {
  return orSayWhatIsWrong(async () => {
    const { path, dataset, skipBad, dryRun } = placesArguments(args)
    const bytes = readBytes(path)
    await withDatabase(async ({ db }) => {
      let said = 0
      const onProgress = (share: number) => {
        if (share < said + SAID_EVERY || share >= 1) return
        said = share
        say([`${Math.floor(share * 100)} % read`])
      }
      try {
        const text = await textOfFile(bytes, MOST_BYTES)
        const report = await bringIn(db, { dataset, text, skipBad, dryRun, onProgress })
        if (report.outcome === 'refused')
          throw new CommandError([...reportLines(report), '', REFUSED].join('\n'))
        say(reportLines(report))
      } catch (error) {
        if (error instanceof FileRefused) throw new CommandError(`${path}: ${error.message}`)
        throw error
      }
    })
  })
}

const REFUSED = 'Nothing was changed. Put these right, or leave them out with --skip-bad.'

function placesArguments(args: readonly string[]) {
  const options = {
    name: { type: 'string' },
    'skip-bad': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  } as const
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0) throw new Error('One file is expected.')
    const dataset = (values.name ?? basename(path)).trim()
    if (dataset === '') throw new Error('The name is empty.')
    return { path, dataset, skipBad: values['skip-bad'] ?? false, dryRun: values['dry-run'] ?? false }
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\nUsage: ${USAGE}`)
  }
}

function reportLines(report: ImportReport): string[] {
  const { outcome, places, doubled, bad, problems, added, gone, kinds, bounds } = report
  if (outcome === 'same_as_before') return ['These places were there already.']
  const head = outcome === 'brought_in' ? `Brought in: ${places}.` : `Places in the file: ${places}.`
  const unsaid = bad - problems.length
  return [
    `${head} New: ${added}, gone: ${gone}${doubled > 0 ? `, said twice: ${doubled}` : ''}${bad > 0 ? `, no places: ${bad}` : ''}.`,
    `Kinds: ${kinds.map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
    ...(bounds === null
      ? []
      : [`Between ${degrees(bounds.south, bounds.west)} and ${degrees(bounds.north, bounds.east)}`]),
    ...problems.map(({ where, why }) => `${where} ${why}`),
    ...(unsaid > 0 ? [`and ${unsaid} more`] : []),
    ...(outcome === 'checked' ? ['', 'Nothing was changed: this was a dry run.'] : []),
  ]
}

function degrees(lat: number, lng: number): string {
  return `${lat.toFixed(4)}, ${lng.toFixed(4)}`
}
