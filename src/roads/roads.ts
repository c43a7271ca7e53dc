/**
 * Roads: how far and how long a leg is, which way it goes, which streets a trail followed. Learned speeds always answer
 * and never wait; a road engine is asked within a time, and where it is slow, wrong or gone the learned speeds stand.
 */
import type { Region } from '../companies/companies.ts'
import { type TravelModel, travel } from '../engine/eta.ts'
import type { Leg } from '../engine/fare.ts'
import { distanceM } from '../engine/geo.ts'
import type { Estimate } from '../engine/speeds.ts'
import type { LatLng } from '../engine/units.ts'
import type { CommitDeps } from '../io/commit.ts'
import type { Logger } from '../io/log.ts'
import { type AskedKind, type AskedOutcome, type GuardedRoads, guardRoads } from './guarded.ts'
import { learnNextDay } from './learn.ts'
import type { RoutingProvider } from './provider.ts'
import { makeSpeedBook } from './speed-book.ts'
import { makeWayCache } from './way-cache.ts'

export type { AskedKind, AskedOutcome, GuardedRoads } from './guarded.ts'
export type { MatchedWay, RoadWay, RoutingProvider } from './provider.ts'

/** A rider looks at a spinner meanwhile. */
const LEG_BUDGET_MS = 400
/** A page is drawn without the way rather than late. */
const WAY_BUDGET_MS = 300
const MATCH_BUDGET_MS = 600
/** One background question of the learning; nobody waits for it. */
const LEARN_BUDGET_MS = 2_000

type Place = Pick<Region, 'id' | 'timeZone' | 'travel'>

/** A leg, and who said so: a road engine, what rides told, or the region's set speed alone. */
export interface RoadLeg extends Leg {
  /** Corners of the way, where a road engine knows it. */
  readonly way?: readonly LatLng[]
  readonly source: 'roads' | 'learned' | 'set'
}

export interface Roads {
  /** How long ways take at this moment, without asking anybody; for `travel`. */
  model(region: Place): TravelModel
  /** One leg for a price or a promise; `atMs` for one that is driven at another time than now. */
  leg(
    region: Place,
    asked: { readonly from: LatLng; readonly to: LatLng; readonly atMs?: number | undefined },
  ): Promise<RoadLeg>
  /**
   * Legs from each to each by the road engine, seconds corrected by what was learned; null as a whole, or one by one,
   * where it has nothing to say in time.
   */
  legs(
    region: Place,
    asked: { readonly from: readonly LatLng[]; readonly to: readonly LatLng[]; readonly budgetMs: number },
  ): Promise<(Leg | null)[][] | null>
  /** Corners of the way by these stops, to be drawn; null where no road engine knows one. Asked once, then remembered. */
  way(stops: readonly LatLng[]): Promise<readonly LatLng[] | null>
  /** The streets a trail followed, to be drawn; null where none is known. */
  streetsOf(trail: readonly LatLng[]): Promise<readonly LatLng[] | null>
  /** Whether there is a road engine, and whether it would be asked now. */
  engine(): { readonly name: string; readonly isUp: boolean } | null
  /** Take in one whole past day of each region, if there is one; and follow what others took in. */
  learn(): Promise<void>
  /** Follow what was taken in by whichever process. */
  refresh(): Promise<void>
  close(): Promise<void>
}

/** What tells how long ways take: the roads, or left out, each region's set speed. */
export interface TravelDeps {
  readonly roads?: Pick<Roads, 'model'>
}

/** How long ways take in a region at this moment, for `travel`. */
export function travelIn({ roads }: TravelDeps, region: Place): TravelModel {
  return roads?.model(region) ?? region.travel
}

export interface RoadsDeps extends CommitDeps {
  readonly log: Logger
  /** The regions as they are now. */
  readonly regions: () => readonly Region[]
  /** Null: learned speeds alone. */
  readonly provider: RoutingProvider | null
  readonly onAsked?: (kind: AskedKind, outcome: AskedOutcome) => void
}

export function makeRoads(deps: RoadsDeps): Roads {
  const { clock, log, provider, onAsked } = deps
  const engine: GuardedRoads | null =
    provider === null ? null : guardRoads(provider, { clock, log, ...(onAsked && { onAsked }) })
  const book = makeSpeedBook(deps)
  const ways = makeWayCache(clock)

  /** The engine's metres stand; its seconds are of an empty map, so what rides took over them decides. */
  function corrected(region: Place, from: LatLng, to: LatLng, road: Estimate, atMs?: number): Leg {
    const speeds = book.roadSpeedsOf(region.id)
    if (speeds !== null) {
      const { durationS } = speeds.leg(from, to, road, book.whenOf(region, atMs))
      return { distanceM: road.distanceM, durationS }
    }
    const known = travel(from, to, book.modelOf(region, atMs))
    const paceSpm = known.distanceM > 0 ? known.durationS / known.distanceM : 1 / region.travel.speedMps
    return { distanceM: road.distanceM, durationS: road.distanceM * paceSpm }
  }

  async function refresh(): Promise<void> {
    for (const region of deps.regions()) await book.refresh(region)
  }

  return {
    model: (region) => book.modelOf(region),
    async leg(region, { from, to, atMs }) {
      const road = distanceM(from, to) > 0 ? await engine?.route([from, to], LEG_BUDGET_MS) : null
      if (road) {
        ways.keep([from, to], rounded(road.points))
        return { ...corrected(region, from, to, road, atMs), way: road.points, source: 'roads' }
      }
      const model = book.modelOf(region, atMs)
      return { ...travel(from, to, model), source: model.learned === undefined ? 'set' : 'learned' }
    },
    async legs(region, { from, to, budgetMs }) {
      const rows = await engine?.matrix(from, to, budgetMs)
      return (
        rows?.map((row, i) =>
          row.map((leg, j) => (leg === null ? null : corrected(region, from[i]!, to[j]!, leg))),
        ) ?? null
      )
    },
    async way(stops) {
      if (engine === null || stops.length < 2) return null
      return ways.get(stops, async () => rounded((await engine.route(stops, WAY_BUDGET_MS))?.points))
    },
    async streetsOf(trail) {
      if (engine === null || trail.length < 2) return null
      return ways.get(trail, async () => rounded((await engine.match(trail, MATCH_BUDGET_MS))?.points))
    },
    engine: () => (engine === null ? null : { name: engine.name, isUp: engine.isUp() }),
    refresh,
    async learn() {
      const asked =
        engine === null
          ? null
          : {
              async matrix({ from, to }: Parameters<RoutingProvider['matrix']>[0]) {
                return (await engine.matrix(from, to, LEARN_BUDGET_MS)) ?? from.map(() => to.map(() => null))
              },
            }
      for (const region of deps.regions()) await learnNextDay(deps, region, asked)
      await refresh()
    },
    close: async () => engine?.close(),
  }
}

/** As pages carry it: five decimals are a metre. */
function rounded(points: readonly LatLng[]): readonly LatLng[]
function rounded(points: readonly LatLng[] | undefined): readonly LatLng[] | null
function rounded(points: readonly LatLng[] | undefined): readonly LatLng[] | null {
  return points?.map(({ lat, lng }) => ({ lat: Number(lat.toFixed(5)), lng: Number(lng.toFixed(5)) })) ?? null
}
