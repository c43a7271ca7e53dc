/**
 * Tells who wants to hear when a car of a class gets free near them, in a region this process holds. What is asked for
 * stands in rows, so it goes on wherever the lease goes; each is told once.
 */
import type { Region } from '../companies/companies.ts'
import { attributesIn } from '../engine/attributes.ts'
import { travel } from '../engine/eta.ts'
import { markTold, untoldFreeWaits } from '../fares/free-waits.ts'
import type { LoadedQuote } from '../fares/quotes.ts'
import type { Clock } from '../io/clock.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { notify } from '../notices/notices.ts'
import type { Fleet } from '../positions/fleet.ts'
import { type TravelDeps, travelIn } from '../roads/roads.ts'
import type { Fenced } from './sweeps.ts'

/** A car that is free for less than this was never to be had. */
const LOOK_EVERY_MS = 10_000
const AT_ONCE = 100
/** As far as a price looks for a car (`app.ts`): what is told must be what the page then shows. */
const REACH_M = 8_000

export interface FreeKeeperDeps extends TravelDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly fleet: Pick<Fleet, 'nearestFree'>
}

export interface FreeKeeper {
  /** Tell whoever is due. @returns how many were told */
  keep(fenced: Fenced): Promise<number>
}

export function makeFreeKeeper(deps: FreeKeeperDeps, region: Region): FreeKeeper {
  const { db, clock, random, fleet } = deps
  let nextLookMs = Number.NEGATIVE_INFINITY

  return {
    async keep(fenced) {
      const nowMs = clock.nowMs()
      if (nowMs < nextLookMs) return 0
      nextLookMs = nowMs + LOOK_EVERY_MS
      const waits = await untoldFreeWaits(db, {
        ...{ companyId: region.companyId, regionId: region.id, at: new Date(nowMs), limit: AT_ONCE },
      })
      let told = 0
      for (const wait of waits) {
        const at = { lat: wait.pickup_lat, lng: wait.pickup_lng }
        const { class: vehicleClass, seats, attributes } = wait
        const car = fleet.nearestFree(region.id, at, { vehicleClass, seats, attributes, maxM: REACH_M })
        if (car === null) continue
        const etaS = travel(car, at, travelIn(deps, region)).durationS
        if ((await fenced((unit) => tell(unit, random, wait, etaS))) === true) told++
      }
      return told
    },
  }
}

async function tell(
  unit: Work,
  random: Random,
  wait: LoadedQuote & { wait_id: string; identity_id: NonNullable<LoadedQuote['rider_id']> },
  etaS: number,
): Promise<boolean> {
  if (!(await markTold(unit, wait.wait_id))) return false
  const person = await unit.db
    .selectFrom('identities')
    .select(['name', 'email', 'language'])
    .where('id', '=', wait.identity_id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (person === undefined) return false
  await notify(unit, random, {
    ...{ kind: 'car_free', to: person.email, identityId: wait.identity_id, companyId: wait.company_id },
    ...{ language: person.language, dedupeKey: `car_free:${wait.wait_id}` },
    data: {
      ...{ name: person.name, class: wait.class, from: wait.pickup_label, to: wait.dropoff_label, etaS },
      link: requestLink(wait),
    },
  })
  return true
}

/** The form as it was asked, for the price of now. */
function requestLink(quote: LoadedQuote): string {
  const query = new URLSearchParams({
    ...{ from: quote.pickup_label, from_lat: `${quote.pickup_lat}`, from_lng: `${quote.pickup_lng}` },
    ...{ to: quote.dropoff_label, to_lat: `${quote.dropoff_lat}`, to_lng: `${quote.dropoff_lng}` },
    seats: `${quote.seats}`,
  })
  for (const need of attributesIn(quote.attributes)) query.set(need, 'on')
  return `/request?${query}`
}
