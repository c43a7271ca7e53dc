/** What the walk over the permission table stands on: what a use of a route is, and rides and shifts brought to where a use needs them. */
import type { DriverId, RideId } from '../../../src/engine/units.ts'
import type { AppWorld, Person } from '../../support/app-world.ts'
import { askRide, type DriverAnswer, goOnline, takeSteps } from '../../support/ride-steps.ts'

export const NOTE = 'by the blue door'

export type UserRole = 'rider' | 'driver' | 'dispatcher' | 'admin' | 'platform'

/**
 * One use of a route: by whom (whose the thing is that it is about), with what, and how it ends for them. Whom else it
 * is open to and who is told that it is not there, the permission table says.
 */
export interface Use {
  readonly path: string
  readonly by?: UserRole
  readonly body?: Record<string, unknown>
  /** Files of a form, which is then sent as multipart. */
  readonly files?: Readonly<Record<string, Blob>>
  readonly status?: number
  /** Ends the session or the account it comes with, so a new person is taken for it. */
  readonly spends?: true
}

/** Prepares what the use needs, for every walk anew. Keyed by method and path as the table writes them. */
export type Uses = Record<string, () => Promise<Use> | Use>

/** Each file beside this one exports its area's uses as `uses`; the walk takes them all. */
export type UsesOf = (walk: Walk) => Uses

export type Walk = Awaited<ReturnType<typeof makeWalk>>

/** The helpers that the files of uses are given. */
export async function makeWalk(world: AppWorld) {
  const { canal } = world
  // The desk and the driver work on the rides of some others, in turn.
  const others: Person[] = []
  for (let n = 0; n < 4; n++) others.push(await world.newRider(`Adaeze${n} Obi`))
  let turn = 0
  const somebody = () => others[turn++ % others.length]!

  async function rideOf(rider: Person = somebody()): Promise<string> {
    // A person may ask for so many a minute, and the walk is quicker than hands.
    await world.limits.forgive('rides_person', rider.identityId)
    return (await askRide(rider, NOTE)).id
  }

  async function assigned(steps: number, rider: Person): Promise<string> {
    const rideId = await rideOf(rider)
    await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${rideId}/assignment`, {
      driverId: canal.driver.driverId,
    })
    await takeSteps(canal.driver, rideId, steps)
    return rideId
  }

  /** The driver has no ride any more. */
  async function freed(): Promise<void> {
    await canal.driver.client.call('DELETE', '/api/v1/driver/break')
    const { ride } = await canal.driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
    if (ride === null) return
    await left(ride.id)
    // Several may share the car.
    await freed()
  }

  async function left(rideId: string): Promise<void> {
    const reason = 'the next part of the walk'
    const released = await canal.dispatcher.client.call('POST', `/api/v1/board/rides/${rideId}/release`, {
      reason,
    })
    if (!released.ok)
      await canal.driver.client.done('POST', `/api/v1/rides/${rideId}/steps`, { step: 'finish' })
  }

  async function online(): Promise<void> {
    await freed()
    // The desk may have taken them off the road a step before.
    await canal.dispatcher.client.call('POST', `/api/v1/board/drivers/${canal.driver.driverId}/return`, {})
    await goOnline(world, canal.driver)
  }

  async function offline(): Promise<void> {
    await freed()
    await canal.driver.client.call('DELETE', '/api/v1/driver/shift')
  }

  /** The driver is offered a ride; its offer's id. */
  async function offered(): Promise<string> {
    await freed()
    const { rides } = await canal.dispatcher.client.done<{ rides: { rideId: string; state: string }[] }>(
      'GET',
      '/api/v1/board/rides',
    )
    for (const ride of rides.filter(({ state }) => state === 'requested'))
      await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${ride.rideId}/cancellation`, {
        reason: 'walk',
      })
    await rideOf()
    await goOnline(world, canal.driver)
    for (const dispatcher of world.dispatchers) await dispatcher.run()
    const { offer } = await canal.driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
    return offer!.id
  }

  /** The driver has a ride, `steps` of it done. */
  async function onRide(steps = 0, rider: Person = somebody()): Promise<string> {
    await online()
    return assigned(steps, rider)
  }

  /** The watchdog speaks of the car of a ride; whose it is. */
  async function watched(): Promise<string> {
    const rideId = await onRide()
    const at = new Date(world.clock.nowMs())
    await world.db
      .insertInto('pickup_alarms')
      .values({
        ...{ company_id: canal.companyId, id: crypto.randomUUID(), ride_id: rideId as RideId },
        region_id: canal.regionId,
        driver_id: canal.driver.driverId as DriverId,
        ...{ kind: 'stalled', since_at: at, raised_at: at, acts_at: at },
        ...{ answered_at: null, left_at: null, ended_at: null, outcome: null },
      })
      .execute()
    return rideId
  }

  /** The price of another way for a ride. */
  async function otherWay(rideId: string, rider: Person): Promise<string> {
    const path = `/api/v1/rides/${rideId}/change-quotes`
    const to = { lat: 40.7484, lng: -73.9857, label: '350 Fifth Ave' }
    return (await rider.client.done<{ quoteId: string }>('POST', path, { to })).quoteId
  }

  /** The driver is asked for another way; the ride and the question. */
  async function asked(): Promise<{ rideId: string; changeId: string }> {
    const rideId = await onRide(1, canal.rider)
    const quoteId = await otherWay(rideId, canal.rider)
    const path = `/api/v1/rides/${rideId}/changes`
    return { rideId, changeId: (await canal.rider.client.done<{ id: string }>('POST', path, { quoteId })).id }
  }

  return {
    otherWay,
    asked,
    watched,
    world,
    canal,
    uptown: world.uptown,
    rideOf,
    freed,
    online,
    offline,
    offered,
    onRide,
  }
}

/** A use that needs nothing prepared. */
export function plain(path: string, more: Partial<Use> = {}): () => Use {
  return () => ({ path, ...more })
}

/** The same through the API: its address, and 200 where a form is answered with 303. */
export function api(use: () => Promise<Use>): () => Promise<Use> {
  return async () => {
    const { path, ...rest } = await use()
    return { ...rest, path: `/api/v1${path}`, status: rest.status === 303 ? 200 : (rest.status ?? 200) }
  }
}
