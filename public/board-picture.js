/**
 * The cars of the desk's part of the map, put together from the server's binary messages; docs/wire.md says how they
 * lie, `src/board/car-frame.ts` writes them. Nothing of the page is needed for it.
 */
;(() => {
  const MAGIC = 0x4348
  const VERSION = 1
  const KIND_CARS = 2
  const KIND_COUNTS = 3
  const CARS_HEADER_BYTES = 64
  const NAMED_BYTES = 21
  const CAR_BYTES = 10
  const GONE_BYTES = 4
  const COUNTS_HEADER_BYTES = 32
  const COUNT_BYTES = 10
  /** @type {MapCarState[]} */
  const STATES = ['free', 'offered', 'to_pickup', 'waiting', 'on_board', 'break', 'silent']
  const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
  const decoder = new TextDecoder()

  /** @param {Uint8Array} bytes @param {number} at */
  function idAt(bytes, at) {
    let id = ''
    for (let n = 0; n < 16; n++) {
      if (n === 4 || n === 6 || n === 8 || n === 10) id += '-'
      id += HEX[bytes[at + n] ?? 0]
    }
    return id
  }

  class BoardPicture {
    constructor() {
      /** What the server calls a car, from the message that named it on. @type {Map<number, { id: string, callSign: string }>} */
      this.named = new Map()
      /** @type {Map<number, MapCarRow>} */
      this.cars = new Map()
      /** By column and row. @type {Map<string, MapCount>} */
      this.counts = new Map()
      /** Of the counts; null while single cars are shown. @type {number | null} */
      this.zoom = null
      /** Cars of the whole region. */
      this.all = 0
    }

    /** What is said on another stream begins anew. */
    forget() {
      this.named.clear()
      this.cars.clear()
      this.counts.clear()
      this.zoom = null
    }

    /** @param {ArrayBuffer} message @returns {BoardChange | null} null for what is no picture */
    apply(message) {
      const view = new DataView(message)
      if (message.byteLength < COUNTS_HEADER_BYTES || view.getUint16(0, true) !== MAGIC) return null
      if (view.getUint8(2) !== VERSION) return null
      const kind = view.getUint8(3)
      if (kind !== KIND_CARS && kind !== KIND_COUNTS) return null
      const full = view.getUint8(8) === 1
      this.all = view.getUint32(12, true)
      if (full) {
        this.cars.clear()
        this.counts.clear()
      }
      if (kind === KIND_CARS) {
        this.zoom = null
        return this.applyCars(view, full)
      }
      this.applyCounts(view)
      return { full, cars: [], gone: [] }
    }

    /** @param {DataView} view @param {boolean} full @returns {BoardChange} */
    applyCars(view, full) {
      const bytes = new Uint8Array(view.buffer)
      const [named, count, left] = [
        view.getUint32(16, true),
        view.getUint32(20, true),
        view.getUint32(24, true),
      ]
      const [south, west] = [view.getFloat64(32, true), view.getFloat64(40, true)]
      const [latStep, lngStep] = [view.getFloat64(48, true), view.getFloat64(56, true)]
      let at = CARS_HEADER_BYTES
      for (let n = 0; n < named; n++) {
        const length = bytes[at + 20] ?? 0
        const callSign = decoder.decode(bytes.subarray(at + NAMED_BYTES, at + NAMED_BYTES + length))
        this.named.set(view.getUint32(at, true), { id: idAt(bytes, at + 4), callSign })
        at += NAMED_BYTES + length
      }
      /** @type {string[]} */
      const gone = []
      // Who left goes first: a car with another call sign leaves under one number and comes under another.
      const goneAt = at + count * CAR_BYTES
      for (let n = 0; n < left; n++) {
        const number = view.getUint32(goneAt + n * GONE_BYTES, true)
        const row = this.cars.get(number)
        if (row === undefined) continue
        gone.push(row[0])
        this.cars.delete(number)
      }
      /** @type {MapCarRow[]} */
      const cars = []
      for (let n = 0; n < count; n++, at += CAR_BYTES) {
        const packed = view.getUint32(at, true)
        const number = Math.floor(packed / 8)
        const name = this.named.get(number)
        const state = STATES[packed % 8]
        if (name === undefined || state === undefined) continue
        /** @type {MapCarRow} */
        const row = [
          name.id,
          name.callSign,
          (south + view.getUint16(at + 4, true) * latStep) * 1e6,
          (west + view.getUint16(at + 6, true) * lngStep) * 1e6,
          ((bytes[at + 8] ?? 0) / 256) * 360,
          state,
          bytes[at + 9] ?? 0,
        ]
        this.cars.set(number, row)
        cars.push(row)
      }
      return { full, cars, gone }
    }

    /** @param {DataView} view */
    applyCounts(view) {
      const count = view.getUint32(16, true)
      this.zoom = view.getFloat32(20, true)
      const [firstQ, firstR] = [view.getInt32(24, true), view.getInt32(28, true)]
      let at = COUNTS_HEADER_BYTES
      for (let n = 0; n < count; n++, at += COUNT_BYTES) {
        const q = firstQ + view.getInt16(at, true)
        const r = firstR + view.getInt16(at + 2, true)
        const cars = view.getUint16(at + 4, true)
        if (cars === 0) this.counts.delete(`${q} ${r}`)
        else {
          const [free, silent] = [view.getUint16(at + 6, true), view.getUint16(at + 8, true)]
          this.counts.set(`${q} ${r}`, { q, r, cars, free, silent })
        }
      }
    }
  }

  Object.assign(globalThis, { HoneycabBoardPicture: BoardPicture })
})()
