/** Driving turned off and on: by the company for a reason, or by drivers for themselves. */
import { record } from '../audit/audit.ts'
import { type CompanyId, type DriverId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { notify } from '../notices/notices.ts'
import { tellCapability } from './capability.ts'
import { type LoadedDriver, lockDriver } from './drivers.ts'

export interface Switching {
  readonly companyId: CompanyId
  readonly driverId: DriverId
  /** Who does it: the driver, or an admin. */
  readonly actorId: IdentityId
  /** Drivers turn it off and on for themselves, beside the company's own word. */
  readonly by: 'company' | 'driver'
  readonly able: boolean
  /** Why the company turns it off; drivers need none. */
  readonly reason: string | null
  readonly from: { readonly address: string; readonly requestId: string }
}

/**
 * Turn driving on or off. An open shift ends with the next tick, after the running ride; whoever did not do it
 * themselves is told by letter. Says whether anything changed; `disabled` when the company has to turn it on first.
 */
export async function switchDriving(
  unit: Work,
  random: Random,
  switching: Switching,
): Promise<Result<boolean, 'not_found' | 'disabled'>> {
  const { companyId, driverId, actorId, able } = switching
  const driver = await lockDriver(unit, driverId)
  if (driver === undefined || driver.company_id !== companyId) return refuse('not_found')
  const bySelf = switching.by === 'driver'
  if (bySelf && driver.disabled_at !== null) return refuse('disabled')
  const before = bySelf ? driver.stopped_at : driver.disabled_at
  if ((before === null) === able) return ok(false)
  const at = able ? null : new Date(unit.atMs)
  await unit.db
    .updateTable('drivers')
    .set(
      bySelf
        ? { stopped_at: at }
        : { disabled_at: at, disabled_reason: able ? null : (switching.reason ?? 'no reason given') },
    )
    .where('id', '=', driverId)
    .execute()
  await record(unit.db, random, {
    ...{ action: able ? 'capability.enabled' : 'capability.disabled', atMs: unit.atMs, actorId, companyId },
    ...{ subject: driver.identity_id, ...switching.from },
    detail: { by: switching.by, ...(able ? {} : { reason: switching.reason }) },
  })
  await tellCapability(unit, { companyId, driverId })
  if (!bySelf) await tellDriver(unit, random, driver, switching)
  return ok(true)
}

async function tellDriver(
  unit: Work,
  random: Random,
  { identity_id: identityId }: LoadedDriver,
  { companyId, able, reason }: Switching,
): Promise<void> {
  const person = await unit.db
    .selectFrom('identities')
    .innerJoin('companies', (join) => join.on('companies.id', '=', companyId))
    .select(['identities.name', 'identities.email', 'identities.language', 'companies.name as company'])
    .where('identities.id', '=', identityId)
    .executeTakeFirstOrThrow()
  const { name, email: to, language, company } = person
  await notify(
    unit,
    random,
    able
      ? { kind: 'driving_enabled', to, identityId, companyId, language, data: { name, company } }
      : {
          ...{ kind: 'driving_disabled', to, identityId, companyId, language },
          data: { name, company, reason: reason ?? '' },
        },
  )
}
