/**
 * Rides that ended, narrowed: on all there was where an index knows the words (three letters in a row, a number, a
 * driver), else among the newest. Row-level security asks its own question before any that could tell of a row, and so
 * before such an index: ids are found with the system's handle, for one company, and read through the wall.
 */
import type { Kysely } from 'kysely'
import type { TableFilters } from '../../views/board/props.ts'
import type { Corners } from '../engine/area.ts'
import type { RideState } from '../engine/ride.ts'
import type { CompanyId, DriverId, RegionId, RideId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import type { LoadedRide } from '../rides/rides.ts'
import type { Readers } from './callers.ts'
import { anywhere, rowFilter } from './filters.ts'
import { hasIndex, RIDE_LETTERS } from './search-words.ts'

const ENDED: readonly RideState[] = ['completed', 'cancelled', 'no_show', 'unfulfilled']
/** What no index knows is looked for among so many: some weeks of a busy desk. */
const NEWEST_LOOKED_AT = 20_000
/** Nobody reads on to the thousandth; whoever looks for one ride narrows. */
const COUNT_MOST = 1_000

interface Asked {
  readonly regionId: RegionId
  readonly filters: TableFilters
  readonly nowMs: number
  /** Only those whose pickup lies between these corners, south-west and north-east. */
  readonly within?: Corners | null
}

/** The newest first. */
export async function endedRides(
  { system, db }: Readers,
  companyId: CompanyId,
  asked: Asked & { readonly limit: number },
): Promise<LoadedRide[]> {
  const found = await (await narrowed(system, companyId, asked))
    .select('rides.id')
    .orderBy('rides.ended_at', 'desc')
    .orderBy('rides.number')
    .limit(asked.limit)
    .execute()
  if (found.length === 0) return []
  return db
    .selectFrom('rides')
    .selectAll()
    .where('company_id', '=', companyId)
    .where(
      'id',
      'in',
      found.map(({ id }) => id as RideId),
    )
    .orderBy('ended_at', 'desc')
    .orderBy('number')
    .execute()
}

/** How many there are; undefined where it is more than anybody counts. */
export async function countEndedThat(
  system: Kysely<Tables>,
  companyId: CompanyId,
  asked: Asked,
): Promise<number | undefined> {
  const some = (await narrowed(system, companyId, asked)).select('rides.id').limit(COUNT_MOST + 1)
  const { count } = await system
    .selectFrom(some.as('some'))
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count) > COUNT_MOST ? undefined : Number(count)
}

async function narrowed(system: Kysely<Tables>, companyId: CompanyId, asked: Asked) {
  const { regionId, nowMs, within = null } = asked
  const { q, by, from, to, ...others } = asked.filters
  const [byQ, byName] = await Promise.all([
    q === undefined ? null : driversNamed(system, companyId, q),
    by === undefined ? null : driversNamed(system, companyId, by),
  ])
  const number = /^(?:HC-)?(\d{1,12})$/i.exec(q ?? '')?.[1]
  const isKnown = byName !== null || [q, from, to].some((words) => words !== undefined && hasIndex([words]))
  const since = isKnown ? null : await endOfNewest(system, companyId, regionId)
  return (
    system
      .selectFrom('rides')
      .where('rides.company_id', '=', companyId)
      .where('rides.region_id', '=', regionId)
      .where('rides.state', 'in', [...ENDED])
      .where('rides.ended_at', 'is not', null)
      .where(rowFilter(others, nowMs))
      .$if(since !== null, (rides) => rides.where('rides.ended_at', '>=', since!))
      .$if(q !== undefined, (rides) =>
        rides.where((eb) =>
          eb.or([
            eb.and([
              eb(RIDE_LETTERS, 'ilike', anywhere(q!)),
              eb.or([
                eb('rides.rider_name', 'ilike', anywhere(q!)),
                eb('rides.pickup_label', 'ilike', anywhere(q!)),
                eb('rides.dropoff_label', 'ilike', anywhere(q!)),
              ]),
            ]),
            ...(number === undefined ? [] : [eb('rides.number', '=', Number(number))]),
            ...(byQ === null || byQ.length === 0 ? [] : [eb('rides.driver_id', 'in', byQ)]),
          ]),
        ),
      )
      .$if(byName !== null, (rides) =>
        rides.where((eb) => (byName!.length === 0 ? eb.lit(false) : eb('rides.driver_id', 'in', byName!))),
      )
      // Both ends are among the letters that the index knows.
      .$if(from !== undefined, (rides) =>
        rides
          .where(RIDE_LETTERS, 'ilike', anywhere(from!))
          .where('rides.pickup_label', 'ilike', anywhere(from!)),
      )
      .$if(to !== undefined, (rides) =>
        rides
          .where(RIDE_LETTERS, 'ilike', anywhere(to!))
          .where('rides.dropoff_label', 'ilike', anywhere(to!)),
      )
      .$if(within !== null, (rides) =>
        rides.where((eb) =>
          eb.and([
            eb.between('rides.pickup_lat', within![0].lat, within![1].lat),
            eb.between('rides.pickup_lng', within![0].lng, within![1].lng),
          ]),
        ),
      )
  )
}

/** When the last of the newest ended; null where there are no more than those. */
async function endOfNewest(
  system: Kysely<Tables>,
  companyId: CompanyId,
  regionId: RegionId,
): Promise<Date | null> {
  const last = await system
    .selectFrom('rides')
    .select('ended_at')
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('ended_at', 'is not', null)
    .orderBy('ended_at', 'desc')
    .offset(NEWEST_LOOKED_AT)
    .limit(1)
    .executeTakeFirst()
  return last?.ended_at ?? null
}

/** Whom of the company's drivers, who are hundreds, some words name. */
async function driversNamed(
  system: Kysely<Tables>,
  companyId: CompanyId,
  words: string,
): Promise<DriverId[]> {
  const like = anywhere(words)
  const rows = await system
    .selectFrom('drivers')
    .select('id')
    .where('company_id', '=', companyId)
    .where((eb) => eb.or([eb('name', 'ilike', like), eb('call_sign', 'ilike', like)]))
    .execute()
  return rows.map(({ id }) => id)
}
