/** The three sides of a lost thing or a report: whose it is to see, and what each of them is shown. */
import type { z } from 'zod'
import type { CaseProps } from '../../views/aftercare/case.ts'
import { placeOf } from '../companies/page-context.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { allowedCaseSteps, type CaseKind, type CaseSide } from '../engine/ride-case.ts'
import type { CompanyId, RideId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'
import { desksThing, findRide, type LoadedRide, referenceOf, ridersThing } from '../rides/rides.ts'
import { requireViewer, type WebContext } from '../web/context.ts'
import type { PageLineDeps } from '../web/page-lines.ts'
import { notThere } from '../web/problem.ts'
import { actingCompany, mayReach } from '../web/reach.ts'
import { holds } from '../web/viewer.ts'
import { caseOf, mayOpenCase, messagesOf } from './cases.ts'
import type { AftercareDeps, Asking } from './routes.ts'
import { CASE_PATHS, type caseParams } from './shapes.ts'

export interface CaseDeps extends AftercareDeps {
  /** For the address of the other side, which a request of this side may not see. */
  readonly system: Db
  readonly lines: PageLineDeps
}

export interface CaseShown {
  readonly error?: string | undefined
  readonly typed?: { readonly topic: string; readonly text: string } | undefined
}

/** A side's ride: whose page it is, and where it stands. */
export interface Side {
  readonly side: CaseSide
  readonly ride: LoadedRide
}
export type CaseParams = z.infer<typeof caseParams>
/** @throws HttpProblem 404 where there is none for who asks */
export type SideOf = (asking: Asking, params: CaseParams, db: WebContext['db']) => Promise<Side>

export type CaseSides = ReturnType<typeof caseSides>

export function caseSides(deps: CaseDeps) {
  const { clock, random } = deps

  const asRider: SideOf = async ({ request, web }, { id }, db) => {
    const { company } = placeOf(deps.companies, request)
    const ride = await findRide(db, company.id, id as RideId)
    if (ride === undefined || !mayReach(web, ridersThing(ride))) throw notThere()
    return { side: 'rider', ride }
  }

  /** What is reported is between the rider and the office. */
  const asDriver: SideOf = async ({ web }, { id, kind }, db) => {
    const driver = await requireDriver(db, web)
    const ride = await findRide(db, driver.company_id, id as RideId)
    if (kind !== 'lost_item' || ride === undefined || ride.driver_id !== driver.id) throw notThere()
    return { side: 'driver', ride }
  }

  const asDesk: SideOf = async ({ web }, { id, kind }, db) => {
    const companyId = actingCompany(web)
    const ride = await findRide(db, companyId, id as RideId)
    if (ride === undefined || !mayReach(web, desksThing(ride))) throw notThere()
    if (!kindsOfDesk(web, companyId).includes(kind)) throw notThere()
    return { side: 'desk', ride }
  }

  /** Lost things are every dispatcher's, reports the office's alone: they may be about the desk. */
  function kindsOfDesk(web: WebContext, companyId: CompanyId): CaseKind[] {
    return holds(requireViewer(web), ['admin'], companyId) ? ['lost_item', 'problem'] : ['lost_item']
  }

  async function propsOf(
    { web }: Asking,
    { side, ride }: Side,
    { kind, shown }: { readonly kind: CaseKind; readonly shown: CaseShown },
  ): Promise<CaseProps> {
    const found = await caseOf(web.db, ride, kind)
    if (found === undefined && side !== 'rider') throw notThere()
    const company = await web.db
      .selectFrom('companies')
      .select('phone')
      .where('id', '=', ride.company_id)
      .executeTakeFirst()
    return {
      ...{ kind, side, action: casePath(side, ride, kind), mayOpen: mayOpenCase(ride, kind, clock.nowMs()) },
      ride: {
        ...{ reference: referenceOf(ride), from: ride.pickup_label, to: ride.dropoff_label },
        endedAtMs: ride.ended_at?.getTime() ?? null,
      },
      told:
        found === undefined
          ? null
          : {
              ...{ topic: found.topic, state: found.state, messages: await messagesOf(web.db, found) },
              steps: allowedCaseSteps(kind, found.state, side),
            },
      ...{ phone: company?.phone ?? null, key: random.uuid(), error: shown.error },
      ...(shown.typed === undefined ? {} : { typed: shown.typed }),
    }
  }

  return { of: { rider: asRider, driver: asDriver, desk: asDesk }, kindsOfDesk, propsOf }
}

const PREFIXES: Record<CaseSide, string> = { rider: '', driver: '/driver', desk: '/board' }

/** The address of a case for one side. */
export function casePath(side: CaseSide, ride: Pick<LoadedRide, 'id'>, kind: CaseKind): string {
  return `${PREFIXES[side]}/rides/${ride.id}/cases/${CASE_PATHS[kind]}`
}
