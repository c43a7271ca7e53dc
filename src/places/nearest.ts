/** Reverse lookup: what to call a point on the map. */
import { type Kysely, sql } from 'kysely'
import type { LatLng } from '../engine/units.ts'
import type { PlacesTables } from '../io/tables/places.ts'
import { boxAround, metresFrom } from './around.ts'
import type { Place } from './gazetteer.ts'

export interface NearestPlace {
  /** What to call the point: "828 Broadway" at a door, else "near 5th Avenue & East 34th Street". */
  readonly label: string
  readonly place: Place
  readonly distanceM: number
}

/** A door this close is where one stands; GPS in a street is hardly better. */
const AT_DOOR_M = 30
const AT_CORNER_M = 250
/** Beyond, a name would mislead more than it helps. */
const NAMED_WITHIN_M = 1_000

/**
 * A name for a point on the map: the door it is at, else the closest corner, else the closest place of any kind.
 * @returns null when nothing is known within 1 km
 */
export async function nearestPlace(db: Kysely<PlacesTables>, point: LatLng): Promise<NearestPlace | null> {
  const { rows } = await sql<Place & { distance_m: number }>`
    with close as (
      select name, detail, kind, lat, lng, ${metresFrom(point)} as distance_m
      from places
      where ${boxAround(point, NAMED_WITHIN_M)}
    )
    select name, detail, kind, lat, lng, distance_m
    from close
    where distance_m <= ${NAMED_WITHIN_M} and kind <> 'neighbourhood'
    order by
      case
        when distance_m <= ${AT_DOOR_M} and kind not in ('intersection', 'park') then 0
        when distance_m <= ${AT_CORNER_M} and kind = 'intersection' then 1
        else 2
      end,
      distance_m, name
    limit 1`.execute(db)
  const closest = rows[0]
  if (closest === undefined) return null
  const { distance_m: distanceM, ...place } = closest
  const isDoor = distanceM <= AT_DOOR_M && place.kind !== 'intersection' && place.kind !== 'park'
  return { label: isDoor ? place.name : `near ${place.name}`, place, distanceM }
}

/** Farther off, a place does not tell a driver where to go. */
const KNOWN_WITHIN_M = 450

/**
 * The place by which people know a spot: a landmark, station or park before a theatre or a hotel, and those before a
 * corner; of equals the nearest.
 * @returns null where nothing of the kind is within 450 m
 */
export async function knownPlaceBy(db: Kysely<PlacesTables>, point: LatLng): Promise<Place | null> {
  const { rows } = await sql<Place>`
    with close as (
      select name, detail, kind, lat, lng, ${metresFrom(point)} as distance_m
      from places
      where ${boxAround(point, KNOWN_WITHIN_M)}
    )
    select name, detail, kind, lat, lng from close
    where distance_m <= ${KNOWN_WITHIN_M}
      and kind in ('landmark', 'station', 'airport', 'park', 'museum', 'theatre', 'hotel', 'hospital', 'university', 'intersection')
    order by
      case
        when kind in ('airport', 'landmark') then 0
        when kind in ('station', 'museum') then 1
        when kind = 'park' and name ilike '%park' then 1
        when kind = 'intersection' then 3
        else 2
      end,
      distance_m, name
    limit 1`.execute(db)
  return rows[0] ?? null
}

/** Beyond, another area's name would be wrong rather than vague. */
const AREA_WITHIN_M = 3_300

/**
 * The neighbourhood a point lies in or by, for those who may not know the address yet.
 * @returns null where none is near
 */
export async function nearestArea(db: Kysely<PlacesTables>, point: LatLng): Promise<Place | null> {
  const { rows } = await sql<Place>`
    select name, detail, kind, lat, lng from places
    where kind = 'neighbourhood' and ${boxAround(point, AREA_WITHIN_M)}
    order by ${metresFrom(point)}, name
    limit 1`.execute(db)
  return rows[0] ?? null
}
