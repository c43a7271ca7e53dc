/** Changing one's own password while signed in. */
import { Elysia } from 'elysia'
import { passwordPage } from '../../views/accounts/password.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Limits } from '../io/limits.ts'
import type { Random } from '../io/random.ts'
import { act } from '../web/act.ts'
import { htmlResponse, type ToPage, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { requireProof } from '../web/proof.ts'
import type { Shell } from '../web/shell.ts'
import type { Viewer } from '../web/viewer.ts'
import { replacePassword } from './credentials.ts'
import { type Joining, type JoiningDeps, tellPasswordChanged } from './joining.ts'
import { takeLimits } from './joining-routes.ts'
import { changePasswordForm } from './joining-shapes.ts'
import { judgePassword } from './password-rules.ts'
import { personById } from './people.ts'
import { type Issued, makeSessionLife, type SessionConfig, type SessionLife } from './session-life.ts'

export interface ChangePasswordDeps extends JoiningDeps {
  readonly shell: Shell
  readonly limits: Limits
  readonly toPage: ToPage
  readonly joining: Joining
  readonly config: SessionConfig
}

const PAGE = '/account/password'

/**
 * Put a new password in the place of the old one: the person's other sessions end, this one gets new tokens, and a
 * letter tells. Asking for a factor first is up to the caller.
 */
export async function changePassword(
  unit: Work,
  { random, life }: { random: Random; life: SessionLife },
  change: { viewer: Pick<Viewer, 'identityId' | 'sessionId'>; hash: string },
  origin: Pick<WebContext, 'address' | 'requestId'>,
): Promise<Issued> {
  const { identityId, sessionId } = change.viewer
  await replacePassword(unit, random, { identityId, hash: change.hash, exceptSessionId: sessionId })
  await tellPasswordChanged(unit, random, await personById(unit.db, identityId))
  return life.rotateSession(unit, change.viewer, {}, origin)
}

export function changePasswordRoutes(deps: ChangePasswordDeps) {
  const { shell, limits, toPage, joining, clock, random, passwords } = deps
  const life = makeSessionLife(deps)

  function show(web: WebContext, request: Request, email: string, error?: string): Response {
    const props = { email, key: random.uuid(), ...(error === undefined ? {} : { error }) }
    return htmlResponse(String(passwordPage(toPage(web, request), props)), error === undefined ? 200 : 422)
  }

  /** A sentence that says what to choose instead; null when it will do. */
  async function faultOf(identityId: IdentityId, password: string): Promise<string | null> {
    const verdict = judgePassword(password, await joining.aboutPerson(identityId))
    return verdict.fault === null ? null : verdict.words
  }

  return new Elysia({ name: 'change-password' })
    .use(shell)
    .get(PAGE, ({ web, request }) => {
      const viewer = requireProof(web, clock.nowMs(), PAGE)
      return show(web, request, viewer.email)
    })
    .post(PAGE, async ({ web, request, body }) => {
      const viewer = requireProof(web, clock.nowMs(), PAGE)
      await takeLimits(limits, [['password_person', viewer.identityId]])
      const form = readForm(changePasswordForm, body, ['password'])
      if (!form.ok) return show(web, request, viewer.email, form.errors.get('password'))
      const { password } = form.data
      const fault = await faultOf(viewer.identityId, password)
      if (fault !== null) return show(web, request, viewer.email, fault)
      const hash = await passwords.hash(password)
      const issued: Issued[] = []
      // Without the password: what is kept with a one-time key is a quick hash of its body.
      const kept = { key: form.data.key }
      const answer = await act(deps, { request, web, body: kept, route: `POST ${PAGE}` }, async (unit) => {
        issued.push(await changePassword(unit, { random, life }, { viewer, hash }, web))
        return { location: '/account/security?saved=password', json: { changed: true } }
      })
      // The last one: a unit that was tried again has left tokens behind that were never written.
      const cookie = issued.at(-1)?.cookie
      if (cookie != null) web.setCookie(cookie)
      return answer
    })
}
