/** The receipt as page, PDF and letter, and what its rider does on it: a tip, a rating. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type ReceiptProps, receiptPage } from '../../views/rides/receipt.ts'
import { receiptParts } from '../../views/rides/receipt-parts.ts'
import { type Place, pageContext, placeOf } from '../companies/page-context.ts'
import type { RideId } from '../engine/units.ts'
import { notify } from '../notices/notices.ts'
import { rideJson } from '../rides/json.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { findRide, type LoadedRide, ridersThing } from '../rides/rides.ts'
import { rideParams, tipBody, tipForm } from '../rides/shapes.ts'
import { tipRide } from '../rides/tips.ts'
import { act } from '../web/act.ts'
import { htmlResponse, requireViewer, seeOther, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import { rateRide } from './ratings.ts'
import { readReceipt } from './receipt.ts'
import { receiptPdf } from './receipt-pdf.ts'
import type { AftercareDeps, Asked, Asking } from './routes.ts'
import { onlyKey, ratingBody, readRating } from './shapes.ts'

/** The same receipt is not sent twice within this time. */
const LETTER_AGAIN_MS = 10 * 60_000
const DONE = {
  sent: 'On its way to your mailbox.',
  rated: 'Thank you. Your driver reads it a day later, without your name.',
} as const
const receiptQuery = z.object({ done: z.enum(['sent', 'rated']).optional().catch(undefined) })
const page = { params: rideParams }

interface Mistakes {
  readonly tip?: string
  readonly rating?: string
}

export function receiptRoutes(deps: AftercareDeps) {
  const { random } = deps

  /** The viewer's own ride, with the company whose page this is. */
  async function ownRide({ request, web }: Asking, rideId: string, db: WebContext['db'] = web.db) {
    const place = placeOf(deps.companies, request)
    const ride = await findRide(db, place.company.id, rideId as RideId)
    if (ride === undefined || !mayReach(web, ridersThing(ride))) throw notThere()
    return { ride, place }
  }

  async function receiptOf(asking: Asking, of: { ride: LoadedRide; place: Place }) {
    return readReceipt(deps, asking.web.db, of)
  }

  async function markup(
    asking: Asking,
    rideId: string,
    { done, mistakes = {} }: { done?: keyof typeof DONE | undefined; mistakes?: Mistakes } = {},
  ): Promise<string | null> {
    const of = await ownRide(asking, rideId)
    const receipt = await receiptOf(asking, of)
    if (receipt === null) return null
    const viewer = requireViewer(asking.web)
    const { tip, rating } = receipt
    const props: ReceiptProps = {
      ...receipt,
      tip: tip == null ? null : { ...tip, ...(mistakes.tip !== undefined && { error: mistakes.tip }) },
      rating: rating == null ? null : { ...rating, error: mistakes.rating },
      letter: viewer.emailVerified ? { to: viewer.email, key: random.uuid() } : null,
      toasts: done === undefined ? [] : [{ id: done, text: DONE[done] }],
    }
    return String(receiptPage(pageContext(deps, { ...asking, place: of.place }), props))
  }

  /** The receipt again, with what is wrong on it. */
  async function again(
    asking: Asking,
    rideId: string,
    error: unknown,
    of: keyof Mistakes,
  ): Promise<Response> {
    if (!(error instanceof HttpProblem) || ![409, 422].includes(error.status)) throw error
    const shown = await markup(asking, rideId, { mistakes: { [of]: error.detail } })
    return shown === null ? seeOther(`/rides/${rideId}`) : htmlResponse(shown, error.status)
  }

  function tip(asked: Asked, rideId: string, amountMinor: number): Promise<Response> {
    const { company } = placeOf(deps.companies, asked.request)
    return act(deps, { ...asked, route: `POST /rides/${rideId}/tip` }, async (unit, viewer) => {
      if (!deps.flags.isOn(company.id, 'account_payment'))
        throw new HttpProblem(409, `${company.name} takes cash only at the moment. Give it to your driver.`)
      const tipped = await tipRide(unit, random, {
        ...{ companyId: company.id, rideId: rideId as RideId, riderId: viewer.identityId },
        amountMinor,
      })
      if (!tipped.ok) throw refusalProblem(tipped.reason)
      return {
        location: `/rides/${rideId}/receipt`,
        json: { ...rideJson(tipped.value), tipMinor: amountMinor },
      }
    })
  }

  /** Minor units of what a tip's form sends. */
  async function tipOfForm(asking: Asking, rideId: string, form: z.infer<typeof tipForm>): Promise<number> {
    if (form.amount_minor !== undefined && form.amount_minor > 0) return form.amount_minor
    const { ride } = await ownRide(asking, rideId)
    const format = new Intl.NumberFormat('en', { style: 'currency', currency: ride.currency })
    const minor = Math.round((form.amount ?? 0) * 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
    if (minor < 1)
      throw new HttpProblem(422, 'Choose an amount, or write your own.', {
        errors: [{ field: 'amount', message: 'This should be an amount, such as 5 or 4.50.' }],
      })
    return minor
  }

  function rate(
    asked: Asked,
    rideId: string,
    said: { readonly stars: number; readonly words: readonly string[]; readonly text: string },
  ): Promise<Response> {
    const { company } = placeOf(deps.companies, asked.request)
    return act(deps, { ...asked, route: `POST /rides/${rideId}/rating` }, async (unit, viewer) => {
      const rated = await rateRide(unit, {
        ...{ companyId: company.id, rideId: rideId as RideId, ...said },
        by: { side: 'rider', riderId: viewer.identityId },
      })
      if (!rated.ok) throw refusalProblem(rated.reason)
      return { location: `/rides/${rideId}/receipt?done=rated#rating`, json: said }
    })
  }

  /** To the rider's own address and no other. */
  function send(asked: Asked, rideId: string): Promise<Response> {
    return act(deps, { ...asked, route: `POST /rides/${rideId}/receipt/letter` }, async (unit, viewer) => {
      const of = await ownRide(asked, rideId, unit.db)
      if (!viewer.emailVerified)
        throw new HttpProblem(403, 'Confirm your e-mail address first: open the link in our letter.', {
          leadTo: '/account/verification',
        })
      const receipt = await readReceipt(deps, unit.db, of)
      if (receipt === null) throw notThere()
      const zone = { lang: 'en', timeZone: of.place.region.timeZone } as const
      const { rows, sum, tip: given, places, why, ...parts } = receiptParts(zone, receipt)
      const lines = [...rows, sum, ...(given === null ? [] : [given])]
      await notify(unit, random, {
        kind: 'receipt',
        ...{ to: viewer.email, identityId: viewer.identityId, companyId: of.ride.company_id },
        dedupeKey: `receipt:${rideId}:${parts.total}:${Math.floor(unit.atMs / LETTER_AGAIN_MS)}`,
        data: {
          ...{ name: viewer.name, reference: receipt.reference, company: parts.issuer.join(', ') },
          ...{ total: parts.total, forWhom: parts.forWhom, payment: `${parts.payment}, ${parts.standing}` },
          places: places.map(({ label, clock }) => [clock ?? '', label] as const),
          lines: lines.map(({ label, detail, amount }) => [
            detail === null ? label : `${label} (${detail})`,
            amount,
          ]),
          changes: why === null ? [] : [why.title, ...why.rows.map((row) => `${row.label}: ${row.amount}`)],
          link: `/rides/${rideId}/receipt`,
        },
      })
      return { location: `/rides/${rideId}/receipt?done=sent`, json: { sent: true } }
    })
  }

  return new Elysia({ name: 'receipts' })
    .use(deps.shell)
    .get(
      '/rides/:id/receipt',
      async ({ request, web, params, query }) => {
        const shown = await markup({ request, web }, params.id, { done: query.done })
        return shown === null ? seeOther(`/rides/${params.id}`) : htmlResponse(shown)
      },
      { params: rideParams, query: receiptQuery },
    )
    .get(
      '/rides/:id/receipt.pdf',
      async ({ request, web, params }) => {
        const of = await ownRide({ request, web }, params.id)
        const receipt = await receiptOf({ request, web }, of)
        if (receipt === null) throw notThere()
        const ctx = pageContext(deps, { request, web, place: of.place })
        const pdf = await receiptPdf(receiptParts(ctx, receipt), {
          size: of.place.company.locale.endsWith('-US') ? 'LETTER' : 'A4',
          atMs: receipt.paidAtMs ?? receipt.promisedAtMs,
        })
        return new Response(pdf, {
          headers: {
            'content-type': 'application/pdf',
            'content-disposition': `attachment; filename="receipt-${receipt.reference}.pdf"`,
          },
        })
      },
      page,
    )
    .post(
      '/rides/:id/receipt/letter',
      ({ request, web, params, body }) => send({ request, web, body }, params.id),
      { ...page, body: onlyKey },
    )
    .post(
      '/rides/:id/tip',
      async ({ request, web, params, body }) => {
        try {
          const amountMinor = await tipOfForm({ request, web }, params.id, body)
          return await tip({ request, web, body }, params.id, amountMinor)
        } catch (error) {
          return again({ request, web }, params.id, error, 'tip')
        }
      },
      { ...page, body: tipForm },
    )
    .post(
      '/api/v1/rides/:id/tip',
      ({ request, web, params, body }) => tip({ request, web, body }, params.id, body.amountMinor),
      { ...page, body: tipBody },
    )
    .post(
      '/rides/:id/rating',
      async ({ request, web, params, body }) => {
        try {
          return await rate({ request, web, body }, params.id, readRating('rider', body))
        } catch (error) {
          return again({ request, web }, params.id, error, 'rating')
        }
      },
      page,
    )
    .post(
      '/api/v1/rides/:id/rating',
      ({ request, web, params, body }) => rate({ request, web, body }, params.id, body),
      { ...page, body: ratingBody('rider') },
    )
}
