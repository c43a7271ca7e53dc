/**
 * Groups of requests, each with a run and a cost: choose some so that no run and no request is used twice and the
 * whole costs least. Set packing, hard in general; connected parts are searched one by one, each within a budget.
 */

export interface Choice {
  readonly run: number
  readonly members: readonly number[]
  readonly costS: number
}

export interface ChoiceProblem<C extends Choice> {
  /** Requests are 0 to `requests` - 1. */
  readonly requests: number
  /** What each request costs that is in no chosen group. */
  readonly dropCostS: number
  readonly choices: readonly C[]
  /** A valid answer to begin with, by places in `choices`. */
  readonly initial: readonly number[]
  /** Steps of the search in each part. */
  readonly steps: number
}

/**
 * Depth-first branch and bound over each connected part, begun from `initial`: the answer is never dearer than that,
 * and it is the best where the budget was enough. The same problem gives the same answer.
 * @returns places in `choices`, in their order
 */
export function bestChoice<C extends Choice>(problem: ChoiceProblem<C>): number[] {
  const { choices, initial } = problem
  const chosen: number[] = []
  const begun = new Set(initial)
  for (const part of parts(problem)) {
    const start = part.filter((choice) => begun.has(choice))
    chosen.push(...searched(problem, part, start))
  }
  return chosen.sort((a, b) => a - b || choices[a]!.run - choices[b]!.run)
}

/** Places in `choices` by connected part: two are connected by a run or a request in common. */
function parts({ requests, choices }: ChoiceProblem<Choice>): number[][] {
  const runs = choices.reduce((most, { run }) => Math.max(most, run + 1), 0)
  const parent = Array.from({ length: requests + runs }, (_, n) => n)
  const rootOf = (n: number): number => {
    let root = n
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]!]!
      root = parent[root]!
    }
    return root
  }
  for (const { run, members } of choices)
    for (const member of members) parent[rootOf(member)] = rootOf(requests + run)
  const byRoot = new Map<number, number[]>()
  choices.forEach(({ run }, choice) => {
    const root = rootOf(requests + run)
    const part = byRoot.get(root)
    if (part === undefined) byRoot.set(root, [choice])
    else part.push(choice)
  })
  return [...byRoot.values()]
}

function searched(
  { choices, dropCostS, steps }: ChoiceProblem<Choice>,
  part: readonly number[],
  start: readonly number[],
): readonly number[] {
  const requests = [...new Set(part.flatMap((choice) => choices[choice]!.members))].sort((a, b) => a - b)
  // A request costs no less than its share of the cheapest group it is in, so their sum is a bound for who is open.
  const leastS = new Map(requests.map((request) => [request, dropCostS]))
  const of = new Map(requests.map((request): [number, number[]] => [request, []]))
  for (const choice of part) {
    const { members, costS } = choices[choice]!
    for (const member of members) {
      of.get(member)!.push(choice)
      leastS.set(member, Math.min(leastS.get(member)!, costS / members.length))
    }
  }
  const shareS = (choice: number) => choices[choice]!.costS / choices[choice]!.members.length
  for (const own of of.values()) own.sort((a, b) => shareS(a) - shareS(b) || a - b)
  const boundS = new Float64Array(requests.length + 1)
  const taken = new Set<number>()
  const usedRuns = new Set<number>()
  const now: number[] = []
  let best: readonly number[] = start
  let bestS = start.reduce(
    (sum, choice) => sum + choices[choice]!.costS - choices[choice]!.members.length * dropCostS,
    requests.length * dropCostS,
  )
  let left = steps
  for (let n = requests.length - 1; n >= 0; n--) boundS[n] = boundS[n + 1]! + leastS.get(requests[n]!)!

  const go = (place: number, costS: number, paidAheadS: number): void => {
    let next = place
    let aheadS = paidAheadS
    while (next < requests.length && taken.has(requests[next]!)) aheadS -= leastS.get(requests[next++]!)!
    if (next === requests.length) {
      // A margin, so that the same seconds summed in another order are no improvement.
      if (costS < bestS - 1e-6) {
        bestS = costS
        best = now.slice()
      }
      return
    }
    if (left-- <= 0 || costS + boundS[next]! - aheadS >= bestS - 1e-6) return
    const request = requests[next]!
    for (const choice of of.get(request)!) {
      const { run, members, costS: addedS } = choices[choice]!
      if (usedRuns.has(run) || members.some((member) => taken.has(member))) continue
      usedRuns.add(run)
      let laterS = 0
      for (const member of members) {
        taken.add(member)
        if (member !== request) laterS += leastS.get(member)!
      }
      now.push(choice)
      go(next + 1, costS + addedS, aheadS + laterS)
      now.pop()
      for (const member of members) taken.delete(member)
      usedRuns.delete(run)
    }
    // Left out: no group may have it any more.
    taken.add(request)
    go(next + 1, costS + dropCostS, aheadS)
    taken.delete(request)
  }
  go(0, 0, 0)
  return best
}
