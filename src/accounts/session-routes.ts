/** A person's own sessions: the list of devices, as a page and as JSON, and the tokens of programs. */
import { Elysia } from 'elysia'
import { devicesPage } from '../../views/accounts/devices.ts'
import type { Limits } from '../io/limits.ts'
import type { Random } from '../io/random.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, jsonResponse, requireViewer, type ToPage, type WebContext } from '../web/context.ts'
import { HttpProblem, tooMany } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import type { Viewer } from '../web/viewer.ts'
import type { Auth } from './accounts.ts'
import { type Device, endDevice, endOtherDevices, ownerOfSession } from './devices.ts'
import type { ApiTokens } from './session-life.ts'
import { endedQuery, keyOnly, nothing, refreshCall, sessionParams } from './shapes.ts'

export interface SessionRoutesOptions extends ActDeps {
  readonly shell: Shell
  readonly auth: Auth
  readonly limits: Limits
  readonly random: Random
  readonly toPage: ToPage
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

export function sessionRoutes({ shell, auth, limits, toPage, random, ...deps }: SessionRoutesOptions) {
  const { clock } = deps

  /** End one session of the viewer; their own ends the visit too. */
  async function endOne(asked: Asked, sessionId: string): Promise<Response> {
    const { web } = asked
    const viewer = requireOwnEyes(web)
    const route = `DELETE /sessions ${sessionId}`
    const response = await act(deps, { ...asked, route }, async (unit) => {
      requireReach(web, await ownerOfSession(unit, sessionId))
      await endDevice(unit, random, viewer, { sessionId, origin: web })
      return { location: '/account/devices?ended=one', json: { ended: 1 } }
    })
    if (sessionId === viewer.sessionId && viewer.sessionKind === 'cookie') web.setCookie(auth.signedOutCookie)
    return response
  }

  function endOthers(asked: Asked): Promise<Response> {
    const viewer = requireOwnEyes(asked.web)
    return act(deps, { ...asked, route: 'DELETE /sessions' }, async (unit) => {
      const ended = await endOtherDevices(unit, random, viewer, asked.web)
      return { location: '/account/devices?ended=others', json: { ended } }
    })
  }

  return new Elysia({ name: 'sessions' })
    .use(shell)
    .get(
      '/account/devices',
      async ({ web, request, query }) => {
        const devices = await auth.devicesFor(requireViewer(web))
        const props = { devices, nowMs: clock.nowMs(), key: random.uuid(), ended: query.ended }
        return htmlResponse(devicesPage(toPage(web, request), props).toString())
      },
      { query: endedQuery },
    )
    .post('/account/devices/:id/end', ({ params, ...asked }) => endOne(asked, params.id), {
      body: keyOnly,
      params: sessionParams,
    })
    .post('/account/devices/end-others', (asked) => endOthers(asked), { body: keyOnly })
    .get('/api/v1/sessions', async ({ web }) => {
      const devices = await auth.devicesFor(requireViewer(web))
      return jsonResponse({ sessions: devices.map(shown) })
    })
    .delete('/api/v1/sessions', (asked) => endOthers(asked), { body: nothing })
    .delete('/api/v1/sessions/:id', ({ params, ...asked }) => endOne(asked, params.id), {
      body: nothing,
      params: sessionParams,
    })
    .post(
      '/api/v1/tokens/refresh',
      async ({ web, body }) => {
        const taken = await limits.take('refresh_address', web.address)
        if (!taken.allowed) throw tooMany(taken.retryAfterS)
        const refreshed = await auth.refresh(body.refreshToken)
        if (!refreshed.ok)
          throw new HttpProblem(401, 'This refresh token is wrong, spent or has run out. Sign in again.')
        return jsonResponse(shownTokens(refreshed.value.tokens!))
      },
      { body: refreshCall },
    )
    .delete(
      '/api/v1/tokens',
      async ({ web }) => {
        const viewer = requireViewer(web)
        if (viewer.sessionKind !== 'token')
          throw new HttpProblem(403, 'This ends a token; a browser signs out with DELETE /api/v1/session.')
        await auth.signOut(viewer, web)
        return new Response(null, { status: 204 })
      },
      { body: nothing },
    )
}

/** @throws HttpProblem 403 for an admin who looks through somebody's eyes: they may see the list, not shorten it */
function requireOwnEyes(web: WebContext): Viewer {
  const viewer = requireViewer(web)
  if (viewer.impersonatorId !== null)
    throw new HttpProblem(
      403,
      'Only the person may sign their devices out. Stop looking through their eyes first.',
    )
  return viewer
}

function shown(device: Device) {
  const { sessionId, kind, words, place, isThis, impersonatedBy, startedAtMs, usedAtMs } = device
  return {
    ...{ id: sessionId, kind, device: words, place, current: isThis, impersonatedBy },
    startedAt: new Date(startedAtMs).toISOString(),
    usedAt: new Date(usedAtMs).toISOString(),
  }
}

/** The only answers that carry tokens. */
export function shownTokens(tokens: ApiTokens) {
  return {
    tokenType: 'Bearer',
    accessToken: tokens.accessToken,
    accessExpiresAt: new Date(tokens.accessExpiresAtMs).toISOString(),
    refreshToken: tokens.refreshToken,
    refreshExpiresAt: new Date(tokens.refreshExpiresAtMs).toISOString(),
  }
}
