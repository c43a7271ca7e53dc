/** A few streets full of simulated people, quick ones, who use servers under test from outside. */
import { z } from 'zod'
import { type Auth, makeAuth } from '../../src/accounts/accounts.ts'
import { distanceM } from '../../src/engine/geo.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { type SystemClock, systemClock } from '../../src/io/clock.ts'
import { createLog, type Logger } from '../../src/io/log.ts'
import { type Random, systemRandom } from '../../src/io/random.ts'
import { type Driver, makeDriver } from '../../src/replay/city/driver.ts'
import type { Habits } from '../../src/replay/city/habits.ts'
import type { Session } from '../../src/replay/city/phone.ts'
import { sampleRoads } from '../../src/replay/city/sample.ts'
import { type DemoWorld, seedDemo } from '../../src/replay/city/seed.ts'
import type { RoadGraph } from '../../src/replay/roads.ts'
import type { TestDatabase } from './postgres.ts'
import { SECRET } from './served.ts'

/** Everybody acts at once, nobody thinks better of it. */
export const QUICK: Habits = {
  answerS: [0.1, 0.4],
  declineShare: 0,
  lapseShare: 0,
  setOffS: [0.1, 0.2],
  boardS: [0.1, 0.3],
  finishS: [0.1, 0.2],
  restS: [600, 900],
  driftShare: 0,
  rankShare: 0,
  rankRiderS: [600, 900],
  bookings: 2,
  bookAheadS: [1_500, 3_000],
  bookEveryS: [240, 600],
  cancelShare: 0,
  cancelAfterS: [600, 900],
  missShare: 0,
  darkShare: 0.3,
  darkS: [0.1, 0.3],
  stallShare: 0.3,
  stallS: [0.1, 0.3],
  nudgeAnswerShare: 1,
  nudgeAnswerS: [0.1, 0.2],
  unlovedShare: 0,
}
/** A drive takes seconds; few edges are then quicker than what a ping is refused for. */
const TIME_SCALE = 0.03
/** The middle of the town. */
const CENTER: LatLng = { lat: 40.7549, lng: -73.984 }
const BEAT_MS = 250

export interface Town {
  readonly world: DemoWorld
  readonly drivers: readonly Session[]
  readonly riders: readonly Session[]
  readonly clock: SystemClock
  readonly random: Random
  readonly log: Logger
  readonly roads: RoadGraph
  /** Nodes where people stand and cars wait. */
  readonly corners: readonly number[]
  readonly auth: Auth
}

/** Fill an empty database with people, and give each a session. */
export async function foundTown(
  database: TestDatabase,
  size: { drivers: number; riders: number },
): Promise<Town> {
  const clock = systemClock()
  const random = systemRandom(clock)
  const log = createLog('silent')
  const world = await seedDemo(database.db, { random, nowMs: clock.nowMs(), city: size })
  const roads = await sampleRoads(TIME_SCALE)
  const config = {
    publicUrl: 'http://127.0.0.1',
    sessionSecrets: [SECRET],
    databaseUrl: null,
    host: '127.0.0.1',
  }
  const auth = makeAuth({ db: database.db, bus: makeLocalBus(log), config, clock, random, log })
  const sessions = async (emails: string) => {
    const people = await database.db
      .selectFrom('identities')
      .select('id')
      .where('email', 'like', emails)
      .orderBy('email')
      .execute()
    return Promise.all(people.map(({ id }) => auth.mintSession(id)))
  }
  return {
    world,
    drivers: await sessions('%@cars.demo.honeycab'),
    riders: await sessions('%@riders.demo.honeycab'),
    ...{ clock, random, log, roads, corners: townCorners(roads), auth },
  }
}

/** How many of the nodes next to the middle are looked at, and how many corners the town has. */
const NODES_TRIED = 60
const CORNERS = 8

/** Corners that are quickly reached from one another, one-way streets and all. */
function townCorners(roads: RoadGraph): number[] {
  const middle = roads.nearestNode(CENTER).node
  const roundTripS = (node: number) =>
    (roads.route(middle, node)?.durationS ?? Number.POSITIVE_INFINITY) +
    (roads.route(node, middle)?.durationS ?? Number.POSITIVE_INFINITY)
  return Array.from({ length: roads.nodeCount }, (_, node) => node)
    .map((node) => ({ node, awayM: distanceM(CENTER, roads.point(node)) }))
    .toSorted((a, b) => a.awayM - b.awayM)
    .slice(0, NODES_TRIED)
    .map(({ node }) => ({ node, roundTripS: roundTripS(node) }))
    .toSorted((a, b) => a.roundTripS - b.roundTripS)
    .slice(0, CORNERS)
    .map(({ node }) => node)
}

function someCorner({ corners, random }: Town): number {
  return corners[Math.floor(random.fraction() * corners.length)]!
}

export interface Crew {
  readonly drivers: readonly Driver[]
  /** Fares finished by drivers, as they see it. */
  finished(): number
  stop(): void
}

/** Bring drivers on shift at a server, where they answer offers and drive until they are stopped. */
export async function crewAt(
  town: Town,
  { baseUrl, sessions, habits = QUICK }: { baseUrl: string; sessions: readonly Session[]; habits?: Habits },
): Promise<Crew> {
  let finished = 0
  const drivers = sessions.map((session) =>
    makeDriver(
      {
        ...{ baseUrl, clock: town.clock, random: town.random, log: town.log, roads: town.roads, habits },
        isOpening: () => false,
        busierCorner: () => someCorner(town),
        joinRank: () => null,
        boardsAfterMs: () => 200,
        finished: () => void finished++,
      },
      session,
    ),
  )
  const beat = setInterval(() => {
    for (const driver of drivers) driver.beat()
  }, BEAT_MS)
  await Promise.all(
    drivers.map(async (driver) => {
      await driver.met
      driver.startAt(someCorner(town))
      await driver.goOnShift()
    }),
  )
  return {
    drivers,
    finished: () => finished,
    stop() {
      clearInterval(beat)
      for (const driver of drivers) driver.stop()
    },
  }
}

/** A person's phone at a server; given a key, a call can be repeated as a lost answer makes a real one do. */
export function phoneAt(town: Town, baseUrl: string, session: Session): TestPhone {
  const headers = { cookie: session.cookie, 'x-csrf-token': session.csrf, accept: 'application/json' }
  const ask = async (path: string, init: RequestInit): Promise<TestAnswer> => {
    try {
      const response = await fetch(`${baseUrl}${path}`, { ...init, signal: AbortSignal.timeout(10_000) })
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? null : JSON.parse(text),
      }
    } catch {
      return { status: 0, headers: new Headers(), body: null }
    }
  }
  return {
    get: (path) => ask(path, { headers }),
    send: (method, path, body, key = town.random.uuid()) =>
      ask(path, {
        method,
        headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      }),
  }
}

export interface TestAnswer {
  /** 0 when no answer came. */
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

export interface TestPhone {
  get(path: string): Promise<TestAnswer>
  send(method: 'POST' | 'DELETE', path: string, body: unknown, key?: string): Promise<TestAnswer>
}

export interface Asked {
  readonly rideId: string
  readonly session: Session
  /** What was sent, and with which one-time key. */
  readonly key: string
  readonly body: object
}

const quotesShape = z.object({ options: z.array(z.object({ quoteId: z.string(), class: z.string() })) })
const rideShape = z.object({ id: z.string() })
const AGAIN_MS = 100
/** Anything shorter is refused as no way at all. */
const SHORTEST_RIDE_M = 60

/**
 * Ask for a short ride as somebody who does not give up: each call is sent again, with its key, until it is answered.
 * @returns null when `givesUp` said so before there was an answer
 * @throws when the answer is a refusal
 */
export async function askSurely(
  town: Town,
  { baseUrl, session, givesUp = () => false }: { baseUrl: string; session: Session; givesUp?: () => boolean },
): Promise<Asked | null> {
  const phone = phoneAt(town, baseUrl, session)
  const from = town.roads.point(someCorner(town))
  const to = town.corners.map(town.roads.point).find((corner) => distanceM(from, corner) > SHORTEST_RIDE_M)!
  const surely = async (path: string, body: object, key: string) => {
    for (;;) {
      const answer = await phone.send('POST', path, body, key)
      if (answer.status === 201 || answer.status === 200) return answer.body
      if (answer.status !== 0 && answer.status !== 503 && answer.status !== 409)
        throw new Error(`${path} was refused: ${answer.status} ${JSON.stringify(answer.body)}`)
      if (givesUp()) return null
      await Bun.sleep(AGAIN_MS)
    }
  }
  const places = { from, to, seats: 1 }
  const quotes = await surely('/api/v1/quotes', places, town.random.uuid())
  if (quotes === null) return null
  const { options } = quotesShape.parse(quotes)
  const quoteId = options.find((option) => option.class === 'standard')!.quoteId
  const asked = { session, key: town.random.uuid(), body: { quoteId, payment: 'cash', note: '' } }
  const ride = await surely('/api/v1/rides', asked.body, asked.key)
  return ride === null ? null : { ...asked, rideId: rideShape.parse(ride).id }
}

/** A new session of one of the demo people. */
export async function sessionOf(town: Town, database: TestDatabase, email: string): Promise<Session> {
  const person = await database.db
    .selectFrom('identities')
    .select('id')
    .where('email', '=', email)
    .executeTakeFirstOrThrow()
  return town.auth.mintSession(person.id)
}

export interface LivePage {
  /** JSON messages so far. */
  readonly heard: readonly unknown[]
  readonly fragments: readonly string[]
  /** Binary messages. */
  readonly frames: readonly ArrayBuffer[]
  /** Null while it is open. */
  closedWith(): number | null
  close(): void
}

/** A page's socket, opened once. */
export function liveAt(baseUrl: string, path: string, session: Session): LivePage {
  const heard: unknown[] = []
  const fragments: string[] = []
  const frames: ArrayBuffer[] = []
  let code: number | null = null
  // Bun takes options where a browser takes protocols; the types are the browser's.
  const options = { headers: { cookie: session.cookie } } as unknown as string[]
  const socket = new WebSocket(`${baseUrl.replace(/^http/, 'ws')}${path}`, options)
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data !== 'string') frames.push(data)
    else if (data.startsWith('{')) heard.push(JSON.parse(data))
    else fragments.push(data)
  })
  socket.addEventListener('close', (event) => {
    code = event.code
  })
  return { heard, fragments, frames, closedWith: () => code, close: () => socket.close(1000) }
}
