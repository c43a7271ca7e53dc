/**
 * Surge: what a busy place adds to a price. People who ask and cars that are free are counted by H3 cell, smoothed in
 * time, and summed over a cell and the six around it, so that neighbours have most of their counts in common and
 * prices change less from one to the next than the counts do. Pure: counts and moments come in.
 */
import { gridDisk } from 'h3-js'
import type { SurgeTerms } from './fare.ts'
import { assert } from './units.ts'

interface SurgeThresholds {
  /** People asking for one free car, from which prices rise. */
  readonly fromPressure: number
  /** As many, and prices are at their cap. */
  readonly fullPressure: number
  /** Up to so many people asking around a cell nothing is added; from twice as many on the counts are trusted whole. */
  readonly leastAround: number
  /** The same for the whole region. */
  readonly leastInRegion: number
}

/** What a region adds at most, and in which steps. */
export type SurgeRules = SurgeThresholds &
  (
    | {
        readonly kind: 'multiply'
        /** The factor at most, in hundredths of a percent: 20 000 is twice the price. */
        readonly capBasisPoints: number
        readonly stepBasisPoints: number
      }
    | {
        readonly kind: 'add'
        /** Added to a fare at most, minor units of the region's currency. */
        readonly capMinor: number
        readonly stepMinor: number
      }
  )

/** One cell as the desk reads it; both counts are smoothed and of this cell alone. */
export interface SurgeCell {
  readonly cell: string
  readonly asking: number
  readonly free: number
  /** In steps of the region's rules, 0 for nothing. */
  readonly step: number
}

/** What was counted just now, by cell. */
export interface SurgeCounts {
  readonly asking: ReadonlyMap<string, number>
  readonly free: ReadonlyMap<string, number>
}

/** Whoever asked so long ago, and whoever still waits, counts as asking. */
export const ASKING_WINDOW_S = 300
/** Time constant of the smoothing: a change is two thirds in after two minutes, and a gust of seconds leaves no trace. */
export const SMOOTHING_S = 120
/** A price moves when the counts are so much of a step beyond the middle between two; within, it stays as it is. */
const HYSTERESIS_STEPS = 0.25
/** Fewer people than this in a cell are the tail of the smoothing. */
const NOBODY = 0.05

/** How many steps there are above the usual price. */
export function stepsOf(rules: SurgeRules): number {
  return rules.kind === 'multiply'
    ? Math.ceil((rules.capBasisPoints - 10_000) / rules.stepBasisPoints)
    : Math.ceil(rules.capMinor / rules.stepMinor)
}

/** What so many steps do to a fare, never beyond the cap; null for none. */
export function surgeOf(rules: SurgeRules, step: number): SurgeTerms | null {
  if (step <= 0) return null
  return rules.kind === 'multiply'
    ? { factorBasisPoints: Math.min(rules.capBasisPoints, 10_000 + step * rules.stepBasisPoints) }
    : { addMinor: Math.min(rules.capMinor, step * rules.stepMinor) }
}

/**
 * How much of the cap counts call for, 0 to 1: it never falls with more people asking and never rises with more cars.
 * @param around people and cars in a cell and the six around it
 * @param askingInRegion people in the whole region
 */
export function surgeLevel(
  rules: SurgeThresholds,
  { asking, free }: { readonly asking: number; readonly free: number },
  askingInRegion: number,
): number {
  const { fromPressure, fullPressure, leastAround, leastInRegion } = rules
  // No car at all is no reason to divide by nothing: it counts as one.
  const pressure = asking / Math.max(1, free)
  const wanted = clamp((pressure - fromPressure) / (fullPressure - fromPressure))
  return wanted * trust(asking, leastAround) * trust(askingInRegion, leastInRegion)
}

/** Nothing up to the least, all from twice the least on: one more person is never a cliff. */
function trust(count: number, least: number): number {
  return clamp((count - least) / least)
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}

/** The step after this one: it stays until the counts have left it by more than chance moves them, and follows no further. */
function nextStep(step: number, wantedSteps: number): number {
  const slack = 0.5 + HYSTERESIS_STEPS
  return Math.min(Math.floor(wantedSteps + slack), Math.max(Math.ceil(wantedSteps - slack), step))
}

/** Smoothed once more; the tail of what is gone ends at nothing, whatever else there is in the cell. */
function nextCount(before: number, counted: number, share: number): number {
  const next = before + share * (counted - before)
  return counted === 0 && next < NOBODY ? 0 : next
}

interface Smoothed {
  asking: number
  free: number
  step: number
}

/** One region's cells from look to look. */
export class SurgeField {
  readonly #cells = new Map<string, Smoothed>()
  readonly #disks = new Map<string, readonly string[]>()
  #atMs: number | null = null

  /**
   * Go on from what another process knew last, as if this one had looked then.
   * @throws BugError when it has looked already
   */
  resume(cells: readonly SurgeCell[], atMs: number): void {
    assert(this.#atMs === null, 'a field that has looked does not begin again')
    for (const { cell, asking, free, step } of cells) this.#cells.set(cell, { asking, free, step })
    this.#atMs = atMs
  }

  /**
   * Take in what was counted just now.
   * @param rules null where prices do not rise; counts are smoothed all the same
   */
  look(counts: SurgeCounts, atMs: number, rules: SurgeRules | null): void {
    const sinceS = this.#atMs === null ? 0 : Math.max(0, (atMs - this.#atMs) / 1000)
    // Exact for any time between two looks: how often is looked makes no difference.
    const share = 1 - Math.exp(-sinceS / SMOOTHING_S)
    const isFirst = this.#atMs === null
    this.#atMs = atMs
    for (const [cell, free] of counts.free)
      if (!this.#cells.has(cell)) this.#cells.set(cell, { asking: 0, free: isFirst ? free : 0, step: 0 })
    for (const cell of counts.asking.keys())
      if (!this.#cells.has(cell)) this.#cells.set(cell, { asking: 0, free: 0, step: 0 })
    for (const [cell, smoothed] of this.#cells) {
      smoothed.asking = nextCount(smoothed.asking, counts.asking.get(cell) ?? 0, share)
      smoothed.free = nextCount(smoothed.free, counts.free.get(cell) ?? 0, share)
    }
    this.#price(rules)
    for (const [cell, { asking, free, step }] of this.#cells)
      if (step === 0 && asking === 0 && free === 0) this.#cells.delete(cell)
  }

  #price(rules: SurgeRules | null): void {
    if (rules === null) {
      for (const smoothed of this.#cells.values()) smoothed.step = 0
      return
    }
    const inRegion = this.askingInRegion
    const steps = stepsOf(rules)
    const priced = new Set(this.#cells.keys())
    // Where nobody asks may be next to where everybody does.
    for (const [cell, { asking }] of this.#cells)
      if (asking >= NOBODY) for (const near of this.#disk(cell)) priced.add(near)
    for (const cell of priced) {
      const before = this.#cells.get(cell)
      const wanted = surgeLevel(rules, this.around(cell), inRegion) * steps
      const step = nextStep(Math.min(before?.step ?? 0, steps), wanted)
      if (before !== undefined) before.step = step
      else if (step > 0) this.#cells.set(cell, { asking: 0, free: 0, step })
    }
  }

  /** People and cars in a cell and the six around it, smoothed. */
  around(cell: string): { readonly asking: number; readonly free: number } {
    let asking = 0
    let free = 0
    for (const near of this.#disk(cell)) {
      const smoothed = this.#cells.get(near)
      if (smoothed === undefined) continue
      asking += smoothed.asking
      free += smoothed.free
    }
    return { asking, free }
  }

  get askingInRegion(): number {
    let sum = 0
    for (const { asking } of this.#cells.values()) sum += asking
    return sum
  }

  /** Every cell where there is somebody, or something is added, in the order of the cells' names. */
  cells(): SurgeCell[] {
    return [...this.#cells]
      .map(([cell, { asking, free, step }]) => ({ cell, asking, free, step }))
      .sort((a, b) => (a.cell < b.cell ? -1 : 1))
  }

  #disk(cell: string): readonly string[] {
    let disk = this.#disks.get(cell)
    if (disk === undefined) {
      disk = gridDisk(cell, 1)
      this.#disks.set(cell, disk)
    }
    return disk
  }
}

/** No further ahead than this anything is said of when it is over. */
const OVER_WITHIN_S = 2 * 3_600
const OVER_STEP_S = 300

/**
 * In how many seconds what is added is usually over: people come as on past days, as many more or fewer of them as
 * today, and cars stay as they are.
 * @param expected people who asked on past days from one moment to another, in seconds from now
 * @returns null where past days tell nothing, or not within two hours
 */
export function usuallyOverInS(
  rules: SurgeThresholds,
  around: { readonly asking: number; readonly free: number },
  expected: (fromS: number, toS: number) => number,
): number | null {
  const usual = expected(-ASKING_WINDOW_S, 0)
  if (usual <= 0) return null
  const today = around.asking / usual
  for (let inS = OVER_STEP_S; inS <= OVER_WITHIN_S; inS += OVER_STEP_S) {
    const asking = today * expected(inS - ASKING_WINDOW_S, inS)
    // Of the region's people nothing is known ahead; those around here are enough to say.
    if (surgeLevel(rules, { asking, free: around.free }, Number.MAX_SAFE_INTEGER) === 0) return inS
  }
  return null
}
