/** How long drivers of a region may drive, and whom to call for help there: read from the form, changed, audited. */
import { z } from 'zod'
import type { DutyFields } from '../../views/backoffice/region-duty.ts'
import { changesBetween, record } from '../audit/audit.ts'
import type { CompanyId, RegionId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { oneLine } from '../web/text.ts'
import { setByOffice } from './office-set.ts'
import type { Doer } from './roles.ts'

const HOUR_S = 3_600

export interface RegionDuty {
  /** Null: nobody counts. */
  readonly drive_limit_s: number | null
  readonly rest_s: number
  readonly emergency_number: string
}

/** Hours as people write them, `8` or `8.5`, in quarters; in seconds. */
const hours = z
  .string()
  .trim()
  .max(10)
  .refine((text) => /^\d{1,2}([.,](0|00|25|5|50|75))?$/.test(text) && within(text), {
    error: 'From 1 to 24 hours, such as 8 or 8.5.',
  })
  .transform((text) => numberIn(text) * HOUR_S)

export const dutyForm = z.strictObject({
  drive_limit_hours: z
    .string()
    .trim()
    .transform((text) => (text === '' ? null : text))
    .pipe(hours.nullable())
    .default(null),
  rest_hours: hours,
  emergency_number: z
    .string()
    .overwrite(oneLine)
    .refine((text) => /^[0-9+ ]{2,20}$/.test(text) && /\d/.test(text), {
      error: 'The number as it is dialled there, such as 112.',
    }),
  key: z.string().max(128).optional(),
})

export function dutyFields(duty: RegionDuty): DutyFields {
  const text = (seconds: number) => String(seconds / HOUR_S)
  return {
    drive_limit_hours: duty.drive_limit_s === null ? '' : text(duty.drive_limit_s),
    rest_hours: text(duty.rest_s),
    emergency_number: duty.emergency_number,
  }
}

/** As it stands in the database, which a form must show whatever this process read before. */
export function readDuty(db: Db, companyId: CompanyId, regionId: RegionId): Promise<RegionDuty | undefined> {
  return dutyOf(db, companyId, regionId).executeTakeFirst()
}

/** Says whether anything was otherwise before. */
export async function changeDuty(
  unit: Work,
  random: Random,
  { viewer, web }: Doer,
  { companyId, regionId, duty }: { companyId: CompanyId; regionId: RegionId; duty: RegionDuty },
): Promise<boolean> {
  const before = await dutyOf(unit.db, companyId, regionId).forNoKeyUpdate().executeTakeFirstOrThrow()
  const changes = changesBetween({ ...before }, { ...duty })
  if (changes === null) return false
  await unit.db
    .updateTable('regions')
    .set({ ...duty, office_set: setByOffice(Object.keys(changes.after)) })
    .where('company_id', '=', companyId)
    .where('id', '=', regionId)
    .execute()
  await record(unit.db, random, {
    ...{ action: 'region.changed', atMs: unit.atMs, actorId: viewer.identityId, companyId },
    ...{ subject: regionId, address: web.address, requestId: web.requestId, detail: changes },
  })
  unit.tell({ type: 'company.changed', companyId })
  return true
}

function dutyOf(db: Db, companyId: CompanyId, regionId: RegionId) {
  return db
    .selectFrom('regions')
    .select(['drive_limit_s', 'rest_s', 'emergency_number'])
    .where('company_id', '=', companyId)
    .where('id', '=', regionId)
}

function numberIn(text: string): number {
  return Number(text.replace(',', '.'))
}

function within(text: string): boolean {
  return numberIn(text) >= 1 && numberIn(text) <= 24
}
