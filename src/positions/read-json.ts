/** Pings that came as JSON into a batch: by hand what is as it should be, by the shape what is not, for its words. */
import type { z } from 'zod'
import type { PingBatch } from './batch.ts'
import { MAX_PINGS_A_BATCH, type Ping, pingMessageShape } from './shapes.ts'

/**
 * Fill the batch from a socket's message, already parsed.
 * @returns what the shape has against it, or null when all pings are in the batch
 */
export function readPingMessage(message: unknown, batch: PingBatch): z.ZodError | null {
  if (isPlainMessage(message) && readPlain(message.pings, batch)) return null
  const parsed = pingMessageShape.safeParse(message)
  if (!parsed.success) return parsed.error
  fillBatch(parsed.data.pings, batch)
  return null
}

/**
 * Fill the batch from a POST's body, already parsed.
 * @returns whether all of it is as it should be; what is not, the shape `pingBatchShape` has words for
 */
export function readPlainBody(body: unknown, batch: PingBatch): boolean {
  if (typeof body !== 'object' || body === null || !hasKeys(body, 1)) return false
  return readPlain((body as { pings?: unknown }).pings, batch)
}

/** Pings that a shape has looked at, or a program of ours has made; at most MAX_PINGS_A_BATCH. */
export function fillBatch(pings: readonly Ping[], batch: PingBatch): void {
  batch.clear()
  for (const { seq, at, lat, lng, accuracy, speed, heading } of pings)
    batch.add(seq, at, lat, lng, accuracy, speed, heading)
}

function isPlainMessage(message: unknown): message is { type: 'pings'; pings: unknown } {
  if (typeof message !== 'object' || message === null) return false
  const { type } = message as { type?: unknown }
  return type === 'pings' && hasKeys(message, 2)
}

/**
 * The shape's own rules, without its cost of a microsecond a ping. What it is unsure of it leaves to the shape.
 * @returns false when something is out of the ordinary; the batch then holds nothing of use
 */
function readPlain(pings: unknown, batch: PingBatch): boolean {
  if (!Array.isArray(pings) || pings.length === 0 || pings.length > MAX_PINGS_A_BATCH) return false
  batch.clear()
  for (const ping of pings as readonly unknown[]) {
    if (typeof ping !== 'object' || ping === null) return false
    const { seq, at, lat, lng, accuracy, speed, heading } = ping as Record<keyof Ping, unknown>
    if (!Number.isSafeInteger(seq) || (seq as number) < 0) return false
    if (!isMeasured(at) || !isMeasured(lat) || !isMeasured(lng) || !isMeasured(accuracy)) return false
    let keys = 5
    if (speed !== undefined) {
      if (!isMeasured(speed)) return false
      keys++
    }
    if (heading !== undefined) {
      if (!isMeasured(heading)) return false
      keys++
    }
    if (!hasKeys(ping, keys)) return false
    batch.add(seq as number, at, lat, lng, accuracy, speed, heading)
  }
  return true
}

function isMeasured(value: unknown): value is number | null {
  return typeof value === 'number' || value === null
}

/** Whether that many keys is all there is; the known ones were found before. */
function hasKeys(value: object, count: number): boolean {
  let found = 0
  for (const _key in value) if (++found > count) return false
  return found === count
}
