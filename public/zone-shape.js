// What the zone editor knows of areas without a map: reading and writing them as text, their size, where they cross.
// The server reads the same text (src/backoffice/area-text.ts) and has the last word.
;(() => {
  const EARTH_RADIUS_M = 6_371_008.8
  const RAD = Math.PI / 180
  const CORNER = /^\(?\s*([+-]?\d+(?:\.\d+)?)\s*°?\s*(?:,|;|\s)\s*([+-]?\d+(?:\.\d+)?)\s*°?\s*\)?[,;]?$/

  /** The rings of a text, holes after their outline; null where it cannot be read. @param {string} text @returns {ZoneRing[] | null} */
  function readRings(text) {
    const trimmed = text.trim()
    return trimmed.startsWith('{') ? fromGeoJson(trimmed) : fromLines(trimmed)
  }

  /** @param {string} text @returns {ZoneRing[] | null} */
  function fromLines(text) {
    /** @type {ZoneRing[]} */
    const rings = [{ kind: 'outline', corners: [] }]
    for (const line of text.split('\n')) {
      const words = line.trim().toLowerCase()
      if (words === '') continue
      if (words === 'hole' || words === 'part') {
        rings.push({ kind: words === 'hole' ? 'hole' : 'outline', corners: [] })
        continue
      }
      const found = CORNER.exec(words)
      const [lat, lng] = [Number(found?.[1]), Number(found?.[2])]
      if (!(Math.abs(lat) <= 90 && Math.abs(lng) <= 180)) return null
      rings[rings.length - 1]?.corners.push({ lat, lng })
    }
    for (const ring of rings) open(ring)
    return rings
  }

  /** @param {string} text @returns {ZoneRing[] | null} */
  function fromGeoJson(text) {
    try {
      let value = JSON.parse(text)
      if (value.type === 'FeatureCollection' && value.features?.length === 1) value = value.features[0]
      if (value.type === 'Feature') value = value.geometry
      if (value.type !== 'Polygon' && value.type !== 'MultiPolygon') return null
      /** @type {number[][][][]} */
      const parts = value.type === 'Polygon' ? [value.coordinates] : value.coordinates
      const rings = parts.flatMap((part) =>
        part.map((ring, n) => {
          const corners = ring.map(([lng, lat]) => ({ lat: Number(lat), lng: Number(lng) }))
          return open({ kind: n === 0 ? 'outline' : 'hole', corners })
        }),
      )
      const isWhole = rings.every(({ corners }) =>
        corners.every(({ lat, lng }) => Math.abs(lat) <= 90 && Math.abs(lng) <= 180),
      )
      return isWhole ? rings : null
    } catch {
      return null
    }
  }

  /** Without the first corner once more at the end. @param {ZoneRing} ring */
  function open(ring) {
    const [first, last] = [ring.corners[0], ring.corners[ring.corners.length - 1]]
    if (ring.corners.length > 1 && first?.lat === last?.lat && first?.lng === last?.lng) ring.corners.pop()
    return ring
  }

  /** @param {readonly ZoneRing[]} rings */
  function writeRings(rings) {
    return rings
      .map(({ kind, corners }, n) => {
        const lines = corners.map(({ lat, lng }) => `${degrees(lat)}, ${degrees(lng)}`)
        return (n === 0 ? lines : [kind === 'hole' ? 'hole' : 'part', ...lines]).join('\n')
      })
      .join('\n')
  }

  /** Six decimals are a hand's breadth. @param {number} value */
  function degrees(value) {
    return String(Number(value.toFixed(6)))
  }

  /** Square metres: outlines less their holes, on a cylinder of equal areas (Lambert). @param {readonly ZoneRing[]} rings */
  function sizeM2(rings) {
    return rings.reduce((sum, { kind, corners }) => {
      let twice = 0
      for (const [n, a] of corners.entries()) {
        const b = corners[(n + 1) % corners.length] ?? a
        twice += (b.lng - a.lng) * RAD * (Math.sin(a.lat * RAD) + Math.sin(b.lat * RAD))
      }
      const own = (Math.abs(twice) / 2) * EARTH_RADIUS_M ** 2
      return kind === 'hole' ? sum - own : sum + own
    }, 0)
  }

  /**
   * The first two edges that cross or touch where they should not; each is named by its ring and its first corner.
   * @param {readonly ZoneRing[]} rings @returns {[ZoneEdge, ZoneEdge] | null}
   */
  function crossing(rings) {
    /** @type {ZoneEdge[]} */
    const edges = rings.flatMap(({ corners }, ring) =>
      corners.length < 3
        ? []
        : corners.map((from, corner) => {
            const to = corners[(corner + 1) % corners.length] ?? from
            return { ring, corner, of: corners.length, from, to }
          }),
    )
    for (const [n, a] of edges.entries()) for (const b of edges.slice(n + 1)) if (meets(a, b)) return [a, b]
    return null
  }

  /** @param {ZoneEdge} a @param {ZoneEdge} b */
  function meets(a, b) {
    if (a.ring === b.ring) {
      const apart = Math.abs(a.corner - b.corner)
      // Neighbours share a corner; they may only not run back over each other.
      if (apart === 1 || apart === a.of - 1) {
        const [before, after] = apart === 1 ? [a, b] : [b, a]
        return isOn(before, after.to) || isOn(after, before.from)
      }
    }
    const turns = [side(a, b.from), side(a, b.to), side(b, a.from), side(b, a.to)]
    const [p = 0, q = 0, r = 0, s = 0] = turns
    if (p * q < 0 && r * s < 0) return true
    return isOn(a, b.from) || isOn(a, b.to) || isOn(b, a.from) || isOn(b, a.to)
  }

  /** @param {ZoneEdge} edge @param {MapPoint} point */
  function side({ from, to }, point) {
    return Math.sign(
      (to.lng - from.lng) * (point.lat - from.lat) - (to.lat - from.lat) * (point.lng - from.lng),
    )
  }

  /** @param {ZoneEdge} edge @param {MapPoint} point */
  function isOn(edge, point) {
    const { from, to } = edge
    return (
      side(edge, point) === 0 &&
      point.lat >= Math.min(from.lat, to.lat) &&
      point.lat <= Math.max(from.lat, to.lat) &&
      point.lng >= Math.min(from.lng, to.lng) &&
      point.lng <= Math.max(from.lng, to.lng)
    )
  }

  /** What people call each ring. @param {readonly ZoneRing[]} rings */
  function ringNames(rings) {
    const outlines = rings.filter(({ kind }) => kind === 'outline').length
    let [outline, hole] = [0, 0]
    return rings.map(({ kind }) => {
      if (kind === 'outline') {
        outline += 1
        hole = 0
        return outlines === 1 ? 'Outline' : `Outline ${outline}`
      }
      hole += 1
      return outlines === 1 ? `Hole ${hole}` : `Hole ${hole} of outline ${outline}`
    })
  }

  /** How the zone stands, in a sentence. @param {readonly ZoneRing[]} rings @returns {{ words: string, isWrong: boolean }} */
  function wordsOf(rings) {
    const names = ringNames(rings)
    const short = rings.findIndex(({ corners }) => corners.length < 3)
    if (short !== -1) {
      const missing = 3 - (rings[short]?.corners.length ?? 0)
      const words = `${names[short]}: ${missing === 1 ? 'one more corner' : `${missing} more corners`} to go.`
      return { words, isWrong: false }
    }
    const crossed = crossing(rings)
    if (crossed !== null) {
      const [a, b] = crossed.map(({ ring, corner, of }) => {
        const ends = `${corner + 1} to ${((corner + 1) % of) + 1}`
        return rings.length > 1 ? `${ends} of ${names[ring]?.toLowerCase()}` : ends
      })
      return { words: `It crosses itself: the edge from corner ${a} meets the one from ${b}.`, isWrong: true }
    }
    const size = sizeM2(rings)
    const corners = rings.reduce((sum, { corners: own }) => sum + own.length, 0)
    const sizeText = size < 100_000 ? `${Math.round(size)} m²` : `${(size / 1e6).toFixed(2)} km²`
    return { words: `${corners} corners, ${sizeText}.`, isWrong: false }
  }

  globalThis.HoneycabZoneShape = { readRings, writeRings, sizeM2, crossing, ringNames, wordsOf }
})()
