/** From the text of a company file to what it says, or to all that is wrong with it. */
import { z } from 'zod'
import { ok, type Result, refuse } from '../engine/units.ts'
import { type CompanyFile, callSignShape, companyFileShape, emailShape, plateShape } from './shapes.ts'

export interface Mistake {
  /** Where in the document, such as `people[2].email`; empty for the document itself. */
  readonly path: string
  readonly message: string
}

/** The file cannot be used as it is; nothing has changed. */
export class CompanyFileError extends Error {
  override name = 'CompanyFileError'
  readonly mistakes: readonly Mistake[]

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ path, message }) => (path === '' ? message : `${path} ${message}`)).join('\n'))
    this.mistakes = mistakes
  }
}

/**
 * Read a company file.
 * @throws CompanyFileError with every mistake that shows without looking into the database
 */
export function parseCompanyFile(json: string): CompanyFile {
  const document = parseJson(json)
  if (!document.ok)
    throw new CompanyFileError([
      { path: '', message: 'The file is not JSON; a comma or quote may be missing.' },
    ])
  const parsed = companyFileShape.safeParse(document.value, { error: words })
  const mistakes = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap(mistakesOf)),
    ...contradictions(document.value),
  ].map((mistake) => withZone(document.value, mistake))
  if (!parsed.success || mistakes.length > 0) throw new CompanyFileError(mistakes)
  return parsed.data
}

function parseJson(json: string): Result<unknown, 'not_json'> {
  try {
    // A byte order mark, as some editors write it, is no JSON.
    return ok(JSON.parse(json.replace(/^\uFEFF/, '')))
  } catch {
    return refuse('not_json')
  }
}

/** Said where a shape has no words of its own. */
const words: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `should be ${EXPECTED[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `should be one of: ${issue.values.join(', ')}`
    case 'too_small':
      return issue.origin === 'string' ? 'should not be empty' : `should be ${issue.minimum} or more`
    case 'too_big':
      return issue.origin === 'string'
        ? `should have ${issue.maximum} letters or less`
        : `should be ${issue.maximum} or less`
    case 'invalid_format':
      return issue.format === 'email' ? 'should be an e-mail address' : undefined
    default:
      return undefined
  }
}
const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text in quotes',
  number: 'a number',
  int: 'a whole number',
  array: 'a list [...]',
  object: 'an object {...}',
}

function mistakesOf(issue: z.core.$ZodIssue): Mistake[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: pathOf(issue.path), message: issue.message }]
  return issue.keys.map((key) => ({
    path: pathOf([...issue.path, key]),
    message: 'is no field of a company file',
  }))
}

/** Numbers are hard to count in a long file: a mistake in a zone says which one. */
function withZone(document: unknown, mistake: Mistake): Mistake {
  const found = /^regions\[(\d+)\]\.zones\[(\d+)\]/.exec(mistake.path)
  if (found === null) return mistake
  const [, region, zone] = found.map(Number)
  const read = zonesOf.safeParse(document)
  const name = read.success ? read.data.regions[region!]?.zones[zone!]?.name : null
  return name == null ? mistake : { ...mistake, message: `${mistake.message} (${name})` }
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')
}

/** As much of a document as can be compared, whatever is wrong with the rest of it: null where nothing can. */
const readable = <T extends z.ZodType>(shape: T) => shape.nullable().catch(null)
const list = <T extends z.ZodType>(shape: T) => z.array(readable(shape)).catch([])
const zonesOf = z.object({
  regions: list(z.object({ zones: list(z.object({ name: readable(z.string()) })) })),
})
const comparable = z.object({
  regions: list(
    z.object({
      slug: readable(z.string()),
      tariffs: readable(z.record(z.string(), z.unknown())),
      zones: list(z.object({ slug: readable(z.string()) })),
    }),
  ),
  vehicles: list(z.object({ plate: readable(plateShape), class: readable(z.string()) })),
  people: list(
    z.object({
      email: readable(emailShape),
      roles: list(z.string()),
      callSign: readable(callSignShape),
      vehicles: list(plateShape),
      licence: z.unknown().optional(),
    }),
  ),
})

/** What is right by itself and wrong beside the rest. */
function contradictions(document: unknown): Mistake[] {
  const read = comparable.safeParse(document)
  if (!read.success) return []
  const { regions, vehicles, people } = read.data
  const plates = new Set(vehicles.map((vehicle) => vehicle?.plate))
  const priced = new Set(regions.flatMap((region) => Object.keys(region?.tariffs ?? {})))
  const mistakes = [
    ...doubles(
      'regions',
      'slug',
      regions.map((region) => region?.slug),
    ),
    ...regions.flatMap((region, n) =>
      doubles(
        `regions[${n}].zones`,
        'slug',
        (region?.zones ?? []).map((zone) => zone?.slug),
      ),
    ),
    ...doubles(
      'vehicles',
      'plate',
      vehicles.map((vehicle) => vehicle?.plate),
    ),
    ...doubles(
      'people',
      'email',
      people.map((person) => person?.email),
    ),
    ...doubles(
      'people',
      'callSign',
      people.map((person) => person?.callSign),
    ),
  ]
  for (const [n, vehicle] of vehicles.entries())
    if (vehicle?.class != null && priced.size > 0 && !priced.has(vehicle.class))
      mistakes.push({
        path: `vehicles[${n}].class`,
        message: `has no tariff in any region: ${vehicle.class}`,
      })
  for (const [n, person] of people.entries()) {
    if (person === null) continue
    const path = `people[${n}]`
    const drives = person.roles.includes('driver')
    if (drives && person.callSign === null && !hasCallSign(document, n))
      mistakes.push({ path: `${path}.callSign`, message: 'is missing: a driver needs one' })
    if (!drives && person.callSign !== null)
      mistakes.push({
        path: `${path}.callSign`,
        message: 'is for drivers, and "driver" is not among the roles',
      })
    if (!drives && person.vehicles.length > 0)
      mistakes.push({
        path: `${path}.vehicles`,
        message: 'is for drivers, and "driver" is not among the roles',
      })
    if (!drives && person.licence !== undefined)
      mistakes.push({
        path: `${path}.licence`,
        message: 'is for drivers, and "driver" is not among the roles',
      })
    for (const [at, plate] of person.vehicles.entries())
      if (plate !== null && !plates.has(plate))
        mistakes.push({ path: `${path}.vehicles[${at}]`, message: `is no car of this file: ${plate}` })
  }
  return mistakes
}

/** A call sign that is there and wrong has been said to be wrong already. */
function hasCallSign(document: unknown, n: number): boolean {
  return (document as { people: { callSign?: unknown }[] }).people[n]?.callSign !== undefined
}

function doubles(name: string, field: string, values: readonly (string | null | undefined)[]): Mistake[] {
  return values.flatMap((value, n) => {
    const first = value == null ? n : values.indexOf(value)
    return first === n
      ? []
      : [{ path: `${name}[${n}].${field}`, message: `is ${value}, as in ${name}[${first}] already` }]
  })
}
