/** How often somebody may do something: counted in this process, or in Redis for all processes together. */
import { BlockList, isIP } from 'node:net'
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible'
import type { Logger } from './log.ts'
import type { Redis } from './redis.ts'

interface LimitRule {
  /** How many within the window. */
  readonly points: number
  readonly windowS: number
  /** An address may be exempt (RATE_LIMIT_EXEMPT), and IPv6 addresses count by their /64. */
  readonly by: 'address' | 'key'
}

/** Every limit there is. */
export const LIMITS = {
  // A whole campus may share one address; guessing passwords is stopped by the next one.
  sign_in_address: { points: 60, windowS: 600, by: 'address' },
  // Each program asks once in a quarter of an hour; many may stand behind one address.
  refresh_address: { points: 240, windowS: 60, by: 'address' },
  // One person's e-mail from one address: from everywhere together the lock in the database counts, which a letter
  // opens; a limit that nothing opens would let strangers keep somebody out.
  sign_in_email: { points: 10, windowS: 900, by: 'key' },
  passkey_address: { points: 60, windowS: 600, by: 'address' },
  // Each registers somebody and sends a letter; a class of students may do so behind one address.
  register_address: { points: 60, windowS: 3600, by: 'address' },
  // Without the proof of work, as where scripts are off: few from one address, and few altogether.
  register_unproved_address: { points: 5, windowS: 3600, by: 'address' },
  register_unproved_all: { points: 120, windowS: 3600, by: 'key' },
  captcha_address: { points: 120, windowS: 600, by: 'address' },
  // Letters to confirm an address or to choose a new password: nobody's mailbox is filled by others.
  letters_address: { points: 60, windowS: 3600, by: 'address' },
  letters_email: { points: 5, windowS: 3600, by: 'key' },
  // Tokens cannot be guessed; this only keeps those who try from costing much.
  links_address: { points: 120, windowS: 600, by: 'address' },
  // Pages of shared rides ask every few seconds, and a family may sit behind one address.
  shares_address: { points: 600, windowS: 60, by: 'address' },
  strength_address: { points: 300, windowS: 600, by: 'address' },
  // Each costs a hash.
  password_person: { points: 10, windowS: 3600, by: 'key' },
  invitations_person: { points: 60, windowS: 3600, by: 'key' },
  places_address: { points: 240, windowS: 60, by: 'address' },
  quotes_address: { points: 120, windowS: 60, by: 'address' },
  // Each costs half a second of a core.
  uploads_person: { points: 30, windowS: 600, by: 'key' },
  licences_person: { points: 20, windowS: 3_600, by: 'key' },
  capability_self: { points: 10, windowS: 3_600, by: 'key' },
  // Drivers are told by letter each time.
  capability_admin: { points: 60, windowS: 3_600, by: 'key' },
  // A person's own requests; the one-time key already takes care of double taps.
  // Each reads everything kept of a person.
  export_person: { points: 6, windowS: 3_600, by: 'key' },
  rides_person: { points: 20, windowS: 60, by: 'key' },
  messages_person: { points: 60, windowS: 60, by: 'key' },
  // Whatever else is sent to change something: far above what hands can do, far below what hurts.
  unsafe_person: { points: 300, windowS: 60, by: 'key' },
  unsafe_address: { points: 1_500, windowS: 60, by: 'address' },
  // Letters to one person; what is over waits.
  mail_person: { points: 400, windowS: 60, by: 'key' },
} as const satisfies Record<string, LimitRule>

export type LimitName = keyof typeof LIMITS
export type Taken = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterS: number }

export interface Limits {
  /** Count one use of `name` by `key` (an address, an e-mail, an id); says whether it may go on. Never throws. */
  take(name: LimitName, key: string): Promise<Taken>
  /** Whether limits by address pass over this one. */
  isExempt(address: string): boolean
  /** Forget what `key` has used, as after a sign-in that succeeded. Never throws. */
  forgive(name: LimitName, key: string): Promise<void>
}

export interface LimitsOptions {
  readonly log: Logger
  /** Addresses and CIDR blocks that limits by address pass over. */
  readonly exempt: readonly string[]
  /** With it, all processes count together; while it fails, each counts for itself. */
  readonly redis?: Pick<Redis, 'run' | 'isReady'>
}

export function makeLimits(options: LimitsOptions): Limits {
  const exempt = blockList(options.exempt)
  const limiters = new Map<LimitName, RateLimiterAbstract>()
  for (const [name, { points, windowS }] of Object.entries(LIMITS)) {
    limiters.set(
      name as LimitName,
      limiterFor({ points, duration: windowS, keyPrefix: `limit:${name}` }, options.redis),
    )
  }

  function isExempt(address: string): boolean {
    const plain = plainAddress(address)
    const family = isIP(plain)
    return family !== 0 && exempt.check(plain, family === 4 ? 'ipv4' : 'ipv6')
  }

  /** The key to count under; null when it is exempt. */
  function countedKey(name: LimitName, key: string): string | null {
    if (LIMITS[name].by === 'key') return key
    if (isExempt(key)) return null
    const address = plainAddress(key)
    return isIP(address) === 6 ? network64(address) : address
  }

  return {
    isExempt,
    take: async (name, key) => {
      const counted = countedKey(name, key)
      if (counted === null) return { allowed: true }
      try {
        await limiters.get(name)!.consume(counted)
        return { allowed: true }
      } catch (refused) {
        if (refused instanceof RateLimiterRes) {
          return { allowed: false, retryAfterS: Math.max(1, Math.ceil(refused.msBeforeNext / 1000)) }
        }
        // With insurance in place this is our own mistake; people are let in rather than all locked out.
        options.log.error({ error: refused, limit: name }, 'limits.failed')
        return { allowed: true }
      }
    },
    forgive: async (name, key) => {
      const counted = countedKey(name, key)
      if (counted === null) return
      await limiters
        .get(name)!
        .delete(counted)
        .catch((error: unknown) => options.log.warn({ error, limit: name }, 'limits.failed'))
    },
  }
}

function limiterFor(
  rule: { points: number; duration: number; keyPrefix: string },
  redis: LimitsOptions['redis'],
) {
  const insuranceLimiter = new RateLimiterMemory(rule)
  if (redis === undefined) return insuranceLimiter
  return new RateLimiterRedis({
    ...rule,
    storeClient: storeOn(redis),
    useRedisPackage: true,
    rejectIfRedisNotReady: true,
    insuranceLimiter,
  })
}

/**
 * The part of a client that counting and forgetting use, on our own line to Redis: a server that hangs is given up
 * after its deadline there, and the insurance counts instead.
 */
function storeOn(redis: Pick<Redis, 'run' | 'isReady'>) {
  return {
    isReady: () => redis.isReady(),
    eval: (script: string, options: { keys: string[]; arguments: string[] }) =>
      redis.run((client) => client.eval(script, options)),
    del: (key: string) => redis.run((client) => client.del(key)),
  }
}

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** An IPv4 address that came over an IPv6 socket is written as IPv4. */
function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
}

/** The first four groups: a household or server has the rest to itself and could use a new one each time. */
function network64(address: string): string {
  const [head = '', tail = ''] = address.split('%')[0]!.split('::')
  const groups = head.split(':').filter(Boolean)
  const tailGroups = tail.split(':').filter(Boolean)
  const gap = address.includes('::')
    ? Array(Math.max(0, 8 - groups.length - tailGroups.length)).fill('0')
    : []
  return `${[...groups, ...gap, ...tailGroups].slice(0, 4).join(':')}::/64`
}
