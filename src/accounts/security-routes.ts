/** The page of a person's factors, and what is done on it. Each change asks for proof first. */
import { Elysia } from 'elysia'
import QRCode from 'qrcode'
import {
  appSetUpPage,
  backupCodesPage,
  newPasskeyPage,
  type SecurityDone,
  securityPage,
} from '../../views/accounts/security.ts'
import { raw } from '../../views/html.ts'
import type { CompanyId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Limits } from '../io/limits.ts'
import type { Random } from '../io/random.ts'
import { type ActDeps, act, type Done } from '../web/act.ts'
import { htmlResponse, jsonResponse, requireViewer, type ToPage, type WebContext } from '../web/context.ts'
import { notThere, tooMany } from '../web/problem.ts'
import { requireProof } from '../web/proof.ts'
import type { Shell } from '../web/shell.ts'
import type { Viewer } from '../web/viewer.ts'
import { backupCodeSheet, FEW_BACKUP_CODES, putSheetAway } from './backup-codes.ts'
import { deviceWords } from './device-words.ts'
import type { Factors } from './factors.ts'
import type { Added } from './own-factors.ts'
import { MOST_PASSKEYS, passkeysOf } from './passkeys.ts'
import { originOf } from './place.ts'
import { factorsOf } from './second-factor.ts'
import {
  appForm,
  attestationShape,
  inField,
  keyOnly,
  newPasskeyForm,
  ownPasskeyOptionsCall,
  passkeyParams,
  securityQuery,
} from './shapes.ts'
import { inviteTotp } from './totp.ts'

export interface SecurityRoutesOptions extends ActDeps {
  readonly shell: Shell
  readonly factors: Factors
  /** Of any company: the person’s requests do not reach its row while their role there waits. */
  readonly companyName: (id: CompanyId) => string | undefined
  readonly limits: Limits
  readonly random: Random
  readonly toPage: ToPage
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const SECURITY = '/account/security'
const APP = '/account/security/app'
const NEW_PASSKEY = '/account/security/passkeys/new'
const CODES = '/account/security/backup-codes'

const REFUSED_PASSKEY = {
  wrong: 'The device’s answer did not fit our question, or came too late. Press again.',
  there_already: 'This passkey is in use already.',
  too_many: `You have ${MOST_PASSKEYS} passkeys, which is as many as there can be. Take one away first.`,
} as const

export function securityRoutes(options: SecurityRoutesOptions) {
  const { shell, factors, companyName, limits, random, toPage, ...deps } = options
  const { clock } = deps
  const { own, sealers } = factors
  const key = () => random.uuid()

  /** @throws HttpProblem 403, which leads a browser to `/confirm` and back to `page` */
  const proved = (web: WebContext, page: string) => requireProof(web, clock.nowMs(), page)

  /** One change of the factors, once, by somebody who has just shown that it is them. */
  function change(
    asked: Asked,
    { route, page }: { route: string; page: string },
    work: (unit: Work, viewer: Viewer) => Promise<Done>,
  ): Promise<Response> {
    proved(asked.web, page)
    return act(deps, { ...asked, route }, work)
  }

  /** As `change`, for what gives the session new tokens: they are sent once the change is kept. */
  async function add(
    asked: Asked,
    where: { route: string; page: string; done: SecurityDone },
    work: (unit: Work, viewer: Viewer) => Promise<Added>,
  ): Promise<Response> {
    let cookie: string | null = null
    const response = await change(asked, where, async (unit, viewer) => {
      const { issued, codesMade } = await work(unit, viewer)
      cookie = issued.cookie
      return { location: codesMade ? CODES : `${SECURITY}?done=${where.done}`, json: { codesMade } }
    })
    if (cookie !== null) asked.web.setCookie(cookie)
    return response
  }

  async function overview(
    web: WebContext,
    request: Request,
    done: SecurityDone | undefined,
  ): Promise<Response> {
    const viewer = requireViewer(web)
    const { identityId } = viewer
    const reader = web.db
    const [has, app, passkeys, events] = await Promise.all([
      factorsOf(reader, identityId),
      reader
        .selectFrom('totp_secrets')
        .select(['created_at', 'used_at'])
        .where('identity_id', '=', identityId)
        .executeTakeFirst(),
      passkeysOf(reader, identityId),
      factors.lately(identityId),
    ])
    const props = {
      hasPassword: has.password,
      app: app === undefined ? null : { createdAtMs: app.created_at.getTime(), usedAtMs: ms(app.used_at) },
      passkeys: passkeys.map(({ createdAt, usedAt, ...passkey }) => ({
        ...passkey,
        createdAtMs: createdAt.getTime(),
        usedAtMs: ms(usedAt),
      })),
      backupCodesLeft: has.backupCodes,
      fewBackupCodes: has.backupCodes <= FEW_BACKUP_CODES,
      ...{ waitingRoles: waitingRolesOf(viewer), events, done, key },
    }
    return htmlResponse(String(securityPage(toPage(web, request), props)))
  }

  /** Such as `dispatcher of Canal Street Cars`. */
  function waitingRolesOf({ withheld }: Viewer): string[] {
    return [
      ...withheld.memberships.map(
        ({ companyId, role }) => `${role} of ${companyName(companyId) ?? 'a company'}`,
      ),
      ...(withheld.platform ? ['who runs this installation'] : []),
    ]
  }

  async function showApp(
    web: WebContext,
    request: Request,
    form: { sealed?: string; wrong: boolean },
  ): Promise<Response> {
    const viewer = proved(web, APP)
    const invitation = inviteTotp(sealers.totp, viewer, form.sealed) ?? inviteTotp(sealers.totp, viewer)!
    const qr = raw(await QRCode.toString(invitation.uri, { type: 'svg', margin: 1 }))
    const secret = invitation.secret.replace(/(.{4})(?=.)/g, '$1 ')
    const props = { ...invitation, secret, qr, wrong: form.wrong, key: key() }
    return htmlResponse(String(appSetUpPage(toPage(web, request), props)), form.wrong ? 422 : 200)
  }

  function showNewPasskey(
    web: WebContext,
    request: Request,
    form: { name: string; error?: string },
  ): Response {
    proved(web, NEW_PASSKEY)
    const page = newPasskeyPage(toPage(web, request), { ...form, key: key() })
    return htmlResponse(String(page), form.error === undefined ? 200 : 422)
  }

  return new Elysia({ name: 'security' })
    .use(shell)
    .get('/account/security', ({ web, request, query }) => overview(web, request, query.done), {
      query: securityQuery,
    })
    .get('/account/security/app', ({ web, request }) => showApp(web, request, { wrong: false }))
    .post(
      '/account/security/app',
      async ({ web, request, body }) => {
        const code = body.code.replace(/\s/g, '')
        try {
          const where = { route: 'POST /account/security/app', page: APP, done: 'app' } as const
          return await add({ web, request, body }, where, async (unit, viewer) => {
            const added = await own.addApp(
              unit,
              viewer,
              { sealed: body.sealed, code },
              originOf(web, request),
            )
            if (typeof added === 'string') throw new Refused(added)
            return added
          })
        } catch (error) {
          if (!(error instanceof Refused)) throw error
          if (error.reason === 'there_already') return seeDone('there_already')
          return showApp(web, request, { sealed: body.sealed, wrong: true })
        }
      },
      { body: appForm },
    )
    .post(
      '/account/security/app/removal',
      ({ web, request, body }) =>
        change(
          { web, request, body },
          { route: 'POST /account/security/app/removal', page: SECURITY },
          async (unit, viewer) => {
            await own.removeApp(unit, viewer, originOf(web, request))
            return { location: `${SECURITY}?done=app_gone`, json: {} }
          },
        ),
      { body: keyOnly },
    )
    .get('/account/security/passkeys/new', ({ web, request }) =>
      showNewPasskey(web, request, { name: deviceWords(request.headers.get('user-agent')) }),
    )
    .post(
      '/account/security/passkeys',
      async ({ web, request, body }) => {
        const response = inField(attestationShape, body.passkey)
        try {
          const where = {
            route: 'POST /account/security/passkeys',
            page: NEW_PASSKEY,
            done: 'passkey',
          } as const
          return await add({ web, request, body }, where, async (unit, viewer) => {
            if (response === null) throw new Refused('wrong')
            const made = { name: body.name, response }
            const added = await own.addPasskey(unit, viewer, made, originOf(web, request))
            if (typeof added === 'string') throw new Refused(added)
            return added
          })
        } catch (error) {
          if (!(error instanceof Refused)) throw error
          return showNewPasskey(web, request, { name: body.name, error: REFUSED_PASSKEY[error.reason] })
        }
      },
      { body: newPasskeyForm },
    )
    .post(
      '/account/security/passkeys/:id/removal',
      ({ web, request, body, params: { id } }) =>
        change(
          { web, request, body },
          { route: `POST /account/security/passkeys/removal ${id}`, page: SECURITY },
          async (unit, viewer) => {
            // Looked for among the viewer's own: somebody else's is not there.
            if (!(await own.removePasskey(unit, viewer, id, originOf(web, request)))) throw notThere()
            return { location: `${SECURITY}?done=passkey_gone`, json: {} }
          },
        ),
      { body: keyOnly, params: passkeyParams },
    )
    .get('/account/security/backup-codes', async ({ web, request }) => {
      const { identityId, sessionId } = proved(web, CODES)
      const who = { identityId, sessionId, atMs: clock.nowMs() }
      const codes = await backupCodeSheet(web.db, sealers.backupCodes, who)
      return htmlResponse(String(backupCodesPage(toPage(web, request), { codes, key: key() })))
    })
    .post(
      '/account/security/backup-codes',
      ({ web, request, body }) =>
        change(
          { web, request, body },
          { route: 'POST /account/security/backup-codes', page: SECURITY },
          async (unit, viewer) => {
            const made = await own.renewCodes(unit, viewer, originOf(web, request))
            return { location: made ? CODES : SECURITY, json: { made } }
          },
        ),
      { body: keyOnly },
    )
    .post(
      '/account/security/backup-codes/kept',
      ({ web, request, body }) =>
        act(
          deps,
          { web, request, body, route: 'POST /account/security/backup-codes/kept' },
          async (unit, { identityId }) => {
            await putSheetAway(unit.db, identityId)
            return { location: `${SECURITY}?done=codes`, json: {} }
          },
        ),
      { body: keyOnly },
    )
    .post(
      '/api/v1/account/passkey-options',
      async ({ web, body }) => {
        const taken = await limits.take('passkey_address', web.address)
        if (!taken.allowed) throw tooMany(taken.retryAfterS)
        const viewer = body.purpose === 'register' ? proved(web, NEW_PASSKEY) : requireViewer(web)
        const who = { ...viewer, atMs: clock.nowMs() }
        return jsonResponse(
          body.purpose === 'register'
            ? await factors.passkeys.creationOptions(web.db, who)
            : await factors.passkeys.requestOptions(web.db, who),
        )
      },
      { body: ownPasskeyOptionsCall },
    )
}

/** Rolls the unit of work back; the page is shown again with what was wrong. */
class Refused extends Error {
  constructor(readonly reason: 'wrong' | 'there_already' | 'too_many') {
    super(reason)
  }
}

function seeDone(done: SecurityDone): Response {
  return new Response(null, { status: 303, headers: { location: `${SECURITY}?done=${done}` } })
}

function ms(at: Date | null): number | null {
  return at === null ? null : at.getTime()
}
