/** What the desk does for rides in trouble: leaves one with its car, has one looked for wider, or puts one off. */
import { z } from 'zod'
import type { AuditAction } from '../audit/actions.ts'
import type { Region } from '../companies/companies.ts'
import { leaveWithCar } from '../dispatch/alarms.ts'
import { lookWider, putOff } from '../dispatch/rescue.ts'
import { PUT_OFF_MINUTES, type PutOffMinutes } from '../engine/rescue.ts'
import { ok, type Result } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { rideJson } from '../rides/json.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { startWithoutCode } from '../rides/start-code.ts'

export interface Help {
  /** The last part of its address. */
  readonly tail: 'patience' | 'wider-search' | 'postponement' | 'start'
  readonly action: AuditAction
  work(
    unit: Work,
    about: { region: Region; ride: LoadedRide },
  ): Promise<Result<{ json: unknown; detail: Record<string, unknown> }, string>>
}

const key = z.string().max(128).optional()
/** A form's choice, of those there are. */
const minutes = z.coerce
  .number()
  .refine((value) => (PUT_OFF_MINUTES as readonly number[]).includes(value), {
    error: `Choose ${PUT_OFF_MINUTES.join(', ')} minutes.`,
  })
  .transform((value) => value as PutOffMinutes)
export const postponementForm = z.strictObject({ minutes, key })
export const postponementBody = z.strictObject({ minutes: z.literal(PUT_OFF_MINUTES) })

/** The watchdog takes the ride from nobody for a while. */
export const patience: Help = {
  tail: 'patience',
  action: 'ride.left_with_car',
  async work(unit, { ride }) {
    const left = await leaveWithCar(unit, { companyId: ride.company_id, rideId: ride.id })
    if (!left.ok) return left
    const actsAtMs = left.value.acts_at.getTime()
    return ok({
      json: { rideId: ride.id, actsAtMs },
      detail: { driverId: ride.driver_id, kind: left.value.kind, actsAtMs },
    })
  },
}

export const widerSearch: Help = {
  tail: 'wider-search',
  action: 'ride.looked_wider',
  async work(unit, { region, ride }) {
    const { unfulfilledAfterS } = region
    const wider = await lookWider(unit, { companyId: ride.company_id, rideId: ride.id, unfulfilledAfterS })
    return wider.ok ? ok({ json: rideJson(wider.value), detail: { misses: ride.misses } }) : wider
  },
}

export function postponement(wanted: PutOffMinutes): Help {
  return {
    tail: 'postponement',
    action: 'ride.put_off',
    async work(unit, { region, ride }) {
      const { unfulfilledAfterS } = region
      const off = await putOff(unit, {
        ...{ companyId: ride.company_id, rideId: ride.id, unfulfilledAfterS },
        minutes: wanted,
      })
      return off.ok ? ok({ json: rideJson(off.value), detail: { minutes: wanted } }) : off
    },
  }
}

/** The rider cannot say the code, or too many were wrong: the desk made sure of the rider in another way. */
export function startWithout(reason: string): Help {
  return {
    tail: 'start',
    action: 'ride.started_without_code',
    async work(unit, { ride }) {
      const opened = await startWithoutCode(unit, { companyId: ride.company_id, rideId: ride.id, reason })
      return opened.ok ? ok({ json: rideJson(opened.value), detail: { reason } }) : opened
    },
  }
}
