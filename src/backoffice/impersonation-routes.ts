/** Looking through somebody's eyes, and stopping. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import type { Issued, Origin } from '../accounts/session-life.ts'
import { commit } from '../io/commit.ts'
import { act } from '../web/act.ts'
import { htmlResponse, requireViewer, seeOther, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { requireProof } from '../web/proof.ts'
import { borrowEyes, mayBorrow, returnEyes } from './impersonation.ts'
import { reasonText } from './person-acts.ts'
import { personMarkup, personParams, seenPerson } from './person-page.ts'
import type { OfficeDeps } from './routes.ts'

const eyesForm = z.strictObject({ eyes_reason: reasonText, key: z.string().max(128).optional() })

export function impersonationRoutes(deps: OfficeDeps) {
  return new Elysia({ name: 'impersonation' })
    .use(deps.shell)
    .post(
      '/admin/people/:id/impersonation',
      async ({ request, web, params, body }) => {
        const seen = await seenPerson(deps, web, params.id)
        const form = readForm(eyesForm, body, ['eyes_reason'])
        if (!form.ok)
          return htmlResponse(
            await personMarkup(deps, { request, web }, seen, { refused: { form: 'eyes', ...form } }),
            422,
          )
        const back = `/admin/people/${params.id}`
        requireProof(web, deps.clock.nowMs(), back)
        const { scope, person } = seen
        if (!mayBorrow(scope, person)) throw notThere()
        if (scope.viewer.sessionKind !== 'cookie')
          throw new HttpProblem(403, 'Eyes are borrowed in a browser only.')
        let issued: Issued | null = null
        const answer = await act(
          deps,
          { request, web, body, route: `POST ${back}/impersonation` },
          async (unit) => {
            issued = await borrowEyes(unit, deps, {
              viewer: scope.viewer,
              identityId: person.id,
              companyId: scope.platform ? null : (scope.companyIds[0] ?? null),
              reason: form.data.eyes_reason,
              origin: originOf(request, web),
            })
            return { location: '/', json: {} }
          },
        )
        // Sent again, the form changes nothing more; whoever sent it has the cookie from the first time.
        const cookie = (issued as Issued | null)?.cookie
        if (cookie != null) web.setCookie(cookie)
        return answer
      },
      { params: personParams },
    )
    .post(
      '/impersonation/end',
      async ({ request, web }) => {
        const viewer = requireViewer(web)
        if (viewer.impersonatorId === null) throw notThere()
        const returned = await commit({ ...deps, db: deps.system }, (unit) =>
          returnEyes(unit, deps, { viewer, origin: originOf(request, web) }),
        )
        const cookie = returned.ok ? returned.value.cookie : null
        web.setCookie(cookie ?? deps.auth.signedOutCookie)
        return seeOther(cookie === null ? '/sign-in' : `/admin/people/${viewer.identityId}`)
      },
      { body: z.strictObject({ key: z.string().max(128).optional() }) },
    )
}

function originOf(request: Request, web: WebContext): Origin {
  return {
    address: web.address,
    requestId: web.requestId,
    userAgent: request.headers.get('user-agent') ?? '',
  }
}
