/** A region's driving hours and emergency number: one page, with its form. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { DUTY_FIELDS, type DutyPageProps, regionDutyPage } from '../../views/backoffice/region-duty.ts'
import type { Region } from '../companies/companies.ts'
import { act } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { notThere } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import { historyOf } from './history.ts'
import { changeDuty, dutyFields, dutyForm, readDuty } from './region-duty.ts'
import type { OfficeDeps } from './routes.ts'
import { officeContext, officeScope, rereadCompanies } from './scope.ts'

const params = z.object({ id: z.uuid() })
const query = z.object({ done: z.literal('saved').optional() })
const SAVED = 'Saved. It counts from now on.'

interface Asked {
  readonly request: Request
  readonly web: WebContext
}

export function regionDutyRoutes(deps: OfficeDeps) {
  const { companies, random } = deps

  function reachRegion(web: WebContext, id: string): Region {
    return requireReach(
      web,
      companies.regions.find((one) => one.id === id),
    )
  }

  async function markup(
    { request, web }: Asked,
    { id, name, companyId }: Region,
    shown: { refused?: DutyPageProps['refused']; isDone?: boolean } = {},
  ): Promise<string> {
    const duty = await readDuty(web.db, companyId, id)
    if (duty === undefined) throw notThere()
    return String(
      regionDutyPage(officeContext(deps, { request, web }, officeScope(web, companies)), {
        ...{ region: { id, name, companyId }, fields: dutyFields(duty), refused: shown.refused ?? null },
        history: await historyOf(web.db, { companyId, subject: id, action: 'region.changed' }),
        ...{ key: random.uuid(), toasts: shown.isDone ? [{ id: 'done', text: SAVED }] : [] },
      }),
    )
  }

  return new Elysia({ name: 'region-duty' })
    .use(deps.shell)
    .get(
      '/admin/regions/:id/duty',
      async ({ request, web, params: { id }, query: { done } }) =>
        htmlResponse(await markup({ request, web }, reachRegion(web, id), { isDone: done === 'saved' })),
      { params, query },
    )
    .post(
      '/admin/regions/:id/duty',
      async ({ request, web, body, params: { id } }) => {
        const asked = { request, web, body }
        const region = reachRegion(web, id)
        const form = readForm(dutyForm, body, DUTY_FIELDS)
        if (!form.ok) return htmlResponse(await markup(asked, region, { refused: form }), 422)
        const { drive_limit_hours, rest_hours, emergency_number } = form.data
        const answer = await act(
          deps,
          { ...asked, route: `POST /admin/regions/${id}/duty` },
          async (unit, viewer) => {
            const isChanged = await changeDuty(
              unit,
              random,
              { viewer, web },
              {
                ...{ companyId: region.companyId, regionId: region.id },
                duty: { drive_limit_s: drive_limit_hours, rest_s: rest_hours, emergency_number },
              },
            )
            return { location: `/admin/regions/${id}/duty?done=saved`, json: { changed: isChanged } }
          },
        )
        await rereadCompanies(deps)
        return answer
      },
      { params },
    )
}
