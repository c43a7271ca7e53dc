/** Pings as one binary frame, a third of the bytes of JSON; `src/positions/frame.ts` reads it, docs/wire.md says how it lies. */
;(() => {
  const MAGIC = 0x4348
  const VERSION = 1
  const KIND_PINGS = 1
  const HEADER_BYTES = 8
  const PING_BYTES = 32
  /** Steps a degree. */
  const STEPS = 1e7
  const MAX_SEQ = 2 ** 32 - 1
  const MAX_PINGS = 500

  /**
   * @param {Ping[]} pings
   * @returns {ArrayBuffer | null} null for pings that only JSON can carry
   */
  function write(pings) {
    if (pings.length === 0 || pings.length > MAX_PINGS) return null
    if (pings.some(({ seq }) => seq > MAX_SEQ)) return null
    const bytes = new ArrayBuffer(HEADER_BYTES + pings.length * PING_BYTES)
    const view = new DataView(bytes)
    view.setUint16(0, MAGIC, true)
    view.setUint8(2, VERSION)
    view.setUint8(3, KIND_PINGS)
    view.setUint16(4, pings.length, true)
    pings.forEach(({ seq, at, lat, lng, accuracy, speed, heading }, i) => {
      const start = HEADER_BYTES + i * PING_BYTES
      view.setFloat64(start, at, true)
      view.setUint32(start + 8, seq, true)
      view.setInt32(start + 12, Math.round(lat * STEPS), true)
      view.setInt32(start + 16, Math.round(lng * STEPS), true)
      view.setFloat32(start + 20, accuracy, true)
      view.setFloat32(start + 24, speed ?? Number.NaN, true)
      view.setFloat32(start + 28, heading ?? Number.NaN, true)
    })
    return bytes
  }

  globalThis.HoneycabPingFrame = { write }
})()
