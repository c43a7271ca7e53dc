/** Which addresses of the internet's space lead out into it, which only to ourselves and our neighbours, and which nowhere good. */
import { BlockList, isIP } from 'node:net'

/**
 * `public`: reachable by anybody. `private`: this machine or its own network, for hosts an operator has named. `never`: what no
 * service of ours lives at: link-local (where clouds keep their machines' credentials), multicast, documentation, tunnels
 * that hide another address.
 */
export type Reach = 'public' | 'private' | 'never'

const PRIVATE = blocks([
  '10.0.0.0/8',
  '100.64.0.0/10', // shared behind a carrier, and many clouds' own networks
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
])

/** Source: IANA's registries of special-purpose addresses (RFC 6890 and later), for IPv4 and IPv6. */
const NEVER = blocks([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '2001::/23', // Teredo and other protocols' own
  '2001:db8::/32',
  '2002::/16', // 6to4: any IPv4 address in disguise
  '3fff::/20',
])
/** What is given out to hosts in IPv6; all else is special. */
const GLOBAL_V6 = blocks(['2000::/3'])

/**
 * How far an address leads.
 * @param address IPv4 or IPv6 as a name lookup gives it, without brackets; what is neither is `never`
 */
export function reachOf(address: string): Reach {
  const family = isIP(address)
  if (family === 0 || address.includes('%')) return 'never'
  if (family === 4) return of(address, 'ipv4')
  const inner = embeddedV4(address)
  return inner === null ? of(address, 'ipv6') : of(inner, 'ipv4')
}

function of(address: string, type: 'ipv4' | 'ipv6'): Reach {
  if (PRIVATE.check(address, type)) return 'private'
  if (NEVER.check(address, type)) return 'never'
  return type === 'ipv4' || GLOBAL_V6.check(address, 'ipv6') ? 'public' : 'never'
}

/** The IPv4 address that one mapped (::ffff:0:0/96) or translated (64:ff9b::/96) stands for; null where there is none. */
function embeddedV4(address: string): string | null {
  const groups = groupsOf(address)
  const [high = 0, low = 0] = groups.slice(6)
  const head = groups.slice(0, 6).join(':')
  if (head !== '0:0:0:0:0:65535' && head !== '100:65435:0:0:0:0') return null
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The eight numbers of an IPv6 address, however it is written. */
function groupsOf(address: string): number[] {
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = plain.split('::')
  const numbers = (part: string) =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16))
  const [first, last] = [numbers(head), numbers(tail ?? '')]
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
}

function blocks(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}
