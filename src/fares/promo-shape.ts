/** A code as the office makes it. */
import { z } from 'zod'

const minor = z.int().min(1).max(100_000_000)

export const promoShape = z
  .strictObject({
    /** As people say and type it; kept in capitals. */
    code: z
      .string()
      .transform((text) => text.replace(/\s+/g, '').toUpperCase())
      .pipe(
        z.string().regex(/^[A-Z0-9-]{3,20}$/, { error: 'should be 3 to 20 letters, digits and hyphens' }),
      ),
    /** A sum, or a part of the fare before tax up to `mostMinor`: one of the two. */
    offMinor: minor.nullable().default(null),
    offBasisPoints: z.int().min(1).max(10_000).nullable().default(null),
    mostMinor: minor.nullable().default(null),
    /** Null: from now on, and without an end. */
    startsAtMs: z.int().min(0).nullable().default(null),
    endsAtMs: z.int().min(0).nullable().default(null),
    /** For all riders together; each uses it once. Null: no end. */
    usesMost: z.int().min(1).max(10_000_000).nullable().default(null),
    budgetMinor: z.int().min(1).max(1_000_000_000).nullable().default(null),
  })
  .refine(({ offMinor, offBasisPoints }) => (offMinor === null) !== (offBasisPoints === null), {
    path: ['offMinor'],
    error: 'should take off either a sum or a part',
  })
  .refine(({ startsAtMs, endsAtMs }) => endsAtMs === null || startsAtMs === null || endsAtMs > startsAtMs, {
    path: ['endsAtMs'],
    error: 'should end after it begins',
  })
export type PromoDraft = z.infer<typeof promoShape>
