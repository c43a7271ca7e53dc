/** Which fields each role is shown of a ride, and that they go with the reason for them. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline, pingAt, takeSteps } from '../support/ride-steps.ts'

const NOTE = 'by the blue door'
const PHONE = '+12125550143'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
  await world.db
    .updateTable('identities')
    .set({ phone: PHONE })
    .where('id', 'in', [world.canal.rider.identityId, world.canal.driver.identityId])
    .execute()
}, 60_000)
afterAll(() => world?.stop())

/** `ride.pickup.lat`, with `[]` for each of a list; what is null or empty has no fields below it. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => fieldsOf(item, `${path}[]`)))]
  if (typeof value !== 'object' || value === null) return [path]
  const entries = Object.entries(value)
  return entries.flatMap(([name, inner]) => fieldsOf(inner, path === '' ? name : `${path}.${name}`))
}

const under = (name: string, fields: string) => fields.split(' ').map((field) => `${name}.${field}`)
const PLACE = 'lat lng label'
/** One of the two ways of a question about the way. */
const WAY = 'label stops fareMinor distanceM durationS'

/** A ride's own facts: to its rider, and to its driver while it is theirs. */
const RIDE = [
  ...'id reference state version class seats needs payment note distanceM durationS fareMinor currency'.split(
    ' ',
  ),
  ...'shared arriveByAtMs requestedAtMs assignedAtMs arrivedAtMs boardedAtMs endedAtMs endedBy endReason'.split(
    ' ',
  ),
  ...'scheduledForMs searchFromMs'.split(' '),
  ...under('pickup', PLACE),
  ...under('dropoff', PLACE),
]

/** What each role is shown; whatever else comes is one too many. */
const SHOWN: Record<string, readonly string[]> = {
  'rider, of their ride': [
    ...RIDE,
    ...'driver car startCode etaS asked waitsForEtaS stopsBefore searchRadiusM cancellation'.split(' '),
    // What is done where no car comes, as the page says it.
    ...'checking needsRescue putOffUntilMs endWords wayAsked companyPhone'.split(' '),
    ...under('wayAsked', 'id state expiresAtMs'),
    'stops',
    ...under('stops[]', 'place lat lng label arrivedAtMs leftAtMs'),
    ...under('wayAsked.before', WAY),
    ...under('wayAsked.after', WAY),
    ...under('driver', 'name callSign vehicle plate stars'),
    ...under('car', 'lat lng headingDeg ageMs'),
    ...under('cancellation', 'feeMinor freeUntilMs wasFreeUntilMs laterFeeMinor'),
    ...under('payment', 'kind method amountMinor capturedAtMs'),
  ],
  'rider, of all their rides': ['more', ...under('rides[]', RIDE.join(' '))],
  'driver, of their day': [
    ...'driverId callSign shift pausedUntilMs held break hours offer ride noShowFromMs codeTriesLeft queue hint nudge taken'.split(
      ' ',
    ),
    'wayAsked',
    ...under('wayAsked', 'id state expiresAtMs'),
    ...under('wayAsked.before', `${WAY} earnedMinor`),
    ...under('wayAsked.after', `${WAY} earnedMinor`),
    ...under('shift', 'id vehicleId startedAtMs'),
    ...under('vehicles[]', 'id class seats plate'),
    ...under('today', 'earnedMinor rides onShiftMs'),
    // Before saying yes: where to fetch somebody, and what it pays. Not who, nor what they wrote, nor where they go.
    ...under(
      'offer',
      'id rideId expiresAtMs remainingMs etaS pickupDistanceM fareMinor earnedMinor currency addedS together',
    ),
    ...under('offer.pickup', PLACE),
    // Of a run that riders share: whom to fetch and bring, in order.
    ...under('stops[]', 'rideId kind riderName seats label lat lng etaS'),
    ...under('ride', [...RIDE, 'riderName', 'riderAvatarId', 'stops'].join(' ')),
    ...under('ride.stops[]', 'place lat lng label arrivedAtMs leftAtMs'),
  ],
  'desk, of all rides': [
    'more',
    ...under(
      'rides[]',
      'rideId version driverId state reference riderName from to driver etaAtMs lateS fareMinor',
    ),
    ...under('rides[]', 'currency shared note'),
    ...under('counts', 'live unassigned to_pickup waiting on_board booked ended'),
    ...under('cars', 'trouble unassigned free toPickup waiting onBoard break silent'),
  ],
  'desk, of how a driver was looked for': [
    // Of the rider nothing, and of the drivers what the board's map shows anyway.
    ...'sentence waitedMs'.split(' '),
    ...under('ride', 'id reference state requestedAtMs'),
    ...under('asked', 'declined lapsed withdrawn accepted asking'),
    ...under('why', 'ticks hindrance share radiusM'),
    ...under(
      'looks[]',
      'atMs untilMs ticks kind policy radiusM waiting cars decidedMs gates.chosen callSign',
    ),
    ...under('looks[].drivers[]', 'driverId gate state headingDeg ageS distanceM etaS costS pickupCostS'),
    ...under('looks[].drivers[]', 'at.lat at.lng isSoonFree callSign name otherRide answer.kind answer.atMs'),
    ...under('looks[].drivers[]', 'answer.reason'),
  ],
  'desk, of who could drive': [
    'considered',
    'sharedCars',
    ...under('candidates[]', 'driverId callSign name state etaS reason seenAtMs point.lat point.lng'),
  ],
}

/** The answer, seen to show no more than its role may be shown. */
async function shown(who: Person, path: string, to: keyof typeof SHOWN): Promise<Record<string, unknown>> {
  const answer = await who.client.done<Record<string, unknown>>('GET', path)
  const tooMany = fieldsOf(answer).filter(
    (field) => !SHOWN[to]!.includes(field) && !/^(rides|candidates|sharedCars)$/.test(field),
  )
  expect(tooMany, `too many fields for the ${to}`).toEqual([])
  expect(JSON.stringify(answer)).not.toContain(PHONE)
  return answer
}

describe('each role is shown the fields named for it', () => {
  test('from the request to the end of the ride, and no longer than there is a reason', async () => {
    const { canal } = world
    const ride = await askRide(canal.rider, NOTE)
    const mine = `/api/v1/rides/${ride.id}`
    const follow = () => shown(canal.rider, mine, 'rider, of their ride')
    const drive = () => shown(canal.driver, '/api/v1/driver', 'driver, of their day')
    const page = async (who: Person, path: string) => (await who.client.get(path)).text()
    expect(await follow()).toMatchObject({ driver: null, car: null })

    await goOnline(world, canal.driver)
    const choice = `/api/v1/board/rides/${ride.id}/candidates`
    const { candidates } = await shown(canal.dispatcher, choice, 'desk, of who could drive')
    expect(candidates).toHaveLength(1)
    for (const dispatcher of world.dispatchers) await dispatcher.run()
    const asked = await drive()
    expect(asked).toMatchObject({ offer: { rideId: ride.id }, ride: null })
    expect(JSON.stringify(asked)).not.toMatch(/Ada|blue door|Wall Street/)
    await shown(canal.dispatcher, '/api/v1/board/rides', 'desk, of all rides')
    for (const trace of world.traces) await trace.flush()
    const looked = `/api/v1/board/rides/${ride.id}/trace`
    const traced = await shown(canal.dispatcher, looked, 'desk, of how a driver was looked for')
    expect(traced).toMatchObject({ looks: [{ drivers: [{ gate: 'chosen' }] }] })
    expect(JSON.stringify(traced)).not.toMatch(/Ada|blue door|Wall Street/)

    await assign(canal, ride.id)
    await canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world)] })
    await world.fleet.settle()
    expect(await follow()).toMatchObject({
      driver: { name: 'Bo L.', stars: null },
      car: { lat: expect.any(Number) },
    })
    const driving = await drive()
    expect(driving).toMatchObject({ ride: { id: ride.id, riderName: 'Ada', note: NOTE } })
    expect(JSON.stringify(driving)).not.toContain('Okafor')
    await shown(canal.rider, '/api/v1/rides', 'rider, of all their rides')

    await takeSteps(canal.driver, ride.id, 4)
    // The reason is over: no car, no name, no place, on either side, while the driver drives on.
    await canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world)] })
    await world.fleet.settle()
    expect(await follow()).toMatchObject({ state: 'completed', car: null, etaS: null })
    const after = await drive()
    expect(after).toMatchObject({ ride: null, offer: null })
    expect(JSON.stringify(after)).not.toMatch(/Ada|blue door|Wall Street/)
    expect(await page(canal.driver, `/driver?seen=${ride.id}`)).not.toMatch(/\bAda\b|blue door/)
    expect(await page(canal.driver, '/driver/earnings')).not.toMatch(/\bAda\b|blue door/)
    const late = await canal.driver.client.call('POST', `/api/v1/rides/${ride.id}/steps`, { step: 'arrive' })
    expect([404, 409]).toContain(late.status)
    expect(await late.text()).not.toMatch(/Ada|blue door/)
  })

  test('the open socket of an ended ride tells no position', async () => {
    const { canal } = world
    const ride = await askRide(canal.rider, NOTE)
    await goOnline(world, canal.driver)
    await assign(canal, ride.id)
    await takeSteps(canal.driver, ride.id, 4)
    const live = canal.rider.client.live(`/live/rides/${ride.id}`)
    expect(await live.opened).toBe('open')
    await live.next((message) => message.startsWith('<'))
    await canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world)] })
    await world.fleet.settle()
    const told = live.messages.filter((message) => message.startsWith('{'))
    expect(told.map((message) => JSON.parse(message).type)).toEqual(['stream'])
    live.close()
  })
})
