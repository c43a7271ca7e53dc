/**
 * Codes that take something off a fare: made and closed by the office, tried with a price, used up by a ride. A code is
 * used once a person, so often and for so much in all; the database refuses more, whatever the races.
 */
import { type Kysely, type Selectable, sql } from 'kysely'
import { record } from '../audit/audit.ts'
import type { PromoTerms } from '../engine/fare.ts'
import { type CompanyId, type IdentityId, ok, type Result, type RideId, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { PromoRow } from '../io/tables/fares.ts'
import type { Tables } from '../io/tables.ts'
import type { PromoDraft } from './promo-shape.ts'
import type { Publisher } from './tariff-versions.ts'

export type Promo = Selectable<PromoRow>

/** A code that may be tried: its id, and what it takes off. */
export interface UsablePromo {
  readonly id: string
  readonly terms: PromoTerms
}

export type PromoRefusal = 'code_unknown' | 'code_not_yet' | 'code_over' | 'code_used_up' | 'code_used_by_you'

const MOST_PROMOS = 500

const WORDS: Record<PromoRefusal, string> = {
  code_unknown: 'There is no such code. Look at its letters again.',
  code_not_yet: 'This code does not count yet.',
  code_over: 'This code has ended.',
  code_used_up: 'This code is used up.',
  code_used_by_you: 'You have used this code already.',
}

/** What a refused code says to who typed it; null for any other text, as it may come from an address. */
export function promoWords(reason: string | undefined): string | null {
  return Object.entries(WORDS).find(([name]) => name === reason)?.[1] ?? null
}

/** As it is kept: capitals without spaces, however it was typed. */
export function normalCode(text: string): string {
  return text.replace(/\s+/g, '').toUpperCase()
}

/**
 * Whether somebody may use a code now; nothing is used up by asking.
 * @param asked.identityId null for a visitor whom we do not know: then once a person is looked at when the ride is asked for
 */
export async function usablePromo(
  db: Kysely<Tables>,
  asked: {
    readonly companyId: CompanyId
    readonly code: string
    readonly identityId: IdentityId | null
    readonly atMs: number
  },
): Promise<Result<UsablePromo, PromoRefusal>> {
  const promo = await db
    .selectFrom('promos')
    .selectAll()
    .where('company_id', '=', asked.companyId)
    .where('code', '=', normalCode(asked.code))
    .where('closed_at', 'is', null)
    .executeTakeFirst()
  if (promo === undefined) return refuse('code_unknown')
  if (promo.starts_at.getTime() > asked.atMs) return refuse('code_not_yet')
  if (promo.ends_at !== null && promo.ends_at.getTime() <= asked.atMs) return refuse('code_over')
  if (!hasLeft(promo, 1)) return refuse('code_used_up')
  if (asked.identityId !== null && (await hasUsed(db, promo, asked.identityId)))
    return refuse('code_used_by_you')
  return ok({
    id: promo.id,
    terms: {
      code: promo.code,
      ...(promo.off_minor !== null && { offMinor: promo.off_minor }),
      ...(promo.off_basis_points !== null && { offBasisPoints: promo.off_basis_points }),
      mostMinor: promo.most_minor,
    },
  })
}

/** Whether there is a use left, and so much of the budget. */
function hasLeft({ uses, uses_most, spent_minor, budget_minor }: Promo, amountMinor: number): boolean {
  return (
    (uses_most === null || uses < uses_most) &&
    (budget_minor === null || spent_minor + amountMinor <= budget_minor)
  )
}

async function hasUsed(db: Kysely<Tables>, promo: Promo, identityId: IdentityId): Promise<boolean> {
  const used = await db
    .selectFrom('promo_uses')
    .select('ride_id')
    .where('promo_id', '=', promo.id)
    .where('identity_id', '=', identityId)
    .where('released_at', 'is', null)
    .executeTakeFirst()
  return used !== undefined
}

/**
 * Hold the code of a quote until the unit of work ends, so that `usePromo` cannot fail: who else wants it waits. The
 * dates count as they were when the price was promised; uses, budget and once a person count now.
 */
export async function holdPromo(
  unit: Work,
  held: {
    readonly companyId: CompanyId
    readonly promoId: string
    readonly identityId: IdentityId
    readonly amountMinor: number
  },
): Promise<Result<Promo, 'code_used_up' | 'code_used_by_you'>> {
  const promo = await unit.db
    .selectFrom('promos')
    .selectAll()
    .where('company_id', '=', held.companyId)
    .where('id', '=', sql<string>`${held.promoId}::uuid`)
    .forUpdate()
    .executeTakeFirst()
  if (promo === undefined || promo.closed_at !== null || !hasLeft(promo, held.amountMinor))
    return refuse('code_used_up')
  if (await hasUsed(unit.db, promo, held.identityId)) return refuse('code_used_by_you')
  return ok(promo)
}

/** Use a held code up for a ride. */
export async function usePromo(
  unit: Work,
  used: {
    readonly promo: Promo
    readonly rideId: RideId
    readonly identityId: IdentityId
    readonly amountMinor: number
  },
): Promise<void> {
  const { promo, amountMinor } = used
  await unit.db
    .updateTable('promos')
    .set({ uses: promo.uses + 1, spent_minor: promo.spent_minor + amountMinor })
    .where('company_id', '=', promo.company_id)
    .where('id', '=', promo.id)
    .execute()
  await unit.db
    .insertInto('promo_uses')
    .values({
      ...{ company_id: promo.company_id, promo_id: promo.id, ride_id: used.rideId },
      ...{ identity_id: used.identityId, amount_minor: amountMinor, used_at: new Date(unit.atMs) },
    })
    .execute()
}

/** Give the code of a ride that came to nothing back to its rider, and its part of the budget to the code. */
export async function releasePromo(
  unit: Work,
  { companyId, rideId }: { readonly companyId: CompanyId; readonly rideId: RideId },
): Promise<void> {
  const released = await unit.db
    .updateTable('promo_uses')
    .set({ released_at: new Date(unit.atMs) })
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .where('released_at', 'is', null)
    .returning(['promo_id', 'amount_minor'])
    .executeTakeFirst()
  if (released === undefined) return
  await unit.db
    .updateTable('promos')
    .set((eb) => ({
      uses: eb('uses', '-', 1),
      spent_minor: eb('spent_minor', '-', released.amount_minor),
    }))
    .where('company_id', '=', companyId)
    .where('id', '=', released.promo_id)
    .execute()
}

/** Every code of a company, the open ones and the newest first. */
export function promosOf(db: Kysely<Tables>, companyId: CompanyId): Promise<Promo[]> {
  return db
    .selectFrom('promos')
    .selectAll()
    .where('company_id', '=', companyId)
    .orderBy(sql`closed_at is not null`)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(MOST_PROMOS)
    .execute()
}

/**
 * Make a code.
 * @returns `taken` while an open one goes by the same letters
 */
export async function createPromo(
  unit: Work,
  random: Random,
  made: {
    readonly companyId: CompanyId
    readonly currency: string
    readonly promo: PromoDraft
    readonly by: Publisher
  },
): Promise<Result<Promo, 'taken'>> {
  const { companyId, promo, by } = made
  const { code: letters, ...terms } = promo
  const row = await unit.db
    .insertInto('promos')
    .values({
      ...{ company_id: companyId, id: random.uuid(), code: promo.code, currency: made.currency },
      off_minor: promo.offMinor,
      off_basis_points: promo.offBasisPoints,
      most_minor: promo.mostMinor,
      starts_at: new Date(promo.startsAtMs ?? unit.atMs),
      ends_at: promo.endsAtMs === null ? null : new Date(promo.endsAtMs),
      uses_most: promo.usesMost,
      budget_minor: promo.budgetMinor,
      ...{ created_at: new Date(unit.atMs), created_by: by.actorId ?? null },
    })
    .onConflict((conflict) =>
      conflict.columns(['company_id', 'code']).where('closed_at', 'is', null).doNothing(),
    )
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) return refuse('taken')
  await record(unit.db, random, {
    ...{ action: 'promo.created', atMs: unit.atMs, companyId, subject: row.id, ...by },
    detail: { letters, ...terms },
  })
  return ok(row)
}

/**
 * Close a code: nobody uses it any more. Prices promised with it are not kept either, as the office closes a code that
 * got into wrong hands.
 * @returns whether it was open
 */
export async function closePromo(
  unit: Work,
  random: Random,
  closed: { readonly companyId: CompanyId; readonly promoId: string; readonly by: Publisher },
): Promise<boolean> {
  const row = await unit.db
    .updateTable('promos')
    .set({ closed_at: new Date(unit.atMs), closed_by: closed.by.actorId ?? null })
    .where('company_id', '=', closed.companyId)
    .where('id', '=', sql<string>`${closed.promoId}::uuid`)
    .where('closed_at', 'is', null)
    .returning(['id', 'code'])
    .executeTakeFirst()
  if (row === undefined) return false
  await record(unit.db, random, {
    ...{
      action: 'promo.closed',
      atMs: unit.atMs,
      companyId: closed.companyId,
      subject: row.id,
      ...closed.by,
    },
    detail: { letters: row.code },
  })
  return true
}
