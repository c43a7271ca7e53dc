/**
 * The pages that hear a topic by themselves, of a part that is the same for many: each is given what there is of it
 * once, and from then on hears what is told to all. The others are owed it: polls, and whoever is too slow and was let
 * off, so that no heap builds up in front of a line.
 */
import type { Line, Stream } from './stream.ts'
import type { Topics } from './topics.ts'

export class Hearers {
  readonly #topic: string
  readonly #topics: Topics
  readonly #lines = new Map<Stream, Line>()

  constructor(topic: string, topics: Topics) {
    this.#topic = topic
    this.#topics = topics
  }

  /** The page is given what there is, and this line hears what follows, if it can. */
  add(stream: Stream, line: Line): void {
    if (this.#lines.get(stream) === line) return
    line.topics?.join(this.#topic)
    if (line.topics === undefined) this.#lines.delete(stream)
    else this.#lines.set(stream, line)
  }

  remove(stream: Stream): void {
    this.#lines.get(stream)?.topics?.leave(this.#topic)
    this.#lines.delete(stream)
  }

  /** Those of these pages that do not hear. One that is away or has come back is given it with its next line. */
  *missing(streams: Iterable<Stream>): Generator<Stream> {
    for (const stream of streams) if (!this.#lines.has(stream)) yield stream
  }

  get isEmpty(): boolean {
    return this.#lines.size === 0
  }

  tell(message: string): void {
    this.#topics.publish(this.#topic, message)
  }
}
