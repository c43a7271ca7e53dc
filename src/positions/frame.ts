/**
 * Pings as one binary message: a third of the bytes of JSON, and read without making an object a ping. Little-endian;
 * docs/wire.md is the description for those who write phones.
 *
 *     0  u8[2] "HC"   2  u8 version, 1   3  u8 kind, 1 for pings   4  u16 how many   6  u16 0
 *     then for each ping 32 bytes:
 *     0  f64 time of the fix, epoch ms    8  u32 seq    12  i32 lat, 1e-7 degrees    16  i32 lng, 1e-7 degrees
 *     20 f32 accuracy, m    24 f32 speed, m/s, NaN if not known    28 f32 heading, degrees, NaN if not known
 */
import type { PingBatch } from './batch.ts'
import { MAX_PINGS_A_BATCH, type Ping } from './shapes.ts'

const MAGIC = 0x4348
const VERSION = 1
const KIND_PINGS = 1
const HEADER_BYTES = 8
const PING_BYTES = 32
/** Steps a degree: 11 mm on the ground. */
const STEPS = 1e7
/** The place that is none: -214.7 degrees, which the checks refuse. */
const NO_PLACE = -(2 ** 31)
const MAX_SEQ = 2 ** 32 - 1

export type FrameRefusal =
  | 'too_short'
  | 'not_pings'
  | 'unknown_version'
  | 'empty'
  | 'too_many'
  | 'truncated'
  | 'too_long'

/**
 * Where a frame lies while it is read, aligned, and seen as what its fields are. Copying it here costs less than asking
 * a message for its buffer, and no view is made a message. Every machine Bun runs on is little-endian, like the frame.
 */
const bytesRead = new Uint8Array(HEADER_BYTES + MAX_PINGS_A_BATCH * PING_BYTES)
const asShorts = new Uint16Array(bytesRead.buffer)
const asWords = new Uint32Array(bytesRead.buffer)
const asSteps = new Int32Array(bytesRead.buffer)
const asFloats = new Float32Array(bytesRead.buffer)
const asDoubles = new Float64Array(bytesRead.buffer)

/**
 * Fill the batch with the pings of a frame.
 * @returns why nothing of it was taken, or null when all of it is in the batch
 */
export function readFrame(bytes: Uint8Array, batch: PingBatch): FrameRefusal | null {
  batch.clear()
  const { length } = bytes
  if (length < HEADER_BYTES) return 'too_short'
  // What is longer than any frame is refused by its length below, once its header has been looked at.
  bytesRead.set(length > bytesRead.length ? bytes.subarray(0, HEADER_BYTES) : bytes)
  if (asShorts[0] !== MAGIC) return 'not_pings'
  if (bytesRead[2] !== VERSION) return 'unknown_version'
  if (bytesRead[3] !== KIND_PINGS || asShorts[3] !== 0) return 'not_pings'
  const count = asShorts[2]!
  if (count === 0) return 'empty'
  if (count > MAX_PINGS_A_BATCH) return 'too_many'
  const promised = HEADER_BYTES + count * PING_BYTES
  if (length !== promised) return length < promised ? 'truncated' : 'too_long'
  for (let at = HEADER_BYTES; at < promised; at += PING_BYTES) {
    const word = at >> 2
    batch.add(
      asWords[word + 2]!,
      asDoubles[at >> 3]!,
      asSteps[word + 3]! / STEPS,
      asSteps[word + 4]! / STEPS,
      asFloats[word + 5]!,
      asFloats[word + 6]!,
      asFloats[word + 7]!,
    )
  }
  return null
}

/**
 * The frame of these pings, for phones written in TypeScript; `public/ping-frame.js` is the page's.
 * @returns null when there are none or too many of them, or a running number does not fit; JSON takes those
 */
export function writeFrame(pings: readonly Ping[]): Uint8Array<ArrayBuffer> | null {
  if (pings.length === 0 || pings.length > MAX_PINGS_A_BATCH) return null
  if (pings.some(({ seq }) => seq > MAX_SEQ)) return null
  const bytes = new Uint8Array(HEADER_BYTES + pings.length * PING_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, MAGIC, true)
  view.setUint8(2, VERSION)
  view.setUint8(3, KIND_PINGS)
  view.setUint16(4, pings.length, true)
  pings.forEach(({ at, seq, lat, lng, accuracy, speed, heading }, i) => {
    const start = HEADER_BYTES + i * PING_BYTES
    view.setFloat64(start, at ?? Number.NaN, true)
    view.setUint32(start + 8, seq, true)
    view.setInt32(start + 12, stepsOf(lat), true)
    view.setInt32(start + 16, stepsOf(lng), true)
    view.setFloat32(start + 20, accuracy ?? Number.NaN, true)
    view.setFloat32(start + 24, speed ?? Number.NaN, true)
    view.setFloat32(start + 28, heading ?? Number.NaN, true)
  })
  return bytes
}

function stepsOf(degrees: number | null): number {
  const steps = degrees === null ? Number.NaN : Math.round(degrees * STEPS)
  return Math.abs(steps) < 2 ** 31 ? steps : NO_PLACE
}
