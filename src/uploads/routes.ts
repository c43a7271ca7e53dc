/** Avatars, and every other uploaded picture for those who may see it. All of them come through here, never by link. */
import { Elysia } from 'elysia'
import { settingsPage } from '../../views/accounts/settings.ts'
import { avatarForm as avatarCard } from '../../views/parts/avatar.ts'
import { record } from '../audit/audit.ts'
import type { Bus } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import type { Limits } from '../io/limits.ts'
import type { Random } from '../io/random.ts'
import { act } from '../web/act.ts'
import { htmlResponse, requireViewer, type ToPage, type WebContext } from '../web/context.ts'
import { oneTimeKey } from '../web/idempotency.ts'
import { fieldErrors, HttpProblem, notThere, tooMany } from '../web/problem.ts'
import { mayReach, requireReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import type { Viewer } from '../web/viewer.ts'
import { setAvatar } from './avatars.ts'
import { IMAGE_WORDS } from './images.ts'
import { avatarForm, avatarQuery, emptyForm, nothing, uploadParams } from './shapes.ts'
import { findUpload, type LoadedUpload, type Uploads } from './uploads.ts'

export interface UploadRoutesOptions {
  readonly shell: Shell
  readonly bus: Bus
  readonly clock: Clock
  readonly random: Random
  readonly limits: Limits
  readonly uploads: Uploads
  readonly toPage: ToPage
}

const FILE_POLICY = "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"

/** Where a person's picture is changed; the card itself is on the profile page too. */
const AVATAR_PAGE = '/account/avatar'

export function uploadRoutes(options: UploadRoutesOptions) {
  const { shell, clock, random, limits, uploads, toPage } = options

  async function avatarPage(web: WebContext, request: Request, error?: string): Promise<Response> {
    const viewer = requireViewer(web)
    // Not the viewer's own: that one may be a second old, and the picture was changed just now.
    const person = await web.db
      .selectFrom('identities')
      .select(['name', 'avatar_id'])
      .where('id', '=', viewer.identityId)
      .executeTakeFirstOrThrow()
    const content = avatarCard({
      name: person.name,
      avatarId: person.avatar_id,
      csrf: web.csrf(),
      keys: [random.uuid(), random.uuid()],
      ...(error === undefined ? {} : { error }),
    })
    const page = settingsPage(toPage(web, request), { tab: 'profile', title: 'Your picture', content })
    return htmlResponse(page.toString(), error === undefined ? 200 : 422)
  }

  /** The form again with its mistake, or a problem document for a program. */
  function refused(web: WebContext, request: Request, message: string): Promise<Response> {
    if (web.wantsJson) throw new HttpProblem(422, message, { errors: [{ field: 'picture', message }] })
    return avatarPage(web, request, message)
  }

  async function removeAvatar(web: WebContext, request: Request, body: unknown): Promise<Response> {
    const deed = { request, web, body, route: 'account/avatar/removal' }
    return act(options, deed, async (unit, viewer) => {
      await setAvatar(unit, random, {
        identityId: viewer.identityId,
        uploadId: null,
        address: web.address,
        requestId: web.requestId,
      })
      return { location: AVATAR_PAGE, json: { avatarId: null } }
    })
  }

  return new Elysia({ name: 'uploads' })
    .use(shell)
    .get(AVATAR_PAGE, ({ web, request }) => avatarPage(web, request))
    .post(AVATAR_PAGE, async ({ web, request, body }) => {
      const viewer = requireViewer(web)
      const form = avatarForm.safeParse(body)
      if (!form.success) {
        const errors = fieldErrors(form.error.issues, body)
        const others = errors.filter(({ field }) => field !== 'picture')
        if (others.length > 0) throw new HttpProblem(422, 'This form cannot be read.', { errors: others })
        return refused(web, request, IMAGE_WORDS.empty)
      }
      // Asked for before the work, which would else be done for nothing.
      oneTimeKey(request.headers.get('idempotency-key') ?? form.data.key)
      await takeUpload(limits, viewer)
      const kept = await uploads.keep(
        { identityId: viewer.identityId, companyId: null, kind: 'avatar' },
        form.data.picture.bytes,
      )
      if (!kept.ok) return refused(web, request, IMAGE_WORDS[kept.reason])
      const deed = { request, web, body, route: 'account/avatar' }
      return act(options, deed, async (unit) => {
        const set = await setAvatar(unit, random, {
          identityId: viewer.identityId,
          uploadId: kept.value.id,
          address: web.address,
          requestId: web.requestId,
        })
        if (!set) throw new HttpProblem(409, 'This took too long. Send the picture again.')
        return { location: AVATAR_PAGE, json: { avatarId: kept.value.id } }
      })
    })
    .post('/account/avatar/removal', ({ web, request, body }) => removeAvatar(web, request, body), {
      body: emptyForm,
    })
    .delete('/api/v1/account/avatar', ({ web, request, body }) => removeAvatar(web, request, body), {
      body: nothing,
    })
    .get(
      '/avatars/:id',
      async ({ web, params, query }) => {
        const viewer = requireViewer(web)
        const avatar = await uploads.avatar(params.id, viewer.identityId)
        if (avatar === undefined || !mayReach(web, avatar.belongs)) throw notThere()
        return picture(avatar.upload, `${query.size}.webp`)
      },
      { params: uploadParams, query: avatarQuery },
    )
    .get(
      '/uploads/:id',
      async ({ web, params }) => {
        const viewer = requireViewer(web)
        const upload = await findUpload(web.db, params.id)
        if (upload === undefined || upload.kind === 'avatar') throw notThere()
        requireReach(web, { companyId: upload.company_id, ownerId: upload.identity_id })
        if (viewer.identityId !== upload.identity_id)
          await record(web.db, random, {
            action: 'licence.viewed',
            atMs: clock.nowMs(),
            actorId: viewer.identityId,
            ...(upload.company_id === null ? {} : { companyId: upload.company_id }),
            subject: upload.id,
            detail: { kind: upload.kind, of: upload.identity_id },
            address: web.address,
            requestId: web.requestId,
          })
        return picture(upload)
      },
      { params: uploadParams },
    )

  async function picture(upload: LoadedUpload, name?: string): Promise<Response> {
    const bytes = await uploads.read(upload, name)
    if (bytes === null) throw notThere()
    const ending = upload.content_type === 'image/webp' ? 'webp' : 'jpg'
    return new Response(bytes, {
      headers: {
        'content-type': upload.content_type,
        // Opened by itself it is a page of its own, and one that can do nothing.
        'content-security-policy': FILE_POLICY,
        'content-disposition': `inline; filename="${upload.kind.replace('_', '-')}.${ending}"`,
      },
    })
  }
}

/** @throws HttpProblem 429 when this person sent too many pictures lately */
export async function takeUpload(limits: Limits, viewer: Viewer): Promise<void> {
  const taken = await limits.take('uploads_person', viewer.identityId)
  if (!taken.allowed) throw tooMany(taken.retryAfterS)
}
