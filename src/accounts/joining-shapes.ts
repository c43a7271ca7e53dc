import { z } from 'zod'
import { oneLine } from '../web/text.ts'
import { LONGEST_SOLUTION } from './captcha.ts'
import { TOKEN_FORM } from './links.ts'
import { LONGEST_PASSWORD } from './passwords.ts'
import { NEXT } from './shapes.ts'

/** An address as we keep and compare it. */
export const emailShape = z.string().trim().toLowerCase().max(254).meta({ format: 'email' }).pipe(z.email())
export const nameShape = z.string().overwrite(oneLine).min(1).max(120)
/** Any characters; what it is worth is judged after its length. */
const password = z.string().min(1).max(LONGEST_PASSWORD)
const altcha = z.string().max(LONGEST_SOLUTION).default('')
const as = z.enum(['rider', 'driver'])

/** The token of a letter's link. */
export const tokenParams = z.object({ token: z.string().regex(TOKEN_FORM) })

/** GET /register. */
export const registerQuery = z.object({ as: z.string().max(20).default(''), next: NEXT })
/** POST /register. */
export const registerForm = z.strictObject({
  name: nameShape,
  email: emailShape,
  password,
  as,
  altcha,
  next: NEXT,
})
/** POST /api/v1/registrations. */
export const registerCall = z.strictObject({
  name: nameShape,
  email: emailShape,
  password,
  as: as.default('rider'),
  altcha,
})
/** POST /verifications. */
export const resendForm = z.strictObject({ email: emailShape, next: NEXT })
/** GET /verify/:token, whose address is in a letter. */
export const verifyQuery = z.object({ next: NEXT })
/** POST /verify/:token. */
export const verifyForm = z.strictObject({ next: NEXT })
/** POST /api/v1/verifications, and /forgot-password as form and call. */
export const emailOnly = z.strictObject({ email: emailShape })
/** POST /reset-password/:token; the address is there for password managers. */
export const resetForm = z.strictObject({ email: z.string().max(254).default(''), password })
/** POST /invitations/:token, by somebody without an account; the address is there for password managers. */
export const newcomerForm = z.strictObject({
  name: nameShape,
  email: z.string().max(254).default(''),
  password,
})
/** POST /account/password. */
export const changePasswordForm = z.strictObject({
  email: z.string().max(254).default(''),
  password,
  key: z.string().max(128).optional(),
})
/** POST /api/v1/password-resets/:token. */
export const passwordCall = z.strictObject({ password })
/** POST /password-strength. */
export const strengthForm = z.strictObject({
  password: z.string().max(LONGEST_PASSWORD),
  name: z.string().max(254).default(''),
  email: z.string().max(254).default(''),
})
