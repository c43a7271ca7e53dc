/** Telling of a lost thing or a problem, and each step after; every one goes on by letter to who waits for it. */
import { record } from '../audit/audit.ts'
import { findDriver } from '../drivers/drivers.ts'
import { needsWords } from '../engine/ride-case.ts'
import type { IdentityId } from '../engine/units.ts'
import { refusalProblem } from '../rides/refusals.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { act } from '../web/act.ts'
import { HttpProblem, tooMany } from '../web/problem.ts'
import { type Addressee, addresseeOf, tellDriverOfLoss, tellRider } from './case-letters.ts'
import { type CaseDeps, type CaseParams, type CaseSides, casePath, type SideOf } from './case-sides.ts'
import { openCase, stepCase } from './cases.ts'
import type { Asked } from './routes.ts'
import { readCase, readCaseStep } from './shapes.ts'

export type CaseActs = ReturnType<typeof caseActs>

export function caseActs(deps: CaseDeps, sides: CaseSides) {
  const { random } = deps

  async function open(asked: Asked, params: CaseParams): Promise<Response> {
    const { ride } = await sides.of.rider(asked, params, asked.web.db)
    const told = readCase(params.kind, asked.body)
    const driver = await driverOf(ride)
    return act(
      deps,
      { ...asked, route: `POST ${casePath('rider', ride, params.kind)}` },
      async (unit, viewer) => {
        const taken = await deps.limits.take('messages_person', viewer.identityId)
        if (!taken.allowed) throw tooMany(taken.retryAfterS)
        const opened = await openCase(unit, random, {
          ...{ companyId: ride.company_id, rideId: ride.id, riderId: viewer.identityId },
          ...{ kind: params.kind, ...told },
        })
        if (!opened.ok) throw refusalProblem(opened.reason)
        if (params.kind === 'lost_item' && driver !== null)
          await tellDriverOfLoss(unit, random, { to: driver, ride, told: opened.value, text: told.text })
        return {
          location: casePath('rider', ride, params.kind),
          status: 201,
          json: { state: opened.value.state },
        }
      },
    )
  }

  async function step(asked: Asked, params: CaseParams, sideOf: SideOf): Promise<Response> {
    const { side, ride } = await sideOf(asked, params, asked.web.db)
    const { kind } = params
    const taken = readCaseStep(asked.body)
    if (taken.text === '' && needsWords(taken.step, side))
      throw new HttpProblem(422, 'Write a few words first.')
    const rider = side === 'rider' ? null : await addresseeOf(deps.system, ride.rider_id)
    const driver = side === 'driver' || kind === 'problem' ? null : await driverOf(ride)
    const here = casePath(side, ride, kind)
    return act(deps, { ...asked, route: `POST ${here}/steps` }, async (unit, viewer) => {
      const limit = await deps.limits.take('messages_person', viewer.identityId)
      if (!limit.allowed) throw tooMany(limit.retryAfterS)
      const stepped = await stepCase(unit, ride, {
        ...{ kind, side, senderId: viewer.identityId, ...taken },
      })
      if (!stepped.ok) throw refusalProblem(stepped.reason)
      const news = { ride, told: stepped.value, ...taken }
      if (rider !== null) await tellRider(unit, random, { to: rider, side, ...news })
      if (driver !== null && (taken.step === 'write' || taken.step === 'reopen'))
        await tellDriverOfLoss(unit, random, { to: driver, ...news })
      if (side === 'desk')
        await record(unit.db, random, {
          ...{ action: 'case.handled', atMs: unit.atMs, actorId: viewer.identityId },
          ...{ companyId: ride.company_id, subject: ride.id, detail: { kind, step: taken.step } },
          ...{ address: asked.web.address, requestId: asked.web.requestId },
        })
      return { location: here, json: { state: stepped.value.state } }
    })
  }

  /** Who drove, with the address the letter goes to; asked before a unit begins, as one connection is enough for it. */
  async function driverOf(ride: LoadedRide): Promise<Addressee | null> {
    if (ride.driver_id === null) return null
    const driver = await findDriver(deps.system, ride.company_id, ride.driver_id)
    return driver?.identity_id == null ? null : addresseeOf(deps.system, driver.identity_id as IdentityId)
  }

  return { open, step }
}
