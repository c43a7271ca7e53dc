/** A rider's rides as a page and as JSON, with filters that stand in the address. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type RideListProps, rideListPage } from '../../views/rides/list.ts'
import { pageContext, placeOf } from '../companies/page-context.ts'
import { attributesIn } from '../engine/attributes.ts'
import { type Day, isDay } from '../engine/day.ts'
import { isEnded } from '../engine/ride.ts'
import { paymentsOfRides } from '../money/money.ts'
import { htmlResponse, jsonResponse, requireViewer, type WebContext } from '../web/context.ts'
import { oneLine } from '../web/text.ts'
import { type HistoryFilter, RIDE_GROUPS, rideHistory } from './history.ts'
import { rideJson } from './json.ts'
import type { LoadedRide } from './rides.ts'
import type { RideRouteDeps } from './routes.ts'

const PAGE_SIZE = 30

/** A form sends a field left empty as an empty text. A day of other calendars than ours, or none at all, filters nothing. */
const day = z
  .string()
  .transform((text) => (isDay(text) && text > '1970' && text < '9990' ? (text as Day) : undefined))
  .optional()
const listQuery = z.object({
  state: z.enum(RIDE_GROUPS).or(z.literal('')).optional(),
  from: day,
  until: day,
  q: z.string().overwrite(oneLine).max(80).optional(),
  /** An instant of four-digit years: a JavaScript date reaches back further than Postgres can follow. */
  before: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .optional(),
})
type ListQuery = z.infer<typeof listQuery>

export function historyRoutes(deps: RideRouteDeps) {
  async function list({ request, web }: { request: Request; web: WebContext }, query: ListQuery) {
    const { company, region } = placeOf(deps.companies, request)
    const filter: HistoryFilter = {
      group: query.state === '' ? undefined : query.state,
      ...{ from: query.from, until: query.until, before: query.before },
      text: query.q === '' ? undefined : query.q,
    }
    const found = await rideHistory(web.db, company.id, {
      ...{ riderId: requireViewer(web).identityId, filter, limit: PAGE_SIZE + 1 },
      timeZone: region.timeZone,
    })
    const shown = found.slice(0, PAGE_SIZE)
    const ids = shown.map(({ id }) => id)
    return { shown, filter, ids, company, more: found.length > PAGE_SIZE }
  }

  return new Elysia({ name: 'history' })
    .use(deps.shell)
    .get(
      '/rides',
      async ({ request, web, query }) => {
        const { shown, filter, ids, company, more } = await list({ request, web }, query)
        const payments = await paymentsOfRides(web.db, company.id, ids)
        const ctx = pageContext(deps, { request, web, place: placeOf(deps.companies, request) })
        const last = shown.at(-1)
        return htmlResponse(
          String(
            rideListPage(ctx, {
              rides: shown.map((ride) => rowProps(ride, payments.get(ride.id)?.amount_minor)),
              filter: {
                ...{ group: filter.group ?? null, from: filter.from ?? '', until: filter.until ?? '' },
                text: filter.text ?? '',
              },
              olderBefore: more && last !== undefined ? last.requested_at.toISOString() : null,
            }),
          ),
        )
      },
      { query: listQuery },
    )
    .get(
      '/api/v1/rides',
      async ({ request, web, query }) => {
        const { shown, more } = await list({ request, web }, query)
        return jsonResponse({ rides: shown.map(rideJson), more })
      },
      { query: listQuery },
    )
}

/** @param paidMinor what was charged; undefined where nothing was, or not yet */
function rowProps(ride: LoadedRide, paidMinor: number | undefined): RideListProps['rides'][number] {
  return {
    ...{ id: ride.id, state: ride.state, currency: ride.currency, hasReceipt: paidMinor !== undefined },
    atMs: (ride.scheduled_for ?? ride.requested_at).getTime(),
    amountMinor: isEnded(ride.state) ? (paidMinor ?? 0) : ride.fare_minor,
    way: {
      from: { label: ride.pickup_label, point: { lat: ride.pickup_lat, lng: ride.pickup_lng } },
      to: { label: ride.dropoff_label, point: { lat: ride.dropoff_lat, lng: ride.dropoff_lng } },
      ...{ seats: ride.seats, needs: attributesIn(ride.attributes) },
    },
  }
}
