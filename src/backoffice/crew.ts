/** The people of a company file: who they are, what they may do, and the drivers among them with their cars. */
import { passwordRow } from '../accounts/credentials.ts'
import { makePasswords, randomPassword } from '../accounts/passwords.ts'
import { record } from '../audit/audit.ts'
import type { CompanyId, DriverId, IdentityId, VehicleId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Role } from '../io/tables/accounts.ts'
import { vouchFor } from '../licences/vouched.ts'
import type { FoundDeps, Founding } from './found.ts'
import type { Mistake } from './mistakes.ts'
import { differences, type NewPassword } from './report.ts'
import type { PersonEntry } from './shapes.ts'

/** Plenty to bind in one query; larger companies are read in parts. */
const EMAILS_AT_ONCE = 5_000

/**
 * A password for everybody who has no account yet. Before the transaction, as hashing is slow on purpose: accounts
 * are never deleted, so who is new inside the transaction was new before it.
 */
export async function hashNewPasswords(
  { db, random }: FoundDeps,
  people: readonly PersonEntry[],
  dryRun: boolean,
): Promise<{ passwords: NewPassword[]; hashes: Map<string, string> }> {
  const hashes = new Map<string, string>()
  if (dryRun) return { passwords: [], hashes }
  const known = await identitiesOf(db, people)
  const passwords = people
    .filter(({ email }) => !known.has(email))
    .map(({ name, email }) => ({ name, email, password: randomPassword(random) }))
  const { hash } = makePasswords()
  for (const { email, password } of passwords) hashes.set(email, await hash(password))
  return { passwords, hashes }
}

interface Identity {
  readonly id: IdentityId
  readonly name: string
}

async function identitiesOf(
  db: Pick<Work['db'], 'selectFrom'>,
  people: readonly PersonEntry[],
): Promise<Map<string, Identity>> {
  const known = new Map<string, Identity>()
  for (let from = 0; from < people.length; from += EMAILS_AT_ONCE) {
    const emails = people.slice(from, from + EMAILS_AT_ONCE).map(({ email }) => email)
    const rows = await db
      .selectFrom('identities')
      .select(['id', 'name', 'email'])
      .where('email', 'in', emails)
      .execute()
    for (const { email, id, name } of rows) known.set(email, { id, name })
  }
  return known
}

interface Means {
  readonly vehicleIds: ReadonlyMap<string, VehicleId>
  /** By e-mail, of people without an account. */
  readonly hashes: ReadonlyMap<string, string>
  /** Where the drivers drive. */
  readonly timeZone: string
}

/**
 * Make or change the people, known by their e-mail addresses. Somebody who has an account keeps its password.
 * No two people, of the file or beside it, may want one call sign; `callSignClashes` tells.
 */
export async function settlePeople(
  founding: Founding,
  people: readonly PersonEntry[],
  { vehicleIds, hashes, timeZone }: Means,
): Promise<void> {
  const { unit, entries } = founding
  const identities = await identitiesOf(unit.db, people)
  const roles = await rolesOf(founding)
  const drivers = await driversOf(unit.db, founding.companyId)
  await freeCallSigns(founding, people, drivers)
  for (const person of people) {
    const known = identities.get(person.email)
    const identityId = known?.id ?? (await makeIdentity(founding, person, hashes.get(person.email)))
    const details = known === undefined ? [] : differences({ ...known }, { name: person.name })
    if (details.length > 0)
      await unit.db
        .updateTable('identities')
        .set({ name: person.name, updated_at: new Date(unit.atMs) })
        .where('id', '=', identityId)
        .execute()
    const held = roles.filter((role) => role.email === person.email).map(({ role }) => role)
    const added = [...new Set(person.roles)].filter((role) => !held.includes(role))
    for (const role of added) await grant(founding, identityId, role)
    if (added.length > 0) details.push(`${known === undefined ? '' : 'now also '}${added.join(', ')}`)
    const effect = known === undefined ? 'created' : details.length > 0 ? 'changed' : 'kept'
    entries.push({ effect, kind: 'person', name: person.email, details })
    if (person.roles.includes('driver'))
      await settleDriver(founding, person, { identityId, row: drivers.get(person.email), vehicleIds })
    if (person.licence !== undefined) await settleLicence(founding, person, { identityId, timeZone })
  }
  tellRolesLeft(founding, people, roles)
}

async function makeIdentity(
  { unit, random }: Founding,
  { name, email }: PersonEntry,
  hash: string | undefined,
): Promise<IdentityId> {
  const id = random.uuid() as IdentityId
  const at = new Date(unit.atMs)
  await unit.db
    .insertInto('identities')
    .values({
      ...{ id, name, email, created_at: at, updated_at: at },
      // Whoever wrote the file answers for the addresses in it.
      ...{ email_verified: true, email_verified_at: at },
    })
    .execute()
  if (hash !== undefined)
    await unit.db
      .insertInto('credentials')
      .values(passwordRow(random, { identityId: id, hash, at }))
      .execute()
  return id
}

interface HeldRole {
  readonly email: string
  readonly role: Role
}

function rolesOf({ unit, companyId }: Founding): Promise<HeldRole[]> {
  return unit.db
    .selectFrom('memberships')
    .innerJoin('identities', 'identities.id', 'memberships.identity_id')
    .select(['identities.email', 'memberships.role'])
    .where('memberships.company_id', '=', companyId)
    .orderBy('identities.email')
    .orderBy('memberships.role')
    .execute()
}

async function grant(
  { unit, random, companyId }: Founding,
  identityId: IdentityId,
  role: Role,
): Promise<void> {
  await unit.db
    .insertInto('memberships')
    .values({ company_id: companyId, identity_id: identityId, role, created_at: new Date(unit.atMs) })
    .execute()
  const detail = { role }
  await record(unit.db, random, {
    ...{ action: 'membership.granted', atMs: unit.atMs, companyId, subject: identityId, detail },
  })
}

function tellRolesLeft(
  { entries }: Founding,
  people: readonly PersonEntry[],
  roles: readonly HeldRole[],
): void {
  const wanted = new Map(people.map((person) => [person.email, person.roles]))
  for (const { email, role } of roles)
    if (!wanted.get(email)?.includes(role))
      entries.push({ effect: 'left', kind: 'person', name: email, details: [`still ${role}`] })
}

interface KnownDriver {
  readonly id: DriverId
  readonly name: string
  readonly call_sign: string
  readonly plates: readonly string[]
}

/** The company's drivers by e-mail, with the plates of the cars they may take. */
async function driversOf(db: Work['db'], companyId: CompanyId): Promise<Map<string, KnownDriver>> {
  const drivers = await db
    .selectFrom('drivers')
    .innerJoin('identities', 'identities.id', 'drivers.identity_id')
    .select(['drivers.id', 'drivers.name', 'drivers.call_sign', 'identities.email'])
    .where('drivers.company_id', '=', companyId)
    .execute()
  const cars = await db
    .selectFrom('driver_vehicles')
    .innerJoin('vehicles', 'vehicles.id', 'driver_vehicles.vehicle_id')
    .select(['driver_vehicles.driver_id', 'vehicles.plate'])
    .where('driver_vehicles.company_id', '=', companyId)
    .orderBy('vehicles.plate')
    .execute()
  const plates = Map.groupBy(cars, (car) => car.driver_id)
  return new Map(
    drivers.map(({ email, ...driver }) => [
      email,
      { ...driver, plates: (plates.get(driver.id) ?? []).map(({ plate }) => plate) },
    ]),
  )
}

/** Call signs of the file that drivers have who keep them; nobody known to the file by another address may lose theirs. */
export async function callSignClashes(
  db: Work['db'],
  companyId: CompanyId,
  people: readonly PersonEntry[],
): Promise<Mistake[]> {
  const drivers = await driversOf(db, companyId)
  const leaving = new Set(changingCallSigns(people, drivers).map(([email]) => email))
  const holders = new Map([...drivers].map(([email, driver]) => [driver.call_sign, email]))
  return people.flatMap(({ email, callSign = '' }, n) => {
    const holder = holders.get(callSign)
    return holder === undefined || holder === email || leaving.has(holder)
      ? []
      : [{ path: `people[${n}].callSign`, message: `is ${callSign}, which ${holder} has` }]
  })
}

function changingCallSigns(
  people: readonly PersonEntry[],
  drivers: ReadonlyMap<string, KnownDriver>,
): [email: string, driver: KnownDriver][] {
  const wanted = new Map(people.map(({ email, callSign }) => [email, callSign]))
  return [...drivers].filter(([email, driver]) => {
    const callSign = wanted.get(email)
    return callSign !== undefined && callSign !== driver.call_sign
  })
}

/** Take the call signs that change off their drivers first, so that two may swap theirs. */
async function freeCallSigns(
  { unit, random }: Founding,
  people: readonly PersonEntry[],
  drivers: ReadonlyMap<string, KnownDriver>,
): Promise<void> {
  for (const [, { id }] of changingCallSigns(people, drivers)) {
    // A hyphen in front: no call sign of a file begins with one.
    const call_sign = `-${random.digits(11)}`
    await unit.db.updateTable('drivers').set({ call_sign }).where('id', '=', id).execute()
  }
}

async function settleLicence(
  { unit, random, companyId, entries }: Founding,
  { email, name, licence }: PersonEntry,
  { identityId, timeZone }: { identityId: IdentityId; timeZone: string },
): Promise<void> {
  if (licence === undefined) return
  const { state: issuingState, legalName = name, ...rest } = licence
  const outcome = await vouchFor(unit, random, {
    ...{ companyId, identityId, timeZone },
    licence: { ...rest, legalName, issuingState },
  })
  const details = outcome.said === null ? [] : [outcome.said]
  entries.push({ effect: outcome.effect, kind: 'licence', name: email, details })
}

async function settleDriver(
  { unit, random, companyId, entries }: Founding,
  person: PersonEntry,
  {
    identityId,
    row,
    vehicleIds,
  }: { identityId: IdentityId; row: KnownDriver | undefined; vehicleIds: ReadonlyMap<string, VehicleId> },
): Promise<void> {
  const callSign = person.callSign ?? ''
  const wanted = { name: person.name, call_sign: callSign }
  const driverId = row?.id ?? (random.uuid() as DriverId)
  const details = row === undefined ? [] : differences({ ...row }, wanted)
  if (row === undefined)
    await unit.db
      .insertInto('drivers')
      .values({
        company_id: companyId,
        id: driverId,
        identity_id: identityId,
        paused_until: null,
        ...wanted,
      })
      .execute()
  else if (details.length > 0)
    await unit.db.updateTable('drivers').set(wanted).where('id', '=', driverId).execute()
  const added = [...new Set(person.vehicles)].filter((plate) => !row?.plates.includes(plate))
  for (const plate of added)
    await unit.db
      .insertInto('driver_vehicles')
      .values({ company_id: companyId, driver_id: driverId, vehicle_id: vehicleIds.get(plate)! })
      .execute()
  if (added.length > 0) details.push(`may take ${added.join(' and ')}`)
  const effect = row === undefined ? 'created' : details.length > 0 ? 'changed' : 'kept'
  entries.push({ effect, kind: 'driver', name: callSign, details })
  const left = (row?.plates ?? []).filter((plate) => !person.vehicles.includes(plate))
  if (left.length > 0)
    entries.push({
      effect: 'left',
      kind: 'driver',
      name: callSign,
      details: [`may still take ${left.join(' and ')}`],
    })
}
