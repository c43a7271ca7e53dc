/** The living city as a process of its own. It reads its sessions from its input, and ends when that ends. */
import { z } from 'zod'
import { systemClock } from '../../io/clock.ts'
import { createLog } from '../../io/log.ts'
import { systemRandom } from '../../io/random.ts'
import { startCity } from './city.ts'
import { CITY_HABITS } from './habits.ts'
import { sampleRides, sampleRoads } from './sample.ts'

const session = z.object({ cookie: z.string(), csrf: z.string() })
const driver = session.extend({ at: z.object({ lat: z.number(), lng: z.number() }).nullable() })
export type DriverBriefing = z.infer<typeof driver>
/** The one line this process is given. */
export const briefingShape = z.object({
  baseUrl: z.string(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  /** The server's clock, so that both agree on the time of a ping. */
  nowMs: z.number(),
  seed: z.number(),
  startAtS: z.number(),
  busyShare: z.number(),
  drivers: z.array(driver),
  riders: z.array(session).min(1),
})
export type Briefing = z.infer<typeof briefingShape>

async function live(line: string): Promise<void> {
  const briefing = briefingShape.parse(JSON.parse(line))
  const clock = systemClock()
  clock.calibrate(briefing.nowMs)
  const log = createLog(briefing.logLevel)
  const [roads, recorded] = await Promise.all([sampleRoads(), sampleRides()])
  const deps = { clock, random: systemRandom(clock), log, roads, recorded, habits: CITY_HABITS }
  await startCity({ ...briefing, ...deps }).opened
}

if (import.meta.main) {
  // Ctrl-C reaches the whole terminal; who started us decides, and closes our input.
  process.on('SIGINT', () => {})
  let text = ''
  let begun = false
  const decoder = new TextDecoder()
  for await (const chunk of Bun.stdin.stream()) {
    if (begun) continue
    text += decoder.decode(chunk, { stream: true })
    const end = text.indexOf('\n')
    if (end === -1) continue
    begun = true
    live(text.slice(0, end)).catch((error: unknown) => {
      process.stderr.write(`city: ${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    })
  }
  process.exit(0)
}
