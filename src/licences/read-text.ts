/**
 * What a machine read off a licence, sorted into fields. A help in typing: every field is shown to the driver for
 * correction, and what is not surely there is left out rather than guessed.
 */
import { type Day, isDay } from '../engine/day.ts'
import { editDistance } from './names.ts'
import { PLACES } from './places.ts'

export interface ReadFields {
  readonly legalName?: string
  readonly number?: string
  /** ISO 3166. */
  readonly country?: string
  readonly issuingState?: string
  readonly classes?: string
  readonly issuedOn?: Day
  readonly expiresOn?: Day
}

/** More than any licence says; what is longer is no licence, and looking through it takes time. */
const LONGEST = 4_000

/** Sort the text of a licence's front into fields. Labels of North America (AAMVA) and numbers of Europe. */
export function readFields(text: string): ReadFields {
  const lines = text
    .slice(0, LONGEST)
    .normalize('NFKC')
    .toUpperCase()
    .split(/\r?\n/)
    .map((line) =>
      line
        .replace(/[|«»“”"_~*=<>{}[\]]+/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '')
  const place = placeOf(lines)
  const dates = datesOf(lines, isMonthFirst(lines, place?.country))
  return withoutGaps({
    legalName: nameOf(lines),
    number: numberOf(lines),
    country: place?.country,
    issuingState: place?.state,
    classes: classesOf(lines),
    ...dates,
  })
}

function withoutGaps(fields: { [Field in keyof ReadFields]: ReadFields[Field] | undefined }): ReadFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/* Where it is from. */

interface Place {
  readonly country: string
  readonly state?: string
}

function placeOf(lines: readonly string[]): Place | undefined {
  const letters = (text: string) => text.replace(/[^A-ZÀ-ÝŒß ]/g, '')
  // The place stands at the top; a street further down may be named after another one.
  for (const line of lines.slice(0, 6)) {
    const words = letters(line).split(' ').filter(Boolean)
    for (const { name, country, state } of PLACES) {
      const length = name.split(' ').length
      for (let at = 0; at + length <= words.length; at++) {
        const said = words.slice(at, at + length).join(' ')
        const slips = name.length < 6 ? 0 : name.length < 12 ? 1 : 2
        if (Math.abs(said.length - name.length) <= slips && editDistance(said, name) <= slips)
          return state === undefined ? { country } : { country, state }
      }
    }
  }
  return undefined
}

/* Days. */

/** Digits as machines misread them. */
const DIGIT = '[0-9OQDILSBZ]'
const DATE = new RegExp(
  `(?<![A-Z0-9])(?:(${DIGIT}{4})([-./ ])(${DIGIT}{2})\\2(${DIGIT}{2})|(${DIGIT}{1,2})([-./ ])(${DIGIT}{1,2})\\6(${DIGIT}{4})|(${DIGIT}{1,2})[-./ ]([A-Z]{3})[A-Z]*[-./ ](${DIGIT}{4}))(?![A-Z0-9])`,
  'g',
)
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const MISREAD: Readonly<Record<string, string>> = {
  ...{ O: '0', Q: '0', D: '0', I: '1', L: '1', Z: '2', S: '5', B: '8' },
}
const EXPIRY = /(?:\b4[B68]\b|\bEXP\w*|\bVALID (?:UNTIL|TO|THRU|THROUGH)\b|\bEXPIR\w*)/
const ISSUE = /(?:\b4[A4]\b|\bISS\w*|\b(?:DATE OF )?ISSUE\w*|\bVALID FROM\b)/
const BIRTH = /(?:\bDOB\b|\bD[O0]8\b|\bBIRTH\w*|\bBORN\b|^3[. ])/

interface Dated {
  readonly day: Day
  readonly label: 'expiry' | 'issue' | 'birth' | null
}

function datesOf(lines: readonly string[], monthFirst: boolean): Pick<ReadFields, 'issuedOn' | 'expiresOn'> {
  const found: Dated[] = []
  for (const [at, line] of lines.entries()) {
    let from = 0
    for (const match of line.matchAll(DATE)) {
      const day = dayOf(match, monthFirst)
      if (day === null) continue
      // A label stands in front on the line, else alone on the line above.
      const before = line.slice(from, match.index)
      from = match.index + match[0].length
      const label = labelOf(before) ?? (before.trim() === '' ? labelOf(lines[at - 1] ?? '') : null)
      found.push({ day, label })
    }
  }
  const labelled = (label: Dated['label']) => found.find((dated) => dated.label === label)?.day
  const bare = found.filter(({ label }) => label === null).map(({ day }) => day)
  // Without labels the order of life decides: born, issued, running out.
  const [birth, issue, expiry] = found.length === 3 && bare.length === 3 ? bare.toSorted() : []
  const expiresOn = labelled('expiry') ?? expiry
  const issuedOn = labelled('issue') ?? issue
  if (birth !== undefined && birth >= (issue ?? birth)) return {}
  return {
    ...(issuedOn !== undefined && (expiresOn === undefined || issuedOn < expiresOn) ? { issuedOn } : {}),
    ...(expiresOn === undefined ? {} : { expiresOn }),
  }
}

/** The label nearest to the date. */
function labelOf(text: string): Dated['label'] {
  const at = (label: RegExp) => text.search(label)
  const [expiry, issue, birth] = [at(EXPIRY), at(ISSUE), at(BIRTH)]
  const last = Math.max(expiry, issue, birth)
  if (last === -1) return null
  return last === expiry ? 'expiry' : last === issue ? 'issue' : 'birth'
}

function dayOf(match: RegExpMatchArray, monthFirst: boolean): Day | null {
  const digits = (text: string | undefined) => text?.replace(/[A-Z]/g, (char) => MISREAD[char] ?? char)
  const [, y1, , m1, d1, a, separator, b, y2, d3, word, y3] = match
  if (word !== undefined) return made(digits(y3), MONTHS.indexOf(word) + 1, Number(digits(d3)))
  if (y1 !== undefined) return made(digits(y1), Number(digits(m1)), Number(digits(d1)))
  const [first, second] = [Number(digits(a)), Number(digits(b))]
  // Dots are written where the day comes first; 13 and more is no month.
  const isMonth = first <= 12 && (second > 12 || (monthFirst && separator !== '.'))
  return isMonth ? made(digits(y2), first, second) : made(digits(y2), second, first)
}

function made(year: string | undefined, month: number, day: number): Day | null {
  const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  return isDay(text) && Number(year) >= 1900 && Number(year) <= 2100 ? text : null
}

/** In the United States the month comes first, nearly everywhere else the day. */
function isMonthFirst(lines: readonly string[], country: string | undefined): boolean {
  return country === undefined ? lines.some((line) => /\bLICENSE\b|\bUSA\b/.test(line)) : country === 'US'
}

/* Number, classes, name. */

const NUMBER_LABEL =
  /(?:\b4D\b\.?|^5[.,:]|\bDLN?\b|\bLIC(?:EN[SC]E)?\.? ?(?:NO|NUMBER|NUM|#)\b|\b(?:NO|NUMBER)\b|\bID\b)\s*[.:#]*\s*/g

function numberOf(lines: readonly string[]): string | undefined {
  for (const [at, line] of lines.entries())
    for (const match of line.matchAll(NUMBER_LABEL)) {
      const rest = line.slice(match.index + match[0].length)
      const number = numberIn(rest === '' ? (lines[at + 1] ?? '') : rest)
      if (number !== undefined) return number
    }
  return undefined
}

/** Letters and digits in up to four groups, most of all digits; no date. */
function numberIn(text: string): string | undefined {
  const match = /^(?:DLN?|NO|#)?[ .:]*([A-Z0-9]{1,20}(?:[ -][A-Z0-9]{2,12}){0,4})/.exec(text)
  if (match === null || new RegExp(`^(?:${DATE.source})`).test(text)) return undefined
  // What follows the number on its line has no digits, or is a label.
  const groups: string[] = []
  for (const group of match[1]!.split(/[ -]/)) {
    if (!/\d/.test(group) || (groups.length > 0 && /^(?:4[ABD]|9|3)$/.test(group))) break
    groups.push(group)
  }
  const number = groups.join(' ')
  const digits = number.replace(/\D/g, '').length
  return digits >= 4 && number.length >= 5 && number.length <= 25 ? number : undefined
}

function classesOf(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const match =
      /(?:\bCL[A4][S5][S5](?:ES)?\b|\bCATEGOR(?:Y|IES)\b|\bCLS\b|^9[.,:]|\b9\.)\s*[.:]*\s*([A-Z][A-Z0-9]{0,2}(?:[ /,]+[A-Z][A-Z0-9]?\b)*)/.exec(
        line,
      )
    const found = match?.[1]
      ?.split(/[ /,]+/)
      .filter((part) => /^(?:[A-G]|[A-D]1|[A-D]1?E|AM|CDL|T|[LMR])$/.test(part))
    if (found !== undefined && found.length > 0) return found.join(', ')
  }
  return undefined
}

const NOT_IN_NAMES = /[^A-ZÀ-ÝŒß' .-]/g

function nameOf(lines: readonly string[]): string | undefined {
  const after = (label: RegExp): string | undefined => {
    for (const [at, line] of lines.entries()) {
      const match = label.exec(line)
      if (match === null) continue
      const rest = line.slice(match.index + match[0].length).trim()
      const name = cleanName(rest === '' ? (lines[at + 1] ?? '') : rest)
      if (name !== undefined) return name
    }
    return undefined
  }
  const family = after(/^(?:1[. ]|LN\b|SURNAME\b|LAST NAME\b|FAMILY NAME\b)\s*[.:]*/)
  const given = after(/^(?:2[. ]|FN\b|GIVEN NAMES?\b|FIRST NAMES?\b|FORENAMES?\b)\s*[.:]*/)
  if (family !== undefined && given !== undefined) return inCase(`${given} ${family}`)
  const whole = after(/^(?:FULL )?NAME\b\s*[.:]*/)
  if (whole === undefined) return undefined
  const [last = '', first = ''] = whole.split(/\s*,\s*/)
  return inCase(first === '' ? last : `${first} ${last}`)
}

function cleanName(text: string): string | undefined {
  const [last = '', first = ''] = text.split(',')
  const clean = (part: string) =>
    part
      .replace(NOT_IN_NAMES, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/^[ .'-]+|[ .'-]+$/g, '')
  const name = [clean(last), clean(first)].filter(Boolean).join(', ')
  return name.replace(/[^A-ZÀ-Ýß]/g, '').length >= 2 ? name : undefined
}

/** `O'BRIEN` to `O'Brien`. */
function inCase(name: string): string {
  return name
    .toLowerCase()
    .replace(/(^|[ '-])(\p{L})/gu, (_all, before, letter) => before + letter.toUpperCase())
}
