/** What drivers do: on and off shift, yes or no to an offer, one step of the ride after the other, or back with it. */
import { Elysia } from 'elysia'
import type { Companies } from '../companies/companies.ts'
import { endShift, type LoadedDriver, startShift, vehiclesOfDriver } from '../drivers/drivers.ts'
import { otherPhoneSince, takePhone } from '../drivers/phones.ts'
import { requireDriver } from '../drivers/viewer.ts'
import type { Wish } from '../engine/final-fare.ts'
import type { OfferId, RideId, VehicleId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { rideJson } from '../rides/json.ts'
import { orTellDriver, RefusalProblem, refusalProblem } from '../rides/refusals.ts'
import { type DriverStep, releaseRide, takeDriverStep } from '../rides/rides.ts'
import { reasonBody, reasonForm, rideParams, stepBody, stepForm } from '../rides/shapes.ts'
import { type ActDeps, act } from '../web/act.ts'
import type { WebContext } from '../web/context.ts'
import { HttpProblem } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import { answerAlarm } from './alarms.ts'
import { acceptOffer, declineOffer, findOffer } from './offers.ts'
import { offerParams, onlyKey, shiftBody, shiftForm } from './shapes.ts'
import { wrongCode } from './start-code.ts'

export interface DispatchRouteDeps extends ActDeps {
  readonly shell: Shell
  readonly random: Random
  readonly companies: Companies
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const HOME = '/driver'

export function dispatchRoutes(deps: DispatchRouteDeps) {
  const { random } = deps

  function tell(asked: Asked, route: string, work: Parameters<typeof act>[2]): Promise<Response> {
    return orTellDriver(asked.web, act(deps, { ...asked, route }, work))
  }

  function goOnline(asked: Asked, wanted: string | undefined) {
    return tell(asked, 'POST /driver/shift', async (unit, viewer) => {
      const driver = await requireDriver(unit.db, asked.web)
      const region = deps.companies.homeRegion(driver.company_id)
      const vehicleId = wanted ?? (await vehiclesOfDriver(unit.db, driver.company_id, driver.id))[0]?.id
      if (region === undefined || vehicleId === undefined)
        throw new HttpProblem(409, 'No car is on your list yet. Ask your company to add one.')
      const started = await startShift(unit, random, {
        companyId: driver.company_id,
        regionId: region.id,
        driverId: driver.id,
        vehicleId: vehicleId as VehicleId,
        ...(!asked.web.wantsJson && { phoneSessionId: viewer.sessionId }),
      })
      if (!started.ok) throw refusalProblem(started.reason)
      const { id, vehicle_id, started_at } = started.value
      return {
        location: HOME,
        json: { id, vehicleId: vehicle_id, startedAtMs: started_at.getTime() },
        status: 201,
      }
    })
  }

  function useThisPhone(asked: Asked) {
    return tell(asked, 'POST /driver/phone', async (unit, viewer) => {
      const driver = await requireDriver(unit.db, asked.web)
      const taken = await takePhone(unit, {
        ...{ companyId: driver.company_id, driverId: driver.id, sessionId: viewer.sessionId },
      })
      if (!taken.ok) throw refusalProblem(taken.reason)
      return { location: HOME, json: { sinceMs: unit.atMs } }
    })
  }

  function goOffline(asked: Asked) {
    return tell(asked, 'DELETE /driver/shift', async (unit, viewer) => {
      const driver = await requireDriver(unit.db, asked.web)
      const ended = await endShift(unit, {
        companyId: driver.company_id,
        driverId: driver.id,
        reason: 'ended by driver',
      })
      if (!ended.ok) throw refusalProblem(ended.reason)
      return { location: HOME, json: { ended: ended.value } }
    })
  }

  /** A tap on an offer that is over reads by how much. */
  async function lateOr(unit: Work, driver: LoadedDriver, offerId: string, reason: string) {
    if (reason !== 'too_late' && reason !== 'already_ended') return refusalProblem(reason)
    const offer = await findOffer(unit.db, driver.company_id, offerId as OfferId)
    const endedAt = reason === 'too_late' ? offer?.expires_at : offer?.ended_at
    if (endedAt == null) return refusalProblem(reason)
    return new RefusalProblem(reason, Math.max(0, (unit.atMs - endedAt.getTime()) / 1000))
  }

  function accept(asked: Asked, offerId: string) {
    return tell(asked, `POST /offers/${offerId}/acceptance`, async (unit, viewer) => {
      const driver = await requireDriver(unit.db, asked.web)
      const accepted = await acceptOffer(unit, random, {
        companyId: driver.company_id,
        offerId: offerId as OfferId,
        driverId: driver.id,
        actor: { kind: 'driver', id: viewer.identityId },
      })
      if (!accepted.ok) throw await lateOr(unit, driver, offerId, accepted.reason)
      return { location: HOME, json: rideJson(accepted.value) }
    })
  }

  function decline(asked: Asked, offerId: string) {
    return tell(asked, `POST /offers/${offerId}/decline`, async (unit, viewer) => {
      const driver = await requireDriver(unit.db, asked.web)
      const declined = await declineOffer(unit, {
        companyId: driver.company_id,
        offerId: offerId as OfferId,
        driverId: driver.id,
      })
      if (!declined.ok) throw await lateOr(unit, driver, offerId, declined.reason)
      return { location: HOME, json: { id: declined.value.id, state: declined.value.state } }
    })
  }

  function step(
    asked: Asked,
    rideId: string,
    {
      code,
      ...taken
    }: {
      readonly step: DriverStep
      readonly wish?: Wish | undefined
      readonly stop?: number | undefined
      readonly code?: string | undefined
      readonly saidAtMs?: number | undefined
    },
  ) {
    return tell(asked, `POST /rides/${rideId}/steps`, async (unit, viewer) => {
      const driver = await requireDriver(unit.db, asked.web)
      // The other one looks on: a ride that two phones drive at once would go on twice.
      const since = await otherPhoneSince(unit.db, {
        ...{ companyId: driver.company_id, driverId: driver.id },
        ...{ sessionId: viewer.sessionId, nowMs: unit.atMs },
      })
      if (since !== null) throw refusalProblem('other_phone')
      const wrong = await wrongCode(unit, {
        ...{ companyId: driver.company_id, rideId: rideId as RideId, driverId: driver.id },
        code: taken.step === 'board' ? code : undefined,
      })
      if (wrong !== null) return wrong
      const of = {
        companyId: driver.company_id,
        rideId: rideId as RideId,
        driverId: driver.id,
        actor: { kind: 'driver', id: viewer.identityId } as const,
      }
      // Who was around the corner never pressed "Set off"; on the way already, it is refused and nothing is lost.
      if (taken.step === 'arrive')
        await takeDriverStep(unit, random, { ...of, step: 'set_off', saidAtMs: taken.saidAtMs })
      const stepped = await takeDriverStep(unit, random, { ...of, ...taken })
      if (!stepped.ok) throw refusalProblem(stepped.reason)
      return { location: HOME, json: rideJson(stepped.value) }
    })
  }

  function handBack(asked: Asked, rideId: string, reason: string) {
    return tell(asked, `POST /rides/${rideId}/hand-back`, async (unit, viewer) => {
      const driver = await requireDriver(unit.db, asked.web)
      const released = await releaseRide(unit, random, {
        companyId: driver.company_id,
        rideId: rideId as RideId,
        driverId: driver.id,
        actor: { kind: 'driver', id: viewer.identityId },
        reason,
      })
      if (!released.ok) throw refusalProblem(released.reason)
      return { location: HOME, json: rideJson(released.value) }
    })
  }

  function onMyWay(asked: Asked, rideId: string) {
    return tell(asked, `POST /rides/${rideId}/on-my-way`, async (unit) => {
      const driver = await requireDriver(unit.db, asked.web)
      const answered = await answerAlarm(unit, {
        companyId: driver.company_id,
        rideId: rideId as RideId,
        driverId: driver.id,
      })
      if (!answered.ok) throw refusalProblem(answered.reason)
      return { location: HOME, json: { actsAtMs: answered.value.acts_at.getTime() } }
    })
  }

  return new Elysia({ name: 'dispatch' })
    .use(deps.shell)
    .post('/driver/shift', ({ request, web, body }) => goOnline({ request, web, body }, body.vehicle_id), {
      body: shiftForm,
    })
    .post(
      '/api/v1/driver/shift',
      ({ request, web, body }) => goOnline({ request, web, body }, body.vehicleId),
      {
        body: shiftBody,
      },
    )
    .post('/driver/phone', ({ request, web, body }) => useThisPhone({ request, web, body }), {
      body: onlyKey,
    })
    .post('/driver/shift/end', ({ request, web, body }) => goOffline({ request, web, body }), {
      body: onlyKey,
    })
    .delete('/api/v1/driver/shift', ({ request, web, body }) => goOffline({ request, web, body }), {
      body: onlyKey,
    })
    .post(
      '/offers/:id/acceptance',
      ({ request, web, params, body }) => accept({ request, web, body }, params.id),
      { params: offerParams, body: onlyKey },
    )
    .post(
      '/api/v1/offers/:id/acceptance',
      ({ request, web, params, body }) => accept({ request, web, body }, params.id),
      { params: offerParams, body: onlyKey },
    )
    .post(
      '/offers/:id/decline',
      ({ request, web, params, body }) => decline({ request, web, body }, params.id),
      {
        params: offerParams,
        body: onlyKey,
      },
    )
    .post(
      '/api/v1/offers/:id/decline',
      ({ request, web, params, body }) => decline({ request, web, body }, params.id),
      { params: offerParams, body: onlyKey },
    )
    .post(
      '/rides/:id/steps',
      ({ request, web, params, body }) =>
        step({ request, web, body }, params.id, {
          ...{ step: body.step, wish: body.wish, stop: body.stop, saidAtMs: body.said_at, code: body.code },
        }),
      { params: rideParams, body: stepForm },
    )
    .post(
      '/api/v1/rides/:id/steps',
      ({ request, web, params, body }) =>
        step({ request, web, body }, params.id, {
          ...{ step: body.step, wish: body.wish, stop: body.stop, saidAtMs: body.saidAtMs, code: body.code },
        }),
      { params: rideParams, body: stepBody },
    )
    .post(
      '/rides/:id/on-my-way',
      ({ request, web, params, body }) => onMyWay({ request, web, body }, params.id),
      { params: rideParams, body: onlyKey },
    )
    .post(
      '/api/v1/rides/:id/on-my-way',
      ({ request, web, params, body }) => onMyWay({ request, web, body }, params.id),
      { params: rideParams, body: onlyKey },
    )
    .post(
      '/rides/:id/hand-back',
      ({ request, web, params, body }) => handBack({ request, web, body }, params.id, body.reason),
      { params: rideParams, body: reasonForm },
    )
    .post(
      '/api/v1/rides/:id/hand-back',
      ({ request, web, params, body }) => handBack({ request, web, body }, params.id, body.reason),
      { params: rideParams, body: reasonBody },
    )
}
