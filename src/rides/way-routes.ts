/** Another way for a ride that has its price: asking for it, taking that back, and the driver's answer. */
import { Elysia } from 'elysia'
import { wayOfferPage } from '../../views/rides/way-pages.ts'
import { pageContext, placeOf } from '../companies/page-context.ts'
import { requireDriver } from '../drivers/viewer.ts'
import type { QuoteId, RideId } from '../engine/units.ts'
import { fareLineProps } from '../fares/lines.ts'
import { findQuote, type LoadedQuote } from '../fares/quotes.ts'
import { nearly } from '../fares/settle.ts'
import { STOP_FIELDS } from '../fares/shapes.ts'
import { tariffById } from '../fares/tariffs.ts'
import { act } from '../web/act.ts'
import { requireWelcome } from '../web/bans.ts'
import { htmlResponse, seeOther, type WebContext } from '../web/context.ts'
import { rideJson } from './json.ts'
import { orTellDriver, RefusalProblem, refusalProblem, wordsFor } from './refusals.ts'
import { rideParams } from './shapes.ts'
import { isReached } from './stops.ts'
import { answerChange, askChange, withdrawChange } from './way-changes.ts'
import { wayQuoteRoutes } from './way-quote-routes.ts'
import {
  answerBody,
  answerForm,
  answerParams,
  askChangeBody,
  askChangeForm,
  changeParams,
  onlyKeyForm,
} from './way-shapes.ts'
import {
  type Asked,
  aheadOf,
  changeable,
  dropoffOf,
  pickupOf,
  type Under,
  type WayRouteDeps,
} from './way-under.ts'

export function wayRoutes(deps: WayRouteDeps) {
  const { random } = deps
  const secrets = deps.config.sessionSecrets

  async function offerMarkup(
    asked: Pick<Asked, 'request' | 'web'>,
    under: Under,
    quoteId: string,
    error?: string,
  ): Promise<string> {
    const { ride, place } = under
    const quote = await findQuote(asked.web.db, ride.company_id, quoteId as QuoteId)
    if (quote === undefined || quote.replaces !== ride.quote_id) throw refusalProblem('changed_meanwhile')
    const { taxLabel } = await tariffById(asked.web.db, ride.company_id, ride.tariff_id)
    const reached = under.stops.filter(isReached).length
    const ahead = quote.stops.slice(reached)
    const places = [pickupOf(ride), ...quote.stops, dropoffOf(quote)]
    return String(
      wayOfferPage(pageContext(deps, { ...asked, place }), {
        rideId: ride.id,
        quoteId: quote.id,
        to: { label: quote.dropoff_label, point: dropoffOf(quote) },
        pickup: pickupOf(ride),
        stops: quote.stops.map(({ label, lat, lng }) => ({ label, point: { lat, lng } })),
        way: await deps.roads.way(places),
        addedStops: ahead
          .filter((stop) => !aheadOf(under.stops).some((old) => nearly(old, stop)))
          .map(({ label }) => label),
        isElsewhere: !nearly(dropoffOf(quote), dropoffOf(ride)),
        addsM: quote.distance_m - ride.distance_m,
        addsS: quote.duration_s - ride.duration_s,
        fareNowMinor: ride.fare_minor,
        fareMinor: quote.fare_minor,
        currency: quote.currency,
        lines: fareLineProps(quote.lines, { currency: quote.currency, taxLabel }),
        oldLabel: ride.dropoff_label,
        isDriven: ride.driver_id !== null,
        heldUntilMs: quote.expires_at.getTime(),
        nowMs: deps.clock.nowMs(),
        again: againQuery(quote, ahead),
        key: random.uuid(),
        ...(error !== undefined && { error }),
      }),
    )
  }

  function ask(asked: Asked, rideId: string, quoteId: string): Promise<Response> {
    const { company } = placeOf(deps.companies, asked.request)
    return act(deps, { ...asked, route: `POST /rides/${rideId}/changes` }, async (unit, viewer) => {
      requireWelcome(viewer, company.id)
      const answer = await askChange(
        unit,
        { random, secrets },
        {
          ...{ companyId: company.id, rideId: rideId as RideId, riderId: viewer.identityId },
          quoteId: quoteId as QuoteId,
        },
      )
      if (!answer.ok) throw refusalProblem(answer.reason)
      const { change, ride } = answer.value
      return {
        location: `/rides/${rideId}`,
        status: 201,
        json: {
          ...{ id: change.id, state: change.state, expiresAtMs: change.expires_at.getTime() },
          ride: rideJson(ride),
        },
      }
    })
  }

  function withdraw(asked: Asked, rideId: string): Promise<Response> {
    const { company } = placeOf(deps.companies, asked.request)
    const route = `POST /rides/${rideId}/changes/withdrawal`
    return act(deps, { ...asked, route }, async (unit, viewer) => {
      const withdrawn = await withdrawChange(unit, random, {
        ...{ companyId: company.id, rideId: rideId as RideId, riderId: viewer.identityId },
      })
      if (!withdrawn.ok) throw refusalProblem(withdrawn.reason)
      return { location: `/rides/${rideId}`, json: rideJson(withdrawn.value) }
    })
  }

  function answer(asked: Asked, { id, change }: { id: string; change: string }, agrees: boolean) {
    const route = `POST /rides/${id}/changes/${change}/answer`
    const work: Parameters<typeof act>[2] = async (unit, viewer) => {
      const driver = await requireDriver(unit.db, asked.web)
      const answered = await answerChange(unit, random, {
        ...{ companyId: driver.company_id, rideId: id as RideId, driverId: driver.id, changeId: change },
        ...{ agrees, actor: { kind: 'driver', id: viewer.identityId } },
      })
      if (!answered.ok) throw refusalProblem(answered.reason)
      return { location: '/driver', json: rideJson(answered.value) }
    }
    return orTellDriver(asked.web, act(deps, { ...asked, route }, work))
  }

  /** A refusal is told on the ride's own page where there is nothing left to decide here. */
  async function orBackToRide(web: WebContext, rideId: string, answer: Promise<Response>): Promise<Response> {
    try {
      return await answer
    } catch (error) {
      if (web.wantsJson || !(error instanceof RefusalProblem)) throw error
      return seeOther(`/rides/${rideId}`)
    }
  }

  return new Elysia({ name: 'ways' })
    .use(deps.shell)
    .use(wayQuoteRoutes(deps))
    .get(
      '/rides/:id/changes/:quote',
      async ({ request, web, params }) =>
        orBackToRide(
          web,
          params.id,
          (async () => {
            const under = await changeable(deps, { request, web }, params.id)
            return htmlResponse(await offerMarkup({ request, web }, under, params.quote))
          })(),
        ),
      { params: changeParams },
    )
    .post(
      '/rides/:id/changes',
      async ({ request, web, params, body }) => {
        try {
          return await ask({ request, web, body }, params.id, body.quote_id)
        } catch (error) {
          if (!(error instanceof RefusalProblem)) throw error
          return orBackToRide(
            web,
            params.id,
            (async () => {
              const under = await changeable(deps, { request, web }, params.id)
              const words = wordsFor(error.reason)
              return htmlResponse(await offerMarkup({ request, web }, under, body.quote_id, words), 409)
            })(),
          )
        }
      },
      { params: rideParams, body: askChangeForm },
    )
    .post(
      '/api/v1/rides/:id/changes',
      ({ request, web, params, body }) => ask({ request, web, body }, params.id, body.quoteId),
      { params: rideParams, body: askChangeBody },
    )
    .post(
      '/rides/:id/changes/withdrawal',
      ({ request, web, params, body }) =>
        orBackToRide(web, params.id, withdraw({ request, web, body }, params.id)),
      { params: rideParams, body: onlyKeyForm },
    )
    .post(
      '/api/v1/rides/:id/changes/withdrawal',
      ({ request, web, params, body }) => withdraw({ request, web, body }, params.id),
      { params: rideParams, body: onlyKeyForm },
    )
    .post(
      '/rides/:id/changes/:change/answer',
      ({ request, web, params, body }) => answer({ request, web, body }, params, body.answer === 'agree'),
      { params: answerParams, body: answerForm },
    )
    .post(
      '/api/v1/rides/:id/changes/:change/answer',
      ({ request, web, params, body }) => answer({ request, web, body }, params, body.agrees),
      { params: answerParams, body: answerBody },
    )
}

/** The form as it was for this price, to be asked anew. */
function againQuery(
  quote: LoadedQuote,
  ahead: readonly { lat: number; lng: number; label: string }[],
): string {
  const query = new URLSearchParams()
  const fields = [
    ['to', { ...dropoffOf(quote), label: quote.dropoff_label }] as const,
    ...ahead.map((stop, n) => [STOP_FIELDS[n]!, stop] as const),
  ]
  for (const [name, { label, lat, lng }] of fields) {
    query.set(name, label)
    query.set(`${name}_lat`, String(lat))
    query.set(`${name}_lng`, String(lng))
  }
  return query.toString()
}
