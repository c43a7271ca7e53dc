/** A driver's licence: its page, its pictures, its words, and driving turned off and on by the driver. */
import { Elysia } from 'elysia'
import { licencePage, noDriverPage } from '../../views/licences/entry.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { switchDriving } from '../drivers/switch.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { isNight } from '../engine/sun.ts'
import type { LimitName, Limits } from '../io/limits.ts'
import type { Random } from '../io/random.ts'
import { IMAGE_WORDS } from '../uploads/images.ts'
import { takeUpload } from '../uploads/routes.ts'
import type { LoadedUpload, Uploads } from '../uploads/uploads.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, requireViewer, type ToPage, type WebContext } from '../web/context.ts'
import { oneTimeKey } from '../web/idempotency.ts'
import { fieldErrors, HttpProblem, notThere, tooMany } from '../web/problem.ts'
import type { SentFile } from '../web/sent-file.ts'
import type { Shell } from '../web/shell.ts'
import { addPictures, enteringCompany, submitLicence } from './licences.ts'
import type { TextReader } from './ocr.ts'
import { licencePageProps, type Typed } from './page.ts'
import { type ReadFields, readFields } from './read-text.ts'
import { drivingForm, licenceForm, picturesForm, savedQuery } from './shapes.ts'

export interface LicenceRouteDeps extends ActDeps, PageDeps {
  readonly shell: Shell
  readonly random: Random
  readonly limits: Limits
  readonly uploads: Uploads
  readonly textReader: TextReader
  readonly toPage: ToPage
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const PAGE = '/driver/licence'
const SIDES = ['front', 'back'] as const

export function licenceRoutes(deps: LicenceRouteDeps) {
  const { clock, random, limits, uploads, companies } = deps

  /** @throws HttpProblem 404 for who neither drives nor asked to */
  async function placeOfEntry(web: WebContext) {
    const { identityId } = requireViewer(web)
    const companyId = await enteringCompany(web.db, { identityId, near: web.companyId })
    const company = companyId === undefined ? undefined : companies.company(companyId)
    const region = companyId === undefined ? undefined : companies.homeRegion(companyId)
    if (company === undefined || region === undefined) throw notThere()
    return { holder: { companyId: company.id, identityId }, company, region }
  }

  async function entryPage({ request, web }: Omit<Asked, 'body'>, saved?: string): Promise<Response> {
    const { identityId } = requireViewer(web)
    const companyId = await enteringCompany(web.db, { identityId, near: web.companyId })
    if (companyId === undefined) return htmlResponse(noDriverPage(deps.toPage(web, request)).toString())
    return showPage({ request, web }, { saved })
  }

  async function showPage({ request, web }: Omit<Asked, 'body'>, typed: Typed = {}): Promise<Response> {
    const { holder, company, region } = await placeOfEntry(web)
    const nowMs = clock.nowMs()
    const props = await licencePageProps(
      { db: web.db, random },
      { holder, company, timeZone: region.timeZone, nowMs, typed },
    )
    const ctx = pageContext(deps, { request, web, place: { company, region } })
    const page = licencePage(ctx, props, { isNight: isNight(region.center, nowMs) })
    return htmlResponse(page.toString(), typed.errors === undefined ? 200 : 422)
  }

  /** The page again with its mistakes, or a problem document for a program. */
  function refused(asked: Asked, errors: ReadonlyMap<string, string>, values?: Typed['values']) {
    if (!asked.web.wantsJson) return showPage(asked, { errors, ...(values && { values }) })
    throw new HttpProblem(422, 'Some fields need another look.', {
      errors: [...errors].map(([field, message]) => ({ field, message })),
    })
  }

  async function take(name: LimitName, key: string): Promise<void> {
    const taken = await limits.take(name, key)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
  }

  async function sendPictures(asked: Asked): Promise<Response> {
    const { request, web, body } = asked
    const viewer = requireViewer(web)
    const { holder } = await placeOfEntry(web)
    const form = picturesForm.safeParse(body)
    if (!form.success)
      throw new HttpProblem(422, 'This form cannot be read.', {
        errors: fieldErrors(form.error.issues, body),
      })
    oneTimeKey(request.headers.get('idempotency-key') ?? form.data.key)
    const sent = SIDES.filter((side) => form.data[side] !== undefined)
    if (sent.length === 0) return refused(asked, new Map([['front', IMAGE_WORDS.empty]]))
    await takeUpload(limits, viewer)
    const kept = new Map<string, LoadedUpload>()
    const errors = new Map<string, string>()
    for (const side of sent) {
      const file = form.data[side] as SentFile
      const upload = await uploads.keep({ ...holder, kind: `licence_${side}` }, file.bytes)
      if (upload.ok) kept.set(side, upload.value)
      else errors.set(side, IMAGE_WORDS[upload.reason])
    }
    if (errors.size > 0) return refused(asked, errors)
    const front = kept.get('front')
    const read = front === undefined ? undefined : await readPicture(front)
    const back = kept.get('back')
    return act(deps, { ...asked, route: 'POST /driver/licence/pictures' }, async (unit) => {
      const added = await addPictures(unit, random, holder, {
        ...(front && { frontId: front.id }),
        ...(back && { backId: back.id }),
        ...(read && { read }),
      })
      if (!added.ok) throw new HttpProblem(409, 'This took too long. Send the pictures again.')
      return { location: `${PAGE}?saved=pictures#words-title`, json: { read: read ?? null } }
    })
  }

  async function readPicture(front: LoadedUpload): Promise<ReadFields> {
    const bytes = await uploads.read(front)
    return readFields((bytes && (await deps.textReader.read(bytes))) ?? '')
  }

  async function submit(asked: Asked): Promise<Response> {
    const { web, body } = asked
    const { holder, region } = await placeOfEntry(web)
    const form = licenceForm.safeParse(body)
    const typed = typedText(body)
    if (!form.success) {
      const errors = fieldErrors(form.error.issues, body)
      const strange = errors.filter(({ field }) => !(field in typed) && !KNOWN.has(field))
      if (strange.length > 0) throw new HttpProblem(422, 'This form cannot be read.', { errors: strange })
      return refused(asked, new Map(errors.map(({ field, message }) => [field, message])), typed)
    }
    await take('licences_person', holder.identityId)
    const words = form.data
    const { address, requestId } = web
    try {
      return await act(deps, { ...asked, route: 'POST /driver/licence' }, async (unit) => {
        const submitted = await submitLicence(unit, random, {
          holder,
          words: {
            ...{ legalName: words.legal_name, number: words.number, country: words.country },
            ...{ issuingState: words.issuing_state || null, classes: words.classes },
            ...{ issuedOn: words.issued_on, expiresOn: words.expires_on },
          },
          timeZone: region.timeZone,
          from: { address, requestId },
        })
        if (!submitted.ok) throw new NotHandedIn(submitted.reason)
        return { location: `${PAGE}?saved=submitted`, json: { id: submitted.value, state: 'submitted' } }
      })
    } catch (error) {
      if (!(error instanceof NotHandedIn)) throw error
      return refused(asked, new Map([error.mistake]), typed)
    }
  }

  async function switchOwn(asked: Asked, able: boolean): Promise<Response> {
    const { web } = asked
    await take('capability_self', requireViewer(web).identityId)
    return act(deps, { ...asked, route: 'POST /driver/capability' }, async (unit, viewer) => {
      const driver = await requireDriver(unit.db, web)
      const switched = await switchDriving(unit, random, {
        ...{ companyId: driver.company_id, driverId: driver.id, actorId: viewer.identityId },
        ...{ by: 'driver', able, reason: null, from: { address: web.address, requestId: web.requestId } },
      })
      if (!switched.ok)
        throw new HttpProblem(409, 'Your company has turned driving off for you. Ask them about it.')
      return { location: `${PAGE}?saved=${able ? 'resumed' : 'stopped'}`, json: { able } }
    })
  }

  return new Elysia({ name: 'licences' })
    .use(deps.shell)
    .get(PAGE, ({ request, web, query }) => entryPage({ request, web }, query.saved), {
      query: savedQuery,
    })
    .post(`${PAGE}/pictures`, ({ request, web, body }) => sendPictures({ request, web, body }))
    .post(PAGE, ({ request, web, body }) => submit({ request, web, body }))
    .post(
      '/driver/capability',
      ({ request, web, body }) => switchOwn({ request, web, body }, body.able === 'on'),
      { body: drivingForm },
    )
}

/** Rolls back, and brings the form back with the mistake at its field. */
class NotHandedIn extends HttpProblem {
  override name = 'NotHandedIn'
  readonly mistake: readonly [field: string, message: string]

  constructor(reason: 'pictures_missing' | 'ran_out') {
    const mistake = {
      pictures_missing: ['front', 'Send a picture of each side first.'],
      ran_out: ['expires_on', 'This licence has run out already. Hand in the new one.'],
    } as const
    super(422, mistake[reason][1])
    this.mistake = mistake[reason]
  }
}

const KNOWN = new Set([
  ...['legal_name', 'number', 'country', 'issuing_state', 'classes', 'issued_on', 'expires_on'],
])

/** What was typed, to be shown again. */
function typedText(body: unknown): Record<string, string> {
  const fields = Object.entries((body ?? {}) as Record<string, unknown>)
  return Object.fromEntries(
    fields.flatMap(([name, value]) =>
      KNOWN.has(name) && typeof value === 'string' ? [[name, value.slice(0, 200)]] : [],
    ),
  )
}
