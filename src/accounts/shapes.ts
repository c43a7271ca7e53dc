import { z } from 'zod'
import { LONGEST_PASSWORD } from './passwords.ts'

/** Who signs in; addresses are compared in lower case, passwords as they are. */
const WHO = {
  email: z.string().trim().toLowerCase().max(254).pipe(z.email()),
  password: z.string().min(1).max(LONGEST_PASSWORD),
}

/** GET /sign-in. */
export const signInQuery = z.object({ next: z.string().max(2_000).default('') })
/** POST /sign-in. */
export const signInForm = z.strictObject({ ...WHO, next: z.string().max(2_000).default('') })
/** POST /api/v1/session. */
export const signInCall = z.strictObject(WHO)
/** Nothing is sent along. */
export const nothing = z.strictObject({})
/** A form with nothing but its one-time key. */
export const keyOnly = z.strictObject({ key: z.string().max(128).optional() })

const key = z.string().max(128).optional()
/** A form or call whose address says it all. */
export const onlyKey = z.strictObject({ key })
export const sessionParams = z.object({ id: z.uuid() })
/** What the devices page says was done, after a form of its own. */
export const endedQuery = z.strictObject({
  ended: z.enum(['one', 'others']).optional().catch(undefined),
})
/** POST /api/v1/tokens/refresh. */
export const refreshCall = z.strictObject({ refreshToken: z.string().min(1).max(200) })
