import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import munkres from 'munkres'
import { assign, makeMatchWorkspace, type SparseCosts } from '../../src/engine/match.ts'
import { BugError, seededRandom } from '../../src/engine/units.ts'

/** A row as people write it: its drop cost and [column, cost] pairs. */
interface Row {
  drop: number
  edges: [column: number, cost: number][]
}

function sparse(columns: number, rows: readonly Row[]): SparseCosts {
  const edges = rows.flatMap((row) => row.edges)
  const starts = [0]
  for (const row of rows) starts.push(starts.at(-1)! + row.edges.length)
  return {
    rows: rows.length,
    columns,
    rowStarts: Int32Array.from(starts),
    edgeColumns: Int32Array.from(edges, ([column]) => column),
    edgeCosts: Float64Array.from(edges, ([, cost]) => cost),
    dropCosts: Float64Array.from(rows, (row) => row.drop),
  }
}

function solve(costs: SparseCosts, workspace = makeMatchWorkspace()) {
  const edges = new Int32Array(costs.rows)
  const total = assign(costs, edges, workspace)
  const columns = Array.from(edges, (edge) => (edge < 0 ? -1 : costs.edgeColumns[edge]!))
  return { total, columns, edges: [...edges] }
}

/** Every way to give each row one of its columns or nothing. */
function exhaustive(rows: readonly Row[], taken: ReadonlySet<number> = new Set()): number {
  const [row, ...rest] = rows
  if (!row) return 0
  let best = row.drop + exhaustive(rest, taken)
  for (const [column, cost] of row.edges) {
    if (!taken.has(column)) best = Math.min(best, cost + exhaustive(rest, new Set([...taken, column])))
  }
  return best
}

const problem = fc.integer({ min: 1, max: 6 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(
      fc.record({
        drop: fc.integer({ min: -3, max: 12 }),
        edges: fc.array(
          fc.tuple(fc.integer({ min: 0, max: columns - 1 }), fc.integer({ min: -3, max: 12 })),
          { maxLength: columns + 1 },
        ),
      }),
      { maxLength: 6 },
    ),
  }),
)

describe('the matcher', () => {
  test('gives up the nearest car where the sum is better served by it', () => {
    const answer = solve(
      sparse(2, [
        {
          drop: 100,
          edges: [
            [0, 1],
            [1, 2],
          ],
        },
        { drop: 100, edges: [[0, 2]] },
      ]),
    )
    expect(answer).toMatchObject({ columns: [1, 0], total: 4 })
  })

  test('drops the row whose drop is cheapest when cars are short', () => {
    const answer = solve(
      sparse(1, [
        { drop: 20, edges: [[0, 5]] },
        { drop: 30, edges: [[0, 6]] },
      ]),
    )
    expect(answer).toMatchObject({ columns: [-1, 0], total: 26 })
  })

  test('does not serve a row at more than its drop cost, and serves it at exactly that', () => {
    expect(solve(sparse(1, [{ drop: 4, edges: [[0, 5]] }])).columns).toEqual([-1])
    expect(solve(sparse(1, [{ drop: 5, edges: [[0, 5]] }])).columns).toEqual([0])
  })

  test('answers an empty problem, rows without candidates and columns nobody wants', () => {
    expect(solve(sparse(0, []))).toMatchObject({ columns: [], total: 0 })
    expect(solve(sparse(3, [{ drop: 7, edges: [] }]))).toMatchObject({ columns: [-1], total: 7 })
  })

  test('is as cheap as the best of all assignments, on small cases with many ties', () => {
    fc.assert(
      fc.property(problem, ({ columns, rows }) => {
        const answer = solve(sparse(columns, rows))
        expect(answer.total).toBe(exhaustive(rows))
        const used = answer.columns.filter((column) => column >= 0)
        expect(new Set(used).size).toBe(used.length)
        answer.edges.forEach((edge, row) => {
          const start = sparse(columns, rows).rowStarts[row]!
          if (edge >= 0) expect(edge - start).toBeWithin(0, rows[row]!.edges.length)
        })
      }),
      { numRuns: 2_000 },
    )
  })

  test('is as cheap as a dense exact solver on middling cases, cars scarce or plenty', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const random = seededRandom(seed)
      const columns = [40, 70, 90, 110, 150, 300][seed - 1]!
      const rows: Row[] = Array.from({ length: 100 }, () => ({
        drop: 300 + 600 * random(),
        edges: Array.from({ length: 12 }, () => [Math.floor(random() * columns), 900 * random()]),
      }))
      const width = Math.max(columns, rows.length)
      const dense = rows.map((row) => {
        const line = new Array<number>(width).fill(row.drop)
        for (const [column, cost] of row.edges) line[column] = Math.min(line[column]!, cost)
        return line
      })
      const oracle = munkres(dense).reduce((sum, [row, column]) => sum + dense[row]![column]!, 0)
      expect(solve(sparse(columns, rows)).total, `seed ${seed}`).toBeCloseTo(oracle, 6)
    }
  })

  test('answers the same when memory is reused from a larger problem', () => {
    const workspace = makeMatchWorkspace()
    fc.assert(
      fc.property(problem, ({ columns, rows }) => {
        const costs = sparse(columns, rows)
        expect(solve(costs, workspace)).toEqual(solve(costs))
      }),
    )
  })

  test('decides rides that share no driver as if the others were not there', () => {
    fc.assert(
      fc.property(problem, problem, (one, other) => {
        const shifted = other.rows.map((row) => ({
          drop: row.drop,
          edges: row.edges.map(([column, cost]): [number, number] => [column + one.columns, cost]),
        }))
        const together = solve(sparse(one.columns + other.columns, [...one.rows, ...shifted])).columns
        const apart = [
          ...solve(sparse(one.columns, one.rows)).columns,
          ...solve(sparse(other.columns, other.rows)).columns.map((column) =>
            column < 0 ? -1 : column + one.columns,
          ),
        ]
        expect(together).toEqual(apart)
      }),
    )
  })

  test('stops at a cost that is no number and at a column that does not exist', () => {
    expect(() => solve(sparse(1, [{ drop: 1, edges: [[0, Number.NaN]] }]))).toThrow(BugError)
    expect(() => solve(sparse(1, [{ drop: Number.POSITIVE_INFINITY, edges: [] }]))).toThrow(BugError)
    expect(() => solve(sparse(1, [{ drop: 1, edges: [[1, 1]] }]))).toThrow(BugError)
  })
})
