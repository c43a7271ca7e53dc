/**
 * What is told to many sockets at once: a message to a topic goes to all that joined it, the same bytes for each, and
 * several of one turn as one write a socket, at a tenth of what a message to each by itself costs. So it bears no number
 * of anybody's stream; it has to say by itself what it goes on from, or be all there is. Topics are named by the server
 * after what their hearers may see, never by a message.
 */
import type { Server } from 'bun'

export interface Topics {
  publish(topic: string, message: string | Uint8Array<ArrayBuffer>): void
  /** How many sockets of this process have joined. */
  hearers(topic: string): number
}

/** @param server null until it listens: before that nobody hears */
export function topicsOf(server: () => Server<unknown> | null): Topics {
  return {
    publish: (topic, message) => void server()?.publish(topic, message),
    hearers: (topic) => server()?.subscriberCount(topic) ?? 0,
  }
}
