/** What a driver says of a rider, what riders found of a driver, and the low ones the desk looks at. */
import { Elysia } from 'elysia'
import { lowRatingsPage } from '../../views/board/low-ratings.ts'
import { rateRiderPage } from '../../views/drivers/rate-rider.ts'
import { driverRatingsPage } from '../../views/drivers/ratings.ts'
import { record } from '../audit/audit.ts'
import { pageContext } from '../companies/page-context.ts'
import type { LoadedDriver } from '../drivers/drivers.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { isNight } from '../engine/sun.ts'
import type { RideId } from '../engine/units.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { desksThing, findRide, type LoadedRide, referenceOf } from '../rides/rides.ts'
import { rideParams } from '../rides/shapes.ts'
import { act } from '../web/act.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { actingCompany, mayReach } from '../web/reach.ts'
import { deskOf, placeOfDriver } from './places.ts'
import { lowRatings, markSeen, rateRide, ratingOf, ratingsOfDriver } from './ratings.ts'
import { ratingProps } from './receipt.ts'
import type { AftercareDeps, Asked, Asking } from './routes.ts'
import { ratingBody, readRating, seenForm } from './shapes.ts'

const page = { params: rideParams }

export function ratingRoutes(deps: AftercareDeps) {
  const { clock, random } = deps

  async function drivenRide(
    web: WebContext,
    rideId: string,
    db: WebContext['db'] = web.db,
  ): Promise<{ ride: LoadedRide; driver: LoadedDriver }> {
    const driver = await requireDriver(db, web)
    const ride = await findRide(db, driver.company_id, rideId as RideId)
    if (ride === undefined || ride.driver_id !== driver.id) throw notThere()
    return { ride, driver }
  }

  function driverContext(asking: Asking, driver: LoadedDriver) {
    const place = placeOfDriver(deps, driver)
    return {
      ctx: pageContext(deps, { ...asking, place }),
      isNight: isNight(place.region.center, clock.nowMs()),
    }
  }

  async function rateRider(asking: Asking, rideId: string, error?: string): Promise<string> {
    const { ride, driver } = await drivenRide(asking.web, rideId)
    if (ride.state !== 'completed') throw notThere()
    const { ctx, isNight } = driverContext(asking, driver)
    const nowMs = clock.nowMs()
    const rating = await ratingOf(asking.web.db, ride, 'driver')
    const card = {
      ...{ side: 'driver' as const, name: 'your rider', detail: referenceOf(ride), error },
      ...{ action: `/driver/rides/${ride.id}/rating`, key: random.uuid() },
      ...ratingProps(ride, rating, nowMs),
    }
    return String(
      rateRiderPage(
        ctx,
        {
          card,
          from: ride.pickup_label,
          to: ride.dropoff_label,
          endedAtMs: ride.ended_at?.getTime() ?? nowMs,
        },
        { isNight },
      ),
    )
  }

  function rate(
    asked: Asked,
    rideId: string,
    said: { readonly stars: number; readonly words: readonly string[]; readonly text: string },
  ): Promise<Response> {
    return act(deps, { ...asked, route: `POST /driver/rides/${rideId}/rating` }, async (unit) => {
      const { driver } = await drivenRide(asked.web, rideId, unit.db)
      const rated = await rateRide(unit, {
        ...{ companyId: driver.company_id, rideId: rideId as RideId, ...said },
        by: { side: 'driver', driverId: driver.id },
      })
      if (!rated.ok) throw refusalProblem(rated.reason)
      return { location: '/driver/earnings?done=rated', json: said }
    })
  }

  async function low(asking: Asking): Promise<string> {
    const place = deskOf(deps, asking.web)
    const rows = await lowRatings(asking.web.db, place.company.id, clock.nowMs())
    return String(
      lowRatingsPage(pageContext(deps, { ...asking, place }), {
        ratings: rows.map((row) => ({
          ...{ rideId: row.ride_id, reference: referenceOf(row), side: row.side, stars: row.stars },
          ...{ words: row.words, text: row.text, ratedAtMs: row.rated_at.getTime() },
          ...{ riderName: row.rider_name, driver: `${row.call_sign} ${row.driver_name}` },
          key: random.uuid(),
        })),
      }),
    )
  }

  function see(asked: Asked, rideId: string, side: 'rider' | 'driver'): Promise<Response> {
    return act(deps, { ...asked, route: `POST /board/rides/${rideId}/rating/seen` }, async (unit, viewer) => {
      const ride = await findRide(unit.db, actingCompany(asked.web), rideId as RideId)
      if (ride === undefined || !mayReach(asked.web, desksThing(ride))) throw notThere()
      const isNews = await markSeen(unit, {
        ...{ companyId: ride.company_id, rideId: ride.id, side, seenBy: viewer.identityId },
      })
      if (isNews)
        await record(unit.db, random, {
          ...{ action: 'rating.seen', atMs: unit.atMs, actorId: viewer.identityId },
          ...{ companyId: ride.company_id, subject: ride.id, detail: { side } },
          ...{ address: asked.web.address, requestId: asked.web.requestId },
        })
      return { location: '/board/ratings', json: {} }
    })
  }

  return new Elysia({ name: 'ratings' })
    .use(deps.shell)
    .get('/driver/ratings', async ({ request, web }) => {
      const driver = await requireDriver(web.db, web)
      const { ctx, isNight } = driverContext({ request, web }, driver)
      const ratings = await ratingsOfDriver(web.db, driver.company_id, {
        ...{ driverId: driver.id, nowMs: clock.nowMs() },
      })
      return htmlResponse(String(driverRatingsPage(ctx, ratings, { isNight })))
    })
    .get('/api/v1/driver/ratings', async ({ web }) => {
      const driver = await requireDriver(web.db, web)
      const { count, average, byStars, words } = await ratingsOfDriver(web.db, driver.company_id, {
        ...{ driverId: driver.id, nowMs: clock.nowMs() },
      })
      return jsonResponse({ count, average, byStars, words })
    })
    .get(
      '/driver/rides/:id/rating',
      async ({ request, web, params }) => htmlResponse(await rateRider({ request, web }, params.id)),
      page,
    )
    .post(
      '/driver/rides/:id/rating',
      async ({ request, web, params, body }) => {
        try {
          return await rate({ request, web, body }, params.id, readRating('driver', body))
        } catch (error) {
          if (!(error instanceof HttpProblem) || ![409, 422].includes(error.status)) throw error
          return htmlResponse(await rateRider({ request, web }, params.id, error.detail), error.status)
        }
      },
      page,
    )
    .post(
      '/api/v1/driver/rides/:id/rating',
      ({ request, web, params, body }) => rate({ request, web, body }, params.id, body),
      { ...page, body: ratingBody('driver') },
    )
    .get('/board/ratings', async ({ request, web }) => htmlResponse(await low({ request, web })))
    .post(
      '/board/rides/:id/rating/seen',
      ({ request, web, params, body }) => see({ request, web, body }, params.id, body.side),
      { ...page, body: seenForm },
    )
}
