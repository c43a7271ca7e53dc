/** What a car has for who needs it: one page a car, with its form. The fleet knows at once. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type VehiclePageProps, vehiclePage } from '../../views/backoffice/vehicle.ts'
import { record } from '../audit/audit.ts'
import { ATTRIBUTES, attributeBits, attributesIn } from '../engine/attributes.ts'
import type { CompanyId, VehicleId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { act } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import { historyOf } from './history.ts'
import { setByOffice } from './office-set.ts'
import type { Doer } from './roles.ts'
import type { OfficeDeps } from './routes.ts'
import { officeContext, officeScope } from './scope.ts'

const params = z.object({ id: z.uuid() })
const query = z.object({ done: z.literal('saved').optional() })
const ticked = z.literal('on').optional()
const equipmentForm = z.strictObject({
  ...(Object.fromEntries(ATTRIBUTES.map((name) => [name, ticked])) as Record<
    (typeof ATTRIBUTES)[number],
    typeof ticked
  >),
  key: z.string().max(128).optional(),
})
const SAVED = 'Saved. The car gets the rides that fit it from now on.'

interface Asked {
  readonly request: Request
  readonly web: WebContext
}

export function vehicleRoutes(deps: OfficeDeps) {
  const { random } = deps

  async function reachVehicle(web: WebContext, id: string) {
    const row = await web.db
      .selectFrom('vehicles')
      .select(['id', 'company_id', 'plate', 'make_model', 'colour', 'class', 'seats', 'attributes'])
      .where('id', '=', id as VehicleId)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    return requireReach(web, row && { ...row, companyId: row.company_id })
  }

  async function markup(asked: Asked, id: string, isDone: boolean): Promise<string> {
    const { web } = asked
    const row = await reachVehicle(web, id)
    const props: VehiclePageProps = {
      ...{ id, plate: row.plate, words: `${row.colour} ${row.make_model}`, seats: row.seats },
      ...{ vehicleClass: row.class, has: attributesIn(row.attributes) },
      history: await historyOf(web.db, { companyId: row.companyId, subject: id, action: 'vehicle.changed' }),
      ...{ key: random.uuid(), toasts: isDone ? [{ id: 'done', text: SAVED }] : [] },
    }
    return String(vehiclePage(officeContext(deps, asked, officeScope(web, deps.companies)), props))
  }

  async function equip(
    unit: Work,
    { viewer, web }: Doer,
    { companyId, id, attributes }: { companyId: CompanyId; id: VehicleId; attributes: number },
  ): Promise<boolean> {
    const before = await unit.db
      .selectFrom('vehicles')
      .select('attributes')
      .where('company_id', '=', companyId)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .forNoKeyUpdate()
      .executeTakeFirst()
    if (before === undefined) throw notThere()
    if (before.attributes === attributes) return false
    await unit.db
      .updateTable('vehicles')
      .set({ attributes, office_set: setByOffice(['attributes']) })
      .where('company_id', '=', companyId)
      .where('id', '=', id)
      .execute()
    await record(unit.db, random, {
      ...{ action: 'vehicle.changed', atMs: unit.atMs, actorId: viewer.identityId, companyId },
      ...{ subject: id, address: web.address, requestId: web.requestId },
      detail: {
        before: { has: attributesIn(before.attributes) },
        after: { has: attributesIn(attributes) },
      },
    })
    unit.tell({ type: 'company.changed', companyId })
    return true
  }

  return new Elysia({ name: 'vehicles' })
    .use(deps.shell)
    .get(
      '/admin/vehicles/:id',
      async ({ request, web, params: { id }, query: { done } }) =>
        htmlResponse(await markup({ request, web }, id, done === 'saved')),
      { params, query },
    )
    .post(
      '/admin/vehicles/:id',
      async ({ request, web, body, params: { id } }) => {
        const row = await reachVehicle(web, id)
        const attributes = attributeBits(ATTRIBUTES.filter((name) => body[name] === 'on'))
        return act(
          deps,
          { request, web, body, route: `POST /admin/vehicles/${id}` },
          async (unit, viewer) => {
            const isChanged = await equip(
              unit,
              { viewer, web },
              { companyId: row.companyId, id: row.id, attributes },
            )
            return { location: `/admin/vehicles/${id}?done=saved`, json: { changed: isChanged } }
          },
        )
      },
      { params, body: equipmentForm },
    )
}
