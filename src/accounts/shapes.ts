import { z } from 'zod'
import { oneLine } from '../web/text.ts'
import { LONGEST_PASSWORD } from './passwords.ts'

/** Who signs in; addresses are compared in lower case, passwords as they are. */
const WHO = {
  email: z.string().trim().toLowerCase().max(254).pipe(z.email()),
  password: z.string().min(1).max(LONGEST_PASSWORD),
}
export const NEXT = z.string().max(2_000).default('')
/** A ticked box; one that is not ticked is not sent. */
const TICKED = z.literal('on').optional()
const CODE = z.string().trim().min(1).max(20)
/** The token of a sign-in that waits for its second factor. */
const PENDING = z.string().min(1).max(100)
const KEY = z.string().max(128).optional()

/** Base64url, as long as an authenticator's answer may be. */
const BYTES = z
  .string()
  .max(8_000)
  .regex(/^[\w-]+$/)

/** What a browser says of a passkey it used; fields of later browsers are dropped. */
export const assertionShape = z.object({
  id: BYTES,
  rawId: BYTES,
  type: z.literal('public-key'),
  clientExtensionResults: z.object({}).default({}),
  response: z.object({
    clientDataJSON: BYTES,
    authenticatorData: BYTES,
    signature: BYTES,
    userHandle: z.string().max(200).optional(),
  }),
})
/** What a browser says of a passkey it made. */
export const attestationShape = z.object({
  id: BYTES,
  rawId: BYTES,
  type: z.literal('public-key'),
  clientExtensionResults: z.object({}).default({}),
  response: z.object({
    clientDataJSON: BYTES,
    attestationObject: BYTES,
    transports: z.array(z.string().max(30)).max(10).optional(),
  }),
})

/** In a form it comes as JSON in one field. Null when it cannot be read. */
export function inField<T>(shape: z.ZodType<T>, text: string): T | null {
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    return null
  }
}
const PASSKEY_FIELD = z.string().max(32_000)

/** GET /sign-in. */
export const signInQuery = z.object({ next: NEXT })
/** POST /sign-in. */
export const signInForm = z.strictObject({ ...WHO, next: NEXT, remember: TICKED })
/** POST /sign-in/passkey. */
export const passkeyForm = z.strictObject({
  passkey: PASSKEY_FIELD,
  next: NEXT,
  remember: z.enum(['on', '']).default(''),
})
/** POST /sign-in/second: a code, or a passkey's answer. */
export const secondForm = z.strictObject({
  code: z.string().max(100).optional(),
  passkey: PASSKEY_FIELD.optional(),
})
/** POST /api/v1/session. */
export const signInCall = z.strictObject({ ...WHO, remember: z.boolean().default(false) })
/** POST /api/v1/tokens. */
export const tokenCall = z.strictObject(WHO)
/** POST /api/v1/session/second: `code`, or `passkey`. */
export const secondCall = z.strictObject({
  pending: PENDING,
  code: CODE.optional(),
  passkey: assertionShape.optional(),
})
/** POST /api/v1/session/passkey. */
export const passkeyCall = z.strictObject({ passkey: assertionShape, remember: z.boolean().default(false) })
/** POST /api/v1/session/passkey-options; without `pending` the browser's cookie says which sign-in waits. */
export const passkeyOptionsCall = z.strictObject({
  step: z.enum(['sign_in', 'second']),
  pending: PENDING.optional(),
})
/** POST /api/v1/account/passkey-options. */
export const ownPasskeyOptionsCall = z.strictObject({ purpose: z.enum(['register', 'prove']) })

/** GET /confirm. */
export const confirmQuery = z.object({ next: NEXT })
/** POST /confirm: a password, a code, or a passkey's answer. */
export const confirmForm = z.strictObject({
  key: KEY,
  next: NEXT,
  password: z.string().max(LONGEST_PASSWORD).optional(),
  code: z.string().max(100).optional(),
  passkey: PASSKEY_FIELD.optional(),
})
/** POST /api/v1/session/confirmation: one of the three. */
export const confirmCall = z.strictObject({
  password: WHO.password.optional(),
  code: CODE.optional(),
  passkey: assertionShape.optional(),
})

/** GET /account/security; what was done by the form before. */
export const securityQuery = z.object({
  done: z
    .enum(['app', 'app_gone', 'passkey', 'passkey_gone', 'codes', 'there_already'])
    .optional()
    .catch(undefined),
})
/** POST /account/security/app. */
export const appForm = z.strictObject({ key: KEY, sealed: z.string().max(400), code: z.string().max(100) })
/** POST /account/security/passkeys. */
export const newPasskeyForm = z.strictObject({
  key: KEY,
  name: z.string().overwrite(oneLine).min(1).max(60),
  passkey: PASSKEY_FIELD,
})
export const passkeyParams = z.object({ id: z.uuid() })

/** Nothing is sent along. */
export const nothing = z.strictObject({})
/** A form or call whose address says it all. */
export const keyOnly = z.strictObject({ key: KEY })
export const sessionParams = z.object({ id: z.uuid() })
/** What the devices page says was done, after a form of its own. */
export const endedQuery = z.strictObject({
  ended: z.enum(['one', 'others']).optional().catch(undefined),
})
/** POST /api/v1/tokens/refresh. */
export const refreshCall = z.strictObject({ refreshToken: z.string().min(1).max(200) })
