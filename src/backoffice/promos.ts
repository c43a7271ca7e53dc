/** The codes out of a company file. */
import { closePromo, createPromo, promosOf } from '../fares/promos.ts'
import type { Founding } from './found.ts'
import type { PromoEntry } from './shapes.ts'

/** Make the codes that are not there, close those that the file closes; the others stay as they are. */
export async function settlePromos(
  { unit, random, companyId, entries }: Founding,
  currency: string,
  promos: readonly PromoEntry[],
): Promise<void> {
  const open = (await promosOf(unit.db, companyId)).filter(({ closed_at }) => closed_at === null)
  for (const { closed, ...promo } of promos) {
    const known = open.find(({ code }) => code === promo.code)
    const by = {}
    if (closed && known !== undefined) await closePromo(unit, random, { companyId, promoId: known.id, by })
    if (!closed && known === undefined) await createPromo(unit, random, { companyId, currency, promo, by })
    const effect = closed === (known === undefined) ? 'kept' : closed ? 'changed' : 'created'
    entries.push({ effect, kind: 'code', name: promo.code, details: closed ? ['closed'] : [] })
  }
  for (const { code } of open)
    if (!promos.some((promo) => promo.code === code))
      entries.push({ effect: 'left', kind: 'code', name: code, details: [] })
}
