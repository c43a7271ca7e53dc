/** Small chores of every process, whoever holds the regions: a fresh fleet, left-over news, old keys and quotes. */
import { forgetOldSolutions } from '../accounts/captcha.ts'
import { forgetOldSignIns } from '../accounts/factors.ts'
import { forgetOldLinks } from '../accounts/links.ts'
import { forgetEndedSessions } from '../accounts/sessions.ts'
import { forgetOldEntries } from '../audit/retention.ts'
import { liftLapsedBans } from '../backoffice/bans.ts'
import { FRAME_EVERY_MS, forgetOldFrames, keepFrames } from '../board/past.ts'
import type { Companies } from '../companies/companies.ts'
import { forgetOldDeskActs } from '../dispatch/desk-acts.ts'
import { forgetOldPlaces } from '../dispatch/queues.ts'
import { forgetOldShadows } from '../dispatch/shadow.ts'
import { forgetOldLooks } from '../dispatch/trace-store.ts'
import { forgetOldSurge } from '../fares/surge-history.ts'
import { type CommitDeps, sweepOutbox } from '../io/commit.ts'
import type { Logger } from '../io/log.ts'
import type { Random } from '../io/random.ts'
import { forgetOldPictures, watchLicences } from '../licences/expiry.ts'
import { forgetOldLetters, type Post } from '../notices/post.ts'
import { forgetOldAnswers } from '../places/answers.ts'
import { forgetOldImports, workOnImports } from '../places/import-runs.ts'
import type { Fleet } from '../positions/fleet.ts'
import { forgetOldRides } from '../privacy/forget-rides.ts'
import { purgeDeleted } from '../privacy/purge.ts'
import type { Roads } from '../roads/roads.ts'
import type { Uploads } from '../uploads/uploads.ts'
import { forgetOldKeys } from '../web/idempotency.ts'
import { checkInvariants } from './invariants.ts'

interface Chore {
  readonly name: string
  readonly everyMs: number
  run(): Promise<unknown>
}

const DAY_MS = 86_400_000
/** Cars age between pings, so who is free is looked at again more often than positions go stale. */
const SETTLE_EVERY_MS = 1_000
/** Should any news of a driver have been missed, the fleet is right again after this long. */
const RELOAD_EVERY_MS = 30_000
const SWEEP_EVERY_MS = 2_000
/** Somebody waits for the letter with their link. */
const POST_EVERY_MS = 1_000
/** Somebody looks at how far their file is. */
const PLACES_EVERY_MS = 1_000
/** An ended session's sockets close by its news; this is for those that end by time, or whose news were lost. */
const SESSIONS_EVERY_MS = 1_000
/** Longer than any outage that we would call one. */
const QUOTES_LOOKED_AT_MS = 3 * DAY_MS
const CLEAN_EVERY_MS = 10 * 60_000
/** A shift ends on the second by the tick; this is about letters. */
const LICENCES_EVERY_MS = 5 * 60_000
/** A deleted picture is out of reach at once; this is how long its file may still lie there. */
const UPLOADS_EVERY_MS = 60_000
/** A ban that is over counts no more from its instant on; its row goes within this. */
const BANS_EVERY_MS = 60_000
const RETAIN_EVERY_MS = 6 * 3_600_000
/** A day has to be over before it is learned from; a first start may have weeks of them, a day each time. */
const ROADS_EVERY_MS = 5 * 60_000
const CHECK_EVERY_MS = 60_000
/** What ended is looked at more than once, should a look fail or come late. */
const CHECK_BACK_MS = 5 * 60_000

export interface Keeper {
  start(): void
  stop(): void
}

export interface KeeperDeps extends CommitDeps {
  readonly log: Logger
  readonly random: Random
  readonly auditRetentionDays: number
  readonly fleet: Fleet
  readonly post: Pick<Post, 'deliver'>
  readonly closeEndedSessions: () => Promise<void>
  readonly companies: Pick<Companies, 'regions'>
  readonly uploads: Pick<Uploads, 'sweep'>
  readonly roads: Pick<Roads, 'learn'>
}

export function makeKeeper(deps: KeeperDeps): Keeper {
  const { db, clock, log, fleet } = deps
  const cancels = new Map<string, () => void>()
  let stopped = false

  const chores: Chore[] = [
    { name: 'fleet.settle', everyMs: SETTLE_EVERY_MS, run: () => fleet.settle() },
    { name: 'fleet.reload', everyMs: RELOAD_EVERY_MS, run: () => fleet.reload() },
    { name: 'sessions.close_ended', everyMs: SESSIONS_EVERY_MS, run: deps.closeEndedSessions },
    { name: 'outbox.sweep', everyMs: SWEEP_EVERY_MS, run: () => sweepOutbox(deps) },
    {
      name: 'past.keep',
      everyMs: FRAME_EVERY_MS,
      run: () => keepFrames({ db, clock, fleet, regions: deps.companies.regions }),
    },
    { name: 'licences.watch', everyMs: LICENCES_EVERY_MS, run: () => watchLicences(deps) },
    { name: 'licences.old_pictures', everyMs: CLEAN_EVERY_MS, run: () => forgetOldPictures(deps) },
    { name: 'uploads.sweep', everyMs: UPLOADS_EVERY_MS, run: () => deps.uploads.sweep() },
    { name: 'places.import', everyMs: PLACES_EVERY_MS, run: () => workOnImports(deps) },
    { name: 'post.deliver', everyMs: POST_EVERY_MS, run: () => deps.post.deliver() },
    {
      name: 'invariants.check',
      everyMs: CHECK_EVERY_MS,
      async run() {
        const nowMs = clock.nowMs()
        const broken = await checkInvariants(db, { nowMs, sinceMs: nowMs - CHECK_BACK_MS })
        for (const violation of broken) log.error({ ...violation }, 'invariant.broken')
      },
    },
    { name: 'roads.learn', everyMs: ROADS_EVERY_MS, run: () => deps.roads.learn() },
    { name: 'privacy.purge', everyMs: CLEAN_EVERY_MS, run: () => purgeDeleted(deps) },
    { name: 'privacy.forget_rides', everyMs: CLEAN_EVERY_MS, run: () => forgetOldRides(deps) },
    { name: 'bans.lift', everyMs: BANS_EVERY_MS, run: () => liftLapsedBans(deps) },
    {
      name: 'audit.retention',
      everyMs: RETAIN_EVERY_MS,
      run: () => forgetOldEntries(deps, deps.auditRetentionDays),
    },
    { name: 'trace.retention', everyMs: CLEAN_EVERY_MS, run: () => forgetOldLooks(db, clock.nowMs()) },
    {
      name: 'clean',
      everyMs: CLEAN_EVERY_MS,
      async run() {
        const nowMs = clock.nowMs()
        await forgetOldKeys(db, nowMs)
        await forgetOldLinks(db, nowMs)
        await forgetOldSolutions(db, nowMs)
        await forgetEndedSessions(db, nowMs)
        await forgetOldSignIns(db, nowMs)
        await forgetOldLetters(db, nowMs)
        await forgetOldShadows(db, nowMs)
        await forgetOldSurge(db, nowMs)
        await forgetOldDeskActs(db, nowMs)
        await forgetOldFrames(db, nowMs)
        await forgetOldPlaces(db, nowMs)
        await forgetOldAnswers(db, nowMs)
        await forgetOldImports(db, nowMs)
        // A quote that became a ride stays with it; the others are only promises that ran out.
        await db
          .deleteFrom('quotes')
          .where('expires_at', '<', new Date(nowMs - DAY_MS))
          // Older ones were looked at already; the work must not grow with all that was ever asked.
          .where('expires_at', '>', new Date(nowMs - QUOTES_LOOKED_AT_MS))
          .where(({ not, exists, selectFrom }) =>
            not(exists(selectFrom('rides').select('rides.id').whereRef('rides.quote_id', '=', 'quotes.id'))),
          )
          // What was promised before another way was agreed on, and what was asked in vain, is told on the receipt.
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('ride_changes').select('id').whereRef('ride_changes.quote_id', '=', 'quotes.id'),
              ),
            ),
          )
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('quotes as later').select('later.id').whereRef('later.replaces', '=', 'quotes.id'),
              ),
            ),
          )
          .execute()
      },
    },
  ]

  function next(chore: Chore): void {
    if (stopped) return
    const again = () => {
      void chore
        .run()
        .catch((error: unknown) => log.warn({ error, chore: chore.name }, 'chore.failed'))
        .finally(() => next(chore))
    }
    cancels.set(chore.name, clock.after(chore.everyMs, again))
  }

  return {
    start: () => chores.forEach(next),
    stop() {
      stopped = true
      for (const cancel of cancels.values()) cancel()
    },
  }
}
