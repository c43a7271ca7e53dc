/** A small named cast: Canal Street Cars drive in Manhattan, Ada rides, Bo drives; factories make the rest. */

import { loadRegions, type Region } from '../../src/companies/regions.ts'
import type { Policy } from '../../src/engine/decide.ts'
import type { VehicleClass, VehicleId } from '../../src/engine/units.ts'
import {
  assert,
  type CompanyId,
  type DriverId,
  type IdentityId,
  type LatLng,
  type RegionId,
} from '../../src/engine/units.ts'
import type { Db } from '../../src/io/postgres.ts'
import type { Random } from '../../src/io/random.ts'
import { vouchedRow } from '../../src/licences/vouched.ts'

/** A Saturday morning in New York. */
export const START_MS = Date.UTC(2026, 10, 21, 14, 0, 0)

export const TIMES_SQUARE: LatLng = { lat: 40.758, lng: -73.9855 }
export const BRYANT_PARK: LatLng = { lat: 40.7536, lng: -73.9832 }
export const WALL_STREET: LatLng = { lat: 40.706, lng: -74.009 }

const MANHATTAN = {
  type: 'Polygon',
  coordinates: [
    [
      [-74.03, 40.69],
      [-73.9, 40.69],
      [-73.9, 40.89],
      [-74.03, 40.89],
      [-74.03, 40.69],
    ],
  ],
}

/** What a standard ride costs in the tests; the others cost more. */
export const STANDARD_TARIFF = {
  base_minor: 300,
  booking_fee_minor: 100,
  per_km_minor: 160,
  per_minute_minor: 50,
  minimum_minor: 800,
  tax_basis_points: 888,
  cancel_fee_minor: 500,
  cancel_free_s: 120,
  no_show_fee_minor: 700,
  no_show_after_s: 300,
  driver_share_basis_points: 8000,
}

export interface City {
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly region: Region
}

export interface Rider {
  readonly id: IdentityId
  readonly name: string
}

export interface Driver {
  readonly id: DriverId
  readonly identityId: IdentityId
  readonly vehicleId: VehicleId
  readonly name: string
}

export interface RegionSettings {
  readonly policy?: Policy['kind']
  readonly radius_m?: number
  readonly unfulfilled_after_s?: number
  readonly offer_ttl_s?: number
  readonly swap_gain_s?: number
  readonly drive_limit_s?: number
  readonly rest_s?: number
  /** JSON, as `ShadowPolicy`. */
  readonly shadow_policy?: string
  readonly shared_seats?: number
  readonly shared_detour_s?: number
  readonly shared_wait_s?: number
  readonly shared_discount_basis_points?: number
}

/** A region where riders may share a car. */
export const SHARING = {
  shared_seats: 4,
  shared_detour_s: 600,
  shared_wait_s: 600,
  shared_discount_basis_points: 2_000,
}

/** A company with one region and a tariff for every class. */
export async function foundCity(
  db: Db,
  random: Random,
  { slug = 'canal-street', ...settings }: RegionSettings & { slug?: string } = {},
): Promise<City> {
  const companyId = random.uuid() as CompanyId
  const regionId = random.uuid() as RegionId
  await db
    .insertInto('companies')
    .values({
      id: companyId,
      slug,
      name: 'Canal Street Cars',
      host: null,
      currency: 'USD',
      time_zone: 'America/New_York',
      locale: 'en-US',
      phone: null,
    })
    .execute()
  await db
    .insertInto('regions')
    .values({
      company_id: companyId,
      id: regionId,
      slug: 'manhattan',
      name: 'Manhattan',
      time_zone: 'America/New_York',
      center_lat: TIMES_SQUARE.lat,
      center_lng: TIMES_SQUARE.lng,
      zoom: 13,
      area: JSON.stringify(MANHATTAN),
      circuity: 1.3,
      speed_mps: 6.5,
      policy: 'batch',
      batch_window_ms: 2000,
      radius_m: 2000,
      candidates: 16,
      offer_ttl_s: 15,
      unfulfilled_after_s: 600,
      ...settings,
    })
    .execute()
  const classes: VehicleClass[] = ['standard', 'accessible', 'black']
  await db
    .insertInto('tariffs')
    .values(
      classes.map((vehicleClass, n) => ({
        company_id: companyId,
        id: random.uuid(),
        region_id: regionId,
        class: vehicleClass,
        version: 1,
        effective_from: new Date(START_MS - 86_400_000),
        currency: 'USD',
        tax_label: 'Sales tax 8.88 %',
        ...STANDARD_TARIFF,
        base_minor: STANDARD_TARIFF.base_minor * (n + 1),
      })),
    )
    .execute()
  const region = (await loadRegions(db)).find((candidate) => candidate.id === regionId)
  assert(region !== undefined, 'the region was just made')
  return { companyId, regionId, region }
}

/** Somebody with an account and no role: a rider. */
export async function makeRider(db: Db, random: Random, name: string): Promise<Rider> {
  const [rider] = await makeRiders(db, random, [name])
  return rider!
}

export async function makeRiders(db: Db, random: Random, names: readonly string[]): Promise<Rider[]> {
  const riders = names.map((name) => ({ id: random.uuid() as IdentityId, name }))
  await insertIdentities(db, riders)
  return riders
}

/** Somebody who drives for the company, with a car of their own; off shift. */
export async function makeDriver(
  db: Db,
  random: Random,
  city: City,
  name: string,
  car: { class?: VehicleClass; seats?: number } = {},
): Promise<Driver> {
  const [driver] = await makeDrivers(db, random, city, [name], car)
  return driver!
}

export async function makeDrivers(
  db: Db,
  random: Random,
  { companyId }: Pick<City, 'companyId'>,
  names: readonly string[],
  car: { class?: VehicleClass; seats?: number } = {},
): Promise<Driver[]> {
  const drivers = names.map((name) => ({
    id: random.uuid() as DriverId,
    identityId: random.uuid() as IdentityId,
    vehicleId: random.uuid() as VehicleId,
    name,
    number: random.digits(8),
  }))
  await insertIdentities(
    db,
    drivers.map(({ identityId, name }) => ({ id: identityId, name })),
  )
  await db
    .insertInto('drivers')
    .values(
      drivers.map((driver) => ({
        company_id: companyId,
        id: driver.id,
        identity_id: driver.identityId,
        name: driver.name,
        call_sign: driver.number,
        paused_until: null,
      })),
    )
    .execute()
  await db
    .insertInto('licences')
    .values(
      drivers.map((driver) =>
        vouchedRow(random, { ...TEST_LICENCE, ...driver, companyId, legalName: driver.name }),
      ),
    )
    .execute()
  await db
    .insertInto('vehicles')
    .values(
      drivers.map((driver) => ({
        company_id: companyId,
        id: driver.vehicleId,
        class: car.class ?? 'standard',
        seats: car.seats ?? 4,
        plate: `T${driver.number}`,
        make_model: 'Toyota Camry',
        colour: 'white',
      })),
    )
    .execute()
  await db
    .insertInto('driver_vehicles')
    .values(
      drivers.map((driver) => ({
        company_id: companyId,
        driver_id: driver.id,
        vehicle_id: driver.vehicleId,
      })),
    )
    .execute()
  return drivers
}

/** Approved, and valid for longer than any test turns the clock. */
export const TEST_LICENCE = {
  ...{ at: new Date(START_MS), number: 'T123 4567', country: 'US', issuingState: 'New York' },
  ...{ classes: 'D', issuedOn: '2020-01-15', expiresOn: '2099-12-31' },
}

async function insertIdentities(db: Db, people: readonly { id: IdentityId; name: string }[]): Promise<void> {
  const at = new Date(START_MS)
  await db
    .insertInto('identities')
    .values(
      people.map(({ id, name }) => ({
        id,
        name,
        email: `${id}@demo.honeycab`,
        email_verified: true,
        image: null,
        created_at: at,
        updated_at: at,
      })),
    )
    .execute()
}
