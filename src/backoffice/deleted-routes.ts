/** Deleting and bringing back, for the office: a company's drivers, cars and own people; for the platform everything. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { deletedPage, deletePage, fleetPage } from '../../views/backoffice/deleted.ts'
import type { DriverId, IdentityId, Result, VehicleId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import {
  type Doer,
  deletePerson,
  PERSON_REFUSALS,
  type PersonRefusal,
  restorePerson,
} from '../privacy/deletions.ts'
import {
  deleteDriver,
  deleteVehicle,
  FLEET_REFUSALS,
  type FleetRefusal,
  restoreFleet,
} from '../privacy/fleet-deletions.ts'
import { actOpenly, answeredBefore } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { requireProof } from '../web/proof.ts'
import { requireReach } from '../web/reach.ts'
import { type Deletable, deletable, deletedThings, fleetsOf } from './deleted-read.ts'
import { reasonText } from './person-acts.ts'
import type { OfficeDeps } from './routes.ts'
import { companiesOf, officeContext, officeScope, rereadCompanies } from './scope.ts'

const key = z.string().max(128).optional()
const DELETED = '/admin/deleted'
const kindParams = z.object({ kind: z.enum(['person', 'driver', 'vehicle']), id: z.uuid() })
const deletionForm = z.strictObject({ reason: reasonText, key })
const DONE = {
  deleted: 'Deleted. It can be brought back here.',
  restored: 'It is back.',
} as const
const doneQuery = z.object({ done: z.enum(Object.keys(DONE) as [keyof typeof DONE]).optional() })

interface Asked {
  readonly request: Request
  readonly web: WebContext
}

/** Why something cannot go now, shown on the page that asked. */
class CannotGo extends HttpProblem {
  override name = 'CannotGo'
}

export function deletedRoutes(deps: OfficeDeps) {
  const { system, clock, random } = deps
  const systemDeps = { ...deps, db: system }

  /** @throws HttpProblem 404 for what is not there or out of reach; 403 for oneself, who has a page for it */
  async function seen(web: WebContext, kind: Deletable['kind'], id: string): Promise<Deletable> {
    const viewer = officeScope(web, deps.companies).viewer
    const thing = requireReach(web, await deletable(system, kind, id))
    if (kind === 'person' && id === viewer.identityId)
      throw new HttpProblem(403, 'Your own account is deleted on your page “Privacy and data”.')
    return thing
  }

  function doerOf({ web }: Pick<Asked, 'web'>, id: IdentityId): Doer {
    return { id, address: web.address, requestId: web.requestId }
  }

  function remove(
    unit: Work,
    thing: Deletable,
    how: { by: Doer; reason: string },
  ): Promise<Result<unknown, PersonRefusal | FleetRefusal>> {
    if (thing.kind === 'person')
      return deletePerson(unit, random, { identityId: thing.id as IdentityId, ...how })
    const companyId = thing.companyId
    if (companyId === null) throw notThere()
    return thing.kind === 'driver'
      ? deleteDriver(unit, random, { driverId: thing.id as DriverId, companyId, ...how })
      : deleteVehicle(unit, random, { vehicleId: thing.id as VehicleId, companyId, ...how })
  }

  function deleteMarkup(asked: Asked, thing: Deletable, refused?: { reason: string; error: string }): string {
    const scope = officeScope(asked.web, deps.companies)
    return String(
      deletePage(officeContext(deps, asked, scope), {
        ...{ kind: thing.kind, id: thing.id, name: thing.name, more: thing.more, key: random.uuid() },
        ...(refused === undefined ? {} : { refused }),
      }),
    )
  }

  return new Elysia({ name: 'deleted' })
    .use(deps.shell)
    .get(
      DELETED,
      async ({ web, request, query }) => {
        const scope = officeScope(web, deps.companies)
        const things = await deletedThings(system, scope)
        return htmlResponse(
          String(
            deletedPage(officeContext(deps, { web, request }, scope), {
              things,
              key: () => random.uuid(),
              toasts: query.done === undefined ? [] : [{ id: 'done', text: DONE[query.done] }],
            }),
          ),
        )
      },
      { query: doneQuery },
    )
    .post(
      `${DELETED}/:id/restoration`,
      async ({ web, request, body, params: { id } }) => {
        const route = `POST ${DELETED}/${id}/restoration`
        const before = await answeredBefore({ web, request, body, route })
        if (before !== null) return before
        const { platform, companyIds } = officeScope(web, deps.companies)
        const [thing] = await deletedThings(system, { platform, companyIds }, id)
        const found = requireReach(web, thing)
        const viewer = requireProof(web, clock.nowMs(), DELETED)
        // With the system's own handle: what comes back lies in rows of other companies too.
        const answer = await actOpenly(systemDeps, { web, request, body, route }, async (unit) => {
          const by = doerOf({ web }, viewer.identityId)
          const back =
            found.kind === 'person'
              ? await restorePerson(unit, random, { identityId: found.subjectId as IdentityId, by })
              : await restoreFleet(unit, random, { deletionId: found.id, by })
          if (!back.ok) throw notThere()
          return { location: `${DELETED}?done=restored`, json: { restored: true } }
        })
        await rereadCompanies(deps)
        return answer
      },
      { params: z.object({ id: z.uuid() }), body: z.strictObject({ key }) },
    )
    .get('/admin/fleet', async ({ web, request }) => {
      const scope = officeScope(web, deps.companies)
      const companies = companiesOf(scope, deps.companies)
      const fleets = await fleetsOf(
        web.db,
        companies.map(({ id }) => id),
      )
      const named = fleets.map((fleet) => ({
        ...fleet,
        companyName: companies.find(({ id }) => id === fleet.companyId)!.name,
      }))
      return htmlResponse(String(fleetPage(officeContext(deps, { web, request }, scope), { fleets: named })))
    })
    .get(
      '/admin/deletion/:kind/:id',
      async ({ web, request, params: { kind, id } }) =>
        htmlResponse(deleteMarkup({ web, request }, await seen(web, kind, id))),
      { params: kindParams },
    )
    .post(
      '/admin/deletion/:kind/:id',
      async ({ web, request, body, params: { kind, id } }) => {
        const path = `/admin/deletion/${kind}/${id}`
        const route = `POST ${path}`
        const before = await answeredBefore({ web, request, body, route })
        if (before !== null) return before
        const thing = await seen(web, kind, id)
        const form = readForm(deletionForm, body, ['reason'])
        if (!form.ok) {
          const error = form.errors.get('reason') ?? ''
          const reason = form.typed.reason ?? ''
          return htmlResponse(deleteMarkup({ web, request }, thing, { reason, error }), 422)
        }
        const viewer = requireProof(web, clock.nowMs(), path)
        const { reason } = form.data
        try {
          return await actOpenly(systemDeps, { web, request, body, route }, async (unit) => {
            const gone = await remove(unit, thing, { by: doerOf({ web }, viewer.identityId), reason })
            if (!gone.ok) throw gone.reason === 'gone' ? notThere() : new CannotGo(409, REFUSALS[gone.reason])
            return { location: `${DELETED}?done=deleted`, json: { deleted: true } }
          })
        } catch (error) {
          if (web.wantsJson || !(error instanceof CannotGo)) throw error
          return htmlResponse(deleteMarkup({ web, request }, thing, { reason, error: error.detail }), 409)
        }
      },
      { params: kindParams },
    )
}

const REFUSALS = { ...PERSON_REFUSALS, ...FLEET_REFUSALS }
