/** What the office deletes and brings back. */
import type { VehicleId } from '../../../src/engine/units.ts'
import { plain, type UsesOf } from './walk.ts'

let cars = 0

export const uses: UsesOf = ({ world, canal }) => {
  async function newCar(): Promise<VehicleId> {
    const id = world.random.uuid() as VehicleId
    await world.db
      .insertInto('vehicles')
      .values({
        ...{ company_id: canal.companyId, id, class: 'standard', seats: 4 },
        ...{ plate: `WALK ${cars++}`, make_model: 'Toyota Camry', colour: 'white' },
      })
      .execute()
    return id
  }
  /** A car that is deleted; the deletion's id. */
  async function deletedCar(): Promise<string> {
    const car = await newCar()
    const path = `/admin/deletion/vehicle/${car}`
    await canal.admin.client.form(path, { key: crypto.randomUUID(), reason: 'a walk' })
    const row = await world.db
      .selectFrom('deletions')
      .select('id')
      .where('subject_id', '=', car)
      .executeTakeFirstOrThrow()
    return row.id
  }
  return {
    'GET /admin/deleted': plain('/admin/deleted', { by: 'admin' }),
    'GET /admin/fleet': plain('/admin/fleet', { by: 'admin' }),
    'GET /admin/deletion/:kind/:id': async () => ({
      ...{ path: `/admin/deletion/vehicle/${await newCar()}`, by: 'admin' },
    }),
    'POST /admin/deletion/:kind/:id': async () => ({
      ...{ path: `/admin/deletion/vehicle/${await newCar()}`, by: 'admin' },
      ...{ body: { reason: 'a walk through all routes' }, status: 303 },
    }),
    'POST /admin/deleted/:id/restoration': async () => ({
      ...{ path: `/admin/deleted/${await deletedCar()}/restoration`, by: 'admin', body: {}, status: 303 },
    }),
  }
}
