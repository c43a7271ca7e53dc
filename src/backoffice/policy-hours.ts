/** A region's policies by weekday and hour out of a company file. */
import type { RegionId } from '../engine/units.ts'
import type { Founding } from './found.ts'
import { type PolicyHoursEntry, windowOf } from './policy-hours-shape.ts'

/** Bring the windows to those of the file, as one list; a file without the list leaves them as they are. */
export async function settlePolicyHours(
  { unit, companyId, entries: report }: Founding,
  {
    regionId,
    slug,
    entries,
  }: { regionId: RegionId; slug: string; entries: readonly PolicyHoursEntry[] | undefined },
): Promise<void> {
  if (entries === undefined) return
  const wanted = entries.map(windowOf).map(({ weekdays, fromMinute, untilMinute, policy }, position) => ({
    company_id: companyId,
    region_id: regionId,
    position,
    weekdays,
    from_minute: fromMinute,
    until_minute: untilMinute,
    policy: policy.kind ?? null,
    batch_window_ms: policy.batchWindowMs ?? null,
    radius_m: policy.radiusM ?? null,
    candidates: policy.candidates ?? null,
  }))
  const known = await unit.db
    .selectFrom('policy_windows')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .orderBy('position')
    .execute()
  const isSame = Bun.deepEquals(known, wanted)
  if (isSame && known.length === 0) return
  if (!isSame) {
    await unit.db.deleteFrom('policy_windows').where('region_id', '=', regionId).execute()
    if (wanted.length > 0) await unit.db.insertInto('policy_windows').values(wanted).execute()
  }
  const effect = isSame ? 'kept' : known.length === 0 ? 'created' : 'changed'
  const details = isSame ? [] : [wanted.length === 1 ? '1 window' : `${wanted.length} windows`]
  report.push({ effect, kind: 'hours', name: slug, details })
}
