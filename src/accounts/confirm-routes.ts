/** `/confirm`: one more factor before a sensitive change, then back to where it is made. */
import { Elysia } from 'elysia'
import { confirmPage } from '../../views/accounts/confirm.ts'
import {
  htmlResponse,
  jsonResponse,
  ownPath,
  requireViewer,
  seeOther,
  type ToPage,
  type WebContext,
} from '../web/context.ts'
import { HttpProblem } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import type { Viewer } from '../web/viewer.ts'
import type { ConfirmOutcome, Proof } from './confirm.ts'
import type { Factors } from './factors.ts'
import { originOf } from './place.ts'
import { factorsOf } from './second-factor.ts'
import { assertionShape, confirmCall, confirmForm, confirmQuery, inField } from './shapes.ts'
import { sessionShown } from './shown.ts'

export interface ConfirmRoutesOptions {
  readonly shell: Shell
  readonly factors: Factors
  readonly toPage: ToPage
}

/** Where one goes on when no page asked. */
const SECURITY = '/account/security'
const LOCKED = 'Those were too many wrong tries. Confirming rests for half an hour; you stay signed in.'

export function confirmRoutes({ shell, factors, toPage }: ConfirmRoutesOptions) {
  async function show(
    web: WebContext,
    request: Request,
    asked: { next: string; error?: string; status?: number },
  ): Promise<Response> {
    const viewer = requireOwnEyes(web)
    const has = await factorsOf(web.db, viewer.identityId)
    const props = { next: asked.next, error: asked.error, ...has }
    return htmlResponse(String(confirmPage(toPage(web, request), props)), asked.status ?? 200)
  }

  return new Elysia({ name: 'confirm' })
    .use(shell)
    .get(
      '/confirm',
      ({ web, request, query }) => show(web, request, { next: ownPath(query.next, SECURITY) }),
      {
        query: confirmQuery,
      },
    )
    .post(
      '/confirm',
      async ({ web, request, body }) => {
        const viewer = requireOwnEyes(web)
        const next = ownPath(body.next, SECURITY)
        const proof = proofIn(body)
        const again = (error: string) => show(web, request, { next, error, status: 422 })
        if (proof === null) return again('Type your password or a code, or use a passkey.')
        const outcome = await factors.confirm(viewer, proof, originOf(web, request))
        if (outcome.state !== 'confirmed') return again(wordsOf(outcome, proof))
        if (outcome.issued.cookie !== null) web.setCookie(outcome.issued.cookie)
        return seeOther(next)
      },
      { body: confirmForm },
    )
    .post(
      '/api/v1/session/confirmation',
      async ({ web, request, body }) => {
        const viewer = requireOwnEyes(web)
        const { password, code, passkey } = body
        const proof: Proof | null =
          passkey !== undefined
            ? { by: 'passkey', response: passkey }
            : code !== undefined
              ? { by: 'code', code }
              : password !== undefined
                ? { by: 'password', password }
                : null
        if (proof === null)
          throw new HttpProblem(422, 'Send one of password, code and passkey.', {
            errors: [{ field: 'password', message: 'One of password, code and passkey is needed.' }],
          })
        const outcome = await factors.confirm(viewer, proof, originOf(web, request))
        if (outcome.state !== 'confirmed') throw new HttpProblem(403, wordsOf(outcome, proof))
        if (outcome.issued.cookie !== null) web.setCookie(outcome.issued.cookie)
        return jsonResponse(sessionShown(outcome.issued))
      },
      { body: confirmCall },
    )
}

/** @throws HttpProblem 403 for an admin who looks through somebody's eyes: they have none of the person's factors */
function requireOwnEyes(web: WebContext): Viewer {
  const viewer = requireViewer(web)
  if (viewer.impersonatorId !== null)
    throw new HttpProblem(403, 'Only the person may confirm. Stop looking through their eyes first.')
  return viewer
}

function proofIn(form: { password?: string; code?: string; passkey?: string }): Proof | null {
  const response = form.passkey === undefined ? null : inField(assertionShape, form.passkey)
  if (response !== null) return { by: 'passkey', response }
  if (form.code !== undefined && form.code.trim() !== '') return { by: 'code', code: form.code.trim() }
  if (form.password !== undefined && form.password !== '') return { by: 'password', password: form.password }
  return null
}

function wordsOf(outcome: Exclude<ConfirmOutcome, { state: 'confirmed' }>, proof: Proof): string {
  if (outcome.state === 'locked') return LOCKED
  const left =
    outcome.triesLeft === null
      ? ''
      : outcome.triesLeft === 1
        ? ' There is one try left.'
        : ` There are ${outcome.triesLeft} tries left.`
  switch (proof.by) {
    case 'password':
      return `That is not your password.${left}`
    case 'code':
      return `That code is not right, or was used before. Type the newest one.${left}`
    case 'passkey':
      return 'That passkey did not answer as it should. Try once more.'
  }
}
