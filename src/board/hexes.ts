/** The desk's cells: who asks and who is free, and what that adds to prices, as often as the region is counted. */
import { surgeText } from '../../views/parts/surge.ts'
import { surgeOf } from '../engine/surge.ts'
import type { Counted } from '../fares/surge.ts'
import { cornersOf, mapStep } from '../fares/surge-map.ts'
import type { Made } from '../io/stream.ts'

/** Cell, people asking, cars free, colour of the surge (0 to 6), and the surge in words. */
type CellRow = readonly [cell: string, asking: number, free: number, step: number, words: string]

/** The messages of one region: a cell's corners are told once, its figures each time. */
export class HexMessages {
  /** In the order they were first told: a page has a beginning of it. */
  readonly #told: string[] = []
  readonly #known = new Set<string>()
  #newest: { readonly had: number; readonly counted: Counted | null; readonly text: string } | null = null

  #count(counted: Counted | null): void {
    for (const { cell } of counted?.cells ?? [])
      if (!this.#known.has(cell)) {
        this.#known.add(cell)
        this.#told.push(cell)
      }
  }

  /**
   * What is counted now, with the corners that a page has not.
   * @param had of how many cells it has them
   */
  message(
    had: number | null,
    counted: Counted | null,
    currency: string,
  ): Made & { text: string; mark: number } {
    this.#count(counted)
    const from = had ?? 0
    if (this.#newest?.had !== from || this.#newest.counted !== counted)
      this.#newest = { had: from, counted, text: message(counted, currency, this.#told.slice(from)) }
    return { text: this.#newest.text, mark: this.#told.length }
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
