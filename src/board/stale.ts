/** What happened to a ride last, for whoever acted on an older picture of it: who did what, and how long ago. */
import type { Kysely } from 'kysely'
import type { IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { driverNames, namesOf } from './store.ts'

/** "Ben gave this ride to 163 four seconds ago." */
export async function whatHappened(
  db: Kysely<Tables>,
  ride: Pick<LoadedRide, 'company_id' | 'id'>,
  { viewerId, nowMs }: { viewerId: IdentityId; nowMs: number },
): Promise<string> {
  const last = await db
    .selectFrom('ride_events')
    .selectAll()
    .where('company_id', '=', ride.company_id)
    .where('ride_id', '=', ride.id)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last === undefined) return 'This ride changed.'
  const drivers = await driverNames(db, ride.company_id, last.driver_id === null ? [] : [last.driver_id])
  const car = (last.driver_id && drivers.get(last.driver_id)?.callSign) || 'the driver'
  const names = await namesOf(db, last.actor_id === null ? [] : [last.actor_id])
  const who =
    last.actor_id === viewerId
      ? 'You'
      : last.actor_kind === 'driver'
        ? car
        : last.actor_kind === 'system'
          ? 'The engine'
          : (names.get(last.actor_id ?? '') ?? (last.actor_kind === 'rider' ? 'The rider' : 'Another desk'))
  const did = (WORDS[last.type] ?? (() => 'changed this ride'))(car, last.actor_kind === 'driver')
  return `${who} ${did} ${agoWords(nowMs - last.at.getTime())}.`
}

const WORDS: Readonly<Record<string, (car: string, isDriver: boolean) => string>> = {
  request: () => 'asked for this ride',
  book: () => 'booked this ride',
  rebook: () => 'changed this booking',
  start_search: () => 'began to look for a driver',
  ask_change: () => 'asked for another way',
  agree_change: () => 'agreed to another way',
  drop_change: () => 'dropped the question about another way',
  reach_stop: () => 'came to a stop',
  leave_stop: () => 'went on from a stop',
  assign: (car, isDriver) => (isDriver ? 'took this ride' : `gave this ride to ${car}`),
  set_off: () => 'set off',
  arrive: () => 'arrived at the pickup',
  board: () => 'took the rider on board',
  finish: () => 'finished this ride',
  miss: () => 'closed this ride as a no-show',
  release: (car, isDriver) => (isDriver ? 'handed this ride back' : `took this ride from ${car}`),
  cancel: () => 'cancelled this ride',
  give_up: () => 'gave this ride up: nobody took it',
  hold: () => 'put this ride off',
  unhold: () => 'had this ride asked for again',
  widen: () => 'had this ride looked for wider',
  merge: () => 'merged this ride with others',
  part: () => 'had this ride go alone again',
  edit: () => 'changed this ride',
  take_back: () => 'took back what was changed',
  reopen: () => 'brought this ride back',
  reopen_booked: () => 'brought this booking back',
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

/** "a moment ago", "four seconds ago", "3 minutes ago". */
export function agoWords(agoMs: number): string {
  const seconds = Math.max(0, Math.round(agoMs / 1_000))
  if (seconds === 0) return 'a moment ago'
  const [count, word] =
    seconds < 60
      ? [seconds, 'second']
      : seconds < 3_600
        ? [Math.round(seconds / 60), 'minute']
        : [Math.round(seconds / 3_600), 'hour']
  return `${NUMBERS[count] ?? count} ${word}${count === 1 ? '' : 's'} ago`
}
