/** A geocoder elsewhere, asked with care: kept answers first, within a rate and a time, and left alone while it fails. */
import type { LatLng } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { GeocoderConfig } from '../io/config.ts'
import type { Logger } from '../io/log.ts'
import { type Outgoing, OutgoingError } from '../io/outgoing.ts'
import type { Db } from '../io/postgres.ts'
import { askedToday, keepAnswer, keptAnswer, keyOf, takeTurn } from './answers.ts'
import type { Place } from './gazetteer.ts'
import { type Geocoder, StrangeAnswer } from './geocoders/geocoder.ts'
import { mapbox } from './geocoders/mapbox.ts'
import { nominatim } from './geocoders/nominatim.ts'
import { photon } from './geocoders/photon.ts'

/** Why there is no answer from outside. */
export type Silence =
  /** As much is asked as may be. */
  | 'busy'
  /** Too slow, not reachable, failing, or left alone because it was. */
  | 'away'
  /** It sent us elsewhere, is at a private address, or does not know our key. */
  | 'refused'
  /** What it says cannot be read. */
  | 'strange'

export type Outcome = 'asked' | 'kept' | Silence

export interface OutsideState {
  readonly geocoder: Geocoder
  /** Of this process, since its start. */
  readonly counts: Readonly<Record<Outcome, number>>
  /** Null: it is asked. Else why not, and until when. */
  readonly leftAlone: { readonly because: Silence; readonly untilMs: number } | null
}

export interface Outside {
  readonly geocoder: Geocoder
  search(question: OutsideQuestion): Promise<readonly Place[] | Silence>
  reverse(point: LatLng): Promise<Place | null | Silence>
  state(): OutsideState
  askedToday(): Promise<number>
}

export interface OutsideQuestion {
  readonly text: string
  readonly near: LatLng | null
  /** Somebody waits for the next letter; an answer that is late is none. */
  readonly typing: boolean
}

export interface OutsideDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly outgoing: Outgoing
  readonly publicUrl: string
}

const MAKERS = { nominatim, photon, mapbox }
const LIMIT = 6
const TYPING_TIMEOUT_MS = 1_200
const SETTLED_TIMEOUT_MS = 2_500
/** How long a form that was sent waits for its turn; whoever types does not. */
const PATIENCE_MS = 1_500
const MOST_BYTES = 262_144
const DAY_MS = 86_400_000
/** After so many failures in a row it is left alone for a while, so that nobody waits for it in vain. */
const FAILURES_BORNE = 3
const LEFT_ALONE_MS = 30_000
/** A wrong key, or an address it may not be at, does not mend by itself in seconds. */
const REFUSED_MS = 5 * 60_000
const LONGEST_ALONE_MS = 3_600_000
/** To about a kilometre, and points to about eleven metres: kept answers serve the neighbours too. */
const NEAR_DIGITS = 2
const POINT_DIGITS = 4

export function makeOutside(deps: OutsideDeps, config: GeocoderConfig): Outside {
  const { db, clock, log } = deps
  const keepForMs = config.cacheDays * DAY_MS
  const geocoder = MAKERS[config.name]({ ...config, keepsAnswers: keepForMs > 0 })
  const counts: Record<Outcome, number> = { asked: 0, kept: 0, busy: 0, away: 0, refused: 0, strange: 0 }
  /** The same question of several people at the same moment is one. */
  const underWay = new Map<string, Promise<readonly Place[] | Silence>>()
  let failures = 0
  let leftAlone: OutsideState['leftAlone'] = null

  function leaveAlone(because: Silence, forMs: number): void {
    leftAlone = { because, untilMs: clock.nowMs() + forMs }
    log.warn({ geocoder: geocoder.name, because, forMs }, 'geocoder.left_alone')
  }

  function failed(because: Silence, aloneMs: number | null): Silence {
    failures += 1
    if (aloneMs !== null) leaveAlone(because, Math.min(aloneMs, LONGEST_ALONE_MS))
    else if (failures >= FAILURES_BORNE) leaveAlone(because, LEFT_ALONE_MS)
    return because
  }

  async function fetchPlaces(
    url: URL,
    read: (body: unknown) => readonly Place[],
    timeoutMs: number,
  ): Promise<readonly Place[] | Silence> {
    let answer: Awaited<ReturnType<Outgoing['ask']>>
    try {
      answer = await deps.outgoing.ask({
        ...{ service: 'geocoder', url, timeoutMs, maxBytes: MOST_BYTES },
        // Public servers ask to be told who calls.
        headers: { 'user-agent': `Honeycab (${deps.publicUrl})` },
      })
    } catch (error) {
      if (!(error instanceof OutgoingError)) throw error
      log.warn({ geocoder: geocoder.name, reason: error.reason }, 'geocoder.failed')
      const isWrong = ['redirected', 'private_address', 'host_not_allowed', 'bad_address'].includes(
        error.reason,
      )
      return isWrong ? failed('refused', REFUSED_MS) : failed('away', null)
    }
    const { status, headers, text } = answer
    if (status === 429)
      return failed('busy', 1_000 * (Number(headers['retry-after']) || LEFT_ALONE_MS / 1_000))
    if (status === 401 || status === 403) return failed('refused', REFUSED_MS)
    // Nothing by that name is said as 404 by some.
    if (status !== 200 && status !== 404) return failed('away', null)
    try {
      const places = status === 404 ? [] : read(JSON.parse(text))
      failures = 0
      leftAlone = null
      return places
    } catch (error) {
      if (!(error instanceof StrangeAnswer || error instanceof SyntaxError)) throw error
      log.warn({ geocoder: geocoder.name }, 'geocoder.strange')
      return failed('strange', null)
    }
  }

  async function answerTo(
    key: Buffer,
    url: URL,
    read: (body: unknown) => readonly Place[],
    typing: boolean,
  ): Promise<readonly Place[] | Silence> {
    const kept = keepForMs > 0 ? await keptAnswer(db, key, clock.nowMs()) : undefined
    if (kept !== undefined) {
      counts.kept += 1
      return kept
    }
    if (leftAlone !== null && clock.nowMs() < leftAlone.untilMs) return leftAlone.because
    const patienceMs = typing ? 0 : PATIENCE_MS
    const { name } = geocoder
    const waitMs = await takeTurn(db, { geocoder: name, budget: config, nowMs: clock.nowMs(), patienceMs })
    if (waitMs === null) return 'busy'
    if (waitMs > 0) await Bun.sleep(waitMs)
    counts.asked += 1
    const places = await fetchPlaces(url, read, typing ? TYPING_TIMEOUT_MS : SETTLED_TIMEOUT_MS)
    if (typeof places !== 'string' && keepForMs > 0)
      await keepAnswer(db, { key, geocoder: name, places, nowMs: clock.nowMs(), forMs: keepForMs })
    return places
  }

  /** Never throws for what is outside: the database's own failures alone pass. */
  async function ask(
    question: readonly unknown[],
    url: URL,
    read: (body: unknown) => readonly Place[],
    typing: boolean,
  ): Promise<readonly Place[] | Silence> {
    const key = keyOf([geocoder.name, config.url, ...question])
    const name = `${key.toString('hex')} ${typing}`
    const same = underWay.get(name)
    if (same !== undefined) return same
    const asking = answerTo(key, url, read, typing).finally(() => underWay.delete(name))
    underWay.set(name, asking)
    const answer = await asking
    if (typeof answer === 'string') counts[answer] += 1
    return answer
  }

  return {
    geocoder,
    search({ text, near, typing }) {
      const around = near === null ? null : rounded(near, NEAR_DIGITS)
      const url = geocoder.searchUrl({ text, near: around, limit: LIMIT })
      return ask(['search', oneWay(text), around], url, (body) => geocoder.readSearch(body), typing)
    },
    async reverse(point) {
      const at = rounded(point, POINT_DIGITS)
      const read = (body: unknown) => {
        const place = geocoder.readReverse(body)
        return place === null ? [] : [place]
      }
      const answer = await ask(['reverse', at], geocoder.reverseUrl(at), read, true)
      return typeof answer === 'string' ? answer : (answer[0] ?? null)
    },
    state() {
      const isAlone = leftAlone !== null && clock.nowMs() < leftAlone.untilMs
      return { geocoder, counts: { ...counts }, leftAlone: isAlone ? leftAlone : null }
    },
    askedToday: () => askedToday(db, geocoder.name, clock.nowMs()),
  }
}

/** Capitals and spaces do not make another question. */
function oneWay(text: string): string {
  return text.toLowerCase().split(/\s+/).filter(Boolean).join(' ')
}

function rounded({ lat, lng }: LatLng, digits: number): LatLng {
  return { lat: Number(lat.toFixed(digits)), lng: Number(lng.toFixed(digits)) }
}
