/** Letters about lost things and reports: to the driver who may have it, and to the rider who waits. */
import type { CaseSide, CaseStep } from '../engine/ride-case.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { notify } from '../notices/notices.ts'
import { type LoadedRide, referenceOf } from '../rides/rides.ts'
import type { RideCase } from './cases.ts'
import { CASE_PATHS } from './shapes.ts'

export interface Addressee {
  readonly identityId: IdentityId
  readonly name: string
  readonly email: string
  readonly language: string
}

/** Null for somebody who has left. */
export async function addresseeOf(system: Db, identityId: IdentityId): Promise<Addressee | null> {
  const person = await system
    .selectFrom('identities')
    .select(['name', 'email', 'language'])
    .where('id', '=', identityId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return person === undefined ? null : { identityId, ...person }
}

interface News {
  readonly to: Addressee
  readonly ride: LoadedRide
  readonly told: RideCase
  readonly text: string
}

/** A rider misses something in the driver's car, or has written about it again. */
export function tellDriverOfLoss(unit: Work, random: Random, { to, ride, told, text }: News): Promise<void> {
  return notify(unit, random, {
    kind: 'lost_item',
    ...{ to: to.email, identityId: to.identityId, companyId: ride.company_id, language: to.language },
    data: {
      ...{ name: to.name, reference: referenceOf(ride), topic: told.topic, text },
      link: `/driver/rides/${ride.id}/cases/${CASE_PATHS.lost_item}`,
    },
  })
}

/** What was done or answered, to the rider who told of it. */
export function tellRider(
  unit: Work,
  random: Random,
  { to, ride, told, text, side, step }: News & { readonly side: CaseSide; readonly step: CaseStep },
): Promise<void> {
  return notify(unit, random, {
    kind: 'case_news',
    ...{ to: to.email, identityId: to.identityId, companyId: ride.company_id, language: to.language },
    data: {
      ...{ name: to.name, reference: referenceOf(ride), case: told.kind, step, text },
      by: side === 'driver' ? 'driver' : 'office',
      link: `/rides/${ride.id}/cases/${CASE_PATHS[told.kind]}`,
    },
  })
}
