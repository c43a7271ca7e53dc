/** Which names the map writes, made from the gazetteer's zones, large parks and landmarks. */
import type { FeatureCollection, MultiPolygon, Polygon } from 'geojson'

/** Rank 0 is written from far away, 1 from the middle distance, 2 (parks) and 3 (landmarks) only from near. */
export type CityLabel = readonly [name: string, lat: number, lng: number, rank: number]

/** Names people use for taxi zones that a zone list splits or strings together; the label stands in their middle. */
const KNOWN_AS: Record<string, string> = {
  "Clinton East (Hell's Kitchen)": 'Hell’s Kitchen',
  "Clinton West (Hell's Kitchen)": 'Hell’s Kitchen',
  'East Chelsea': 'Chelsea',
  'West Chelsea / Hudson Yards': 'Hudson Yards',
  'East Harlem North': 'East Harlem',
  'East Harlem South': 'East Harlem',
  'Central Harlem': 'Harlem',
  'Central Harlem North': 'Harlem',
  'Financial District North': 'Financial District',
  'Financial District South': 'Financial District',
  'Greenwich Village North': 'Greenwich Village',
  'Greenwich Village South': 'Greenwich Village',
  'Lenox Hill East': 'Lenox Hill',
  'Lenox Hill West': 'Lenox Hill',
  'Lincoln Square East': 'Lincoln Square',
  'Lincoln Square West': 'Lincoln Square',
  'Little Italy / NoLiTa': 'Little Italy',
  'Meatpacking / West Village West': 'Meatpacking District',
  'Midtown Center': 'Midtown',
  'Penn Station / Madison Square West': 'Penn Station',
  'Stuyvesant Town / Peter Cooper Village': 'Stuyvesant Town',
  'Sutton Place / Turtle Bay North': 'Sutton Place',
  'Times Square / Theatre District': 'Theatre District',
  'TriBeCa / Civic Center': 'TriBeCa',
  'Two Bridges / Seward Park': 'Two Bridges',
  'United Nations / Turtle Bay South': 'Turtle Bay',
  'Upper East Side North': 'Upper East Side',
  'Upper East Side South': 'Upper East Side',
  'Upper West Side North': 'Upper West Side',
  'Upper West Side South': 'Upper West Side',
  'Washington Heights North': 'Washington Heights',
  'Washington Heights South': 'Washington Heights',
  'Yorkville East': 'Yorkville',
  'Yorkville West': 'Yorkville',
}

/** Written from afar, the most wanted first: the map stops at eight names a view. */
const FROM_AFAR = [
  'Midtown',
  'Central Park',
  'Financial District',
  'Harlem',
  'Upper West Side',
  'Upper East Side',
  'Chelsea',
  'East Village',
  'Washington Heights',
  'Hell’s Kitchen',
  'Greenwich Village',
  'Lower East Side',
  'East Harlem',
  'SoHo',
  'Inwood',
]

/** Landmarks people steer by; shops, clubs and churches of the gazetteer stay findable but unwritten. */
const WRITTEN_LANDMARKS = new Set([
  'Empire State Building',
  'Times Square',
  'Columbus Circle',
  'Rockefeller Center',
  'Carnegie Hall',
  'Madison Square Garden',
  'Flatiron Building',
  'Chrysler Building',
  'Javits Center',
  'One World Trade Center',
  'New York City Hall',
  'New York Stock Exchange',
  'United Nations Headquarters',
  'Riverside Church',
  'Chelsea Market',
  'Brookfield Place',
  'Radio City Music Hall',
])

const PARK_MIN_HA = 2

export function cityLabels(
  places: readonly Record<string, string>[],
  parks: FeatureCollection<Polygon | MultiPolygon, { name: string; ha: number }>,
): CityLabel[] {
  const byName = new Map<string, { lats: number[]; lngs: number[] }>()
  for (const place of places) {
    if (place.kind !== 'neighbourhood') continue
    const name = KNOWN_AS[place.name!] ?? place.name!
    const zones = byName.get(name) ?? { lats: [], lngs: [] }
    zones.lats.push(Number(place.lat))
    zones.lngs.push(Number(place.lng))
    byName.set(name, zones)
  }
  const neighbourhoods = [...byName].map(
    ([name, { lats, lngs }]): CityLabel => [name, mean(lats), mean(lngs), FROM_AFAR.includes(name) ? 0 : 1],
  )
  const landmarks = places
    .filter((place) => place.kind === 'landmark' && WRITTEN_LANDMARKS.has(place.name!))
    .map((place): CityLabel => [place.name!, degrees(Number(place.lat)), degrees(Number(place.lng)), 3])
  const green = parks.features
    .filter(({ properties }) => properties.ha >= PARK_MIN_HA)
    .map(({ properties, geometry }): CityLabel => {
      const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
      const ring = parts.map((rings) => rings[0]!).sort((a, b) => b.length - a.length)[0]!
      const lats = ring.map((point) => point[1]!)
      const lngs = ring.map((point) => point[0]!)
      return [properties.name, middle(lats), middle(lngs), FROM_AFAR.includes(properties.name) ? 0 : 2]
    })
  const wanted = ([name]: CityLabel) =>
    FROM_AFAR.includes(name) ? FROM_AFAR.indexOf(name) : FROM_AFAR.length
  return [...neighbourhoods, ...green, ...landmarks].sort(
    (a, b) => a[3] - b[3] || wanted(a) - wanted(b) || b[1] - a[1],
  )
}

function mean(values: readonly number[]): number {
  return degrees(values.reduce((sum, value) => sum + value, 0) / values.length)
}

function middle(values: readonly number[]): number {
  return degrees((Math.min(...values) + Math.max(...values)) / 2)
}

function degrees(value: number): number {
  return Math.round(value * 1e5) / 1e5
}
