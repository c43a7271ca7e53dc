/** Finding anything from the desk by a few letters: rides, drivers, people, places. */
import { type Kysely, sql } from 'kysely'
import type { FoundProps } from '../../views/board/find.ts'
import type { Region } from '../companies/companies.ts'
import type { CompanyId, DriverId, RideId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import type { Geocoding } from '../places/places.ts'
import type { Fleet } from '../positions/fleet.ts'
import { referenceOf } from '../rides/rides.ts'
import { isBlocked, peopleFound, type Readers } from './callers.ts'
import { peopleByLetters } from './people-search.ts'
import { hasIndex, partsOf, RIDE_LETTERS } from './search-words.ts'
import { driverNames } from './store.ts'

export interface SearchDeps {
  readonly fleet: Pick<Fleet, 'car' | 'stateOf'>
  readonly geocoding: Pick<Geocoding, 'search'>
}

/** What fits beside each other without scrolling; more letters find the rest. */
const RIDES_MOST = 8
const DRIVERS_MOST = 5
const PEOPLE_MOST = 4
const PLACES_MOST = 4

/**
 * What fits some words, best first in each group: rides by number, rider, telephone or address (the newest first),
 * drivers by call sign, name or plate, people who ride, places. Fewer than two letters find numbers alone.
 */
export async function findAnything(
  deps: SearchDeps,
  readers: Readers,
  { region, text, nowMs }: { region: Region; text: string; nowMs: number },
): Promise<FoundProps> {
  const parts = partsOf(text)
  if (parts.length === 0) return { query: text, rides: [], drivers: [], people: [], places: [] }
  const { db } = readers
  const isWord = text.trim().length >= 2
  const [rides, drivers, people, places] = await Promise.all([
    findRides(readers, region, { text, parts }),
    findDrivers(deps, db, region.companyId, text),
    isWord ? peopleFound(readers, region.companyId, { text, at: new Date(nowMs), most: PEOPLE_MOST }) : [],
    isWord
      ? deps.geocoding.search(db, { text, near: region.center, limit: PLACES_MOST, typing: true })
      : null,
  ])
  return {
    query: text,
    rides,
    drivers,
    people: people.map((person) => ({
      ...{ id: person.id, name: person.name, phone: person.phone, email: person.email },
      isBlocked: isBlocked(person),
    })),
    places: (places?.places ?? []).map(({ name, detail, lat, lng }) => ({
      ...{ label: name, area: detail, point: { lat, lng } },
    })),
  }
}

async function findRides(
  { system, db }: Readers,
  region: Region,
  { text, parts }: { text: string; parts: readonly string[] },
): Promise<FoundProps['rides']> {
  const number = /^(?:HC-?)?(\d{1,12})$/i.exec(text.trim())?.[1]
  const byNumber =
    number === undefined
      ? []
      : await db
          .selectFrom('rides')
          .select('id')
          .where('company_id', '=', region.companyId)
          .where('region_id', '=', region.id)
          .where('number', '=', Number(number))
          .execute()
  const digits = text.replaceAll(/[\s().+-]/g, '')
  const found = [
    ...byNumber.map(({ id }) => id),
    ...(/^\d{4,15}$/.test(digits) ? await ridesOfPhone({ system, db }, region, digits) : []),
    ...(text.trim().length >= 2 ? await ridesByWords(system, region, parts) : []),
  ]
  const ids = [...new Set(found)].slice(0, RIDES_MOST)
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('rides')
    .select(['id', 'number', 'state', 'rider_name', 'pickup_label', 'dropoff_label', 'driver_id'])
    .select(['requested_at', 'scheduled_for'])
    .where('company_id', '=', region.companyId)
    .where('id', 'in', ids)
    .execute()
  const names = await driverNames(
    db,
    region.companyId,
    rows.flatMap(({ driver_id: id }) => id ?? []),
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids
    .flatMap((id) => byId.get(id) ?? [])
    .map((row) => ({
      ...{ id: row.id, reference: referenceOf(row), state: row.state, riderName: row.rider_name },
      ...{ from: row.pickup_label, to: row.dropoff_label },
      callSign: (row.driver_id !== null && names.get(row.driver_id)?.callSign) || null,
      atMs: (row.scheduled_for ?? row.requested_at).getTime(),
    }))
}

/** Of words too short for an index so many of the newest rides are looked through. */
const NEWEST_LOOKED_AT = 5_000

/**
 * The newest rides that have all the parts: rare words by their letters, common ones by going back in time, and words
 * of one or two letters, which no index knows, among the newest.
 */
async function ridesByWords(
  system: Kysely<Tables>,
  region: Region,
  parts: readonly string[],
): Promise<RideId[]> {
  const rides = system
    .selectFrom('rides')
    .select(['id', 'requested_at', RIDE_LETTERS.as('letters')])
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
  const looked = hasIndex(parts) ? rides : rides.orderBy('requested_at', 'desc').limit(NEWEST_LOOKED_AT)
  const rows = await system
    .selectFrom(looked.as('rides'))
    .select('id')
    .where((eb) => eb.and(parts.map((part) => eb('letters', 'ilike', part))))
    .orderBy('requested_at', 'desc')
    .limit(RIDES_MOST)
    .execute()
  return rows.map(({ id }) => id)
}

/** Of whoever rings from a number: people are few, and each has few rides. */
async function ridesOfPhone({ system, db }: Readers, region: Region, digits: string): Promise<RideId[]> {
  const people = await peopleByLetters(system, region.companyId, {
    parts: [`%${digits}%`],
    most: PEOPLE_MOST,
  })
  if (people.length === 0) return []
  const rides = await db
    .selectFrom('rides')
    .select('id')
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where('rider_id', 'in', people)
    .orderBy('requested_at', 'desc')
    .limit(RIDES_MOST)
    .execute()
  return rides.map(({ id }) => id)
}

/** A company's drivers are hundreds: looked through as they are. Who has exactly this call sign comes first. */
async function findDrivers(
  { fleet }: SearchDeps,
  db: Kysely<Tables>,
  companyId: CompanyId,
  text: string,
): Promise<FoundProps['drivers']> {
  const plain = text.trim().replace(/^(?:call sign|car|driver)\s+/i, '')
  const like = `%${plain.replaceAll(/[\\%_]/g, '\\$&')}%`
  const bare = `%${plain.replaceAll(/[\s\\%_-]/g, '')}%`
  const rows = await db
    .selectFrom('drivers')
    .select(['drivers.id', 'drivers.call_sign', 'drivers.name'])
    .select((eb) =>
      eb
        .selectFrom('driver_vehicles')
        .innerJoin('vehicles', (join) =>
          join
            .onRef('vehicles.company_id', '=', 'driver_vehicles.company_id')
            .onRef('vehicles.id', '=', 'driver_vehicles.vehicle_id'),
        )
        .select('vehicles.plate')
        .whereRef('driver_vehicles.driver_id', '=', 'drivers.id')
        .where('vehicles.deleted_at', 'is', null)
        .orderBy('vehicles.plate')
        .limit(1)
        .as('plate'),
    )
    .where('drivers.company_id', '=', companyId)
    .where('drivers.deleted_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('drivers.call_sign', 'ilike', like),
        eb('drivers.name', 'ilike', like),
        eb.exists(
          eb
            .selectFrom('driver_vehicles')
            .innerJoin('vehicles', 'vehicles.id', 'driver_vehicles.vehicle_id')
            .select('vehicles.id')
            .whereRef('driver_vehicles.driver_id', '=', 'drivers.id')
            .where(sql`replace(replace(vehicles.plate, ' ', ''), '-', '')`, 'ilike', bare),
        ),
      ]),
    )
    .orderBy(sql`drivers.call_sign = ${plain} desc`)
    .orderBy('drivers.call_sign')
    .limit(DRIVERS_MOST)
    .execute()
  return rows.map((row) => {
    const car = fleet.car(row.id as DriverId)
    return {
      ...{ id: row.id, callSign: row.call_sign, name: row.name, plate: row.plate },
      state: car === undefined ? null : fleet.stateOf(car),
    }
  })
}
