import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { postmasterPid } from '../../src/io/postmaster-pid.ts'
import { withClient } from '../support/postgres.ts'
import { type Served, startServed, until } from '../support/served.ts'
import { makeTempDir, reapWithUs, removeDir } from '../support/servers.ts'

const PULSE = /demo: cars (\d+), waiting \d+, on the way \d+, riding (\d+), completed \d+/g
/** Its people drive as long as people do, and a busy machine starts late: a bound for what hangs. */
const ALIVE_WITHIN_MS = 120_000
/** A ride's way, as far as these go; one that was cancelled did not come further. */
const STEPS = ['requested', 'assigned', 'en_route', 'arrived', 'in_progress', 'completed']

describe('the demo is killed outright and started again on its data', () => {
  const dataDir = makeTempDir('demo')
  const postgres = join(dataDir, 'postgres')
  let demo: Served
  let before: { postgresPid: number | null; rides: Rides; signIns: string; children: number[] }

  const pulses = () => [...demo.output().matchAll(PULSE)].map(([, ...counts]) => counts.map(Number))
  const isOpen = () => pulses().some(([cars, riding]) => cars === 200 && riding! > 0)
  const ridesNow = (): Promise<Rides> =>
    withClient({ host: postgres, port: 5432, user: 'honeycab', database: 'honeycab' }, async (client) => {
      const { rows } = await client.query<{ id: string; state: string }>('select id, state from rides')
      return new Map(rows.map(({ id, state }) => [id, state]))
    })
  const isKept = (now: Rides) => [...before.rides.keys()].every((id) => now.has(id))
  const signIns = () => /\n {2}role[\s\S]*?\n\n/.exec(demo.output())?.[0].replaceAll(/http\S+/g, '') ?? ''

  beforeAll(async () => {
    reapWithUs(dataDir)
    demo = await startServed({ command: 'demo', dataDir })
    await until('people ride', isOpen, ALIVE_WITHIN_MS)
    before = {
      postgresPid: postmasterPid(postgres),
      rides: await ridesNow(),
      signIns: signIns(),
      children: childrenOf(demo.pid),
    }
    await demo.kill()
  }, 180_000)
  afterAll(async () => {
    await demo?.kill()
    removeDir(dataDir)
  }, 20_000)

  test('its city ends with it; its database stays behind with everything', async () => {
    expect(before.children).toContain(before.postgresPid!)
    const others = before.children.filter((pid) => pid !== before.postgresPid)
    await until('the city has ended', () => !areAlive(others), 5_000)
    expect(before.postgresPid).not.toBeNull()
    expect(isKept(await ridesNow())).toBe(true)
  }, 10_000)

  test('started again, it adopts the database, keeps rides and sign-ins, and the city goes on', async () => {
    demo = await startServed({ command: 'demo', dataDir })
    expect(postmasterPid(postgres)).toBe(before.postgresPid)
    await until('all cars are back and people ride', isOpen, ALIVE_WITHIN_MS)
    await until(
      'a ride from before comes further, and new ones are asked for',
      async () => {
        const now = await ridesNow()
        const cameFurther = [...before.rides].some(([id, state]) => step(now.get(id)) > step(state))
        return cameFurther && now.size > before.rides.size
      },
      ALIVE_WITHIN_MS,
    )
    expect(isKept(await ridesNow())).toBe(true)
    expect(before.signIns).toContain('ada@demo.honeycab')
    expect(signIns()).toBe(before.signIns)
  }, 300_000)

  test('told to go, it takes the database and the city along', async () => {
    const children = childrenOf(demo.pid)
    expect(await demo.stop()).toBe(0)
    await until('all have ended', () => !areAlive(children) && postmasterPid(postgres) === null, 5_000)
  }, 20_000)
})

/** The state of each ride, by its id. */
type Rides = ReadonlyMap<string, string>

function step(state: string | undefined): number {
  return STEPS.indexOf(state ?? '')
}

interface Listed {
  readonly pid: number
  readonly parent: number
  /** Ended, and nobody has waited for it yet. */
  readonly isZombie: boolean
}

/** Every process of this machine, from /proc, or where there is none from `ps`. */
function processes(): Listed[] {
  if (!existsSync('/proc/self/stat')) {
    const { stdout } = Bun.spawnSync(['ps', '-axo', 'pid=,ppid=,state='])
    return stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => listed(line.trim().split(/\s+/)))
  }
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      // The program's name, in brackets, may hold anything; what we read comes after it.
      const [state = '', parent = ''] = readFileSync(`/proc/${name}/stat`, 'utf8')
        .split(') ')
        .at(-1)!
        .split(' ')
      return [listed([name, parent, state])]
    } catch {
      return []
    }
  })
}

function listed([pid = '', parent = '', state = '']: readonly string[]): Listed {
  return { pid: Number(pid), parent: Number(parent), isZombie: state.startsWith('Z') }
}

function childrenOf(pid: number): number[] {
  return processes().flatMap((each) => (each.parent === pid ? [each.pid] : []))
}

function areAlive(pids: readonly number[]): boolean {
  return processes().some(({ pid, isZombie }) => !isZombie && pids.includes(pid))
}
