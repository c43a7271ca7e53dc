/**
 * Pickup times for one decision: by the road engine for the short list, where it answers within the tick's patience, and
 * by what is known without asking for everybody else.
 */
import type { Region } from '../companies/companies.ts'
import type { Situation } from '../engine/decide.ts'
import { travel, travelOver } from '../engine/eta.ts'
import { pointKey, shortList } from '../engine/short-list.ts'
import type { LatLng } from '../engine/units.ts'
import { type Roads, travelIn } from '../roads/roads.ts'

/** A tenth of the shortest batch that makes sense; later, the decision goes on without. */
const BUDGET_MS = 150
const CARS_A_RIDE = 8
/** What road engines answer in one go, and a fair share of the time above. */
const PAIRS_MOST = 2_400

export type PickupEta = Situation['pickupEtaS']

/** Without asking anybody. */
export function knownPickups(deps: { readonly roads?: Pick<Roads, 'model'> }, region: Region): PickupEta {
  const model = travelIn(deps, region)
  // A set speed says the same whatever the ends are.
  if (model.learned === undefined) return (straightM) => travelOver(straightM, model).durationS
  return (_straightM, from, to) => travel(from, to, model).durationS
}

/** @param situation with the times that are known without asking */
export async function roadPickups(
  { roads }: { readonly roads?: Pick<Roads, 'legs' | 'engine'> },
  region: Region,
  situation: Situation,
): Promise<PickupEta> {
  if (roads === undefined || situation.waiting.length === 0 || roads.engine()?.isUp !== true)
    return situation.pickupEtaS
  const { from, to } = shortList(situation, { carsARide: CARS_A_RIDE, pairsMost: PAIRS_MOST })
  if (from.length === 0) return situation.pickupEtaS
  const legs = await roads.legs(region, { from, to, budgetMs: BUDGET_MS })
  if (legs === null) return situation.pickupEtaS
  const rows = places(from)
  const columns = places(to)
  return (straightM, car, pickup) => {
    const row = rows.get(pointKey(car))
    const column = row === undefined ? undefined : columns.get(pointKey(pickup))
    const leg = row === undefined || column === undefined ? null : legs[row]![column]!
    return leg?.durationS ?? situation.pickupEtaS(straightM, car, pickup)
  }
}

function places(points: readonly LatLng[]): ReadonlyMap<string, number> {
  return new Map(points.map((point, n) => [pointKey(point), n]))
}
