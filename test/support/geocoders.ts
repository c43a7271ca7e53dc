/**
 * Geocoders on this machine, answering in the shapes their documentation gives, and refusing what the real ones refuse.
 * Sources: nominatim.org/release-docs (jsonv2), github.com/komoot/photon (README), docs.mapbox.com (geocoding v6).
 */
import type { GeocoderName } from '../../src/places/geocoders/geocoder.ts'

interface Known {
  readonly name?: string
  readonly number?: string
  readonly street: string
  readonly city: string
  readonly lat: number
  readonly lng: number
  /** OpenStreetMap's tag, and what Mapbox calls the same. */
  readonly tag: readonly [key: string, value: string]
  readonly mapbox: string
}

export const KNOWN: readonly Known[] = [
  {
    ...{ number: '350', street: 'Jay Street', city: 'Brooklyn', lat: 40.6935, lng: -73.9874 },
    ...{ tag: ['place', 'house'] as const, mapbox: 'address' },
  },
  {
    ...{ name: 'Cobble Hill', street: 'Court Street', city: 'Brooklyn', lat: 40.6865, lng: -73.9962 },
    ...{ tag: ['place', 'suburb'] as const, mapbox: 'neighborhood' },
  },
]

export type Mood =
  | 'well'
  | 'elsewhere'
  | 'too_much'
  | 'denied'
  | 'broken'
  | 'garbage'
  | 'other_shape'
  | 'odd_places'
  | 'huge'
  | 'hanging'

export interface TestGeocoder {
  readonly url: string
  readonly asked: URL[]
  readonly agents: (string | null)[]
  mood: Mood
  /** Where a redirect leads. */
  elsewhere: string
  stop(): void
}

export function startGeocoder(name: GeocoderName): TestGeocoder {
  const asked: URL[] = []
  const agents: (string | null)[] = []
  const wire = WIRES[name]
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const url = new URL(request.url)
      asked.push(url)
      agents.push(request.headers.get('user-agent'))
      const answer = MOODS[made.mood]
      return answer === undefined ? wire(url) : answer(made)
    },
  })
  const made: TestGeocoder = {
    ...{ url: `http://127.0.0.1:${server.port}/geo`, asked, agents },
    ...{ mood: 'well' as Mood, elsewhere: '' },
    stop: () => void server.stop(true),
  }
  return made
}

const MOODS: Partial<Record<Mood, (made: TestGeocoder) => Response | Promise<Response>>> = {
  elsewhere: ({ elsewhere }) => new Response(null, { status: 302, headers: { location: elsewhere } }),
  too_much: () => Response.json({ message: 'slow down' }, { status: 429, headers: { 'retry-after': '120' } }),
  denied: () => Response.json({ message: 'Not Authorized' }, { status: 401 }),
  broken: () => new Response('<h1>502</h1>', { status: 502 }),
  garbage: () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
  other_shape: () => Response.json({ results: [] }),
  huge: () => new Response('x'.repeat(400_000)),
  hanging: () => new Promise<Response>(() => {}),
}

const WIRES: Record<GeocoderName, (url: URL) => Response> = {
  nominatim(url) {
    const query = url.searchParams
    if (query.get('format') !== 'jsonv2') return new Response('<searchresults/>')
    const shape = (known: Known) => ({
      ...{ place_id: 1, licence: 'ODbL', osm_type: 'node', osm_id: 2, place_rank: 30, importance: 0.1 },
      ...{ lat: known.lat.toFixed(7), lon: known.lng.toFixed(7), category: known.tag[0], type: known.tag[1] },
      ...{ addresstype: known.tag[1], name: known.name ?? '', boundingbox: ['1', '2', '3', '4'] },
      display_name: [known.name ?? known.number, known.street, known.city, 'United States'].join(', '),
      address: {
        ...{ ...(known.number && { house_number: known.number }), road: known.street, city: known.city },
        ...{ postcode: '11201', country: 'United States', country_code: 'us' },
      },
    })
    if (url.pathname === '/geo/search') return Response.json(matching(query.get('q')).map(shape))
    if (url.pathname !== '/geo/reverse') return new Response('not found', { status: 404 })
    const there = closest(query.get('lat'), query.get('lon'))
    return Response.json(there === undefined ? { error: 'Unable to geocode' } : shape(there))
  },
  photon(url) {
    const query = url.searchParams
    if (!['en', 'de', 'fr', null].includes(query.get('lang')))
      return Response.json({ message: 'Language is not supported' }, { status: 400 })
    const shape = (known: Known) => ({
      ...{ type: 'Feature', geometry: { type: 'Point', coordinates: [known.lng, known.lat] } },
      properties: {
        ...{ osm_type: 'N', osm_id: 2, osm_key: known.tag[0], osm_value: known.tag[1] },
        ...{ type: known.number ? 'house' : 'district', ...(known.name && { name: known.name }) },
        ...{ ...(known.number && { housenumber: known.number }), street: known.street, city: known.city },
        ...{ state: 'New York', country: 'United States', countrycode: 'US', postcode: '11201' },
      },
    })
    const collection = (list: readonly Known[]) =>
      Response.json({ type: 'FeatureCollection', features: list.map(shape) })
    if (url.pathname === '/geo/api')
      return query.has('q') ? collection(matching(query.get('q'))) : Response.json({}, { status: 400 })
    if (url.pathname !== '/geo/reverse') return new Response('not found', { status: 404 })
    const there = closest(query.get('lat'), query.get('lon'))
    return collection(there === undefined ? [] : [there])
  },
  mapbox(url) {
    const query = url.searchParams
    if (query.get('access_token') !== 'pk.test-token')
      return Response.json({ message: 'Not Authorized - Invalid Token' }, { status: 401 })
    const shape = (known: Known) => ({
      ...{ type: 'Feature', id: 'x', geometry: { type: 'Point', coordinates: [known.lng, known.lat] } },
      properties: {
        ...{
          mapbox_id: 'x',
          feature_type: known.mapbox,
          name: known.name ?? `${known.number} ${known.street}`,
        },
        ...{ place_formatted: `${known.city}, New York 11201, United States`, full_address: 'whole' },
        ...{ coordinates: { longitude: known.lng, latitude: known.lat, accuracy: 'rooftop' }, context: {} },
      },
    })
    const collection = (list: readonly Known[]) =>
      Response.json({ type: 'FeatureCollection', features: list.map(shape), attribution: 'NOTICE' })
    if (url.pathname === '/geo/search/geocode/v6/forward') {
      const q = query.get('q') ?? ''
      if (q.includes(';') || q.length > 256 || q.split(/\s+/).length > 20)
        return Response.json({ message: 'Query too long' }, { status: 422 })
      return collection(matching(q))
    }
    if (url.pathname !== '/geo/search/geocode/v6/reverse') return new Response('not found', { status: 404 })
    const there = closest(query.get('latitude'), query.get('longitude'))
    return collection(there === undefined ? [] : [there])
  },
}

function matching(q: string | null): Known[] {
  const words = (q ?? '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
  const textOf = ({ name, number, street, city }: Known) =>
    [name, number, street, city, 'new york'].join(' ').toLowerCase()
  return KNOWN.filter((known) => words.every((word) => textOf(known).includes(word)))
}

function closest(lat: string | null, lng: string | null): Known | undefined {
  return KNOWN.find(
    (known) => Math.abs(known.lat - Number(lat)) < 0.003 && Math.abs(known.lng - Number(lng)) < 0.003,
  )
}
