/** Desks' cars against a model: whatever moves, wherever they look and wherever a line is cut, their maps show what is so. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import '../../public/board-picture.js'
import { hexagonAt } from '../../src/board/car-counts.ts'
import { CarDesks } from '../../src/board/car-desks.ts'
import { CAR_STATES } from '../../src/board/car-frame.ts'
import type { SeenCar } from '../../src/board/cars.ts'
import { cellOf, mercatorX, mercatorY, tilesOf, type View, viewShape } from '../../src/board/view.ts'
import type { DriverId, RegionId } from '../../src/engine/units.ts'
import { type Line, Stream } from '../../src/io/stream.ts'
import type { Topics } from '../../src/io/topics.ts'

const NOW = Date.UTC(2026, 10, 21, 18)
const idOf = (n: number) => `0193a000-0000-7000-8000-${String(n).padStart(12, '0')}` as DriverId

type PageLine = Line & { onTheWay: (string | Uint8Array)[]; isSlow: boolean }

/** Topics as the server has them: what is told goes to every line that joined, slow or not. */
class Exchange implements Topics {
  readonly #joined = new Map<string, Set<PageLine>>()
  published = 0

  join(topic: string, line: PageLine): void {
    this.#joined.set(topic, (this.#joined.get(topic) ?? new Set()).add(line))
  }
  leave(topic: string, line: PageLine): void {
    this.#joined.get(topic)?.delete(line)
  }
  /** Its socket is closed. */
  leaveAll(line: PageLine): void {
    for (const lines of this.#joined.values()) lines.delete(line)
  }
  publish(topic: string, message: string | Uint8Array): void {
    this.published++
    for (const line of this.#joined.get(topic) ?? []) line.onTheWay.push(message)
  }
  hearers(topic: string): number {
    return this.#joined.get(topic)?.size ?? 0
  }
}

/** A desk's page, on a line that the test cuts; what lies on the way then is lost. */
class Page {
  picture = new HoneycabBoardPicture()
  last = 0
  bytes = 0
  line: PageLine | null = null
  followed: unknown = null

  constructor(readonly exchange: Exchange) {}

  /** @param kind polls hear no topics */
  newLine(kind: 'socket' | 'poll' = 'socket') {
    const line: PageLine = {
      ...{ onTheWay: [], isSlow: false },
      write: (message) => void line.onTheWay.push(typeof message === 'string' ? message : message.slice()),
      isReady() {
        return !this.isSlow
      },
      flush() {},
      close() {},
      ...(kind === 'socket' && {
        topics: {
          join: (topic: string) => this.exchange.join(topic, line),
          leave: (topic: string) => this.exchange.leave(topic, line),
        },
      }),
    }
    this.line = line
    return line
  }

  deliver(count = Number.POSITIVE_INFINITY): void {
    for (const message of this.line?.onTheWay.splice(0, count) ?? []) {
      const text = typeof message === 'string' ? (JSON.parse(message) as { car: unknown; n: number }) : null
      const frame = message instanceof Uint8Array ? message.slice().buffer : null
      const n = text?.n ?? new DataView(frame!).getUint32(4, true)
      // What is told to everybody bears no number.
      if (n > 0) {
        expect(n).toBe(this.last + 1)
        this.last = n
      }
      if (text !== null) this.followed = text.car
      else {
        this.bytes += frame!.byteLength
        expect(this.picture.apply(frame!)?.isMissing).toBe(false)
      }
    }
  }

  cut(): void {
    if (this.line !== null) {
      this.exchange.leaveAll(this.line)
      this.line.onTheWay.length = 0
    }
    this.line = null
  }
}

/** A region with its fleet and its desks. */
class City {
  readonly exchange = new Exchange()
  readonly fleet = new Map<DriverId, SeenCar>()
  readonly desks: Desk[] = []
  readonly cars = new CarDesks('uptown' as RegionId, {
    topics: this.exchange,
    nowMs: () => NOW,
    owe: (stream, part) => stream.owe(part),
    letOff: (stream) => void this.letOff.add(stream),
  })
  readonly letOff = new Set<Stream>()

  put(n: number, car: Partial<SeenCar> & { lat: number; lng: number }): void {
    const driverId = idOf(n)
    const look = CAR_STATES[n % CAR_STATES.length]!
    const before = { driverId, callSign: String(n), headingDeg: 0, look, atMs: NOW }
    this.fleet.set(driverId, { ...before, ...this.fleet.get(driverId), ...car })
  }

  /** A beat of the server's. */
  beat(): void {
    this.cars.look(this.fleet.values())
    for (const desk of this.desks) void desk.stream.pump()
  }
}

/** One desk of it, the first of a city of its own if none is said. */
class Desk {
  readonly #page
  readonly stream: Stream
  readonly page: Page
  view: View | null = null

  constructor(readonly city = new City()) {
    this.#page = city.cars.page()
    this.stream = new Stream('s', this.#page.parts)
    this.page = new Page(city.exchange)
    this.stream.attach(this.page.newLine(), 0)
    this.#page.follow(this.stream)
    city.desks.push(this)
  }

  put(n: number, car: Partial<SeenCar> & { lat: number; lng: number }): void {
    this.city.put(n, car)
  }

  look(view: View): void {
    this.view = view
    this.city.cars.turn(this.stream, view)
  }

  cut(): void {
    if (this.page.line === null) return
    this.stream.detach(this.page.line)
    this.page.cut()
  }

  come(kind: 'socket' | 'poll'): void {
    if (this.page.line === null) this.stream.attach(this.page.newLine(kind), this.page.last)
  }

  /** Back on a line, if it was away, and all of it delivered. */
  settle(): void {
    this.come('socket')
    this.page.line!.isSlow = false
    this.city.beat()
    this.page.deliver()
    this.city.beat()
    this.page.deliver()
  }

  /** What the page shows is the fleet as it was looked at, in the view's tiles and nowhere else. */
  check(): void {
    if (this.view === null) return
    const { picture } = this.page
    const { fleet } = this.city
    expect(picture.all).toBe(fleet.size)
    const follows = this.view.follows === null ? undefined : fleet.get(this.view.follows)
    expect((this.page.followed as string[] | null)?.[0] ?? null).toBe(follows?.driverId ?? null)
    if (follows !== undefined) expect((this.page.followed as number[])[2]).toBe(Math.round(follows.lat * 1e6))
    if (picture.zoom !== null) {
      this.checkCounts(picture.zoom)
      return
    }
    const { tiles } = tilesOf(this.view)
    const tileOf = (car: SeenCar) => tiles.find((tile) => tile.has(cellOf(car)))
    const expected = [...fleet.values()].filter((car) => tileOf(car) !== undefined)
    const shown = new Map([...picture.cars.values()].map((row) => [row[0], row]))
    expect(picture.cars.size).toBe(shown.size)
    expect([...shown.keys()].toSorted()).toEqual(expected.map(({ driverId }) => driverId).toSorted())
    for (const car of expected) {
      const tile = tileOf(car)!
      const [latOff, lngOff] = [(tile.north - tile.south) / 65_535, (tile.east - tile.west) / 65_535]
      const [, callSign, lat6, lng6, headingDeg, state, ageS] = shown.get(car.driverId)!
      expect([callSign, state]).toEqual([car.callSign, car.look])
      expect(Math.abs(lat6 / 1e6 - car.lat)).toBeLessThan(latOff * 0.51)
      const lngError = (((lng6 / 1e6 - car.lng) % 360) + 540) % 360
      expect(Math.abs(lngError - 180)).toBeLessThan(lngOff * 0.51)
      expect((((headingDeg - car.headingDeg) % 360) + 541) % 360).toBeWithin(180, 182)
      expect(ageS).toBe(Math.min(255, Math.max(0, Math.round((NOW - car.atMs) / 1_000))))
    }
  }

  checkCounts(zoom: number): void {
    const scale = 256 * 2 ** zoom
    const expected = new Map<string, number[]>()
    for (const { lat, lng, look } of this.city.fleet.values()) {
      const key = hexagonAt(mercatorX(lng) * scale, mercatorY(lat) * scale).join(' ')
      const figures = expected.get(key) ?? [0, 0, 0]
      figures[0]! += 1
      if (look === 'free') figures[1]! += 1
      if (look === 'silent') figures[2]! += 1
      expected.set(key, figures)
    }
    const { south, west, north, east } = this.view!
    for (const [key, { q, r, cars, free, silent }] of this.page.picture.counts) {
      expect([key, cars, free, silent]).toEqual([
        `${q} ${r}`,
        ...(expected.get(key) as [number, number, number]),
      ])
    }
    // Whoever is in the view is counted.
    for (const { lat, lng } of this.city.fleet.values())
      if (lat > south && lat < north && lng > west && lng < east)
        expect(
          this.page.picture.counts.has(hexagonAt(mercatorX(lng) * scale, mercatorY(lat) * scale).join(' ')),
        ).toBe(true)
  }
}

const AROUND = { lat: 40.75, lng: -73.98 }
const place = fc.record({
  lat: fc.double({ min: AROUND.lat - 0.06, max: AROUND.lat + 0.06, noNaN: true }),
  lng: fc.double({ min: AROUND.lng - 0.06, max: AROUND.lng + 0.06, noNaN: true }),
})
const anyView = fc
  .record({
    at: place,
    zoom: fc.constantFrom(11.5, 12, 12.25, 12.5, 13, 14, 15.75, 18),
    follows: fc.option(fc.integer({ min: 0, max: 12 }), { freq: 3 }),
  })
  .map(({ at, zoom, follows }): View => {
    const half = 300 / (256 * 2 ** zoom)
    return {
      ...{ south: at.lat - half * 200, north: at.lat + half * 200 },
      ...{ west: at.lng - half * 360, east: at.lng + half * 360 },
      ...{ zoom, follows: follows === null ? null : idOf(follows) },
    }
  })
const car = fc.integer({ min: 0, max: 12 })
/** Two of them, who look at the same, at some of the same, or at other parts. */
const at = fc.integer({ min: 0, max: 1 })
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('move' as const), car, to: place }) },
  fc.record({ do: fc.constant('work' as const), car, look: fc.constantFrom(...CAR_STATES) }),
  fc.record({ do: fc.constant('leave' as const), car }),
  fc.record({ do: fc.constant('rename' as const), car }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const), at, view: anyView }) },
  { weight: 3, arbitrary: fc.constant({ do: 'beat' as const }) },
  fc.record({ do: fc.constant('deliver' as const), at, count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('answer' as const), at }),
  fc.record({ do: fc.constant('cut' as const), at }),
  fc.record({
    do: fc.constant('come' as const),
    at,
    kind: fc.constantFrom('socket' as const, 'poll' as const),
  }),
  fc.record({ do: fc.constant('slow' as const), at }),
  fc.record({ do: fc.constant('settle' as const), at }),
)

/** @param crowd cars that stand in the middle, enough of them that the region is counted from far away */
function run(steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[], crowd: number): void {
  const city = new City()
  const desks = [new Desk(city), new Desk(city)]
  for (let n = 0; n < crowd; n++)
    city.put(1_000 + n, { lat: AROUND.lat + (n % 20) / 1_000, lng: AROUND.lng + Math.floor(n / 20) / 1_000 })
  let seconds = 0
  for (const todo of steps) {
    if (todo.do === 'move')
      city.put(todo.car, { ...todo.to, atMs: NOW - 400_000 + ++seconds, headingDeg: (seconds * 37) % 360 })
    else if (todo.do === 'work') {
      const known = city.fleet.get(idOf(todo.car))
      if (known !== undefined) city.put(todo.car, { ...known, look: todo.look })
    } else if (todo.do === 'leave') city.fleet.delete(idOf(todo.car))
    else if (todo.do === 'rename') {
      const known = city.fleet.get(idOf(todo.car))
      if (known !== undefined) city.put(todo.car, { ...known, callSign: `${known.callSign}’` })
    } else if (todo.do === 'beat') city.beat()
    else {
      const desk = desks[todo.at]!
      if (todo.do === 'look') desk.look(todo.view)
      else if (todo.do === 'deliver') desk.page.deliver(todo.count)
      else if (todo.do === 'answer') desk.stream.heard(desk.page.last)
      else if (todo.do === 'slow' && desk.page.line !== null) desk.page.line.isSlow = true
      else if (todo.do === 'cut') desk.cut()
      else if (todo.do === 'come') desk.come(todo.kind)
      else if (todo.do === 'settle') {
        desk.settle()
        desk.check()
      }
    }
  }
  for (const desk of desks) {
    desk.settle()
    desk.check()
  }
}

describe('a desk’s map', () => {
  test('shows the fleet in its view after any moves, views and cuts', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => run(steps, 0)),
      { numRuns: 1_000 },
    )
  })

  test('and counts it in hexagons from far away', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 50 }), (steps) => run(steps, 296)),
      { numRuns: 150 },
    )
  })
})

/** A desk that looks at the middle, with everything delivered. */
function deskAt(view: View): Desk {
  const desk = new Desk()
  desk.look(view)
  desk.settle()
  return desk
}
const MIDDLE: View = { south: 40.7, west: -74.05, north: 40.8, east: -73.9, zoom: 14, follows: null }

test('where nothing changes nothing is said, and a car elsewhere costs nothing', () => {
  const desk = deskAt(MIDDLE)
  desk.put(1, AROUND)
  desk.settle()
  const { bytes, last } = desk.page
  expect([...desk.page.picture.cars.values()].map(([, callSign]) => callSign)).toEqual(['1'])
  desk.put(2, { lat: 41.5, lng: -73.98 })
  desk.settle()
  // That there is another one in the region, and no more.
  expect(desk.page.bytes - bytes).toBe(28)
  for (let n = 1; n <= 50; n++) {
    desk.put(2, { lat: 41.5 + n / 1_000, lng: -73.98, atMs: NOW + n })
    desk.settle()
  }
  expect([desk.page.last, desk.page.bytes]).toEqual([last, bytes + 28])
  desk.check()
})

test('a car is named where it comes, and from then on ten bytes; who missed the name is told it again', () => {
  const desk = deskAt(MIDDLE)
  const size = () => {
    const before = desk.page.bytes
    desk.settle()
    return desk.page.bytes - before
  }
  const all = 28
  const head = 28 + 24
  desk.put(7, AROUND)
  expect(size()).toBe(head + 21 + 1 + 10 + all)
  desk.put(7, { ...AROUND, atMs: NOW + 1 })
  expect(size()).toBe(head + 10)
  // Out of the view and in again.
  desk.put(7, { lat: 41.5, lng: -73.98, atMs: NOW + 2 })
  expect(size()).toBe(head + 4)
  desk.put(7, { ...AROUND, atMs: NOW + 3 })
  expect(size()).toBe(head + 21 + 1 + 10)
  desk.put(8, AROUND)
  desk.city.beat()
  desk.cut()
  desk.settle()
  desk.check()
})

test('what happens where many look is drawn once, and is the same bytes for all of them', () => {
  const desk = deskAt(MIDDLE)
  const other = new Desk(desk.city)
  // A mile further south: most of the tiles are the same.
  other.look({ ...MIDDLE, south: MIDDLE.south - 0.02, north: MIDDLE.north - 0.02 })
  desk.put(7, AROUND)
  for (const one of [desk, other]) one.settle()
  desk.put(7, { ...AROUND, atMs: NOW + 1 })
  desk.city.beat()
  const [[told], [same]] = [desk.page.line!.onTheWay, other.page.line!.onTheWay]
  expect(told).toBeInstanceOf(Uint8Array)
  expect(told).toBe(same!)
})

test('where nobody looks any more nothing is told, and where some still do it is', () => {
  const desk = deskAt(MIDDLE)
  const other = new Desk(desk.city)
  const further = { ...MIDDLE, south: MIDDLE.south - 0.02, north: MIDDLE.north - 0.02 }
  const { exchange } = desk.city
  const toldOf = (move: number) => {
    const before = exchange.published
    desk.put(7, { ...AROUND, atMs: NOW + move })
    desk.city.beat()
    return exchange.published - before
  }
  other.look(further)
  desk.put(7, AROUND)
  for (const one of [desk, other]) one.settle()
  expect(toldOf(1)).toBe(2)
  desk.look({ ...MIDDLE, south: 41.4, north: 41.6 })
  desk.settle()
  expect(toldOf(2)).toBe(1)
  other.settle()
  other.check()
  other.cut()
  expect(toldOf(3)).toBe(0)
})

test('a slow line is taken off what is told to everybody, and told what it missed once it takes more', () => {
  const desk = deskAt(MIDDLE)
  desk.put(7, AROUND)
  desk.settle()
  desk.page.line!.isSlow = true
  for (let n = 1; n <= 50; n++) {
    desk.put(7, { ...AROUND, atMs: NOW - 1_000 + n })
    desk.city.beat()
  }
  // Each line is asked every fourth look.
  expect(desk.page.line!.onTheWay.length).toBeLessThanOrEqual(4)
  desk.settle()
  desk.check()
})

test('whatever else a slow line hears it is let off, whatever its map shows; who is away or takes more is not', () => {
  const city = new City()
  for (let n = 0; n < 320; n++) city.put(n, { lat: 40.7 + n / 10_000, lng: -73.98 })
  city.beat()
  const far = { ...MIDDLE, zoom: 9 }
  const [slow, slowFar, ready, away] = [MIDDLE, far, MIDDLE, far].map((view) => {
    const desk = new Desk(city)
    desk.look(view)
    desk.settle()
    return desk
  })
  for (const desk of [slow!, slowFar!]) desk.page.line!.isSlow = true
  away!.cut()
  // Each line is asked every fourth look.
  for (let n = 1; n <= 4; n++) {
    city.put(7, { ...AROUND, atMs: NOW - 1_000 + n })
    city.beat()
    ready!.page.deliver()
  }
  expect(city.letOff).toEqual(new Set([slow!.stream, slowFar!.stream]))
})

test('a message that goes on from what never came is noticed', () => {
  const desk = deskAt(MIDDLE)
  desk.put(7, AROUND)
  desk.settle()
  const move = (n: number) => {
    desk.put(7, { ...AROUND, atMs: NOW + n })
    desk.city.beat()
    return (desk.page.line!.onTheWay.splice(0)[0] as Uint8Array<ArrayBuffer>).slice().buffer
  }
  const [lost, next] = [move(1), move(2)]
  expect(desk.page.picture.apply(next)!.isMissing).toBe(true)
  expect(lost.byteLength).toBe(next.byteLength)
})

test('a name that was lost with a view is told again in the next one', () => {
  const desk = deskAt(MIDDLE)
  desk.put(7, AROUND)
  desk.city.beat()
  desk.cut()
  const elsewhere = { ...MIDDLE, south: 41.4, north: 41.6 }
  desk.look(elsewhere)
  desk.settle()
  desk.look(MIDDLE)
  desk.settle()
  desk.check()
  expect([...desk.page.picture.cars.values()].map(([, callSign]) => callSign)).toEqual(['7'])
})

test('a view over the date line shows both sides of it, each car once', () => {
  const desk = deskAt({ south: -18.5, west: 178.8, north: -17.5, east: 181.2, zoom: 13, follows: null })
  desk.put(1, { lat: -18, lng: 179.9 })
  desk.put(2, { lat: -18, lng: -179.9 })
  desk.put(3, { lat: -18, lng: 178 })
  desk.settle()
  desk.check()
  const lngs = [...desk.page.picture.cars.values()].map((row) => Math.round(row[3] / 1e5) / 10)
  expect(lngs.toSorted()).toEqual([179.9, 180.1])
})

test('at the poles and beyond the map’s square cars are kept, and told', () => {
  const desk = deskAt({ south: 84, west: -10, north: 90, east: 10, zoom: 10, follows: null })
  desk.put(1, { lat: 90, lng: 0 })
  desk.put(2, { lat: 86, lng: 5 })
  desk.put(3, { lat: -90, lng: 0 })
  desk.settle()
  desk.check()
})

test('who was away for longer than departures are kept is told all there is', () => {
  const desk = deskAt(MIDDLE)
  desk.put(1, AROUND)
  desk.put(2, { lat: 40.71, lng: -74 })
  desk.settle()
  desk.cut()
  desk.city.fleet.delete(idOf(2))
  desk.city.beat()
  // A car that goes to and fro between two cells, for a long time.
  for (let n = 0; n < 41_000; n++) {
    desk.put(1, { lat: n % 2 === 0 ? 40.75 : 40.77, lng: -73.98, atMs: NOW + n })
    desk.city.cars.look(desk.city.fleet.values())
  }
  desk.settle()
  desk.check()
})

test('far fewer bytes than the fleet: a thousand cars or ten thousand, from far away it is the same', () => {
  const bytesOf = (cars: number) => {
    const desk = deskAt({ south: 40.6, west: -74.1, north: 40.9, east: -73.8, zoom: 11, follows: null })
    const scatter = (n: number, turn: number) => ({
      lat: 40.65 + (((n * 7919 + turn * 13) % 2_000) / 2_000) * 0.2,
      lng: -74.05 + (((n * 104_729 + turn * 29) % 2_000) / 2_000) * 0.2,
    })
    for (let n = 0; n < cars; n++) desk.put(n, scatter(n, 0))
    desk.settle()
    const before = desk.page.bytes
    for (let turn = 1; turn <= 5; turn++) {
      for (let n = 0; n < cars; n++) desk.put(n, { ...scatter(n, turn), atMs: NOW + turn })
      desk.settle()
    }
    desk.check()
    return desk.page.bytes - before
  }
  const [few, many] = [bytesOf(1_000), bytesOf(10_000)]
  expect(many).toBeLessThan(few * 1.5)
})

describe('a view as it is said', () => {
  const read = (text: string) => viewShape.safeParse(text)

  test('is south, west, north, east, zoom, and whom it follows', () => {
    expect(read('40.70000,-74.02000,40.80000,-73.90000,13.25').data).toEqual({
      ...{ south: 40.7, west: -74.02, north: 40.8, east: -73.9, zoom: 13.25, follows: null },
    })
    expect(read(`-18.5,178.8,-17.5,181.2,13,${idOf(4)}`).data).toMatchObject({
      east: 181.2,
      follows: idOf(4),
    })
  })

  test('is refused where it is none, or larger than screens are', () => {
    for (const text of [
      ...['', '1,2,3,4', '1,2,3,4,5,6', '50,0,40,1,13', '40,1,41,1,13', '-91,0,1,1,3', '0,0,1,1,23'],
      ...['0,0,60,120,18', '1e1,0,20,1,5', 'NaN,0,20,1,5', '0,0,1,1,-1', '0,541,1,542,3', ' 0,0,1,1,3'],
    ])
      expect([text, read(text).success]).toEqual([text, false])
  })
})
