/**
 * The whole app on a throwaway database, listening on a port of its own, with two companies and a small named cast.
 * Canal Street Cars answers at `localhost`, Uptown Cars at `127.0.0.1`, so that each has visitors of its own.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Auth } from '../../src/accounts/accounts.ts'
import { type App, createApp } from '../../src/app.ts'
import {
  assert,
  type CompanyId,
  type DriverId,
  type IdentityId,
  type LatLng,
  type RegionId,
  VEHICLE_CLASSES,
  type VehicleClass,
  type VehicleId,
} from '../../src/engine/units.ts'
import { type LocalBusHub, makeLocalBus } from '../../src/io/bus/local.ts'
import type { Bus } from '../../src/io/bus.ts'
import { type Clock, systemClock } from '../../src/io/clock.ts'
import { type Config, parseConfig, withPort } from '../../src/io/config.ts'
import { createLog, type Logger } from '../../src/io/log.ts'
import { openOutgoing } from '../../src/io/outgoing.ts'
import type { Db } from '../../src/io/postgres.ts'
import { type Random, systemRandom } from '../../src/io/random.ts'
import type { Role } from '../../src/io/tables/accounts.ts'
import { vouchedRow } from '../../src/licences/vouched.ts'
import { importPlaces } from '../../src/places/places.ts'
import { makeMemoryPositions } from '../../src/positions/memory-store.ts'
import { SHARING } from './cast.ts'
import { type Client, makeClient } from './client.ts'
import { testFiles } from './files.ts'
import { testDatabase } from './postgres.ts'
import { freePort } from './servers.ts'
import { balance, isShared, openSharedLine, serveBeside } from './two-processes.ts'

export const TIMES_SQUARE: LatLng = { lat: 40.758, lng: -73.9855 }
export const BRYANT_PARK: LatLng = { lat: 40.7536, lng: -73.9832 }
export const WALL_STREET: LatLng = { lat: 40.7074, lng: -74.0113 }

const AREA = {
  type: 'Polygon' as const,
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
const SECRET = 'a secret of the tests that is long enough to sign with'
/** Hashing is slow on purpose, so only tests of the sign-in page give their people passwords. */
export const PASSWORD = 'larks above the canal'

export interface AppOptions {
  /** Runs by itself unless a manual one is given; then tests flush and tick by hand. */
  readonly clock?: Clock
  /** Let regions tick and pages move; on unless a manual clock is given. */
  readonly running?: boolean
  /** Load the shipped gazetteer. */
  readonly places?: boolean
  readonly passwords?: boolean
  readonly offerTtlS?: number
  readonly noShowAfterS?: number
  /** How far cars are looked for; at 1 the desk alone gives rides to drivers. */
  readonly radiusM?: number
  /** Riders may share a car. */
  readonly sharing?: boolean
  /** Null: Uptown Cars has no address of its own, and who is at `127.0.0.1` is where /at/SLUG led last. */
  readonly uptownHost?: null
  /** Settings beside the usual ones, as they stand in the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** The bus of a process; news within this program unless another kind is given. */
  readonly openBus?: (log: Logger) => Promise<Bus>
}

export interface Person {
  readonly identityId: IdentityId
  readonly name: string
  readonly email: string
  readonly client: Client
}

export interface DriverPerson extends Person {
  readonly driverId: DriverId
  readonly vehicleId: VehicleId
}

export interface Crew {
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly rider: Person
  readonly otherRider: Person
  readonly driver: DriverPerson
  readonly otherDriver: DriverPerson
  readonly dispatcher: Person
  readonly admin: Person
  readonly operator: Person
}

export interface Process {
  readonly app: App
  readonly bus: Bus
  readonly origin: string
}

export type AppWorld = Awaited<ReturnType<typeof startApp>>

/** Start it; `stop` in the end. */
export async function startApp(options: AppOptions = {}) {
  // A clock in the test's hand is this program's alone, and so is a bus of its own.
  const shared = isShared() && options.clock === undefined && options.openBus === undefined
  const database = await testDatabase(shared ? 'server' : 'embedded')
  const { db } = database
  const lines: Record<string, unknown>[] = []
  const log = createLog('warn', { write: (line) => void lines.push(JSON.parse(line)) })
  const clock = options.clock ?? systemClock()
  const random = systemRandom(clock)
  const nowMs = clock.nowMs()
  const canal = await foundCompany(db, random, nowMs, { ...CANAL_STREET, ...options })
  const uptown = await foundCompany(db, random, nowMs, { ...UPTOWN, ...options })
  if (options.places === true) await importPlaces(db, { dataset: 'manhattan', csv: gazetteer() })
  const config: Config = withPort(
    parseConfig({
      SESSION_SECRETS: SECRET,
      TILE_URL: '',
      LOG_LEVEL: 'silent',
      RATE_LIMIT_EXEMPT: '127.0.0.1,::1',
      ...options.env,
    }),
    freePort(),
  )
  const hub: LocalBusHub = new Set()
  const openBus = options.openBus ?? (async () => makeLocalBus(log, hub))
  const line = shared ? await openSharedLine({ clock, log, random }) : null
  const bus = line?.bus ?? (await openBus(log))
  const uploads = testFiles()
  const others: Process[] = []

  /** One more process: on the same database and bus, at a port of its own. */
  async function startProcess(its: { config: Config; bus: Bus }, port = its.config.port): Promise<Process> {
    const app = await createApp({
      ...{ clock, random, log, db, walled: database.walled, ...its },
      ...{ store: line?.store ?? makeMemoryPositions(), files: uploads.files },
      outgoing: openOutgoing(its.config),
      ...(line && { redis: line.redis }),
    })
    app.elysia.listen({ port, hostname: '127.0.0.1' })
    if (options.running ?? options.clock === undefined) app.start()
    return { app, bus: its.bus, origin: `http://localhost:${its.config.port}` }
  }
  const ownPort = shared ? freePort() : config.port
  const { app } = await startProcess({ config, bus }, ownPort)
  const twin =
    line &&
    (await serveBeside({
      ...{ databaseUrl: database.url!, redisUrl: line.redisUrl, secret: SECRET, dataDir: uploads.dir },
      publicUrl: config.publicUrl,
    }))
  const balancer = twin && balance(config.port, [ownPort, twin.port])
  const seats: Seats = {
    db,
    random,
    auth: app.auth,
    port: config.port,
    password: options.passwords ? PASSWORD : null,
  }
  return {
    ...app,
    db,
    database,
    walled: database.walled,
    bus,
    clock,
    config,
    random,
    files: uploads.files,
    /** What was logged at warn or above. */
    lines,
    canal: await castOf(seats, canal, CANAL_STREET),
    uptown: await castOf(seats, uptown, UPTOWN),
    /** Runs the installation and works for no company; looks at Canal Street's address. */
    platform: await sitPlatform(seats, { ...canal, ...CANAL_STREET }),
    /** Somebody without an account. */
    stranger: makeClient({ origin: `http://localhost:${config.port}` }),
    /** A new rider of Canal Street. */
    newRider: (name: string) => sit(seats, { ...canal, ...CANAL_STREET }, name, null),
    /** A new driver of Canal Street, with a licence and a car. */
    newDriver: (name: string, callSign: string) =>
      sitDriver(seats, { ...canal, ...CANAL_STREET }, name, callSign),
    /** Another process of the same world. */
    async beside(): Promise<Process> {
      // Forms come from its own address, as they do behind one name.
      const its = withPort(config, freePort())
      const process = await startProcess({ config: its, bus: await openBus(log) })
      others.push(process)
      return process
    },
    /** The first process is cut off as by a kill, and another one answers in its place, which knows what the database knows. */
    async restart(): Promise<void> {
      await app.elysia.server?.stop(true)
      others.push(await startProcess({ config, bus: await openBus(log) }, ownPort))
    },
    async stop() {
      balancer?.stop()
      await twin?.stop()
      for (const process of [...others, { app, bus }]) {
        await process.app.drain()
        await process.app.elysia.server?.stop(true)
        await process.bus.close()
      }
      await line?.close()
      await database.stop()
      uploads.remove()
    },
  }
}

const CANAL_STREET = {
  slug: 'canal-street',
  name: 'Canal Street Cars',
  host: 'localhost',
  people: ['Ada Okafor', 'Eve Marsh', 'Bo Lindqvist', 'Cy Duval', 'Ines Duarte', 'Max Weber', 'Quill Ober'],
  callSigns: ['204', '163'],
} as const
const UPTOWN = {
  slug: 'uptown',
  name: 'Uptown Cars',
  host: '127.0.0.1',
  people: ['Uma Rivers', 'Ugo Prince', 'Uri Strand', 'Ulf Quay', 'Una Ferry', 'Ursa Wharf', 'Udo Mole'],
  callSigns: ['811', '812'],
} as const
type Firm = typeof CANAL_STREET | typeof UPTOWN

function gazetteer(): string {
  const packed = new URL('../../samples/manhattan-places/places.csv.gz', import.meta.url)
  return gunzipSync(readFileSync(packed)).toString()
}

async function foundCompany(
  db: Db,
  random: Random,
  nowMs: number,
  firm: Firm & Pick<AppOptions, 'offerTtlS' | 'noShowAfterS' | 'radiusM' | 'sharing' | 'uptownHost'>,
): Promise<{ companyId: CompanyId; regionId: RegionId }> {
  const companyId = random.uuid() as CompanyId
  const regionId = random.uuid() as RegionId
  const local = { currency: 'USD', time_zone: 'America/New_York' }
  await db
    .insertInto('companies')
    .values({
      id: companyId,
      slug: firm.slug,
      name: firm.name,
      host: firm.slug === 'uptown' && firm.uptownHost === null ? null : firm.host,
      locale: 'en-US',
      phone: null,
      // The staff of these sign in by password alone, as the demo's do; test/slices/staff-factor.test.ts has others.
      demo: true,
      ...local,
    })
    .execute()
  await db
    .insertInto('regions')
    .values({
      company_id: companyId,
      id: regionId,
      slug: `${firm.slug}-manhattan`,
      name: 'Manhattan',
      time_zone: local.time_zone,
      center_lat: 40.7549,
      center_lng: -73.984,
      zoom: 13,
      area: JSON.stringify(AREA),
      circuity: 1.3,
      speed_mps: 6.5,
      policy: 'batch',
      batch_window_ms: 200,
      radius_m: firm.radiusM ?? 2500,
      candidates: 16,
      offer_ttl_s: firm.offerTtlS ?? 15,
      unfulfilled_after_s: 600,
      ...(firm.sharing === true ? SHARING : {}),
    })
    .execute()
  const tariffs = VEHICLE_CLASSES.map((vehicleClass: VehicleClass, n: number) => ({
    company_id: companyId,
    id: random.uuid(),
    region_id: regionId,
    class: vehicleClass,
    version: 1,
    effective_from: new Date(nowMs - 86_400_000),
    currency: local.currency,
    base_minor: 300 * (n + 1),
    booking_fee_minor: 150,
    per_km_minor: 160,
    per_minute_minor: 50,
    minimum_minor: 800,
    tax_basis_points: 888,
    tax_label: 'New York sales tax',
    cancel_fee_minor: 500,
    cancel_free_s: 120,
    no_show_fee_minor: 700,
    no_show_after_s: firm.noShowAfterS ?? 180,
    driver_share_basis_points: 8000,
  }))
  await db.insertInto('tariffs').values(tariffs).execute()
  return { companyId, regionId }
}

interface Seats {
  readonly db: Db
  readonly random: Random
  readonly auth: Auth
  readonly port: number
  readonly password: string | null
}
type Seated = Firm & { companyId: CompanyId }

async function castOf(
  seats: Seats,
  { companyId, regionId }: { companyId: CompanyId; regionId: RegionId },
  firm: Firm,
): Promise<Crew> {
  const at: Seated = { ...firm, companyId }
  const [rider, otherRider, driver, otherDriver, dispatcher, admin, operator] = firm.people
  return {
    companyId,
    regionId,
    rider: await sit(seats, at, rider, null),
    otherRider: await sit(seats, at, otherRider, null),
    driver: await sitDriver(seats, at, driver, firm.callSigns[0]),
    otherDriver: await sitDriver(seats, at, otherDriver, firm.callSigns[1]),
    dispatcher: await sit(seats, at, dispatcher, 'dispatcher'),
    admin: await sit(seats, at, admin, 'admin'),
    operator: await sit(seats, at, operator, 'operator'),
  }
}

async function sit(
  { auth, port, password }: Seats,
  { companyId, host }: Seated,
  name: string,
  role: Role | null,
): Promise<Person> {
  const email = `${name.split(' ')[0]!.toLowerCase()}@demo.honeycab`
  const memberships = role === null ? [] : [{ companyId, role }]
  const made = await auth.createPerson({ name, email, password, memberships })
  assert(made.ok, 'the cast has different addresses')
  const session = await auth.mintSession(made.value)
  return {
    identityId: made.value,
    name,
    email,
    client: makeClient({ origin: `http://${host}:${port}`, session }),
  }
}

async function sitPlatform(seats: Seats, at: Seated): Promise<Person> {
  const person = await sit(seats, at, 'Xandra Grid', null)
  await seats.db
    .updateTable('identities')
    .set({ platform: true })
    .where('id', '=', person.identityId)
    .execute()
  return person
}

async function sitDriver(seats: Seats, at: Seated, name: string, callSign: string): Promise<DriverPerson> {
  const person = await sit(seats, at, name, 'driver')
  const { db, random } = seats
  const driverId = random.uuid() as DriverId
  const vehicleId = random.uuid() as VehicleId
  const company_id = at.companyId
  await db
    .insertInto('drivers')
    .values({
      company_id,
      id: driverId,
      identity_id: person.identityId,
      name,
      call_sign: callSign,
      paused_until: null,
    })
    .execute()
  await db
    .insertInto('licences')
    .values(
      vouchedRow(random, {
        ...{ companyId: company_id, identityId: person.identityId, legalName: name, at: new Date(0) },
        ...{ number: `T${callSign} 4567`, country: 'US', issuingState: 'New York', classes: 'D' },
        ...{ issuedOn: '2020-01-15', expiresOn: '2099-12-31' },
      }),
    )
    .execute()
  await db
    .insertInto('vehicles')
    .values({
      ...{ company_id, id: vehicleId, class: 'standard' as const, seats: 4 },
      ...{ plate: `HC ${callSign}1 A`, make_model: 'Toyota Camry', colour: 'white' },
    })
    .execute()
  await db
    .insertInto('driver_vehicles')
    .values({ company_id, driver_id: driverId, vehicle_id: vehicleId })
    .execute()
  return { ...person, driverId, vehicleId }
}
