/** Whom words of the desk are meant for, resolved to drivers at the moment they are sent. */
import { z } from 'zod'
import type { CarsProps } from '../../views/board/cars-list.ts'
import { AUDIENCE_CLASSES, AUDIENCE_STATES } from '../../views/board/messages.ts'
import { showsWords } from '../../views/board/saved-views.ts'
import type { Companies, Region } from '../companies/companies.ts'
import { type DriverId, VEHICLE_CLASSES } from '../engine/units.ts'
import { contains, shapeOf } from '../engine/zone.ts'
import type { Db } from '../io/postgres.ts'
import type { Car, Fleet } from '../positions/fleet.ts'
import { areaNamed, areasIn } from './areas.ts'
import { fits, rowOf } from './cars-list.ts'
import { carFiltersOf, carQuery } from './filters.ts'

/** As many as one may pick by hand. */
export const MOST_PICKED = 200

const STATES = Object.keys(AUDIENCE_STATES) as (keyof typeof AUDIENCE_STATES)[]

const degrees = (most: number) => z.number().min(-most).max(most)

/** What the list of cars would show. */
function carsOf(search: string) {
  const read = carQuery.safeParse(Object.fromEntries(new URLSearchParams(search)))
  return read.success ? carFiltersOf(read.data) : null
}

function isOfCars(search: string): boolean {
  return carsOf(search) !== null
}

export const audienceShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('state'), state: z.enum(STATES) }),
  z.strictObject({ kind: z.literal('class'), class: z.enum(VEHICLE_CLASSES) }),
  z.strictObject({ kind: z.literal('zone'), zoneId: z.uuid() }),
  /** Whoever is seen on a part of the map; `east` is beyond 180 where it crosses the date line. */
  z
    .strictObject({
      ...{ kind: z.literal('view'), south: degrees(90), north: degrees(90) },
      ...{ west: degrees(540), east: degrees(540) },
    })
    .refine(
      ({ south, west, north, east }) => south < north && west < east,
      'south before north, west before east',
    ),
  /** Those that the board's list of cars shows for this search: `state=free&class=black`. */
  z.strictObject({
    kind: z.literal('cars'),
    search: z.string().max(400).refine(isOfCars, 'no search of cars'),
  }),
  z.strictObject({ kind: z.literal('drivers'), driverIds: z.array(z.uuid()).min(1).max(MOST_PICKED) }),
])
export type Audience = z.infer<typeof audienceShape>

/** The same in one word, as a form sends it: `all`, `state:free`, `class:black`, `zone:ID`, `drivers:ID,ID`, `view:S,W,N,E`, `cars:state=free`. */
export const audienceText = z
  .string()
  .max(MOST_PICKED * 37 + 10)
  .transform((text): unknown => {
    const colon = text.indexOf(':')
    const [kind, rest] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
    if (kind === 'state') return { kind, state: rest }
    if (kind === 'class') return { kind, class: rest }
    if (kind === 'zone') return { kind, zoneId: rest }
    if (kind === 'cars') return { kind, search: rest }
    if (kind === 'view') {
      const [south, west, north, east] = rest.split(',').map(Number)
      return { kind, south, west, north, east }
    }
    return kind === 'drivers' ? { kind, driverIds: rest.split(',') } : { kind }
  })
  .pipe(audienceShape)

export interface AudienceDeps {
  readonly fleet: Fleet
  readonly companies: Companies
}

/** What the part of the region is called by which an audience is chosen; undefined where it is by none. */
export async function zoneNameOf(
  deps: AudienceDeps & { readonly db: Db },
  region: Region,
  audience: Audience | null,
): Promise<string | undefined> {
  const zone = audience?.kind === 'cars' ? carsOf(audience.search)?.zone : undefined
  return zone === undefined ? undefined : ((await areaNamed(deps, region, zone)) ?? undefined)
}

/**
 * Who is meant now, and the words for it; drivers off shift only where they are picked by name.
 * @param zoneName as `zoneNameOf` says
 */
export function resolve(
  deps: AudienceDeps,
  region: Region,
  audience: Audience,
  zoneName: string | undefined,
): { readonly driverIds: readonly DriverId[]; readonly words: string } {
  const cars = [...deps.fleet.cars(region.id)]
  const of = (words: string, fits: (car: Car) => boolean) => ({
    ...{ words, driverIds: cars.filter(fits).map((car) => car.duty.driverId) },
  })
  switch (audience.kind) {
    case 'all':
      return of('all on shift', () => true)
    case 'state':
      return of(`who is: ${AUDIENCE_STATES[audience.state].toLowerCase()}`, (car) =>
        isIn(deps.fleet, car, audience.state),
      )
    case 'class':
      return of(
        AUDIENCE_CLASSES.find(({ name }) => name === audience.class)?.words ?? audience.class,
        (car) => car.duty.vehicleClass === audience.class,
      )
    case 'zone': {
      const zone = deps.companies.queueZones(region.id)?.zones.find(({ id }) => id === audience.zoneId)
      if (zone === undefined) return { words: 'a zone', driverIds: [] }
      const shape = shapeOf(zone)
      return of(`cars in ${zone.name}`, (car) => car.position !== null && contains(shape, car.position))
    }
    case 'view': {
      const { south, west, north, east } = audience
      return of('cars on a part of the map', ({ position }) => {
        if (position === null || position.lat < south || position.lat > north) return false
        // Round the Earth to the side that the view is on.
        const around = west + ((((position.lng - west) % 360) + 360) % 360)
        return around <= east
      })
    }
    case 'cars': {
      const filters = carsOf(audience.search) ?? {}
      const { zone, ...rest } = filters
      const areas = zone === undefined ? null : areasIn(deps, region.id)
      return of(carWords(filters, zoneName), (car) => {
        if (areas !== null && (car.position === null || areas.areaOf(car.position) !== zone)) return false
        return fits(rowOf(car, deps.fleet.stateOf(car), null), rest)
      })
    }
    case 'drivers': {
      const driverIds = audience.driverIds as DriverId[]
      const signs = driverIds.flatMap((id) => deps.fleet.car(id)?.duty.callSign ?? [])
      const named = signs.length === driverIds.length && signs.length <= 8
      return { words: named ? signs.join(', ') : `${driverIds.length} drivers`, driverIds }
    }
  }
}

/** `cars listed: Free · Black`. */
function carWords(filters: CarsProps['filters'], zoneName: string | undefined): string {
  const [, ...said] = showsWords({ show: 'cars', filters, ...(zoneName && { zoneName }) }).split(' · ')
  return said.length === 0 ? 'all cars listed' : `cars listed: ${said.join(' · ')}`.slice(0, 120)
}

function capital(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

/** The audience as a form sends it again. */
export function audienceWord(audience: Audience): string {
  switch (audience.kind) {
    case 'all':
      return 'all'
    case 'state':
      return `state:${audience.state}`
    case 'class':
      return `class:${audience.class}`
    case 'zone':
      return `zone:${audience.zoneId}`
    case 'view':
      return `view:${[audience.south, audience.west, audience.north, audience.east].join()}`
    case 'cars':
      return `cars:${audience.search}`
    case 'drivers':
      return `drivers:${audience.driverIds.join()}`
  }
}

/** Who is asked just now is free to the desk, and a paused driver on a break. */
function isIn(fleet: Fleet, car: Car, wanted: keyof typeof AUDIENCE_STATES): boolean {
  const state = fleet.stateOf(car)
  if (state === 'offered') return wanted === 'free'
  return state === 'paused' ? wanted === 'break' : state === wanted
}

/**
 * What a form offers, each with how many that are now.
 * @param chosen on the board, where that is a part of its map or what its list shows
 */
export async function audiences(
  deps: AudienceDeps & { readonly db: Db },
  region: Region,
  chosen: Audience | null = null,
) {
  const zoneName = await zoneNameOf(deps, region, chosen)
  const one = (value: string, audience: Audience, words: string) => ({
    ...{ value, words, count: resolve(deps, region, audience, zoneName).driverIds.length },
  })
  const zones = deps.companies.queueZones(region.id)?.zones ?? []
  const fromBoard =
    chosen?.kind === 'view'
      ? [one(audienceWord(chosen), chosen, 'On the part of the map you chose')]
      : chosen?.kind === 'cars'
        ? [one(audienceWord(chosen), chosen, capital(carWords(carsOf(chosen.search) ?? {}, zoneName)))]
        : []
  return [
    ...fromBoard,
    one('all', { kind: 'all' }, 'Everybody on shift'),
    ...STATES.map((state) => one(`state:${state}`, { kind: 'state', state }, AUDIENCE_STATES[state])),
    ...AUDIENCE_CLASSES.map(({ name, words }) => one(`class:${name}`, { kind: 'class', class: name }, words)),
    ...zones.map(({ id, name }) => one(`zone:${id}`, { kind: 'zone', zoneId: id }, `In ${name}`)),
  ]
}
