/** What a driver's "Navigate" opens; kept with the driver, so that another phone opens the same. */
import type { CompanyId, DriverId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { NavigatesBy } from '../io/tables/rides.ts'

export async function chooseNavigation(
  unit: Work,
  { companyId, driverId, by }: { companyId: CompanyId; driverId: DriverId; by: NavigatesBy },
): Promise<void> {
  await unit.db
    .updateTable('drivers')
    .set({ navigates_by: by })
    .where('company_id', '=', companyId)
    .where('id', '=', driverId)
    .execute()
}
