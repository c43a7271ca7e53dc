/** One user of an older system's export: fields under their usual names, strictly looked at. */
import { z } from 'zod'
import { MOST_OLD_CODES } from '../../accounts/old-backup-codes.ts'
import { isCodeHash, type PasswordHashKind, passwordHashKind } from '../../accounts/old-hashes.ts'
import { ROLES, type Role } from '../../io/tables/accounts.ts'
import { oneLine } from '../../web/text.ts'
import { emailShape } from '../shapes.ts'

/** What an export calls each of our fields, in camelCase; snake_case counts as the same. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  id: ['id', '_id', 'userId', 'uuid'],
  email: ['email', 'emailAddress', 'mail'],
  name: ['name', 'fullName', 'displayName'],
  firstName: ['firstName', 'givenName'],
  lastName: ['lastName', 'familyName', 'surname'],
  phone: ['phone', 'phoneNumber', 'mobile'],
  passwordHash: ['passwordHash', 'hashedPassword', 'password', 'hash'],
  mfaSecret: ['mfaSecret', 'totpSecret', 'twoFactorSecret', 'mfa.secret', 'totp.secret', 'twoFactor.secret'],
  mfaEnabled: [
    'mfaEnabled',
    'totpEnabled',
    'twoFactorEnabled',
    'mfa.enabled',
    'totp.enabled',
    'twoFactor.enabled',
  ],
  backupCodes: [
    ...['backupCodes', 'mfaBackupCodes', 'recoveryCodes', 'mfa.backupCodes', 'totp.backupCodes'],
    ...['twoFactor.backupCodes', 'mfa.recoveryCodes', 'twoFactorBackupCodes', 'backupCodeHashes'],
  ],
  roles: ['roles', 'role'],
  emailVerified: ['emailVerified', 'isEmailVerified', 'verified', 'isVerified'],
  createdAt: ['createdAt', 'created', 'registeredAt'],
  disabled: ['disabled', 'isDisabled', 'banned', 'isBanned', 'suspended'],
  active: ['active', 'isActive', 'enabled'],
  deleted: ['deleted', 'isDeleted', 'deletedAt'],
}
const FIELD_OF = new Map(
  Object.entries(NAMES).flatMap(([field, names]) => names.map((name) => [name, field])),
)
const GROUPS = new Set(['mfa', 'totp', 'twoFactor'])
/** Roles of older systems that need none here: everybody who signs in may ride. */
const RIDERS = new Set(['rider', 'user', 'passenger', 'customer', 'member'])

export interface Account {
  readonly where: string
  readonly oldId: string
  readonly email: string
  readonly name: string
  /** E.164. */
  readonly phone: string | null
  /** Null: no password here; the person asks for a new one. */
  readonly password: { readonly hash: string; readonly kind: PasswordHashKind } | null
  /** Base32; null without a second factor. */
  readonly mfaSecret: string | null
  readonly backupCodes: readonly { readonly text: string; readonly isHash: boolean }[]
  readonly roles: readonly Role[]
  readonly emailVerified: boolean
  readonly createdAt: Date | null
  readonly isDisabled: boolean
}

/** `ignored` are fields that are none of ours. */
export type Reading = { readonly ignored: readonly string[] } & (
  | { readonly state: 'account'; readonly account: Account }
  /** Deleted there, so there is nothing to bring. */
  | { readonly state: 'left_out' }
  | { readonly state: 'wrong'; readonly mistakes: readonly string[] }
)

const flag = z.union([z.boolean(), z.null().transform(() => false)], { error: 'should be true or false' })
const absent = z.union([z.undefined(), z.null(), z.literal('')]).transform(() => null)
const orNothing = <T extends z.ZodType>(shape: T) => z.union([absent, shape])
const named = z
  .string({ error: 'is missing' })
  .overwrite(oneLine)
  .min(1, { error: 'is empty' })
  .max(120, { error: 'should have 120 letters or less' })
const instant = z
  .union([z.string(), z.number()])
  .transform((value) => new Date(value))
  .refine((at) => at.getTime() >= 0 && at.getTime() < 4_102_444_800_000, {
    error: 'should be an instant, like 2024-05-01T09:30:00Z',
  })
const phone = z
  .string({ error: 'should be a text' })
  .transform((text) => text.replace(/[\s().-]/g, '').replace(/^00/, '+'))
  .refine((text) => /^\+[1-9]\d{6,14}$/.test(text), {
    error: 'should be an international number, like +12125550142',
  })
// The words of these never show what was found: it is, or may be, a secret.
const password = z
  .string({ error: 'should be a text' })
  .transform((hash) => ({ hash, kind: passwordHashKind(hash) }))
  .refine((given): given is { hash: string; kind: PasswordHashKind } => given.kind !== null, {
    error: 'is no argon2id, argon2i or bcrypt hash that can be checked here',
  })
const mfaSecret = z
  .string({ error: 'should be a text' })
  .transform((text) => text.replace(/[\s=-]/g, '').toUpperCase())
  .refine((text) => /^[A-Z2-7]{16,128}$/.test(text), { error: 'is no Base32 secret of 16 to 128 letters' })
const backupCode = z
  .union([z.string(), z.object({ code: z.string(), used: z.boolean().optional() })])
  .transform((given) =>
    typeof given === 'string'
      ? { text: given, used: false }
      : { text: given.code, used: given.used ?? false },
  )
  .refine(({ text }) => isCodeHash(text) || /^[A-Za-z0-9][A-Za-z0-9 -]{4,38}[A-Za-z0-9]$/.test(text), {
    error: 'is neither a code of 6 to 40 letters and digits nor a hash of one',
  })
const roles = z
  .union([z.string(), z.array(z.string())], { error: 'should be a list of roles' })
  .transform((given) => [given].flat().map((role) => role.trim().toLowerCase()))
  .superRefine((given, context) => {
    for (const role of given)
      if (!RIDERS.has(role) && !ROLES.includes(role as Role))
        context.addIssue(`holds "${role.slice(0, 40)}", which is none of: rider, ${ROLES.join(', ')}`)
  })
  .transform((given) => [...new Set(given)].filter((role): role is Role => ROLES.includes(role as Role)))

const shape = z.object({
  id: z
    .union([z.string(), z.int().transform(String)], { error: 'should be a text or a number' })
    .pipe(z.string().min(1, { error: 'is empty' }).max(120, { error: 'is longer than 120 letters' }))
    .optional(),
  email: z
    .string({ error: 'is missing' })
    .pipe(emailShape.catch(''))
    .refine((email) => email !== '', {
      error: 'should be an e-mail address',
    }),
  name: named,
  phone: orNothing(phone).default(null),
  passwordHash: orNothing(password).default(null),
  mfaSecret: orNothing(mfaSecret).default(null),
  mfaEnabled: flag.optional(),
  backupCodes: orNothing(
    z
      .array(backupCode, { error: 'should be a list' })
      .max(MOST_OLD_CODES, { error: `holds more than ${MOST_OLD_CODES}` }),
  ).default(null),
  roles: orNothing(roles).default(null),
  emailVerified: flag.default(false),
  createdAt: orNothing(instant).default(null),
  disabled: flag.default(false),
  active: flag.default(true),
})

/** Read one record: the account it is, or everything that is wrong with it. */
export function readAccount(where: string, value: unknown): Reading {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { state: 'wrong', mistakes: [`${where} is no user: {...} is expected`], ignored: [] }
  const { fields, ignored, mistakes } = fieldsOf(value as Record<string, unknown>)
  const { deleted, ...there } = fields
  if (deleted) return { state: 'left_out', ignored }
  const parsed = shape.safeParse(there)
  const said = typeof fields.email === 'string' ? ` (${oneLine(fields.email).slice(0, 80)})` : ''
  const name = (message: string) => `${where}${said}: ${message}`
  const all = [
    ...mistakes,
    ...(parsed.success
      ? []
      : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${wordsOf(issue)}`)),
  ]
  if (!parsed.success || all.length > 0)
    return { state: 'wrong', mistakes: [...new Set(all)].map(name), ignored }
  const { id, passwordHash, mfaEnabled, backupCodes, disabled, active, ...rest } = parsed.data
  if (mfaEnabled === true && rest.mfaSecret === null)
    return { state: 'wrong', mistakes: [name('mfaEnabled is true, and there is no mfaSecret')], ignored }
  const usesMfa = rest.mfaSecret !== null && mfaEnabled !== false
  const account: Account = {
    ...rest,
    where,
    oldId: id ?? rest.email,
    password: passwordHash,
    // A secret that was handed out and never confirmed may be in nobody's app.
    mfaSecret: usesMfa ? rest.mfaSecret : null,
    backupCodes: usesMfa
      ? (backupCodes ?? [])
          .filter(({ used }) => !used)
          .map(({ text }) => ({ text, isHash: isCodeHash(text) }))
      : [],
    roles: rest.roles ?? [],
    isDisabled: disabled || !active,
  }
  return { state: 'account', account, ignored }
}

/** A record under our names, with what it holds besides. */
function fieldsOf(record: Record<string, unknown>): {
  fields: Record<string, unknown>
  ignored: string[]
  mistakes: string[]
} {
  const fields: Record<string, unknown> = {}
  const ignored: string[] = []
  const mistakes: string[] = []
  const take = (name: string, value: unknown) => {
    const field = FIELD_OF.get(name)
    if (field === undefined) ignored.push(name)
    else if (field in fields && !Bun.deepEquals(fields[field], value))
      mistakes.push(`${field} is there twice, and differs`)
    else fields[field] = value
  }
  for (const [key, value] of Object.entries(record)) {
    const name = camel(key)
    if (GROUPS.has(name) && typeof value === 'object' && value !== null)
      for (const [inner, of] of Object.entries(value)) take(`${name}.${camel(inner)}`, plain(of))
    else take(name, plain(value))
  }
  const { firstName, lastName, ...others } = fields
  const joined = [firstName, lastName].filter((part) => typeof part === 'string' && part !== '').join(' ')
  return {
    fields: { ...others, ...(others.name === undefined && joined !== '' && { name: joined }) },
    ignored,
    mistakes,
  }
}

function camel(key: string): string {
  return key.replace(/(?<=[A-Za-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** Ids and instants as some databases export them: `{"$oid": …}`, `{"$date": …}`. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { $oid, $date, $numberLong } = value as Record<string, unknown>
  if ($date !== undefined) return plain($date)
  if ($numberLong !== undefined) return Number($numberLong)
  return $oid ?? value
}

/** Of several forms that were all refused, what the real one says. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message
  const inner = issue.errors.flat().at(-1)
  return inner === undefined || inner.message.startsWith('Invalid') ? issue.message : wordsOf(inner)
}
