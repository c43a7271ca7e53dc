/** The four people a newcomer can be, and their passwords, which are random for each data folder. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Auth } from '../../accounts/accounts.ts'
import type { Db } from '../../io/postgres.ts'
import type { Random } from '../../io/random.ts'

export const DEMO_PEOPLE = [
  { role: 'rider', name: 'Ada Okafor', email: 'ada@demo.honeycab', page: '/' },
  { role: 'driver', name: 'Bo Lindqvist', email: 'bo@demo.honeycab', page: '/driver' },
  { role: 'dispatcher', name: 'Ines Duarte', email: 'ines@demo.honeycab', page: '/board' },
  { role: 'admin', name: 'Max Weber', email: 'max@demo.honeycab', page: '/board' },
] as const

export interface DemoSignIn {
  readonly role: string
  readonly email: string
  readonly password: string
  /** Where this person's work begins. */
  readonly page: string
}

export const SIGN_INS_FILE = 'demo-sign-ins.json'
const keptShape = z.record(z.string(), z.string().min(12))
const WORDS =
  'amber anchor apple arrow autumn bamboo beacon birch bridge brook button canyon carrot cedar cherry cliff clover cobalt comet copper coral cotton dawn delta eagle ember falcon fern fiddle forest garden ginger granite harbor hazel heron honey indigo island ivory jasmine juniper kettle lagoon lantern lemon linen lotus maple marble meadow mellow mosaic nectar ocean olive opal orchard otter pepper pine planet plum pocket poppy prairie quartz quiet raven ribbon river robin saffron sage sailor sierra silver sparrow spruce summer sunset teal thistle tidal timber topaz tulip umber valley velvet violet walnut willow winter'.split(
    ' ',
  )

/**
 * The sign-ins as they are now valid: read from `dataDir`, made where missing, and given to people whose stored
 * password is another one. The file is readable by this user only.
 */
export async function demoSignIns(deps: {
  db: Db
  auth: Auth
  random: Random
  dataDir: string
}): Promise<DemoSignIn[]> {
  const path = join(deps.dataDir, SIGN_INS_FILE)
  const kept = readKept(path)
  const signIns = DEMO_PEOPLE.map(({ role, email, page }) => ({
    ...{ role, email, page },
    password: kept[email] ?? newPassword(deps.random),
  }))
  if (signIns.some(({ email }) => kept[email] === undefined)) keep(path, signIns)
  for (const signIn of signIns) await settle(deps, signIn)
  return signIns
}

/** What cannot be read is made anew; the people's passwords follow the file. */
function readKept(path: string): Record<string, string> {
  try {
    return keptShape.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return {}
  }
}

function keep(path: string, signIns: readonly DemoSignIn[]): void {
  const made = `${path}.${process.pid}`
  const text = Object.fromEntries(signIns.map(({ email, password }) => [email, password]))
  writeFileSync(made, `${JSON.stringify(text, null, 2)}\n`, { mode: 0o600 })
  renameSync(made, path)
}

async function settle({ db, auth }: { db: Db; auth: Auth }, { email, password }: DemoSignIn): Promise<void> {
  const person = await db
    .selectFrom('identities')
    .leftJoin('credentials', 'credentials.identity_id', 'identities.id')
    .select(['identities.id', 'credentials.password as hash'])
    .where('identities.email', '=', email)
    .executeTakeFirst()
  if (person === undefined) return
  const fits = person.hash !== null && (await Bun.password.verify(password, person.hash))
  if (!fits) await auth.setPassword(person.id, password)
}

/** Three words and four digits: some 33 bits, easily typed, and guessing is limited to ten tries a quarter hour. */
function newPassword(random: Random): string {
  const words = Array.from({ length: 3 }, () => WORDS[Math.floor(random.fraction() * WORDS.length)]!)
  return [...words, random.digits(4)].join('-')
}
