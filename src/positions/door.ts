/**
 * The way in for pings: by a driver's socket as JSON or as frames, or by POST. Whatever they came as, they are in one
 * batch here, judged by one path, and answered ping by ping. From reading to judging nothing is awaited, so the one
 * batch serves everybody.
 */
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { openShift } from '../drivers/drivers.ts'
import { otherPhoneSince } from '../drivers/phones.ts'
import type { CompanyId, DriverId, RegionId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { SocketMessage } from '../io/sockets.ts'
import type { Tables } from '../io/tables.ts'
import { afterThisTurn } from '../io/turn.ts'
import { type Acknowledgement, Answer, writeAnswer } from './answer.ts'
import { PingBatch } from './batch.ts'
import type { Fleet } from './fleet.ts'
import { type FrameRefusal, readFrame } from './frame.ts'
import type { DriverHandle, DriverHandles } from './handles.ts'
import type { Positions } from './positions.ts'
import { fillBatch, readPingMessage, readPlainBody } from './read-json.ts'
import type { Ping } from './shapes.ts'

export interface PingingDriver {
  readonly id: DriverId
  readonly company_id: CompanyId
  /** Of the phone or program that sends. */
  readonly sessionId: string
}

export interface PingingPhone {
  readonly driverId: DriverId
  readonly sessionId: string
}

/** Why a whole message was not taken: it could not be read, or the driver is not at work. */
export interface Refused {
  readonly type: 'refused'
  readonly detail: string
  /** What of the message was not understood, never what was in it. */
  readonly fields?: readonly string[]
  readonly frame?: FrameRefusal
}

export const OTHER_PHONE =
  'Another phone of yours sends your position, so this one’s is not kept. Take over on the page first.'
export const OFF_SHIFT = 'You are off shift, so positions are not kept. Go online first.'

/** One connection of a driver. */
export interface PingLine {
  readonly driver: PingingDriver
  /** Asked only while the fleet does not know the driver's shift yet. */
  readonly db: Kysely<Tables>
  send(text: string): void
}

const LOOK_UP_EVERY_MS = 1_000

export interface PingDoor {
  /**
   * What takes the messages of one connection, the driver's number looked up once. What came together is answered
   * together: a message to the kernel costs more than ten pings.
   */
  connect(line: PingLine): (message: SocketMessage) => void | Promise<void>
  /**
   * A batch by POST, its shape looked at already.
   * @returns why nothing was taken: the driver is off shift, or another phone of theirs counts
   */
  take(
    driver: PingingDriver,
    db: Kysely<Tables>,
    pings: readonly Ping[],
  ): Promise<Acknowledgement | 'off_shift' | 'other_phone'>
  /** The same for a driver whom the fleet knows to be at work, without asking the database; undefined for another. */
  takeAtOnce(of: PingingPhone, pings: readonly Ping[]): Acknowledgement | undefined
  /**
   * What takes the bodies of one phone that nobody has looked at, the driver's number looked up once; undefined also
   * for one that is not as it should be.
   */
  plainCalls(of: PingingPhone): (body: unknown) => Acknowledgement | undefined
}

export function makePingDoor(deps: {
  fleet: Pick<Fleet, 'carAt'>
  positions: Pick<Positions, 'judge' | 'tell' | 'accept'>
  handles: DriverHandles
  clock: Pick<Clock, 'nowMs'>
}): PingDoor {
  const { fleet, positions, handles, clock } = deps
  const batch = new PingBatch()
  /** Connections to be answered at the end of this turn. */
  let due: (() => void)[] = []

  function answerDue(): void {
    // In however many messages a car moved: all that draws and keeps it hears of the last place.
    positions.tell()
    const answers = due
    due = []
    for (const answer of answers) answer()
  }

  /** Pings count only on shift, and for the region of that shift. */
  async function regionOfShift({ driver, db }: Omit<PingLine, 'send'>): Promise<RegionId | undefined> {
    return (await openShift(db, driver.company_id, driver.id))?.region_id
  }

  /** Where nothing need be asked: at work, and by this session's phone or by none in particular. */
  function regionAtOnce(handle: DriverHandle, sessionId: string): RegionId | undefined {
    const duty = fleet.carAt(handle)?.duty
    const isHis = duty?.phoneSessionId == null || duty.phoneSessionId === sessionId
    return isHis ? duty?.regionId : undefined
  }

  /** Whose phone counts is the database's to say: the session that did may have ended. */
  async function regionOrWhyNot(
    of: Omit<PingLine, 'send'>,
  ): Promise<{ readonly regionId: RegionId } | 'off_shift' | 'other_phone'> {
    const { id: driverId, company_id: companyId, sessionId } = of.driver
    const regionId = await regionOfShift(of)
    if (regionId === undefined) return 'off_shift'
    const since = await otherPhoneSince(of.db, { companyId, driverId, sessionId, nowMs: clock.nowMs() })
    return since === null ? { regionId } : 'other_phone'
  }

  /** What is in the batch. */
  function accept(handle: DriverHandle, regionId: RegionId): Acknowledgement {
    const answer = new Answer()
    positions.accept(regionId, handle, batch)
    answer.add(batch)
    return answer.take()
  }

  return {
    connect(line) {
      const handle = handles.of(line.driver.id)
      const answer = new Answer()

      function acknowledge(): void {
        if (!answer.isEmpty) line.send(writeAnswer(answer.take()))
      }

      /** Answers go in the order of what they answer. */
      function refuse(refused: Refused): void {
        acknowledge()
        line.send(JSON.stringify(refused))
      }

      function judge(regionId: RegionId): void {
        positions.judge(regionId, handle, batch)
        if (answer.isEmpty && due.push(acknowledge) === 1) afterThisTurn(answerDue)
        answer.add(batch)
        if (answer.isFull) acknowledge()
      }

      let known: ReturnType<typeof regionOrWhyNot> | null = null
      let knownUntilMs = 0
      /** Not for every message: a phone that goes on sending costs one question a second. */
      function lookedUp(): ReturnType<typeof regionOrWhyNot> {
        const nowMs = clock.nowMs()
        if (known === null || nowMs >= knownUntilMs || knownUntilMs - nowMs > LOOK_UP_EVERY_MS) {
          known = regionOrWhyNot(line)
          known.catch(() => {
            known = null
          })
          knownUntilMs = nowMs + LOOK_UP_EVERY_MS
        }
        return known
      }

      return (message) => {
        const refused = readMessage(message, batch)
        if (refused !== null) return refuse(refused)
        const regionId = regionAtOnce(handle, line.driver.sessionId)
        if (regionId !== undefined) return judge(regionId)
        return lookedUp().then((found) => {
          if (typeof found === 'string')
            return refuse({ type: 'refused', detail: found === 'off_shift' ? OFF_SHIFT : OTHER_PHONE })
          // Others have used the batch meanwhile.
          readMessage(message, batch)
          judge(found.regionId)
        })
      }
    },
    async take(driver, db, pings) {
      const handle = handles.of(driver.id)
      const atOnce = regionAtOnce(handle, driver.sessionId)
      const found = atOnce === undefined ? await regionOrWhyNot({ driver, db }) : { regionId: atOnce }
      if (typeof found === 'string') return found
      fillBatch(pings, batch)
      return accept(handle, found.regionId)
    },
    takeAtOnce({ driverId, sessionId }, pings) {
      const handle = handles.of(driverId)
      const regionId = regionAtOnce(handle, sessionId)
      if (regionId === undefined) return undefined
      fillBatch(pings, batch)
      return accept(handle, regionId)
    },
    plainCalls({ driverId, sessionId }) {
      const handle = handles.of(driverId)
      return (body) => {
        const regionId = regionAtOnce(handle, sessionId)
        return regionId !== undefined && readPlainBody(body, batch) ? accept(handle, regionId) : undefined
      }
    },
  }
}

/** Fill the batch from a socket's message, or say what is wrong with it. */
function readMessage(message: SocketMessage, batch: PingBatch): Refused | null {
  if (typeof message !== 'string') {
    const frame = readFrame(message, batch)
    return frame === null ? null : { type: 'refused', detail: FRAME_WORDS[frame], fields: ['message'], frame }
  }
  const error = readPingMessage(parsed(message), batch)
  return error === null
    ? null
    : { type: 'refused', detail: 'This message was not understood.', fields: fieldsOf(error) }
}

const FRAME_WORDS: Readonly<Record<FrameRefusal, string>> = {
  too_short: 'A frame begins with a header of 8 bytes.',
  not_pings: 'This is not a frame of pings.',
  unknown_version: 'Frames of this version are not known here.',
  empty: 'There is no ping in this frame.',
  too_many: 'There are too many pings in this frame.',
  truncated: 'This frame ends before its last ping.',
  too_long: 'There is more in this frame than its pings.',
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Whatever it is, the shape refuses it.
    return text
  }
}

/** Names the fields of a message that was not understood; never what was in them. */
function fieldsOf(error: z.ZodError): string[] {
  return [...new Set(error.issues.map((issue) => issue.path.join('.') || 'message'))].slice(0, 10)
}
