/**
 * The cars of the desk's part of the map, put together from the server's binary messages, some for this desk and most
 * for everybody who looks at a tile; docs/wire.md says how they lie, `src/board/car-frame.ts` writes them. Nothing of
 * the page is needed for it.
 */
;(() => {
  const MAGIC = 0x4348
  const VERSION = 2
  const KIND_CARS = 2
  const KIND_COUNTS = 3
  const CARS_HEADER_BYTES = 28
  const TILE_BYTES = 24
  const NO_LOOK = 2 ** 32 - 1
  const STEPS = 65_535
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

  /** Degrees, at the upper edge of a row; the last ones hold what lies beyond the map's square, too. @param {number} y @param {number} rows */
  function latOf(y, rows) {
    if (y === 0) return 90
    if (y === rows) return -90
    return (Math.atan(Math.sinh((0.5 - y / rows) * 2 * Math.PI)) * 180) / Math.PI
  }

  class BoardPicture {
    constructor() {
      /** What the server calls a car, from the message that named it on. @type {Map<number, { id: string, callSign: string }>} */
      this.named = new Map()
      /** @type {Map<number, MapCarRow>} */
      this.cars = new Map()
      /** The tile each of them is in. @type {Map<number, string>} */
      this.tileOf = new Map()
      /** By id. @type {Map<string, number>} */
      this.numberOf = new Map()
      /** The look that each tile of the view shows. @type {Map<string, number>} */
      this.tiles = new Map()
      /** The view's first column, which may lie beyond the date line. */
      this.left = 0
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
      this.forgetCars()
      this.counts.clear()
      this.zoom = null
    }

    forgetCars() {
      this.cars.clear()
      this.tileOf.clear()
      this.numberOf.clear()
      this.tiles.clear()
    }

    /** @param {ArrayBuffer} message @returns {BoardChange | null} null for what is no picture */
    apply(message) {
      const view = new DataView(message)
      if (message.byteLength < CARS_HEADER_BYTES || view.getUint16(0, true) !== MAGIC) return null
      if (view.getUint8(2) !== VERSION) return null
      const kind = view.getUint8(3)
      if (kind !== KIND_CARS && kind !== KIND_COUNTS) return null
      const isWhole = view.getUint8(8) === 1
      this.all = view.getUint32(12, true)
      if (kind === KIND_CARS) {
        if (isWhole || view.getUint32(16, true) > 0) {
          this.zoom = null
          this.counts.clear()
        }
        return this.applyCars(view, isWhole)
      }
      if (isWhole) {
        this.forgetCars()
        this.counts.clear()
      }
      this.applyCounts(view)
      return { full: isWhole, cars: [], gone: [], isMissing: false }
    }

    /** @param {DataView} view @param {boolean} isPicture @returns {BoardChange} */
    applyCars(view, isPicture) {
      const count = view.getUint32(16, true)
      const level = view.getUint8(20)
      // What was drawn before this page knew anything goes, too.
      const full = isPicture && this.tiles.size === 0
      if (isPicture) this.left = view.getInt32(24, true)
      /** Ids: those left in the end are nowhere any more. @type {Set<string>} */
      const gone = new Set()
      /** @type {Map<string, MapCarRow>} */
      const cars = new Map()
      /** @type {Set<string>} */
      const told = new Set()
      let isMissing = false
      let at = CARS_HEADER_BYTES
      for (let n = 0; n < count; n++) {
        const tile = this.tileAt(view, at, level)
        told.add(tile.key)
        const had = this.tiles.get(tile.key)
        // Nobody is told of a tile without having it, or being given it; if so, it is asked for anew.
        if (tile.since !== null && (had === undefined || tile.since > had)) isMissing = true
        this.tiles.set(tile.key, tile.look)
        at = this.applyTile(view, tile, { at: at + TILE_BYTES, cars, gone })
      }
      if (isPicture)
        for (const key of [...this.tiles.keys()])
          if (!told.has(key)) {
            this.tiles.delete(key)
            for (const [number, of] of this.tileOf) if (of === key) this.leave(number, key, gone)
          }
      for (const id of [...gone]) if (this.numberOf.has(id)) gone.delete(id)
      return { full, cars: [...cars.values()], gone: [...gone], isMissing }
    }

    /** @param {DataView} view @param {number} at @param {number} level */
    tileAt(view, at, level) {
      const around = 2 ** level
      const [x, y] = [view.getUint16(at, true), view.getUint16(at + 2, true)]
      const since = view.getUint32(at + 4, true)
      const column = this.left + ((((x - this.left) % around) + around) % around)
      const south = latOf(y + 1, around)
      return {
        key: `${level}/${x}/${y}`,
        since: since === NO_LOOK ? null : since,
        look: view.getUint32(at + 8, true),
        named: view.getUint32(at + 12, true),
        cars: view.getUint32(at + 16, true),
        gone: view.getUint32(at + 20, true),
        south,
        west: (column / around - 0.5) * 360,
        latStep: (latOf(y, around) - south) / STEPS,
        lngStep: 360 / around / STEPS,
      }
    }

    /**
     * @param {DataView} view
     * @param {ReturnType<BoardPicture['tileAt']>} tile
     * @param {{ at: number, cars: Map<string, MapCarRow>, gone: Set<string> }} change begins after the tile's head
     * @returns where the next tile begins
     */
    applyTile(view, tile, { at, cars, gone }) {
      const bytes = new Uint8Array(view.buffer)
      for (let n = 0; n < tile.named; n++) {
        const length = bytes[at + 20] ?? 0
        const callSign = decoder.decode(bytes.subarray(at + NAMED_BYTES, at + NAMED_BYTES + length))
        this.named.set(view.getUint32(at, true), { id: idAt(bytes, at + 4), callSign })
        at += NAMED_BYTES + length
      }
      // All of a tile: whoever was in it and is not named now has left.
      if (tile.since === null)
        for (const [number, of] of this.tileOf) if (of === tile.key) this.leave(number, of, gone)
      // Who left goes first: a car with another call sign leaves under one number and comes under another.
      const goneAt = at + tile.cars * CAR_BYTES
      for (let n = 0; n < tile.gone; n++)
        this.leave(view.getUint32(goneAt + n * GONE_BYTES, true), tile.key, gone)
      for (let n = 0; n < tile.cars; n++, at += CAR_BYTES) {
        const packed = view.getUint32(at, true)
        const number = Math.floor(packed / 8)
        const name = this.named.get(number)
        const state = STATES[packed % 8]
        if (name === undefined || state === undefined) continue
        /** @type {MapCarRow} */
        const row = [
          name.id,
          name.callSign,
          (tile.south + view.getUint16(at + 4, true) * tile.latStep) * 1e6,
          (tile.west + view.getUint16(at + 6, true) * tile.lngStep) * 1e6,
          ((bytes[at + 8] ?? 0) / 256) * 360,
          state,
          bytes[at + 9] ?? 0,
        ]
        const former = this.numberOf.get(name.id)
        if (former !== undefined && former !== number) {
          this.cars.delete(former)
          this.tileOf.delete(former)
        }
        this.cars.set(number, row)
        this.tileOf.set(number, tile.key)
        this.numberOf.set(name.id, number)
        cars.set(name.id, row)
      }
      return goneAt + tile.gone * GONE_BYTES
    }

    /** Unless it is in another tile by now. @param {number} number @param {string} key @param {Set<string>} gone */
    leave(number, key, gone) {
      const row = this.cars.get(number)
      if (row === undefined || this.tileOf.get(number) !== key) return
      this.cars.delete(number)
      this.tileOf.delete(number)
      this.numberOf.delete(row[0])
      gone.add(row[0])
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
