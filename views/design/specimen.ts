import type { Html } from '../html.ts'
import type { PageContext } from '../page.ts'

/** One part in one state. */
export interface Specimen {
  readonly state: string
  draw(ctx: PageContext): Html
  /** What is folded stands open. */
  readonly isOpen?: boolean
  /** What a script shows is shown. */
  readonly isShown?: boolean
  /** Dialogs stay closed. */
  readonly isClosed?: boolean
}

/** A part: what it is for, and each of its states. */
export interface PartGroup {
  readonly title: string
  /** Where it is made, for who looks for it. */
  readonly from: string
  readonly states: readonly Specimen[]
}

/** Sat 21 Nov 2026, 18:07:42 in New York: the parts page always shows the same evening. */
export const NOW_MS = Date.UTC(2026, 10, 21, 23, 7, 42)
export const MIN_MS = 60_000
export const KEY = () => 'key'
