import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import '../../public/ping-frame.js'
import { PingBatch } from '../../src/positions/batch.ts'
import { readFrame, writeFrame } from '../../src/positions/frame.ts'
import { judgeBatch } from '../../src/positions/pings.ts'
import { fillBatch, readPingMessage } from '../../src/positions/read-json.ts'
import { type Ping, pingMessageShape } from '../../src/positions/shapes.ts'
import { Track } from '../../src/positions/track.ts'
import { acknowledge, timesOf, verdictsOf } from '../support/pings.ts'

const NOW = Date.UTC(2026, 10, 21, 18)

/** Any number, usual or not, or what the phone has none for. */
const wild = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, 90, 180, -180, 360, 1e-7, Number.NaN, Number.POSITIVE_INFINITY),
  fc.constant(null),
)
const usual = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const anyPing: fc.Arbitrary<Ping> = fc.record(
  {
    seq: fc.oneof(fc.nat(20), fc.nat(2 ** 31 - 1)),
    at: fc.oneof(
      usual(-60, 8).map((second) => NOW + second * 1000),
      wild,
    ),
    lat: fc.oneof(usual(40.74, 40.76), wild),
    lng: fc.oneof(usual(-73.99, -73.97), wild),
    accuracy: fc.oneof(usual(0, 120), wild),
    speed: fc.oneof(usual(0, 70), wild),
    heading: fc.oneof(usual(0, 360), wild),
  },
  { requiredKeys: ['seq', 'at', 'lat', 'lng', 'accuracy'] },
)
const someBatches = fc.array(fc.array(anyPing, { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 6,
})

/** What a frame holds, as a phone would have to write it in JSON to say the same. */
function asJson(frame: Uint8Array): string {
  const view = new DataView(frame.buffer, frame.byteOffset)
  const said = (value: number) => {
    if (Math.abs(value) === Number.POSITIVE_INFINITY) return value > 0 ? '1e999' : '-1e999'
    return Object.is(value, -0) ? '-0' : JSON.stringify(value)
  }
  const pings = Array.from({ length: view.getUint16(4, true) }, (_, i) => {
    const start = 8 + 32 * i
    const float = (at: number) => said(view.getFloat32(start + at, true))
    const place = (at: number) => said(view.getInt32(start + at, true) / 1e7)
    return (
      `{"seq":${view.getUint32(start + 8, true)},"at":${said(view.getFloat64(start, true))},` +
      `"lat":${place(12)},"lng":${place(16)},"accuracy":${float(20)},"speed":${float(24)},"heading":${float(28)}}`
    )
  })
  return `{"type":"pings","pings":[${pings.join(',')}]}`
}

function framed(pings: readonly Ping[]): Uint8Array<ArrayBuffer> {
  const frame = writeFrame(pings)
  if (frame === null) throw new Error('these pings fit a frame')
  return frame
}

describe('pings in a frame', () => {
  test('are judged exactly as the same pings in JSON, and answered alike', () => {
    fc.assert(
      fc.property(someBatches, (batches) => {
        const tracks = { json: new Track(), frame: new Track() }
        const batch = new PingBatch()
        batches.forEach((pings, index) => {
          const nowMs = NOW + index * 1000
          const frame = framed(pings)
          expect(readFrame(frame, batch)).toBeNull()
          judgeBatch(tracks.frame, batch, nowMs)
          const said = { verdicts: verdictsOf(batch), answer: acknowledge(batch) }
          expect(readPingMessage(JSON.parse(asJson(frame)), batch)).toBeNull()
          judgeBatch(tracks.json, batch, nowMs)
          expect({ verdicts: verdictsOf(batch), answer: acknowledge(batch) }).toEqual(said)
        })
        expect(timesOf(tracks.frame)).toEqual(timesOf(tracks.json))
      }),
    )
  })

  test('are where JSON would put them to a centimetre, at the same millisecond', () => {
    const batch = new PingBatch()
    fc.assert(
      fc.property(usual(-90, 90), usual(-180, 180), fc.nat(), (lat, lng, ms) => {
        const at = NOW + ms / 7
        readFrame(framed([{ seq: 4_294_967_295, at, lat, lng, accuracy: 3 }]), batch)
        expect(Math.abs(batch.lat(0) - lat)).toBeLessThanOrEqual(5.1e-8)
        expect(Math.abs(((batch.lng(0) - lng + 540) % 360) - 180)).toBeLessThanOrEqual(5.1e-8)
        expect([batch.timeMs(0), batch.seq(0)]).toEqual([at, 4_294_967_295])
      }),
    )
  })

  test('a place that is none stays none: it is refused, not moved into the world', () => {
    const batch = new PingBatch()
    const none = [null, Number.NaN, 215, -1e300, Number.POSITIVE_INFINITY]
    readFrame(framed(none.map((lat, seq) => ({ seq, at: NOW, lat, lng: 0, accuracy: 1 }))), batch)
    judgeBatch(new Track(), batch, NOW)
    expect(acknowledge(batch).refused).toEqual({ invalid: none.length })
  })

  test('what does not fit a frame is for JSON', () => {
    const ping = { seq: 1, at: NOW, lat: 1, lng: 1, accuracy: 1 }
    expect(writeFrame([])).toBeNull()
    expect(writeFrame(Array(501).fill(ping))).toBeNull()
    expect(writeFrame([{ ...ping, seq: 2 ** 32 }])).toBeNull()
    expect(writeFrame(Array(500).fill(ping))!.length).toBeLessThan(16 * 1024)
  })

  test('the page writes the same bytes as the program', () => {
    const told = fc.record(
      {
        seq: fc.nat(2 ** 31 - 1),
        at: fc.integer({ min: 0, max: NOW }),
        lat: usual(-90, 90),
        lng: usual(-180, 180),
        accuracy: usual(0, 5_000),
        speed: usual(0, 70),
        heading: usual(0, 360),
      },
      { requiredKeys: ['seq', 'at', 'lat', 'lng', 'accuracy'] },
    )
    fc.assert(
      fc.property(fc.array(told, { minLength: 1, maxLength: 5 }), (pings) => {
        // A phone's optional fields are left out or there, never undefined.
        const page = globalThis.HoneycabPingFrame.write(pings as never)!
        expect(Buffer.from(page).toString('hex')).toBe(Buffer.from(framed(pings)).toString('hex'))
      }),
    )
    expect(globalThis.HoneycabPingFrame.write([])).toBeNull()
  })
})

describe('a frame that is none', () => {
  const whole = framed([
    { seq: 1, at: NOW, lat: 40.75, lng: -73.98, accuracy: 5 },
    { seq: 2, at: NOW + 1, lat: 40.75, lng: -73.98, accuracy: 5 },
  ])
  const changed = (at: number, byte: number) => {
    const frame = whole.slice()
    frame[at] = byte
    return frame
  }

  test.each([
    ['nothing at all', new Uint8Array(), 'too_short'],
    ['less than a header', whole.slice(0, 7), 'too_short'],
    ['other letters at the front', changed(0, 0x68), 'not_pings'],
    ['a version of another day', changed(2, 2), 'unknown_version'],
    ['another kind of message', changed(3, 9), 'not_pings'],
    ['something where nothing is yet', changed(6, 1), 'not_pings'],
    ['a header that promises none', changed(4, 0), 'empty'],
    ['more than a batch holds', changed(5, 2), 'too_many'],
    ['an end in the middle of a ping', whole.slice(0, -1), 'truncated'],
    ['a header that promises more', changed(4, 3), 'truncated'],
    ['a byte too many', new Uint8Array([...whole, 0]), 'too_long'],
    ['a header that promises fewer', changed(4, 1), 'too_long'],
  ] as const)('%s', (_what, bytes, reason) => {
    expect(readFrame(bytes, new PingBatch())).toBe(reason)
  })

  test('whatever bytes come, they are taken whole or refused with a reason, and nothing throws', () => {
    const batch = new PingBatch()
    const track = new Track()
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      // A frame with some bytes changed, cut or added to.
      fc
        .tuple(
          fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
          fc.nat(whole.length),
          fc.nat(3),
        )
        .map(([changes, keep, more]) => {
          const frame = new Uint8Array(keep + more)
          frame.set(whole.subarray(0, keep))
          for (const [at, byte] of changes) if (at < keep) frame[at] = byte
          return frame
        }),
      fc
        .array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 4 })
        .map((rows) => {
          const frame = new Uint8Array(8 + 32 * rows.length)
          frame.set(whole.subarray(0, 8))
          frame[4] = rows.length
          rows.forEach((row, i) => void frame.set(row, 8 + 32 * i))
          return frame
        }),
    )
    fc.assert(
      fc.property(bytes, (frame) => {
        const refused = readFrame(frame, batch)
        if (refused !== null) return
        expect(frame.length).toBe(8 + 32 * batch.count)
        judgeBatch(track, batch, NOW)
        expect(verdictsOf(batch).length).toBe(batch.count)
      }),
      { numRuns: 500 },
    )
  })

  test('bytes in the middle of a larger buffer are read where they lie', () => {
    const around = new Uint8Array(whole.length + 5).fill(9)
    around.set(whole, 3)
    const batch = new PingBatch()
    expect(readFrame(around.subarray(3, 3 + whole.length), batch)).toBeNull()
    expect(batch.count).toBe(2)
  })
})

describe('pings in JSON', () => {
  test('are read by hand as the shape reads them, and refused where it refuses', () => {
    const values = fc.oneof(fc.double(), fc.nat(9), fc.constantFrom(null, '1', true, undefined, [], {}))
    const keys = ['seq', 'at', 'lat', 'lng', 'accuracy', 'speed', 'heading', 'driverId', '__proto__']
    const almostPing = fc.oneof(
      anyPing,
      fc.dictionary(fc.constantFrom(...keys), values),
      fc
        .tuple(anyPing, fc.constantFrom(...keys), values)
        .map(([ping, key, value]) => ({ ...ping, [key]: value })),
      values,
    )
    const message = fc.oneof(
      fc.record({ type: fc.constant('pings'), pings: fc.array(almostPing, { maxLength: 4 }) }),
      fc.record({ type: fc.constant('pings'), pings: fc.array(anyPing, { minLength: 1, maxLength: 4 }) }),
      fc.record({ type: values, pings: values, more: values }, { requiredKeys: [] }),
      values,
    )
    const batch = new PingBatch()
    const expected = new PingBatch()
    fc.assert(
      fc.property(message, (sent) => {
        // As it comes: through text.
        const text = JSON.stringify(sent)
        const came = text === undefined ? undefined : JSON.parse(text)
        const parsed = pingMessageShape.safeParse(came)
        const error = readPingMessage(came, batch)
        expect(error === null).toBe(parsed.success)
        if (!parsed.success) return
        fillBatch(parsed.data.pings, expected)
        expect(batch.count).toBe(expected.count)
        for (const said of ['seq', 'timeMs', 'lat', 'lng', 'accuracyM', 'speedMps', 'headingDeg'] as const)
          for (let place = 0; place < batch.count; place++)
            expect(batch[said](place)).toBe(expected[said](place))
      }),
      { numRuns: 1_000 },
    )
  })
})
