/** The demo world in an empty database: one company, its region and prices, and the people of the living city. */
import type { Kysely, Transaction } from 'kysely'
import { attributeBits } from '../../engine/attributes.ts'
import { addDays, type Day } from '../../engine/day.ts'
import type { SurgeRules } from '../../engine/surge.ts'
import type {
  CompanyId,
  DriverId,
  IdentityId,
  RegionId,
  VehicleClass,
  VehicleId,
  ZoneId,
} from '../../engine/units.ts'
import type { Random } from '../../io/random.ts'
import type { Role } from '../../io/tables/accounts.ts'
import type { Tables } from '../../io/tables.ts'
import { vouchedRow } from '../../licences/vouched.ts'
import { MANHATTAN } from './area.ts'
import {
  BO_CALL_SIGN,
  BO_VEHICLES,
  type SimulatedDriver,
  simulatedDrivers,
  simulatedRiders,
  type Vehicle,
} from './cast.ts'
import { demoTariffs, INNER_CITY } from './prices.ts'
import { RANK_PLACES, RANKS } from './ranks.ts'
import { DEMO_PEOPLE } from './sign-ins.ts'

export interface SeedOptions {
  readonly drivers: number
  readonly riders: number
}

export interface DemoWorld {
  readonly companyId: CompanyId
  readonly regionId: RegionId
}

export const DEMO_SLUG = 'canal-street'
export const DEMO_CITY: SeedOptions = { drivers: 200, riders: 300 }
/** Fitted to the shipped rides: median of road over straight distance 1.28, of road metres a second 5.0. */
const CIRCUITY = 1.3
const SPEED_MPS = 5.1

/** So that a newcomer sees it at work: with two hundred cars a few corners are always busier than their cars can serve. */
const SURGE: SurgeRules = {
  ...{ kind: 'multiply', capBasisPoints: 18_000, stepBasisPoints: 1_000 },
  ...{ fromPressure: 1, fullPressure: 4, leastAround: 4, leastInRegion: 10 },
}

/**
 * Make the demo world unless it is there. Nobody gets a password here.
 * @returns the company and region, made now or before
 */
export async function seedDemo(
  db: Kysely<Tables>,
  { random, nowMs, city = DEMO_CITY }: { random: Random; nowMs: number; city?: SeedOptions },
): Promise<DemoWorld> {
  const known = await findDemo(db)
  if (known !== null) {
    // A data folder of before companies knew whether they are the demo's.
    await db
      .updateTable('companies')
      .set({ demo: true })
      .where('id', '=', known.companyId)
      .where('demo', '=', false)
      .execute()
    // And one of before there were ranks.
    await makeZones(db, random, known)
    return known
  }
  return db.transaction().execute(async (trx) => {
    const at = new Date(nowMs)
    const world = await makeCompany(trx, random, at)
    await makeZones(trx, random, world)
    await makePrices(trx, random, { ...world, at })
    await makePeople(trx, { random, at, companyId: world.companyId, city })
    return world
  })
}

async function findDemo(db: Kysely<Tables>): Promise<DemoWorld | null> {
  const found = await db
    .selectFrom('companies')
    .innerJoin('regions', 'regions.company_id', 'companies.id')
    .select(['companies.id as companyId', 'regions.id as regionId'])
    .where('companies.slug', '=', DEMO_SLUG)
    .executeTakeFirst()
  return found ?? null
}

async function makeCompany(trx: Transaction<Tables>, random: Random, at: Date): Promise<DemoWorld> {
  const companyId = random.uuid() as CompanyId
  const regionId = random.uuid() as RegionId
  await trx
    .insertInto('companies')
    .values({
      id: companyId,
      slug: DEMO_SLUG,
      name: 'Canal Street Cars',
      host: null,
      currency: 'USD',
      time_zone: 'America/New_York',
      locale: 'en-US',
      phone: '+1 212 555 0142',
      demo: true,
    })
    .execute()
  await trx
    .insertInto('regions')
    .values({
      company_id: companyId,
      id: regionId,
      slug: 'manhattan',
      name: 'Manhattan',
      time_zone: 'America/New_York',
      emergency_number: '911',
      center_lat: 40.7549,
      center_lng: -73.984,
      zoom: 13,
      area: JSON.stringify(MANHATTAN),
      circuity: CIRCUITY,
      speed_mps: SPEED_MPS,
      policy: 'batch',
      batch_window_ms: 1000,
      radius_m: 2500,
      candidates: 16,
      offer_ttl_s: 15,
      unfulfilled_after_s: 600,
      // A newcomer should see riders share a car; everybody is told before they agree.
      shared_seats: 4,
      shared_detour_s: 480,
      shared_wait_s: 480,
      shared_discount_basis_points: 2_000,
      surge: JSON.stringify(SURGE),
    })
    .execute()
  return { companyId, regionId }
}

/** The ranks and the inner city, where they are not yet. */
async function makeZones(
  db: Kysely<Tables>,
  random: Random,
  { companyId, regionId }: DemoWorld,
): Promise<void> {
  await db
    .insertInto('zones')
    .values(
      [...RANKS, INNER_CITY].map(({ slug, name, area }) => ({
        ...{ company_id: companyId, id: random.uuid() as ZoneId, region_id: regionId, slug, name },
        kind: slug === INNER_CITY.slug ? ('area' as const) : ('rank' as const),
        ...{ area: JSON.stringify(area), has_queue: slug !== INNER_CITY.slug, hysteresis_m: 30 },
        ...({ places_most: RANK_PLACES, on_decline: 'end', outside_rides: false } as const),
      })),
    )
    .onConflict((conflict) => conflict.columns(['region_id', 'slug']).doNothing())
    .execute()
}

/** A new demo's prices; those of an old data folder stay as they are, for what was published does not change. */
async function makePrices(
  trx: Transaction<Tables>,
  random: Random,
  { companyId, regionId, at }: DemoWorld & { readonly at: Date },
): Promise<void> {
  const innerCity = await trx
    .selectFrom('zones')
    .select('id')
    .where('region_id', '=', regionId)
    .where('slug', '=', INNER_CITY.slug)
    .executeTakeFirstOrThrow()
  await trx
    .insertInto('tariffs')
    .values(
      demoTariffs(innerCity.id, at).map((tariff) => ({
        ...{ company_id: companyId, id: random.uuid(), region_id: regionId, ...tariff },
      })) as never,
    )
    .execute()
}

interface NewPerson {
  readonly id: IdentityId
  readonly name: string
  readonly email: string
  readonly role: Role | null
}

async function makePeople(
  trx: Transaction<Tables>,
  { random, at, companyId, city }: { random: Random; at: Date; companyId: CompanyId; city: SeedOptions },
): Promise<void> {
  const id = () => random.uuid() as IdentityId
  const demo: NewPerson[] = DEMO_PEOPLE.map(({ name, email, role }) => ({
    id: id(),
    name,
    email,
    role: role === 'rider' ? null : role,
  }))
  const cast = simulatedDrivers(city.drivers)
  const drivers: NewPerson[] = cast.map(({ name, email }) => ({ id: id(), name, email, role: 'driver' }))
  const riders: NewPerson[] = simulatedRiders(city.riders).map((rider) => ({
    id: id(),
    ...rider,
    role: null,
  }))
  const people = [...demo, ...drivers, ...riders]
  for (const some of inSlices(people)) {
    await trx
      .insertInto('identities')
      .values(
        some.map(({ id, name, email }) => ({
          ...{ id, name, email, created_at: at, updated_at: at },
          ...{ email_verified: true, email_verified_at: at },
        })),
      )
      .execute()
    const members = some.flatMap(({ id, role }) =>
      role === null ? [] : [{ company_id: companyId, identity_id: id, role, created_at: at }],
    )
    if (members.length > 0) await trx.insertInto('memberships').values(members).execute()
  }
  const bo = demo.find(({ role }) => role === 'driver')!
  const fleet = [
    { identity: bo, callSign: BO_CALL_SIGN, vehicles: BO_VEHICLES },
    ...cast.map(({ callSign, vehicle }: SimulatedDriver, index) => ({
      identity: drivers[index]!,
      callSign,
      vehicles: [vehicle],
    })),
  ]
  for (const some of inSlices(fleet)) await makeFleet(trx, { random, at, companyId, fleet: some })
}

/** A statement takes 65,535 values. */
const ROWS_A_STATEMENT = 1_000

function inSlices<T>(rows: readonly T[]): T[][] {
  const count = Math.ceil(rows.length / ROWS_A_STATEMENT)
  return Array.from({ length: count }, (_, n) => rows.slice(n * ROWS_A_STATEMENT, (n + 1) * ROWS_A_STATEMENT))
}

/** Two to six years ahead, so that nobody's runs out while somebody looks on. */
function licenceEnd(at: Date, callSign: string): Day {
  return addDays(at.toISOString().slice(0, 10), 730 + ((Number(callSign) * 97) % 1460))
}

/** One car in six has a child seat, one in three takes pets: enough to be found, too few to be everywhere. */
function equipment(vehicleClass: VehicleClass, callSign: number): number {
  return attributeBits([
    ...(callSign % 6 === 0 ? ['child_seat' as const] : []),
    ...(vehicleClass === 'accessible' ? ['wheelchair' as const] : []),
    ...(callSign % 3 === 0 ? ['pets' as const] : []),
  ])
}

interface Crew {
  readonly identity: NewPerson
  readonly callSign: string
  readonly vehicles: readonly Vehicle[]
}

async function makeFleet(
  trx: Transaction<Tables>,
  {
    random,
    at,
    companyId,
    fleet,
  }: { random: Random; at: Date; companyId: CompanyId; fleet: readonly Crew[] },
): Promise<void> {
  const crews = fleet.map((crew) => ({
    ...crew,
    driverId: random.uuid() as DriverId,
    cars: crew.vehicles.map((vehicle) => ({ ...vehicle, id: random.uuid() as VehicleId })),
  }))
  await trx
    .insertInto('drivers')
    .values(
      crews.map(({ identity, callSign, driverId }) => ({
        company_id: companyId,
        id: driverId,
        identity_id: identity.id,
        name: identity.name,
        call_sign: callSign,
        paused_until: null,
      })),
    )
    .execute()
  await trx
    .insertInto('licences')
    .values(
      crews.map(({ identity, callSign }) =>
        vouchedRow(random, {
          ...{ companyId, identityId: identity.id, at, legalName: identity.name },
          ...{ number: `NY ${callSign.padStart(9, '0')}`, country: 'US', issuingState: 'New York' },
          ...{ classes: 'E', issuedOn: null, expiresOn: licenceEnd(at, callSign) },
        }),
      ),
    )
    .execute()
  await trx
    .insertInto('vehicles')
    .values(
      crews.flatMap(({ callSign, cars }) =>
        cars.map(({ id, class: vehicleClass, seats, plate, makeModel, colour }) => ({
          ...{ company_id: companyId, id, class: vehicleClass, seats, plate, colour },
          make_model: makeModel,
          attributes: equipment(vehicleClass, Number(callSign)),
        })),
      ),
    )
    .execute()
  await trx
    .insertInto('driver_vehicles')
    .values(
      crews.flatMap(({ driverId, cars }) =>
        cars.map((car) => ({ company_id: companyId, driver_id: driverId, vehicle_id: car.id })),
      ),
    )
    .execute()
}
