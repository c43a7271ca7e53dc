/**
 * The pages that hear a topic by themselves, of a part that is the same for many: each is given what there is of it
 * once, and from then on hears what is told to all. The others are owed it: polls, who is away, and whoever is too slow,
 * so that no heap builds up in front of a line.
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
    if (line.topics === undefined || this.#lines.get(stream) === line) return
    line.topics.join(this.#topic)
    this.#lines.set(stream, line)
  }

  remove(stream: Stream): void {
    this.#lines.get(stream)?.topics?.leave(this.#topic)
    this.#lines.delete(stream)
  }

  /** Those of these pages that do not hear; a line that takes no more for now is let off first. */
  *missing(streams: Iterable<Stream>): Generator<Stream> {
    for (const stream of streams) {
      const line = this.#lines.get(stream)
      if (line !== undefined && line === stream.line && stream.isReady()) continue
      if (line !== undefined) this.remove(stream)
      yield stream
    }
  }

  get isEmpty(): boolean {
    return this.#lines.size === 0
  }

  tell(message: string): void {
    this.#topics.publish(this.#topic, message)
  }
}
