/** The cars of a company file. */
import { attributeBits, attributesIn } from '../engine/attributes.ts'
import type { VehicleId } from '../engine/units.ts'
import type { Founding } from './found.ts'
import { besideOffice, officeSetAfter } from './office-set.ts'
import { differences } from './report.ts'
import type { CompanyFile } from './shapes.ts'

/** Make or change the cars, known by their plates; answers the ids of those in the file. */
export async function settleVehicles(
  { unit, random, companyId, entries, overOffice }: Founding,
  vehicles: CompanyFile['vehicles'],
): Promise<Map<string, VehicleId>> {
  const rows = await unit.db
    .selectFrom('vehicles')
    .selectAll()
    .where('company_id', '=', companyId)
    .orderBy('plate')
    .execute()
  const known = new Map(rows.map((row) => [row.plate, row]))
  const ids = new Map<string, VehicleId>()
  for (const { plate, class: vehicleClass, seats, makeModel, colour, has } of vehicles) {
    const attributes = attributeBits(has ?? (vehicleClass === 'accessible' ? ['wheelchair'] : []))
    const wanted = { class: vehicleClass, seats, make_model: makeModel, colour, attributes }
    const row = known.get(plate)
    const id = row?.id ?? (random.uuid() as VehicleId)
    ids.set(plate, id)
    if (row === undefined) {
      await unit.db
        .insertInto('vehicles')
        .values({ company_id: companyId, id, plate, ...wanted })
        .execute()
      entries.push({ effect: 'created', kind: 'vehicle', name: plate, details: [] })
      continue
    }
    const { taken, stays } = besideOffice({ ...row }, wanted, overOffice)
    const isRefitted = taken.attributes !== undefined && attributes !== row.attributes
    const details = [
      ...differences({ ...row }, { ...taken, attributes: row.attributes }),
      ...(isRefitted ? [`has ${namesOf(row.attributes)} -> ${namesOf(attributes)}`] : []),
    ]
    if (details.length > 0)
      await unit.db
        .updateTable('vehicles')
        .set({ ...taken, office_set: officeSetAfter(row, wanted, overOffice) })
        .where('id', '=', id)
        .execute()
    entries.push({ effect: details.length > 0 ? 'changed' : 'kept', kind: 'vehicle', name: plate, details })
    if (stays.length > 0)
      entries.push({
        ...{ effect: 'left', kind: 'vehicle', name: plate },
        details: [`has ${namesOf(row.attributes)} stays, as the office set it`],
      })
  }
  for (const { plate } of rows)
    if (!ids.has(plate)) entries.push({ effect: 'left', kind: 'vehicle', name: plate, details: [] })
  return ids
}

function namesOf(attributes: number): string {
  return attributesIn(attributes).join(' and ') || 'nothing'
}
