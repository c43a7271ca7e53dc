/**
 * Pickup times for one decision: by the road engine for the short list, as far as it answers within the tick's patience,
 * and by what is known without asking for everybody else.
 */
import type { Region } from '../companies/companies.ts'
import type { Situation } from '../engine/decide.ts'
import { travel, travelOver } from '../engine/eta.ts'
import { pairKey, shortLists } from '../engine/short-list.ts'
import type { Clock } from '../io/clock.ts'
import { type Roads, travelIn } from '../roads/roads.ts'

/** A tenth of the shortest batch that makes sense; later, the decision goes on with what came. */
const BUDGET_MS = 150
const CARS_A_RIDE = 8
/** More than an engine answers in that time. */
const RIDES_MOST = 64
/** Questions under way at once; each is of one ride, for a table of many rides is searched from end to end of the city. */
const AT_ONCE = 3

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
  { roads, clock }: { readonly roads?: Pick<Roads, 'legs' | 'engine'>; readonly clock: Clock },
  region: Region,
  situation: Situation,
): Promise<PickupEta> {
  if (roads === undefined || situation.waiting.length === 0 || roads.engine()?.isUp !== true)
    return situation.pickupEtaS
  const lists = shortLists(situation, { carsARide: CARS_A_RIDE, rides: RIDES_MOST }).values()
  const known = new Map<string, number>()
  let isOver = false
  let cancel = () => {}
  const timeUp = new Promise<void>((resolve) => {
    cancel = clock.after(BUDGET_MS, resolve)
  })
  const askOn = async () => {
    for (const { pickup, cars } of lists) {
      const rows = await roads.legs(region, { from: cars, to: [pickup], budgetMs: BUDGET_MS })
      if (isOver || rows === null) return
      cars.forEach((car, n) => {
        const leg = rows[n]?.[0]
        if (leg) known.set(pairKey(car, pickup), leg.durationS)
      })
    }
  }
  await Promise.race([Promise.all(Array.from({ length: AT_ONCE }, askOn)), timeUp])
  isOver = true
  cancel()
  if (known.size === 0) return situation.pickupEtaS
  return (straightM, car, pickup) =>
    known.get(pairKey(car, pickup)) ?? situation.pickupEtaS(straightM, car, pickup)
}
