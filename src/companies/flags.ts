/** A company's switches: what each does, how it stands unless somebody moved it, and how it stands now. */
import type { Kysely } from 'kysely'
import type { CompanyId } from '../engine/units.ts'
import type { Bus } from '../io/bus.ts'
import type { Logger } from '../io/log.ts'
import type { Tables } from '../io/tables.ts'
import { HttpProblem } from '../web/problem.ts'

/** Every flag there is: one line here, and one place that asks for it. */
export const FLAGS = {
  ride_requests: {
    isOn: true,
    name: 'Take new rides',
    words: 'Off: riders read that you take none right now. Rides under way go on.',
  },
  visitor_prices: {
    isOn: true,
    name: 'Prices without signing in',
    words: 'Off: who is not signed in is asked to do so before seeing prices.',
  },
  account_payment: {
    isOn: true,
    name: 'Paying on account',
    words: 'Off: rides are paid in cash. Rides asked for before stay as they are.',
  },
  automatic_offers: {
    isOn: true,
    name: 'Offers by the engine',
    words: 'Off: no ride is offered by itself; the desk assigns each one.',
  },
  pickup_watchdog: {
    isOn: true,
    name: 'Pickup watchdog',
    words: 'Off: nobody looks whether a car on its way still comes; its ride stays with it.',
  },
  start_codes: {
    isOn: false,
    name: 'Start codes',
    words: 'On: a ride starts once the driver typed the four digits that the rider has on their page.',
  },
} as const satisfies Record<string, { isOn: boolean; name: string; words: string }>
export type Flag = keyof typeof FLAGS
export const FLAG_NAMES = Object.keys(FLAGS) as Flag[]

export interface Flags {
  isOn(companyId: CompanyId, flag: Flag): boolean
  /** Read anew what may have changed; known to nobody else. */
  reload(): Promise<void>
}

/** The flags as they stand, kept in memory and read again after news of a company. */
export async function loadFlags(deps: {
  readonly db: Kysely<Tables>
  readonly bus: Bus
  readonly log: Logger
}): Promise<Flags> {
  let moved = new Map<string, boolean>()
  let reads = 0

  async function reload(): Promise<void> {
    const mine = ++reads
    const rows = await deps.db.selectFrom('company_flags').select(['company_id', 'flag', 'is_on']).execute()
    // A later read has the newer picture, whichever of them comes back first.
    if (mine === reads) moved = new Map(rows.map((row) => [`${row.company_id} ${row.flag}`, row.is_on]))
  }
  const again = () => reload().catch((error: unknown) => deps.log.warn({ error }, 'flags.reload_failed'))
  deps.bus.on('company.changed', again)
  deps.bus.onGap(again)
  await reload()
  return { isOn: (companyId, flag) => moved.get(`${companyId} ${flag}`) ?? FLAGS[flag].isOn, reload }
}

/** @throws HttpProblem 409 where a company takes no new rides */
export function requireTakingRides(flags: Flags, company: { id: CompanyId; name: string }): void {
  if (!flags.isOn(company.id, 'ride_requests'))
    throw new HttpProblem(409, `${company.name} takes no new rides right now. Try again later.`)
}
