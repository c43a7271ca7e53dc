/** The learned speeds of each region, fitted in every process from the legs that are kept; read by whoever tells a time. */
import type { Region } from '../companies/companies.ts'
import { addDays, localDay } from '../engine/day.ts'
import { type TravelModel, travel } from '../engine/eta.ts'
import { distanceM } from '../engine/geo.ts'
import { type LearnedSpeeds, type WeekHour, weekHourOf } from '../engine/speeds.ts'
import { SpeedFit, SWEEPS } from '../engine/speeds-fit.ts'
import type { RegionId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Db } from '../io/postgres.ts'
import { afterThisTurn } from '../io/turn.ts'
import { KEPT_DAYS } from './learn.ts'
import { endOf } from './legs.ts'

/** What is fitted from; the newest days first. A second of work in slices, and 40 MB while it lasts. */
const LEGS_MOST = 60_000
/** A road engine's seconds are corrected from as many legs on; with fewer its metres count, and the pace that is known. */
const ROAD_LEGS_LEAST = 200
const LEGS_A_SLICE = 500
/** The hour by the wall changes no oftener: every time zone keeps to quarters. */
const QUARTER_MS = 900_000

interface Fitted {
  /** Which days it was fitted from, as one text. */
  readonly from: string
  /** Corrects what the region's set speed expects. */
  readonly straight: LearnedSpeeds
  /** Corrects what a road engine expects; null while too little is known. */
  readonly road: LearnedSpeeds | null
}

type Place = Pick<Region, 'id' | 'companyId' | 'timeZone' | 'travel'>

export interface SpeedBook {
  /** How long ways take in a region now, or at another instant, to be passed to `travel`. */
  modelOf(region: Pick<Place, 'id' | 'timeZone' | 'travel'>, atMs?: number): TravelModel
  /** What corrects a road engine's seconds there; null while too little is known. */
  roadSpeedsOf(regionId: RegionId): LearnedSpeeds | null
  /** The clock on the wall there, now or at another instant. */
  whenOf(region: Pick<Place, 'id' | 'timeZone'>, atMs?: number): WeekHour
  /** Fit anew where a day was added since. */
  refresh(region: Place): Promise<void>
}

export function makeSpeedBook({ db, clock }: { db: Db; clock: Clock }): SpeedBook {
  const fitted = new Map<RegionId, Fitted>()
  const hours = new Map<RegionId, { quarter: number; when: WeekHour }>()
  const models = new Map<RegionId, { when: WeekHour; speeds: LearnedSpeeds; model: TravelModel }>()

  function whenOf({ id, timeZone }: Pick<Place, 'id' | 'timeZone'>, atMs?: number): WeekHour {
    if (atMs !== undefined) return weekHourOf(atMs, timeZone)
    const nowMs = clock.nowMs()
    const quarter = Math.floor(nowMs / QUARTER_MS)
    const known = hours.get(id)
    if (known?.quarter === quarter) return known.when
    const when = weekHourOf(nowMs, timeZone)
    hours.set(id, { quarter, when })
    return when
  }

  return {
    whenOf,
    modelOf(region, atMs) {
      const speeds = fitted.get(region.id)?.straight
      if (speeds === undefined || speeds.legs === 0) return region.travel
      const when = whenOf(region, atMs)
      if (atMs !== undefined) return { ...region.travel, learned: { speeds, when } }
      const known = models.get(region.id)
      if (known?.speeds === speeds && known.when === when) return known.model
      const model = { ...region.travel, learned: { speeds, when } }
      models.set(region.id, { when, speeds, model })
      return model
    },
    roadSpeedsOf: (regionId) => fitted.get(regionId)?.road ?? null,
    async refresh(region) {
      const from = await daysKept(db, region, localDay(clock.nowMs(), region.timeZone))
      if (from === (fitted.get(region.id)?.from ?? '')) return
      fitted.set(region.id, { from, ...(await fit(db, region)) })
    },
  }
}

async function daysKept(db: Db, { companyId, id }: Place, today: string): Promise<string> {
  const days = await db
    .selectFrom('road_days')
    .select('local_day')
    .where('company_id', '=', companyId)
    .where('region_id', '=', id)
    .where('local_day', '>=', addDays(today, -KEPT_DAYS))
    .orderBy('local_day')
    .execute()
  return days.map((row) => row.local_day).join(' ')
}

async function fit(db: Db, { companyId, id, travel: model }: Place): Promise<Omit<Fitted, 'from'>> {
  const legs = await db
    .selectFrom('road_legs')
    .select(['local_day', 'hour', 'from_cell', 'to_cell', 'distance_m', 'duration_s'])
    .select(['road_distance_m', 'road_duration_s'])
    .where('company_id', '=', companyId)
    .where('region_id', '=', id)
    .orderBy('local_day', 'desc')
    .orderBy('place')
    .limit(LEGS_MOST)
    .execute()
  const [straight, road] = [new SpeedFit(), new SpeedFit()]
  for (const [n, leg] of legs.entries()) {
    const [from, to] = [endOf(leg.from_cell), endOf(leg.to_cell)]
    const driven = {
      ...{ from, to, distanceM: leg.distance_m, durationS: leg.duration_s },
      when: { hour: leg.hour, isWeekend: isWeekend(leg.local_day) },
    }
    if (distanceM(from, to) > 0) straight.add({ ...driven, expected: travel(from, to, model) })
    if (leg.road_distance_m !== null && leg.road_duration_s !== null)
      road.add({
        ...driven,
        expected: { distanceM: leg.road_distance_m, durationS: leg.road_duration_s },
      })
    if (n % LEGS_A_SLICE === 0) await breathe()
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    straight.sweep()
    if (road.legs >= ROAD_LEGS_LEAST) road.sweep()
    await breathe()
  }
  return { straight: straight.learned(), road: road.legs >= ROAD_LEGS_LEAST ? road.learned() : null }
}

function isWeekend(day: string): boolean {
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay()
  return weekday === 0 || weekday === 6
}

/** Let pings and ticks have their turn. */
function breathe(): Promise<void> {
  return new Promise(afterThisTurn)
}
