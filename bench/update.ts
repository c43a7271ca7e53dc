/** A ping of a random car: ours against moving a car between Sets under H3 strings, and out of and into an R-tree. */
import { seededRandom } from '../src/engine/units.ts'
import { ask, filled, foundIn, wrongAnswers } from './nearest.ts'
import { NaiveH3 } from './peers.ts'
import { type Bench, IS_SMALL, interleave, median, medianRatio, type Report, timeMs } from './run.ts'
import { movableTree } from './tree-peers.ts'
import { type City, cityOf, pingsOf, requestsOf } from './workload.ts'

const ROUNDS = IS_SMALL ? 1 : 5
const SEED = 20_261_122
const CARS = IS_SMALL ? 20_000 : 100_000
const PINGS = IS_SMALL ? 20_000 : 200_000
const NAIVE_PINGS = IS_SMALL ? 20_000 : 100_000
const TREE_PINGS = 20_000
const CHECKED = IS_SMALL ? 200 : 1_000

/** `figure` is the beginning of the figures' names, `label` names the city in the table. */
function measure(figure: string, label: string, city: City): Report {
  const random = seededRandom(SEED + 1)
  // Each round has its own pings: the same ones again would move nobody.
  const pings = pingsOf(city, (ROUNDS + 1) * PINGS, random)
  const naivePings = pingsOf(city, (ROUNDS + 1) * NAIVE_PINGS, seededRandom(SEED + 1))
  const index = filled(city)
  const naive = new NaiveH3(city)
  const tree = movableTree(city)
  let next = 0
  let naiveNext = 0
  let treeNext = 0
  const timesMs = interleave(ROUNDS, {
    ours: () => {
      const end = next + PINGS
      const took = timeMs(() => {
        for (; next < end; next++) index.move(pings.who[next]!, pings.lats[next]!, pings.lngs[next]!)
      })
      return took / PINGS
    },
    naive: () => {
      const end = naiveNext + NAIVE_PINGS
      const took = timeMs(() => {
        for (; naiveNext < end; naiveNext++) {
          const i = naiveNext
          naive.move(naivePings.who[i]!, naivePings.lats[i]!, naivePings.lngs[i]!)
        }
      })
      return took / NAIVE_PINGS
    },
    rbush: () => {
      const end = treeNext + TREE_PINGS
      const took = timeMs(() => {
        for (; treeNext < end; treeNext++) {
          const i = treeNext
          tree.move(naivePings.who[i]!, naivePings.lats[i]!, naivePings.lngs[i]!)
        }
      })
      return took / TREE_PINGS
    },
  })

  const moved = { ...city, lats: city.lats.slice(), lngs: city.lngs.slice() }
  for (let i = 0; i < pings.who.length; i++) {
    moved.lats[pings.who[i]!] = pings.lats[i]!
    moved.lngs[pings.who[i]!] = pings.lngs[i]!
  }
  const checked = requestsOf(CHECKED, random)
  const out = index.makeResult(8)
  const wrong = wrongAnswers(moved, checked, (request) => {
    ask(index, checked, request, out)
    return foundIn(out)
  })
  const nanos = (times: readonly number[]) => Math.round(median(times) * 1e6)
  return {
    figures: {
      [`${figure}_vs_naive_h3`]: medianRatio(timesMs.naive, timesMs.ours),
      [`${figure}_vs_rbush`]: medianRatio(timesMs.rbush, timesMs.ours),
    },
    table: [
      {
        cars: city.lats.length,
        city: label,
        'ours ns': nanos(timesMs.ours),
        'naive H3 ns': nanos(timesMs.naive),
        'rbush ns': nanos(timesMs.rbush),
        'wrong after': wrong,
      },
    ],
    wrong,
    skipped: [],
  }
}

export const bench: Bench = {
  name: 'update',
  run() {
    const city = cityOf(CARS, seededRandom(SEED))
    // Busy cars cost us next to nothing until they are free; the second row gives no credit for that.
    const allFree = { ...city, free: new Uint8Array(CARS).fill(1) }
    const reports = [
      measure('upd_100k', '30 % free', city),
      measure('upd_100k_all_free', 'all free', allFree),
      measure('upd_1m', '30 % free', cityOf(IS_SMALL ? 30_000 : 1_000_000, seededRandom(SEED))),
    ]
    return {
      figures: Object.assign({}, ...reports.map(({ figures }) => figures)),
      table: reports.flatMap(({ table }) => table),
      wrong: reports.reduce((sum, { wrong }) => sum + wrong, 0),
      skipped: [],
    }
  },
}
