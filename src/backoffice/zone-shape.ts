/** A zone in a company file: where it is, and how its queue goes if it has one. */
import { booleanIntersects } from '@turf/turf'
import { z } from 'zod'
import { HYSTERESIS_MAX_M, ZONE_KINDS } from '../engine/zone.ts'
import { type Area, zoneAreaShape } from './area.ts'

const whole = (least: number, most: number) => z.int().min(least).max(most)

export const zoneShape = z.strictObject({
  slug: z.string().regex(/^[a-z0-9-]{1,40}$/, {
    error: 'should be small letters, digits and hyphens, such as "north-pier"',
  }),
  name: z.string().trim().min(1).max(120),
  kind: z.enum(ZONE_KINDS),
  area: zoneAreaShape,
  /** Whether cars queue in it; ranks and airports do unless it says otherwise. */
  queue: z.boolean().optional(),
  /** How far outside a car may be and still keep its place. */
  hysteresisM: whole(0, HYSTERESIS_MAX_M).default(30),
  placesMost: whole(1, 500).default(50),
  onDecline: z.enum(['end', 'keep']).default('end'),
  /** Whether those in the queue are asked for rides from outside the zone too. */
  outsideRides: z.boolean().default(false),
  /** Nobody stands in it any more, and no ride begins by its queue. */
  closed: z.boolean().default(false),
})
export type ZoneEntry = z.infer<typeof zoneShape>

export function hasQueue({ kind, queue }: Pick<ZoneEntry, 'kind' | 'queue'>): boolean {
  return queue ?? kind !== 'area'
}

/** Whether anything of a zone lies in the area of its region; else no ride of it ever begins there. */
export function isInRegion(zone: Area, region: Area): boolean {
  return booleanIntersects(zone as GeoJSON.Polygon, region as GeoJSON.Polygon)
}
