/** Asking to drive, for people who have an account; the others register as drivers. */
import { Elysia } from 'elysia'
import { drivePage } from '../../views/accounts/drive.ts'
import { act } from '../web/act.ts'
import { htmlResponse, seeOther } from '../web/context.ts'
import { HttpProblem } from '../web/problem.ts'
import { holds } from '../web/viewer.ts'
import { applyToDrive } from './joining.ts'
import type { JoiningRoutesDeps } from './joining-routes.ts'
import { keyOnly } from './shapes.ts'

const NO_COMPANY = 'No company answers at this address. Open the address of the company you would drive for.'

export function driveRoutes(deps: JoiningRoutesDeps) {
  const { shell, random, toPage } = deps

  function companyAt(request: Request) {
    const company = deps.visited(request)
    if (company === null) throw new HttpProblem(404, NO_COMPANY)
    return company
  }

  return new Elysia({ name: 'drive' })
    .use(shell)
    .get('/drive', async ({ web, request }) => {
      const { viewer } = web
      if (viewer === null) return seeOther('/register?as=driver')
      const company = companyAt(request)
      if (holds(viewer, ['driver'], company.id)) return seeOther('/driver')
      const asked = await web.db
        .selectFrom('driver_applications')
        .select('id')
        .where('company_id', '=', company.id)
        .where('identity_id', '=', viewer.identityId)
        .where('decided_at', 'is', null)
        .executeTakeFirst()
      const state = asked !== undefined ? 'asked' : viewer.emailVerified ? 'may_ask' : 'unverified'
      const props = { companyName: company.name, state, key: random.uuid() } as const
      return htmlResponse(String(drivePage(toPage(web, request), props)))
    })
    .post(
      '/drive',
      ({ web, request, body }) => {
        const company = companyAt(request)
        return act(deps, { request, web, body, route: `POST /drive ${company.id}` }, async (unit, viewer) => {
          if (!viewer.emailVerified)
            throw new HttpProblem(403, 'Confirm your e-mail address first.', { leadTo: '/drive' })
          if (!holds(viewer, ['driver'], company.id))
            await applyToDrive(unit, random, {
              ...{ identityId: viewer.identityId, companyId: company.id, from: web },
            })
          return { location: '/drive', json: { applied: true } }
        })
      },
      { body: keyOnly },
    )
}
