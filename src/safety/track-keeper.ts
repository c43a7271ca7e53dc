/**
 * Where the cars of rides were in the last five minutes, in the memory of the process that hears them. When help is
 * asked for, each process writes down what it heard of that car: the way to the pickup is stored nowhere else.
 */
import type { DriverId } from '../engine/units.ts'
import type { Bus } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import type { Db } from '../io/postgres.ts'
import type { Fleet } from '../positions/fleet.ts'
import type { DriverHandles } from '../positions/handles.ts'
import { type DriverHandle, isBelieved, type PingBatch } from '../positions/positions.ts'
import { TRACK_MS } from './safety.ts'

/** Closer together they say nothing more; so a car is at most 60 fixes. */
const APART_MS = 5_000

interface Fix {
  readonly atMs: number
  readonly lat: number
  readonly lng: number
}

export interface SafetyTracks {
  /** Remember what of a judged batch is believed, of a driver with a ride. */
  add(driver: DriverHandle, batch: PingBatch): void
}

export function keepSafetyTracks(deps: {
  readonly db: Db
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Logger
  readonly fleet: Pick<Fleet, 'carAt'>
  readonly handles: DriverHandles
}): SafetyTracks {
  const { handles } = deps
  /** By driver's number. */
  const tracks: (Fix[] | undefined)[] = []

  async function write(alertId: string, driverId: DriverId): Promise<void> {
    const sinceMs = deps.clock.nowMs() - TRACK_MS
    const fixes = (tracks[handles.of(driverId)] ?? []).filter(({ atMs }) => atMs > sinceMs)
    if (fixes.length === 0) return
    await deps.db
      .insertInto('safety_fixes')
      .values(fixes.map(({ atMs, lat, lng }) => ({ alert_id: alertId, at: new Date(atMs), lat, lng })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }

  deps.bus.on('ride.noted', ({ alertId, driverId }) => {
    if (alertId === null || driverId === null) return
    write(alertId, driverId).catch((error: unknown) => deps.log.error({ error, alertId }, 'safety.track'))
  })

  deps.bus.on('shift.changed', ({ state, driverId }) => {
    if (state === 'off') tracks[handles.of(driverId)] = undefined
  })

  return {
    add(driver, batch) {
      const duty = deps.fleet.carAt(driver)?.duty
      if (duty === undefined) return
      if (duty.rideId === null) {
        tracks[driver] = undefined
        return
      }
      const track = tracks[driver] ?? []
      for (let turn = 0; turn < batch.count; turn++) {
        const place = batch.order[turn]!
        const atMs = batch.timeMs(place)
        if (!isBelieved(batch, place) || atMs - (track.at(-1)?.atMs ?? 0) < APART_MS) continue
        track.push({ atMs, lat: batch.lat(place), lng: batch.lng(place) })
      }
      const newestMs = track.at(-1)?.atMs ?? 0
      while (track.length > 0 && track[0]!.atMs <= newestMs - TRACK_MS) track.shift()
      tracks[driver] = track
    },
  }
}
