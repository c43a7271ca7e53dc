/** What the zone editor's plain scripts share. */

interface ZoneRing {
  kind: 'outline' | 'hole'
  /** Not closed: the last corner is joined to the first. */
  corners: MapPoint[]
}

interface ZoneEdge {
  ring: number
  /** The corner it begins at. */
  corner: number
  /** How many corners its ring has. */
  of: number
  from: MapPoint
  to: MapPoint
}

declare var HoneycabZoneShape: {
  readRings(text: string): ZoneRing[] | null
  writeRings(rings: readonly ZoneRing[]): string
  sizeM2(rings: readonly ZoneRing[]): number
  crossing(rings: readonly ZoneRing[]): [ZoneEdge, ZoneEdge] | null
  ringNames(rings: readonly ZoneRing[]): string[]
  wordsOf(rings: readonly ZoneRing[]): { words: string; isWrong: boolean }
}
