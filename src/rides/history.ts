/** A rider's rides, the newest first, narrowed down by state, days and words. */
import { type Kysely, sql } from 'kysely'
import { addDays, type Day, dayEndMs } from '../engine/day.ts'
import type { RideState } from '../engine/ride.ts'
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import type { LoadedRide } from './store.ts'

/** As people sort them: those to come or under way, those that were driven, those that came to nothing. */
export const RIDE_GROUPS = ['coming', 'completed', 'ended'] as const
export type RideGroup = (typeof RIDE_GROUPS)[number]

const STATES: Record<RideGroup, readonly RideState[]> = {
  coming: ['scheduled', 'requested', 'assigned', 'en_route', 'arrived', 'in_progress'],
  completed: ['completed'],
  ended: ['cancelled', 'no_show', 'unfulfilled'],
}

export interface HistoryFilter {
  readonly group?: RideGroup | undefined
  /** Days where the rides are, both counted. */
  readonly from?: Day | undefined
  readonly until?: Day | undefined
  /** Part of one of the two places, or of the ride's number. */
  readonly text?: string | undefined
  /** Only those asked for earlier. */
  readonly before?: Date | undefined
}

/**
 * Somebody's rides with a company that fit the filter.
 * @param asked.timeZone whose days are meant
 */
export function rideHistory(
  db: Kysely<Tables>,
  companyId: CompanyId,
  asked: {
    readonly riderId: IdentityId
    readonly filter: HistoryFilter
    readonly timeZone: string
    readonly limit: number
  },
): Promise<LoadedRide[]> {
  const { group, from, until, text, before } = asked.filter
  // A booking stands under the day it is for.
  const at = sql<Date>`coalesce(scheduled_for, requested_at)`
  const word = text?.toLowerCase() ?? ''
  return (
    db
      .selectFrom('rides')
      .selectAll()
      .where('company_id', '=', companyId)
      .where('rider_id', '=', asked.riderId)
      .$if(group !== undefined, (query) => query.where('state', 'in', [...STATES[group!]]))
      .$if(from !== undefined, (query) => query.where(at, '>=', startOf(from!, asked.timeZone)))
      .$if(until !== undefined, (query) => query.where(at, '<', new Date(dayEndMs(until!, asked.timeZone))))
      // No pattern: a sign of a pattern in somebody's words is a letter like any other.
      .$if(word !== '', (query) =>
        query.where(
          sql<boolean>`position(${word} in lower(pickup_label || ' ' || dropoff_label || ' hc-' || number)) > 0`,
        ),
      )
      .$if(before !== undefined, (query) => query.where('requested_at', '<', before!))
      .orderBy('requested_at', 'desc')
      .limit(asked.limit)
      .execute()
  )
}

function startOf(day: Day, timeZone: string): Date {
  return new Date(dayEndMs(addDays(day, -1), timeZone))
}
