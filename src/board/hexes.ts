/** The desk's cells: who asks and who is free, and what that adds to prices, as often as the region is counted. */
import { surgeText } from '../../views/parts/surge.ts'
import { surgeOf } from '../engine/surge.ts'
import type { Counted } from '../fares/surge.ts'
import { cornersOf, mapStep } from '../fares/surge-map.ts'

/** Cell, people asking, cars free, colour of the surge (0 to 6), and the surge in words. */
type CellRow = readonly [cell: string, asking: number, free: number, step: number, words: string]

/** The messages of one region: a cell's corners are told once, its figures each time. */
export class HexMessages {
  readonly #told = new Set<string>()

  /** For a page that knows nothing yet: all corners that the others were told, too; null where nothing is counted. */
  whole(counted: Counted | null, currency: string): string {
    for (const { cell } of counted?.cells ?? []) this.#told.add(cell)
    return message(counted, currency, [...this.#told])
  }

  /** For the pages that are open. */
  next(counted: Counted, currency: string): string {
    const fresh = counted.cells.map(({ cell }) => cell).filter((cell) => !this.#told.has(cell))
    for (const cell of fresh) this.#told.add(cell)
    return message(counted, currency, fresh)
  }
}

function message(counted: Counted | null, currency: string, shown: readonly string[]): string {
  const rules = counted?.rules ?? null
  const cells = (counted?.cells ?? []).map(({ cell, asking, free, step }): CellRow => {
    const surge = rules === null ? null : surgeOf(rules, step)
    const words = surge === null ? '' : surgeText(surge, currency)
    return [cell, asking, free, mapStep({ rules }, step), words]
  })
  return JSON.stringify({
    type: 'cells',
    isCounted: counted !== null,
    surges: rules !== null,
    shapes: Object.fromEntries(shown.map((cell) => [cell, cornersOf(cell)])),
    cells,
  })
}
