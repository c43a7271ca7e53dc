/** Figures as people read them: money, instants, distances, minutes. Always with their unit. */
import type { PageContext } from '../page.ts'

type Zone = Pick<PageContext, 'lang' | 'timeZone'>

/** How a currency is written, and what was: to format is dear, and a desk draws the same fares again and again. */
interface MoneyWriter {
  readonly format: Intl.NumberFormat
  readonly minorPerMajor: number
  readonly texts: Map<number, string>
}

/** Intl's formatters cost 20 µs and more to build and a board draws hundreds of figures, so they are kept. */
const clocks = new Map<string, Intl.DateTimeFormat>()
const minutes = new Map<PageContext['lang'], Map<string, Map<number, string>>>()
const moneys = new Map<PageContext['lang'], Map<string, MoneyWriter>>()
/** Of one currency or zone, some hundred KB; when it is full it begins anew. */
const MOST_TEXTS = 5_000

function textOf(texts: Map<number, string>, figure: number, write: () => string): string {
  const known = texts.get(figure)
  if (known !== undefined) return known
  if (texts.size >= MOST_TEXTS) texts.clear()
  const text = write()
  texts.set(figure, text)
  return text
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** The locale that goes with a page's language; the region decides nothing but zone and currency. */
const LOCALES: Record<PageContext['lang'], string> = { en: 'en-US', 'en-US': 'en-US' }
/** Days and hours by language: `Sat 21 Nov 2026` and `18:12`, or `Sat, Nov 21, 2026` and `6:12 PM`. */
const DAY_LOCALES: Record<PageContext['lang'], string> = { en: 'en-GB', 'en-US': 'en-US' }
const HOURS: Record<PageContext['lang'], Intl.DateTimeFormatOptions> = {
  en: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  'en-US': { hour: 'numeric', minute: '2-digit', hourCycle: 'h12' },
}

/**
 * An amount in its currency, such as `$24.80`.
 * @param amountMinor integer minor units
 */
export function money(amountMinor: number, currency: string, lang: PageContext['lang'] = 'en'): string {
  const ofLang = entryOf(moneys, lang, () => new Map())
  const { format, minorPerMajor, texts } = entryOf(ofLang, currency, () => {
    const made = new Intl.NumberFormat(LOCALES[lang], { style: 'currency', currency })
    // Yen has no minor digits, the dinar three: the formatter knows.
    const digits = made.resolvedOptions().maximumFractionDigits ?? 2
    return { format: made, minorPerMajor: 10 ** digits, texts: new Map<number, string>() }
  })
  return textOf(texts, amountMinor, () => format.format(amountMinor / minorPerMajor))
}

function instant(zone: Zone, name: string, options: Intl.DateTimeFormatOptions, atMs: number): string {
  const key = `${zone.lang} ${zone.timeZone} ${name}`
  let format = clocks.get(key)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(DAY_LOCALES[zone.lang], { ...options, timeZone: zone.timeZone })
    clocks.set(key, format)
  }
  return format.format(atMs)
}

/** The clock of the region, `18:12`; taxi desks speak in 24 hours, and so do our pages unless somebody wants it otherwise. */
export function clockText(zone: Zone, atMs: number): string {
  const ofLang = entryOf(minutes, zone.lang, () => new Map())
  const texts = entryOf(ofLang, zone.timeZone, () => new Map<number, string>())
  // No zone is off by less than a minute since towns gave up clocks of their own.
  return textOf(texts, Math.floor(atMs / 60_000), () => instant(zone, 'clock', HOURS[zone.lang], atMs))
}

/** The clock with its seconds, `18:05:02`, for lists of what happened. */
export function clockSecondsText(zone: Zone, atMs: number): string {
  return instant(zone, 'seconds', { ...HOURS[zone.lang], second: '2-digit' }, atMs)
}

/** The day in the region, `Sat 21 Nov 2026`. */
export function dayText(zone: Zone, atMs: number): string {
  const options = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const
  const text = instant(zone, 'day', options, atMs)
  return zone.lang === 'en' ? text.replace(',', '') : text
}

/** A duration rounded to minutes: `now` under half a minute, `4 min`, `1 h 5 min`. Negative counts as now. */
export function minutesText(durationS: number): string {
  const minutes = Math.round(durationS / 60)
  if (minutes < 1) return 'now'
  if (minutes < 60) return `${minutes} min`
  const rest = minutes % 60
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`
}

/** How far the driver still is, in words: `4 min away`, `Nearly there`. */
export function awayText(etaS: number): string {
  const minutes = minutesText(etaS)
  return minutes === 'now' ? 'nearly there' : `${minutes} away`
}

/** Time left as a clock, `4:32`; never negative. The script counts it down from here. */
export function countdownText(remainingMs: number): string {
  const seconds = Math.max(0, Math.ceil(remainingMs / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** Age of a position or of news: `3 s`, `2 min`, `1 h`. Negative counts as 0 s. */
export function ageText(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return `${Math.floor(seconds / 3600)} h`
}

/** A distance: `210 m` to the nearest ten under a kilometre, then `1.8 km`, from 10 km on whole. */
export function distanceText(distanceM: number): string {
  const tens = Math.round(distanceM / 10) * 10
  if (tens < 1000) return `${tens} m`
  const km = distanceM / 1000
  return km < 9.95 ? `${km.toFixed(1)} km` : `${Math.round(km)} km`
}

/** `9,940`, as English writes it. */
export function countText(count: number): string {
  return COUNT.format(count)
}
const COUNT = new Intl.NumberFormat('en')

/** Two letters for an avatar; one where the name has one word, none for an empty name. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/\s+/u)
    .filter((word) => word !== '')
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words
  return ends.map((word) => ([...(word ?? '')][0] ?? '').toLocaleUpperCase('en')).join('')
}
