/** What a run tells beyond its figures, for the plots of the report: small enough to be sent between processes. */
import { latLngToCell } from 'h3-js'
import type { Outcome } from './outcome.ts'

export interface Series {
  /** Requests by when they were made, and how many of those were served. */
  readonly clock: {
    /** Local seconds of the day at which the first slot begins. */
    readonly fromS: number
    readonly slotS: number
    readonly requests: readonly number[]
    readonly served: readonly number[]
  }
  /** Served riders by their wait, in slots of `slotS` from 0. */
  readonly waits: { readonly slotS: number; readonly counts: readonly number[] }
  /** By H3 cell of the pickup: requests, and those not served. */
  readonly cells: readonly (readonly [cell: string, requests: number, unserved: number])[]
}

const LONG_S = 3 * 3_600
const WAIT_SLOTS = 20
const CELL_RESOLUTION = 9

export function seriesOf({ rides }: Outcome, maxWaitS: number): Series {
  const first = rides[0]!.recorded
  const spanS = (rides.at(-1)!.recorded.requestedAtMs - first.requestedAtMs) / 1_000
  const slotS = spanS > LONG_S ? 3_600 : 300
  const fromS = first.localSecondsOfDay - (first.localSecondsOfDay % slotS)
  const startMs = first.requestedAtMs - (first.localSecondsOfDay - fromS) * 1_000
  const slots = Math.floor((first.localSecondsOfDay - fromS + spanS) / slotS) + 1
  const requests = new Array<number>(slots).fill(0)
  const served = new Array<number>(slots).fill(0)
  const counts = new Array<number>(WAIT_SLOTS).fill(0)
  const cells = new Map<string, [requests: number, unserved: number]>()
  for (const { recorded, ride, pickedUpAtMs } of rides) {
    const slot = Math.min(slots - 1, Math.floor((recorded.requestedAtMs - startMs) / 1_000 / slotS))
    const isServed = ride.state === 'completed'
    requests[slot]!++
    if (isServed) {
      served[slot]!++
      const waitS = (pickedUpAtMs! - recorded.requestedAtMs) / 1_000
      counts[Math.min(WAIT_SLOTS - 1, Math.floor((WAIT_SLOTS * waitS) / maxWaitS))]!++
    }
    const name = latLngToCell(recorded.pickup.lat, recorded.pickup.lng, CELL_RESOLUTION)
    const cell = cells.get(name) ?? [0, 0]
    cell[0]++
    if (!isServed) cell[1]++
    cells.set(name, cell)
  }
  return {
    clock: { fromS, slotS, requests, served },
    waits: { slotS: maxWaitS / WAIT_SLOTS, counts },
    cells: [...cells].map(([name, [asked, unserved]]) => [name, asked, unserved] as const),
  }
}
