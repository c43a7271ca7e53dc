/**
 * One open page as a stream of numbered messages. A page shows parts (the ride's state, the car, the board's cars);
 * news only says that a part is owed, and it is made when the page's line takes it. So whatever happens while a line is
 * slow or away, one message a part waits, and that one does not exist yet: a slow page gets the newest alone.
 *
 * Messages are numbered 1, 2, 3 … as they go out, without a hole. Nothing of them is kept but which part each was and
 * what the page had of it before: a page that comes back says up to which number it has them, and what it did not get
 * is owed again and made from the truth of then, under the numbers that follow. No gap, no repeat, and no copies.
 */
import { assert, BugError } from '../engine/units.ts'

/**
 * A message as it was made: JSON in one object, markup, or bytes of the page's own that begin as all our binary
 * messages do, with room for the number (`NUMBER_AT`).
 */
export type Made = {
  /** What the page then has of the part; handed to the next `make`. */
  readonly mark?: number
} & ({ readonly text: string } | { readonly bytes: Uint8Array<ArrayBuffer> })

export interface Part {
  readonly name: string
  /**
   * The part as of now.
   * @param had the mark of what the page has of it, null for nothing
   * @param line what takes it
   * @returns null when there is nothing to show
   */
  make(had: number | null, line: Line): Made | null | Promise<Made | null>
  /** The page has more of it than it was told: what its line heard (`topics`), which another line has to begin with. */
  readonly isHeard?: boolean
}

/** What carries messages to the page: a socket, or the answer to a poll. */
export interface Line {
  /** Copies what it is given: the same bytes may be written to many, numbered for each. */
  write(message: string | Uint8Array<ArrayBuffer>): void
  /** Whether it takes more without a heap building up in front of it. */
  isReady(): boolean
  /** All that was due is written. */
  flush(): void
  close(code: number, reason: string): void
  /** Topics to hear (io/topics.ts): what is told there comes among what is written, without a number. */
  readonly topics?: {
    join(topic: string): void
    leave(topic: string): void
  }
}

interface Sent {
  readonly n: number
  /** Which of the page's parts. */
  readonly part: number
  readonly had: number | null
  readonly size: number
}

/** Bits of a small integer. */
export const MAX_PARTS = 30
/** Messages on their way that a page has not said to have: more, and it is too far behind to be told what it missed. */
export const MAX_UNHEARD = 256
/** Where a binary message has its number: four bytes, little-endian. */
export const NUMBER_AT = 4
/** Characters or bytes on their way to a page that says what it has; then nothing more goes until some arrived. */
export const WINDOW_CHARS = 64 * 1024

export class Stream {
  readonly id: string
  readonly #parts: readonly Part[]
  /** By part: the mark of what the page has, null for nothing. */
  readonly #had: (number | null)[]
  /** A bit a part: a set of them would be the dearest thing about a message to a thousand pages. */
  #owed = 0
  /** Oldest first: what may not have arrived. */
  readonly #unheard: Sent[] = []
  #unheardChars = 0
  #last = 0
  /** A page that has less than this cannot be told any more what it missed. */
  #floor = 0
  /** Whether the page says what it has; one that does is sent no more than fits on the way. */
  #answers = false
  #line: Line | null = null
  /** How often a line came: what was made for the page as it was before is not for the page that came back. */
  #comings = 0
  #pumping: Promise<void> | null = null
  /** Called when something is owed and the line takes it again. */
  onReady: () => void = () => {}

  /** @param parts at most MAX_PARTS */
  constructor(id: string, parts: readonly Part[]) {
    assert(parts.length <= MAX_PARTS, 'a page has no more parts than an integer has bits')
    this.id = id
    this.#parts = parts
    this.#had = parts.map(() => null)
  }

  /** The number of the newest message. */
  get last(): number {
    return this.#last
  }
  get line(): Line | null {
    return this.#line
  }
  /** How many messages may not have arrived. */
  get unheard(): number {
    return this.#unheard.length
  }

  /** Whether a page that has everything up to `after` can be told exactly what it missed. */
  canGoOn(after: number): boolean {
    return after >= this.#floor && after <= this.#last
  }

  /**
   * A line for the page, which has everything up to `after`; what was lost after that is owed again. A line that was
   * there before is let go.
   * @returns the line before, for its owner to close
   */
  attach(line: Line, after: number): Line | null {
    assert(this.canGoOn(after), 'only a page that can go on comes back')
    const before = this.#line
    this.#line = line
    this.#comings += 1
    this.#answers = false
    // From the newest back: in the end the page has what it had before the first that was lost.
    for (const { n, part, had } of this.#unheard.toReversed()) {
      if (n <= after) break
      this.#owed |= 1 << part
      this.#had[part] = had
    }
    for (let part = 0; part < this.#parts.length; part++)
      if (this.#parts[part]!.isHeard === true) this.#owed |= 1 << part
    this.#unheard.length = 0
    this.#unheardChars = 0
    this.#last = after
    this.#floor = after
    return before
  }

  /** Its line is gone; ignored when another one has taken its place. */
  detach(line: Line): boolean {
    if (this.#line !== line) return false
    this.#line = null
    return true
  }

  /** The page says that it has everything up to `n`. */
  heard(n: number): void {
    this.#answers = true
    if (n > this.#last) return
    while (this.#unheard.length > 0 && this.#unheard[0]!.n <= n) this.#floor = this.#drop().n
    this.lineReady()
  }

  /** The line may take more now. */
  lineReady(): void {
    if (this.#owed !== 0 && this.isReady()) this.onReady()
  }

  /** Whether something is owed to a page that has a line, be it a slow one. */
  get isBehind(): boolean {
    return this.#owed !== 0 && this.#line !== null
  }

  /** Something of a part is another than it was. */
  owe(name: string): void {
    this.#owed |= 1 << this.#partOf(name)
  }
  oweAll(): void {
    this.#owed = (1 << this.#parts.length) - 1
  }
  owes(name: string): boolean {
    return (this.#owed & (1 << this.#partOf(name))) !== 0
  }

  #partOf(name: string): number {
    for (let part = 0; part < this.#parts.length; part++) if (this.#parts[part]!.name === name) return part
    throw new BugError(`a page owes only parts that it has, and not ${name}`)
  }

  /**
   * Send a part that is made at once, before all that is owed and has to be drawn first.
   * @returns whether there was something to send and the line took it; what a line cannot take is owed
   */
  sendAhead(name: string): boolean {
    const part = this.#partOf(name)
    this.#owed |= 1 << part
    if (!this.isReady()) return false
    const last = this.#last
    const made = this.#make(part)
    assert(!(made instanceof Promise), 'only what is made at once goes ahead')
    this.#send(part, made, this.#comings)
    this.#line?.flush()
    return this.#last > last
  }

  isReady(): boolean {
    if (this.#line === null || !this.#line.isReady()) return false
    return !this.#answers || (this.#unheardChars < WINDOW_CHARS && this.#unheard.length < MAX_UNHEARD)
  }

  /**
   * Make and send what is owed, in the order of the page's parts, while the line takes it; one at a time, so that
   * nothing older follows something newer. Parts that are made at once are sent at once.
   * @throws what making threw; that part is owed still
   */
  pump(): void | Promise<void> {
    if (this.#pumping !== null) return this.#pumping
    for (let part = this.#next(); part >= 0; part = this.#next()) {
      const making = this.#make(part)
      if (making instanceof Promise) {
        this.#pumping = this.#pumpOn(part, making)
        return this.#pumping
      }
      this.#send(part, making, this.#comings)
    }
    this.#line?.flush()
  }

  async #pumpOn(first: number, firstMaking: Promise<Made | null>): Promise<void> {
    try {
      let making: ReturnType<Part['make']> = firstMaking
      for (let part = first; part >= 0; ) {
        const comings = this.#comings
        // What was made at once goes at once: while one waits, `sendAhead` may send a newer one of the same part.
        const made = making instanceof Promise ? await this.#orOwed(part, making) : making
        this.#send(part, made, comings)
        part = this.#next()
        if (part >= 0) making = this.#make(part)
      }
    } finally {
      this.#pumping = null
      this.#line?.flush()
    }
  }

  /** The first of the page's parts that is owed, if the line takes it; -1 for none. */
  #next(): number {
    const owed = this.#owed
    return owed === 0 || !this.isReady() ? -1 : 31 - Math.clz32(owed & -owed)
  }

  #make(part: number): Made | null | Promise<Made | null> {
    this.#owed &= ~(1 << part)
    try {
      // Nothing is made without a line that is ready for it.
      return this.#parts[part]!.make(this.#had[part]!, this.#line!)
    } catch (error) {
      this.#owed |= 1 << part
      throw error
    }
  }

  async #orOwed(part: number, making: Promise<Made | null>): Promise<Made | null> {
    try {
      return await making
    } catch (error) {
      this.#owed |= 1 << part
      throw error
    }
  }

  /** @param comings when it began to be made */
  #send(part: number, made: Made | null, comings: number): void {
    if (this.#line === null || comings !== this.#comings) {
      // The line went while it was made.
      this.#owed |= 1 << part
      return
    }
    if (made === null) return
    this.#last += 1
    const message = 'bytes' in made ? stamped(made.bytes, this.#last) : numbered(made.text, this.#last)
    const size = message.length
    this.#unheard.push({ n: this.#last, part, had: this.#had[part]!, size })
    this.#unheardChars += size
    if (this.#unheard.length > MAX_UNHEARD) this.#floor = this.#drop().n
    if (made.mark !== undefined) this.#had[part] = made.mark
    this.#line.write(message)
  }

  #drop(): Sent {
    const sent = this.#unheard.shift()!
    this.#unheardChars -= sent.size
    return sent
  }
}

/** The number at the end, so that what the message is still shows at its beginning. */
export function numbered(text: string, n: number): string {
  return text.startsWith('{') ? `${text.slice(0, -1)},"n":${n}}` : `${text}<!--${n}-->`
}

function stamped(bytes: Uint8Array<ArrayBuffer>, n: number): Uint8Array<ArrayBuffer> {
  for (let i = 0; i < 4; i++) bytes[NUMBER_AT + i] = n >>> (8 * i)
  return bytes
}
