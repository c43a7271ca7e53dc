/** When pages are drawn anew: never lost, never for nothing. */
import { expect, test } from 'bun:test'
import type { CompanyId, DriverId, OfferId, RegionId, RideId } from '../../src/engine/units.ts'
import { makeHandlers } from '../../src/io/bus/local.ts'
import type { OfferChanged } from '../../src/io/bus.ts'
import { manualClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { type Line, Stream } from '../../src/io/stream.ts'
import type { Car } from '../../src/positions/fleet.ts'
import type { DriverHandle } from '../../src/positions/positions.ts'
import { makeTracking } from '../../src/tracking/push.ts'

const BO = 'bo' as DriverId
const RIDE = 'ride' as RideId
const NEWS: OfferChanged = {
  type: 'offer.changed',
  companyId: 'canal' as CompanyId,
  regionId: 'manhattan' as RegionId,
  offerId: 'offer' as OfferId,
  rideId: RIDE,
  driverId: BO,
  state: 'pending',
}

function tracked() {
  const log = createLog('silent')
  const handlers = makeHandlers(log)
  const clock = manualClock(Date.UTC(2026, 10, 21, 9))
  const database = { isAway: false }
  const counted: ((regionId: RegionId) => void)[] = []
  const picture = { hexes: 'nothing' }
  const hinted: ((driverIds: readonly DriverId[]) => void)[] = []
  const look = async () => {
    if (database.isAway) throw new Error('the database is away')
  }
  const tracking = makeTracking({
    bus: {
      publish: handlers.deliver,
      on: handlers.add,
      onGap: handlers.addGap,
      close: async () => handlers.clear(),
    },
    clock,
    log,
    fleet: {
      carAt: () => ({ duty: { rideId: RIDE, shared: null } }) as Car,
      markChanged: () => {},
      settle: look,
    },
    hints: { onChanged: (handler) => void hinted.push(handler) },
    surge: { onCounted: (handler) => void counted.push(handler) },
    hexesOf: () => picture.hexes,
  })
  const sent: string[] = []
  /** A driver's page that has been drawn once. */
  const stream = new Stream('bo', [
    { name: 'main', make: async () => ({ text: '<main>' }) },
    { name: 'hexes', make: () => ({ text: picture.hexes }) },
  ])
  const write = (text: string) => void sent.push(text.replace(/<!--\d+-->$/, ''))
  const line: Line = { write, isReady: () => true, flush() {}, close() {} }
  stream.attach(line, 0)
  tracking.drivers.add(BO, { regionId: NEWS.regionId, stream })
  const hint = (driverId: DriverId) => {
    for (const handler of hinted) handler([driverId])
  }
  const count = (regionId: string) => {
    for (const handler of counted) handler(regionId as RegionId)
  }
  return { handlers, clock, tracking, database, sent, line, hint, picture, count }
}

test('an offer that came while the database was away is on the driver’s page when it is back', async () => {
  const { handlers, tracking, database, sent } = tracked()
  handlers.deliver(NEWS)
  database.isAway = true
  await expect(tracking.flush()).rejects.toThrow('away')
  database.isAway = false
  await tracking.flush()
  expect(sent).toEqual(['<main>'])
  await tracking.flush()
  expect(sent).toHaveLength(1)
})

test('a driver to whom something else is said sees it at once, and nobody else is drawn anew', async () => {
  const { tracking, sent, hint } = tracked()
  hint('cy' as DriverId)
  await tracking.flush()
  expect(sent).toEqual([])
  hint(BO)
  await tracking.flush()
  expect(sent).toEqual(['<main>'])
})

test('where it is busy is sent to drivers of that region, and only when it is another picture', async () => {
  const { sent, picture, count, tracking } = tracked()
  count('manhattan')
  count('manhattan')
  await tracking.flush()
  expect(sent).toEqual(['nothing'])
  picture.hexes = 'Midtown'
  count('queens')
  await tracking.flush()
  expect(sent).toEqual(['nothing'])
  count('manhattan')
  count('manhattan')
  await tracking.flush()
  expect(sent).toEqual(['nothing', 'Midtown'])
})

test('a car that moves is seen while pages are being drawn, once a second, and each fix once', async () => {
  const { handlers, clock, tracking, sent, line } = tracked()
  let fix = 1
  const gate = Promise.withResolvers<void>()
  const stream = new Stream('ada', [
    { name: 'status', make: () => gate.promise.then(() => ({ text: '<section>' })) },
    {
      name: 'car',
      make: (had) => (had === fix ? null : { text: `car ${fix}`, mark: fix }),
    },
  ])
  stream.attach(line, 0)
  const page = { stream, carAtMs: 0, redrawnAtMs: clock.nowMs(), isOver: () => false }
  tracking.rides.add(RIDE, page)
  tracking.moved(0 as DriverHandle)
  handlers.deliver({ ...NEWS, driverId: 'cy' as DriverId })
  const drawn = tracking.flush()
  tracking.sendCars()
  expect(sent).toEqual(['car 1'])
  fix = 2
  tracking.moved(0 as DriverHandle)
  tracking.sendCars()
  expect(sent).toEqual(['car 1'])
  clock.advance(1_000)
  tracking.sendCars()
  expect(sent).toEqual(['car 1', 'car 2'])
  gate.resolve()
  await drawn
  expect(sent).toEqual(['car 1', 'car 2', '<section>'])
})
