/** Whom words of the desk are meant for, resolved to drivers at the moment they are sent. */
import { z } from 'zod'
import { AUDIENCE_CLASSES, AUDIENCE_STATES } from '../../views/board/messages.ts'
import type { Companies, Region } from '../companies/companies.ts'
import { type DriverId, VEHICLE_CLASSES } from '../engine/units.ts'
import { contains, shapeOf } from '../engine/zone.ts'
import type { Car, Fleet } from '../positions/fleet.ts'

/** As many as one may pick by hand. */
export const MOST_PICKED = 200

const STATES = Object.keys(AUDIENCE_STATES) as (keyof typeof AUDIENCE_STATES)[]

export const audienceShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('state'), state: z.enum(STATES) }),
  z.strictObject({ kind: z.literal('class'), class: z.enum(VEHICLE_CLASSES) }),
  z.strictObject({ kind: z.literal('zone'), zoneId: z.uuid() }),
  z.strictObject({ kind: z.literal('drivers'), driverIds: z.array(z.uuid()).min(1).max(MOST_PICKED) }),
])
export type Audience = z.infer<typeof audienceShape>

/** The same in one word, as a form sends it: `all`, `state:free`, `class:black`, `zone:ID`, `drivers:ID,ID`. */
export const audienceText = z
  .string()
  .max(MOST_PICKED * 37 + 10)
  .transform((text): unknown => {
    const colon = text.indexOf(':')
    const [kind, rest] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
    if (kind === 'state') return { kind, state: rest }
    if (kind === 'class') return { kind, class: rest }
    if (kind === 'zone') return { kind, zoneId: rest }
    return kind === 'drivers' ? { kind, driverIds: rest.split(',') } : { kind }
  })
  .pipe(audienceShape)

export interface AudienceDeps {
  readonly fleet: Fleet
  readonly companies: Companies
}

/** Who is meant now, and the words for it; drivers off shift only where they are picked by name. */
export function resolve(
  deps: AudienceDeps,
  region: Region,
  audience: Audience,
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
    case 'drivers': {
      const driverIds = audience.driverIds as DriverId[]
      const signs = driverIds.flatMap((id) => deps.fleet.car(id)?.duty.callSign ?? [])
      const named = signs.length === driverIds.length && signs.length <= 8
      return { words: named ? signs.join(', ') : `${driverIds.length} drivers`, driverIds }
    }
  }
}

/** Who is asked just now is free to the desk, and a paused driver on a break. */
function isIn(fleet: Fleet, car: Car, wanted: keyof typeof AUDIENCE_STATES): boolean {
  const state = fleet.stateOf(car)
  if (state === 'offered') return wanted === 'free'
  return state === 'paused' ? wanted === 'break' : state === wanted
}

/** What a form offers, each with how many that are now. */
export function audiences(deps: AudienceDeps, region: Region) {
  const one = (value: string, audience: Audience, words: string) => ({
    ...{ value, words, count: resolve(deps, region, audience).driverIds.length },
  })
  const zones = deps.companies.queueZones(region.id)?.zones ?? []
  return [
    one('all', { kind: 'all' }, 'Everybody on shift'),
    ...STATES.map((state) => one(`state:${state}`, { kind: 'state', state }, AUDIENCE_STATES[state])),
    ...AUDIENCE_CLASSES.map(({ name, words }) => one(`class:${name}`, { kind: 'class', class: name }, words)),
    ...zones.map(({ id, name }) => one(`zone:${id}`, { kind: 'zone', zoneId: id }, `In ${name}`)),
  ]
}
