/** What a phone is answered: up to which number it may forget its pings, and of each that did not move the car, why. */
import { isBelieved, LIVE, type PingBatch, type PingReason, VERDICTS } from './batch.ts'
import { MAX_PINGS_A_BATCH } from './shapes.ts'

export interface Acknowledgement {
  readonly type: 'ack'
  /** The highest running number that came: the phone may forget everything up to it, believed or not. */
  readonly seq: number
  /** How many pings did not move the car, by reason. */
  readonly refused: Partial<Record<PingReason, number>>
  /**
   * Each of them by its number, in the order of time. `kept`: believed and part of the way driven, though too late to
   * move the car. What is not listed was taken as it came.
   */
  readonly pings: readonly { readonly seq: number; readonly reason: PingReason; readonly kept: boolean }[]
}

/** As JSON, by hand for the answer that nearly all are. */
export function writeAnswer(answer: Acknowledgement): string {
  return answer.pings.length === 0
    ? `{"type":"ack","seq":${answer.seq},"refused":{},"pings":[]}`
    : JSON.stringify(answer)
}

const NONE_REFUSED: Acknowledgement['refused'] = Object.freeze({})
const NO_PINGS: Acknowledgement['pings'] = Object.freeze([])

/** The answer in the making: to one batch, or to all that one connection sent in a turn of the event loop. */
export class Answer {
  #seq = -1
  /** Made once there is something to say of a ping. */
  #refused: Partial<Record<PingReason, number>> | null = null
  #pings: Acknowledgement['pings'][number][] | null = null

  get isEmpty(): boolean {
    return this.#seq === -1
  }

  /** Whether it has become long enough to go out before more is added. */
  get isFull(): boolean {
    return this.#pings !== null && this.#pings.length >= MAX_PINGS_A_BATCH
  }

  /** A batch that was judged. */
  add(batch: PingBatch): void {
    if (batch.highestSeq > this.#seq) this.#seq = batch.highestSeq
    if (batch.liveCount === batch.count) return
    this.#refused ??= {}
    this.#pings ??= []
    for (let turn = 0; turn < batch.count; turn++) {
      const place = batch.order[turn]!
      const seq = batch.seq(place)
      if (batch.verdict(place) === LIVE) continue
      const reason = VERDICTS[batch.verdict(place)]!
      this.#refused[reason] = (this.#refused[reason] ?? 0) + 1
      this.#pings.push({ seq, reason, kept: isBelieved(batch, place) })
    }
  }

  /** The answer to all that was added, which begins anew. */
  take(): Acknowledgement {
    const refused = this.#refused ?? NONE_REFUSED
    const answer = { type: 'ack', seq: this.#seq, refused, pings: this.#pings ?? NO_PINGS } as const
    this.#seq = -1
    this.#refused = null
    this.#pings = null
    return answer
  }
}
