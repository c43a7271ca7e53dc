/** A stream without a socket: each poll waits for what comes next and is answered with it, once. */
import type { Line } from './stream.ts'

/** Shorter than the half minute after which servers, ours included, and proxies cut a quiet connection. */
export const POLL_WAIT_MS = 20_000
/** A binary message in an answer: this, and its bytes in base64. */
export const BYTES_BEGIN = 'base64,'

export class PollLine implements Line {
  readonly messages: string[] = []
  /** Why it is over, where that is not because something came. */
  closedWith: number | null = null
  /** Settled when there is an answer, of whatever kind. */
  readonly answered: Promise<void>
  readonly #settle: () => void
  #isOver = false

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.answered = promise
    this.#settle = resolve
  }

  write(message: string | Uint8Array<ArrayBuffer>): void {
    this.messages.push(typeof message === 'string' ? message : `${BYTES_BEGIN}${message.toBase64()}`)
  }
  isReady(): boolean {
    return !this.#isOver
  }
  flush(): void {
    if (this.messages.length > 0) this.end()
  }
  close(code: number): void {
    this.closedWith ??= code
    this.end()
  }
  /** Nothing more goes into this answer. */
  end(): void {
    this.#isOver = true
    this.#settle()
  }
}
