/** Chance enters here: from the system's secure source, or from a seed that a failing test prints. */
import { seededRandom } from '../engine/units.ts'
import type { Clock } from './clock.ts'

export interface Random {
  /** A version 7 uuid: its first 48 bits are the clock's milliseconds, so ids sort by age. */
  uuid(): string
  bytes(count: number): Uint8Array<ArrayBuffer>
  /** In [0, 1). */
  fraction(): number
  /** `count` decimal digits, leading zeros kept, each equally likely. */
  digits(count: number): string
}

/** Fit for secrets. */
export function systemRandom(clock: Clock): Random {
  return {
    ...randomFrom((count) => crypto.getRandomValues(new Uint8Array(count)), clock),
    uuid: () => Bun.randomUUIDv7('hex', Math.floor(clock.nowMs())),
  }
}

/** The same numbers for the same seed; for tests, simulations and replays, never for secrets. */
export function seededRandomSource(seed: number, clock: Clock): Random {
  const next = seededRandom(seed)
  return randomFrom((count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)), clock)
}

function randomFrom(bytes: (count: number) => Uint8Array<ArrayBuffer>, clock: Clock): Random {
  let lastMs = 0
  let sequence = 0
  return {
    bytes,
    uuid: () => {
      const nowMs = Math.floor(clock.nowMs())
      // Several ids in one millisecond of a standing clock must still sort in the order they were made.
      sequence = nowMs > lastMs ? 0 : sequence + 1
      lastMs = Math.max(lastMs, nowMs) + (sequence > 0xfff ? 1 : 0)
      if (sequence > 0xfff) sequence = 0
      return formatUuidV7(lastMs, sequence, bytes(8))
    },
    fraction: () => {
      const view = new DataView(bytes(8).buffer)
      return (view.getUint32(0) * 2 ** 21 + (view.getUint32(4) >>> 11)) / 2 ** 53
    },
    digits: (count) => {
      let text = ''
      while (text.length < count) {
        for (const byte of bytes(count - text.length)) {
          // 250 is the largest multiple of 10 in a byte; what lies above would favour the low digits.
          if (byte < 250) text += byte % 10
        }
      }
      return text
    },
  }
}

/** Layout: RFC 9562, section 5.7, with a counter in the 12 bits of rand_a (method 1 of section 6.2). */
function formatUuidV7(atMs: number, sequence: number, tail: Uint8Array): string {
  const time = atMs.toString(16).padStart(12, '0')
  const counter = sequence.toString(16).padStart(3, '0')
  const variant = [(tail[0]! & 0x3f) | 0x80, ...tail.subarray(1)]
  const rest = variant.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${rest.slice(0, 4)}-${rest.slice(4)}`
}
