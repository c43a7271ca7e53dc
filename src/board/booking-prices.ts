/** Prices for a caller as a program asks for them: the same promises as the desk's form makes. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { requireTakingRides } from '../companies/flags.ts'
import { ATTRIBUTES, attributeBits } from '../engine/attributes.ts'
import type { IdentityId } from '../engine/units.ts'
import { stopMistakes } from '../fares/asked-stops.ts'
import { makeQuotes, type QuotedPlace } from '../fares/quotes.ts'
import { makeSettle, nearly, normal, OUTSIDE, SAME_PLACE } from '../fares/settle.ts'
import { label, latitude, longitude, MOST_STOPS } from '../fares/shapes.ts'
import { legThrough } from '../fares/through.ts'
import { aheadRefusalWords } from '../fares/when.ts'
import { act } from '../web/act.ts'
import type { WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import type { DeskBookingDeps } from './booking-routes.ts'
import { findCaller } from './callers.ts'
import { deskOf } from './desk.ts'

const place = z.strictObject({ lat: latitude, lng: longitude, label: label.optional() })
const priceBody = z.strictObject({
  ...{ from: place, to: place, stops: z.array(place).max(MOST_STOPS).default([]) },
  seats: z.int().min(1).max(4).default(1),
  needs: z.array(z.enum(ATTRIBUTES)).max(ATTRIBUTES.length).default([]),
  /** When the car is to be there, epoch ms; left out for now. */
  pickupAtMs: z.int().min(0).max(253_402_300_799_999).optional(),
  /** In whose name; left out for somebody who rings for the first time. */
  riderId: z.uuid().optional(),
})

export function bookingPriceRoutes(deps: DeskBookingDeps) {
  const { labelAt } = makeSettle(deps)

  async function price(
    { request, web, body }: { request: Request; web: WebContext; body: unknown },
    asked: z.infer<typeof priceBody>,
  ): Promise<Response> {
    const desk = deskOf(deps, web)
    const { company, region } = desk
    requireTakingRides(deps.flags, company)
    const named = async (at: z.infer<typeof place>): Promise<QuotedPlace> => {
      const point = normal(at)
      return { ...point, label: at.label ?? (await labelAt(web, point)) }
    }
    const [from, to, ...stops] = (await Promise.all([asked.from, asked.to, ...asked.stops].map(named))) as [
      QuotedPlace,
      QuotedPlace,
      ...QuotedPlace[],
    ]
    const isOutside = [from, to].some((at) => deps.companies.regionAt(company.id, at)?.id !== region.id)
    const { pickupAtMs } = asked
    const [mistake] = stopMistakes(deps.companies, desk, { from, stops, to })
    const wrong = isOutside
      ? OUTSIDE
      : nearly(from, to)
        ? SAME_PLACE
        : pickupAtMs === undefined
          ? mistake?.message
          : (aheadRefusalWords(pickupAtMs, region, deps.clock.nowMs()) ?? mistake?.message)
    if (wrong !== undefined) throw new HttpProblem(422, wrong)
    // Before the unit of work: a road engine may take its time, and no transaction waits for it.
    const leg = await legThrough(deps.roads, region, [from, ...stops, to], pickupAtMs)
    return act(deps, { request, web, body, route: 'POST /board/bookings' }, async (unit) => {
      const rider = asked.riderId as IdentityId | undefined
      const at = new Date(unit.atMs)
      const caller = rider && (await findCaller(unit.db, company.id, { id: rider, at }))
      if (rider !== undefined && caller === undefined) throw notThere()
      if (caller?.blocked != null) throw new HttpProblem(409, `${caller.name} is blocked here.`)
      const quotes = await makeQuotes(unit, deps, {
        ...{ companyId: company.id, regionId: region.id, riderId: rider ?? null },
        ...{ pickup: from, stops, dropoff: to, seats: asked.seats, attributes: attributeBits(asked.needs) },
        ...{ leg, pickupAtMs, travelModel: region.travel, timeZone: region.timeZone, sharing: null },
      })
      const [first] = quotes
      if (first === undefined) throw new HttpProblem(409, 'No prices are set here yet.')
      return {
        location: `/board/bookings/${first.set_id}`,
        status: 201,
        json: {
          ...{ id: first.set_id, expiresAtMs: first.expires_at.getTime() },
          options: quotes.map((quote) => ({
            ...{ quoteId: quote.id, class: quote.class, fareMinor: quote.fare_minor },
            ...{ currency: quote.currency, pickupEtaS: quote.pickup_eta_s },
          })),
        },
      }
    })
  }

  return new Elysia({ name: 'desk-booking-prices' })
    .use(deps.shell)
    .post('/api/v1/board/bookings', ({ request, web, body }) => price({ request, web, body }, body), {
      body: priceBody,
    })
}
