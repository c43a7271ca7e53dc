/** The bus between processes: Redis pub/sub, at most once, one channel. */
import { z } from 'zod'
import { type Bus, newsShape } from '../bus.ts'
import type { Logger } from '../log.ts'
import type { Random } from '../random.ts'
import type { Redis } from '../redis.ts'
import { makeHandlers } from './local.ts'

const CHANNEL = 'honeycab:news'
/** Above the longest of our news, 5,000 held rides in 650,000 characters; what is longer is not ours. */
const MAX_MESSAGE_CHARS = 1_048_576
/** While Redis is away no news comes in, so everyone looks anew this often; an offer lasts three times as long. */
const LOOK_ANEW_EVERY_MS = 5_000

/** Either news, or that its sender could not send for a while. */
const envelopeShape = z.union([
  z.strictObject({ from: z.string().max(64), news: newsShape }),
  z.strictObject({ from: z.string().max(64), gap: z.literal(true) }),
])

/** The twin of several processes. Starts listening at once; `close` leaves the Redis line to who opened it. */
export async function makeRedisBus(deps: { redis: Redis; log: Logger; random: Random }): Promise<Bus> {
  const { redis, log, random } = deps
  const me = random.uuid()
  const handlers = makeHandlers(log)
  let closed = false
  /** Whether something of ours did not get out, so that the others must be told to look again. */
  let hasLost = false

  async function send(content: object): Promise<void> {
    try {
      await redis.run((client) => client.publish(CHANNEL, JSON.stringify({ from: me, ...content })))
    } catch (error) {
      if (!hasLost) log.warn({ error }, 'bus.publish_failed')
      hasLost = true
    }
  }

  function hear(message: string): void {
    const envelope = envelopeShape.safeParse(parseJson(message))
    if (!envelope.success) {
      log.warn({ length: message.length }, 'bus.message_refused')
    } else if (envelope.data.from === me) {
      // Its handlers heard it when it was published.
    } else if ('news' in envelope.data) {
      handlers.deliver(envelope.data.news)
    } else {
      handlers.deliverGap()
    }
  }

  const stopReturn = redis.onReturn(() => {
    if (hasLost) {
      hasLost = false
      void send({ gap: true })
    }
    handlers.deliverGap()
  })
  const lookAnew = setInterval(() => {
    if (!redis.isReady()) handlers.deliverGap()
  }, LOOK_ANEW_EVERY_MS)
  const stopListening = await redis.subscribe(CHANNEL, hear)

  return {
    publish(news) {
      handlers.deliver(news)
      if (!closed) void send({ news })
    },
    on: handlers.add,
    onGap: handlers.addGap,
    async close() {
      closed = true
      clearInterval(lookAnew)
      stopReturn()
      stopListening()
      handlers.clear()
    },
  }
}

function parseJson(text: string): unknown {
  if (text.length > MAX_MESSAGE_CHARS) return null
  try {
    return JSON.parse(text)
  } catch {
    // Not ours, whatever it is; the shape refuses it.
    return null
  }
}
