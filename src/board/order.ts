/** In which order the desk reads its open rides: what still needs a hand stands above what runs by itself. */
import type { TableRow } from '../../views/board/props.ts'
import type { RideState } from '../engine/ride.ts'

/** Nobody drives it, then a car on its way, then a car that waits, and last what only has to arrive. */
const NEED: Partial<Record<RideState, number>> = {
  requested: 0,
  assigned: 1,
  en_route: 1,
  arrived: 2,
  in_progress: 3,
}

/** Open rides by need; within one need the latest first, and what is as late stays in the order it came in. */
export function byNeed(rows: readonly TableRow[]): TableRow[] {
  return rows.toSorted((a, b) => needOf(a) - needOf(b) || lateMinutes(b) - lateMinutes(a))
}

/** Rides that share a car stand together, where the first of them stands. */
export function byCar(rows: readonly TableRow[]): TableRow[] {
  const groups = new Map<string, TableRow[]>()
  for (const row of rows) {
    const key = row.car ?? (row.shared && row.driverId !== null ? row.driverId : row.rideId)
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].flat()
}

function needOf(row: TableRow): number {
  return NEED[row.state] ?? Number.MAX_SAFE_INTEGER
}

/** Whole minutes, as the table says them: rows that read alike must not change places each second. */
function lateMinutes({ lateS }: TableRow): number {
  return lateS === null ? 0 : Math.max(0, Math.round(lateS / 60))
}
