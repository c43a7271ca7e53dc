/** What stands beside the map: calls for help, what needs somebody, what is booked, who waits at the ranks. */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { type BookedLaneProps, boardBooked } from './booked.ts'
import { boardCounts } from './counts.ts'
import { handoverLink } from './handover.ts'
import { messagesLink } from './messages.ts'
import type { QueueProps } from './need-props.ts'
import type { BoardCounts, SafetyLaneProps, ZonesProps } from './props.ts'
import { boardQueue } from './queue.ts'
import { boardSafety } from './safety.ts'
import { boardZones } from './zones.ts'

export interface LanesProps {
  readonly counts: BoardCounts
  readonly queue: QueueProps
  readonly booked: BookedLaneProps
  readonly zones: ZonesProps
  readonly safety: SafetyLaneProps
  /** How many drivers wrote and nobody has looked. */
  readonly answers: number
  /** Hand-over notes that nobody has taken over. */
  readonly notes: number
}

/** All lanes, one below the other. */
export function boardLanes(ctx: PageContext, lanes: LanesProps): Html {
  return html`${boardSafety(lanes.safety)}${boardQueue(ctx, lanes.queue)}${boardBooked(ctx, lanes.booked)}${boardZones(ctx, lanes.zones)}`
}

/** The counters, the lanes, what drivers wrote and what was handed over as fragments that take the place of those on a page. */
export function pushedLanes(ctx: PageContext, lanes: LanesProps): Html {
  return html`${boardCounts(lanes.counts)}${boardLanes(ctx, lanes)}${messagesLink(lanes)}${handoverLink(lanes)}`
}
