/** Where words lead and what a point is called: our own list and, where one is configured, a geocoder elsewhere. */
import type { Kysely } from 'kysely'
import { distanceM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'
import type { GeocoderConfig } from '../io/config.ts'
import type { PlacesTables } from '../io/tables/places.ts'
import { type FoundPlace, type Place, searchPlaces } from './gazetteer.ts'
import { matchRanges } from './match-ranges.ts'
import { type NearestPlace, nearestPlace } from './nearest.ts'
import { fold, sameName } from './normalise.ts'
import { makeOutside, type Outside, type OutsideDeps, type Silence } from './outside.ts'

/** What was found, and who found it. */
export interface Found {
  readonly places: readonly FoundPlace[]
  /** Why our own list stands in for the geocoder; null where it does not, or none is configured. */
  readonly fallback: Silence | null
  /** Whose data is among the places, to be shown with them. */
  readonly credit: string | null
}

export interface Geocoding {
  /**
   * The places somebody may mean, the likeliest first.
   * @param db of the request
   */
  search(
    db: Kysely<PlacesTables>,
    asked: { text: string; near: LatLng | null; limit: number; typing: boolean },
  ): Promise<Found>
  /** A name for a point; null where nobody knows one. */
  nearest(db: Kysely<PlacesTables>, point: LatLng): Promise<NearestPlace | null>
  /** The geocoder, or null where none is configured. */
  readonly outside: Outside | null
}

/** Nobody takes a ride there: an answer so far off is of another place by that name. */
const MOST_AWAY_M = 200_000
/** Two of one name so close are one. */
const SAME_WITHIN_M = 150
/** What an outside name is worth at a point: it is the door's up to here, and beyond not even near. */
const AT_DOOR_M = 60
const NAMED_WITHIN_M = 1_000
/** Our own name of a point is as good as any so close; doors and corners are worth a question only beyond. */
const OWN_WITHIN_M = 60
const SHORTEST_OUTSIDE = 3

export function makeGeocoding(deps: OutsideDeps, config: GeocoderConfig | null): Geocoding {
  const outside = config === null ? null : makeOutside(deps, config)
  return {
    outside,
    async search(db, { text, near, limit, typing }) {
      const own = await searchPlaces(db, { text, near, limit })
      const nobodyElse = { places: own, fallback: null, credit: null }
      if (outside === null || fold(text).length < SHORTEST_OUTSIDE) return nobodyElse
      if (typing && !outside.geocoder.asYouType) return nobodyElse
      // What is in our list under this very name needs nobody; nor does a list that is full of words that fit.
      const sure = own.filter(({ isGuess }) => !isGuess)
      if (own[0] !== undefined && sameName(own[0].name, text)) return nobodyElse
      if (typing && sure.length >= limit) return nobodyElse
      const answer = await outside.search({ text, near, typing })
      if (typeof answer === 'string') return { places: own, fallback: answer, credit: null }
      const there: FoundPlace[] = answer
        .filter((place) => near === null || distanceM(near, place) <= MOST_AWAY_M)
        .map((place) => ({
          ...place,
          matchRanges: matchRanges(place.name, text),
          isGuess: !isNameOf(place, text),
        }))
      const guesses = there.length === 0 ? own.filter(({ isGuess }) => isGuess) : []
      const places = eachOnce([...sure, ...there, ...guesses]).slice(0, limit)
      const isTheirs = places.some((place) => there.includes(place))
      return { places, fallback: null, credit: isTheirs ? outside.geocoder.credit : null }
    },
    async nearest(db, point) {
      const own = await nearestPlace(db, point)
      if (outside === null || (own !== null && own.distanceM <= OWN_WITHIN_M)) return own
      const place = await outside.reverse(point)
      if (place === null || typeof place === 'string') return own
      const away = distanceM(point, place)
      if (away > NAMED_WITHIN_M || (own !== null && own.distanceM <= away)) return own
      return { label: away <= AT_DOOR_M ? place.name : `near ${place.name}`, place, distanceM: away }
    },
  }
}

/** "828 Broadway" is the name in "828 Broadway, New York". */
function isNameOf(place: Place, text: string): boolean {
  const [name, asked] = [fold(place.name), fold(text)]
  return asked === name || asked.startsWith(`${name} `)
}

function eachOnce(places: readonly FoundPlace[]): FoundPlace[] {
  const kept: FoundPlace[] = []
  for (const place of places)
    if (!kept.some((other) => sameName(other.name, place.name) && distanceM(other, place) <= SAME_WITHIN_M))
      kept.push(place)
  return kept
}
