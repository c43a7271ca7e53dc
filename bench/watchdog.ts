/**
 * What the pickup watchdog says of real drives. BENCH_DATA names the directory with gps-traces-day.csv.gz: the last ten
 * minutes of every drive with a rider on board stand for a way to a pickup, its fixes, about a minute apart, interpolated
 * to one in five seconds. All of them arrived, so whatever is said of one is a false alarm, and whatever is not over when
 * the ride would be offered again, a ride taken away for nothing. Then each drive gets a fault at a seeded moment, and
 * what counts is how soon it is noticed. `wrong` counts faults that nobody noticed though there was time.
 */
import { join } from 'node:path'
import { distanceM } from '../src/engine/geo.ts'
import { seededRandom } from '../src/engine/units.ts'
import { TROUBLES, type Trouble, WATCH_TERMS } from '../src/engine/watchdog.ts'
import { type Fix, interpolated, madeUpDrive, type Said, watched, withFault } from '../test/support/drives.ts'
import { type Bench, IS_SMALL, median, type Report } from './run.ts'

const DATA = process.env.BENCH_DATA
const STEP_S = 5
const LAST_S = 600
/** Shorter ones are over before anything could be noticed. */
const LEAST_S = 300
/** A drive with such a hole is two. */
const HOLE_S = 300
/** Over 130 km/h from fix to fix the fix is wrong; the door refuses such (positions/pings.ts). */
const JUMP_MPS = 36
/** A car that is there, or nearly, has no way to be watched. */
const LEAST_WAY_M = 800
/** A fault comes so late at the earliest, and early enough that there is time to notice it. */
const FAULT_FROM_S = 60
const FAULT_LASTS_S = 360

/** The last minutes of each drive with a rider on board, by car. */
async function recordedDrives(path: string): Promise<Fix[][]> {
  const text = new TextDecoder().decode(Bun.gunzipSync(await Bun.file(path).bytes()))
  const open = new Map<string, Fix[]>()
  const drives: Fix[][] = []
  const end = (vehicle: string) => {
    const drive = open.get(vehicle)
    open.delete(vehicle)
    if (drive === undefined) return
    const fromMs = drive.at(-1)!.atMs - LAST_S * 1_000
    const last = drive.filter(({ atMs }) => atMs >= fromMs)
    if (last.length < 3 || last.at(-1)!.atMs - last[0]!.atMs < LEAST_S * 1_000) return
    if (distanceM(last[0]!, last.at(-1)!) >= LEAST_WAY_M) drives.push(last)
  }
  for (const line of text.split('\n').slice(1)) {
    const [t, vehicle, lat, lng, occupied] = line.split(',')
    if (vehicle === undefined || lat === undefined || lng === undefined) continue
    if (occupied !== '1') {
      end(vehicle)
      continue
    }
    const fix = { lat: Number(lat), lng: Number(lng), atMs: Number(t) * 1_000 }
    const last = open.get(vehicle)?.at(-1)
    if (last !== undefined) {
      const passedS = (fix.atMs - last.atMs) / 1_000
      if (passedS <= 0 || distanceM(last, fix) / passedS > JUMP_MPS) continue
      if (passedS > HOLE_S) end(vehicle)
    }
    const drive = open.get(vehicle) ?? []
    drive.push(fix)
    open.set(vehicle, drive)
  }
  for (const vehicle of [...open.keys()]) end(vehicle)
  return drives
}

interface Measured {
  readonly hours: number
  readonly falseAlarms: Record<Trouble, number>
  readonly takenAway: Record<Trouble, number>
  readonly delaysS: Record<Trouble, number[]>
  readonly missed: Record<Trouble, number>
}

const none = () => ({ dark: 0, stalled: 0, retreating: 0 })

function measure(drives: readonly (readonly Fix[])[]): Measured {
  const random = seededRandom(1)
  let seconds = 0
  const [falseAlarms, takenAway, missed] = [none(), none(), none()]
  const delaysS: Record<Trouble, number[]> = { dark: [], stalled: [], retreating: [] }
  for (const drive of drives) {
    const pickup = drive.at(-1)!
    seconds += (pickup.atMs - drive[0]!.atMs) / 1_000
    const { said } = watched(drive, { pickup })
    for (const alarm of said) {
      falseAlarms[alarm.kind]++
      if (wouldTakeAway(alarm, (pickup.atMs - drive[0]!.atMs) / 1_000)) takenAway[alarm.kind]++
    }
    for (const fault of TROUBLES) {
      const first = FAULT_FROM_S / STEP_S
      const from = Math.floor(first + random() * (drive.length - 1 - first) * 0.5)
      const faulty = prolonged(drive, from)
      const at = faulty[from]!
      // A car that is nearly there, or has hardly left, cannot be seen to stand or to drive back.
      if (distanceM(at, pickup) < 2 * WATCH_TERMS.nearM) continue
      if (fault === 'retreating' && distanceM(faulty[0]!, pickup) - distanceM(at, pickup) < RETREAT_ROOM_M)
        continue
      const atS = (at.atMs - drive[0]!.atMs) / 1_000
      const broken = withFault(faulty, from, fault)
      const until = faulty.at(-1)!.atMs
      // Where something else was said before and still is, the car is looked after already.
      const found = watched(broken, { pickup, untilMs: until }).said.find(
        ({ overAtS }) => overAtS === null || overAtS > atS,
      )
      if (found === undefined) missed[fault]++
      else if (found.kind === fault) delaysS[fault].push(Math.max(0, found.atS - atS))
    }
  }
  return { hours: seconds / 3_600, falseAlarms, takenAway, delaysS, missed }
}

/** To tell that a car drives back, it must have come some way. */
const RETREAT_ROOM_M = 800

/** The drive, with its last place kept until a fault at `from` would have had time to be noticed. */
function prolonged(drive: readonly Fix[], from: number): Fix[] {
  const steps = [...drive]
  const untilMs = drive[from]!.atMs + FAULT_LASTS_S * 1_000
  for (let atMs = drive.at(-1)!.atMs; atMs < untilMs; ) {
    atMs += STEP_S * 1_000
    steps.push({ ...drive.at(-1)!, atMs })
  }
  return steps
}

/** The ride would have been offered to others before the car moved on, or arrived. */
function wouldTakeAway({ kind, atS, overAtS }: Said, arrivesAtS: number): boolean {
  return (overAtS ?? arrivesAtS) - atS >= WATCH_TERMS.actsAfterS[kind]
}

function rowsOf(source: string, drives: number, measured: Measured): Report['table'] {
  return TROUBLES.map((kind) => {
    const delays = measured.delaysS[kind].toSorted((a, b) => a - b)
    return {
      ...{ source, trouble: kind, drives, 'hours watched': Math.round(measured.hours) },
      'false alarms an hour': (measured.falseAlarms[kind] / measured.hours).toFixed(2),
      'taken away an hour': (measured.takenAway[kind] / measured.hours).toFixed(2),
      'noticed after p50 s': delays.length === 0 ? '-' : median(delays),
      'p95 s': delays[Math.floor(delays.length * 0.95)] ?? '-',
      ...{ faults: delays.length + measured.missed[kind], missed: measured.missed[kind] },
    }
  })
}

export const bench: Bench = {
  name: 'watchdog',
  async run() {
    const random = seededRandom(7)
    const made = Array.from({ length: IS_SMALL ? 50 : 1_000 }, () => madeUpDrive(random))
    const ofMade = measure(made)
    const rows = [...rowsOf('made up', made.length, ofMade)]
    const figures: Record<string, number> = {}
    let wrong = ofMade.missed.dark + ofMade.missed.stalled
    if (DATA !== undefined) {
      const recorded = await recordedDrives(join(DATA, 'gps-traces-day.csv.gz'))
      const drives = (IS_SMALL ? recorded.slice(0, 200) : recorded).map((drive) =>
        interpolated(drive, { stepS: STEP_S }),
      )
      const measured = measure(drives)
      rows.push(...rowsOf('San Francisco', drives.length, measured))
      for (const kind of TROUBLES) {
        figures[`${kind}_false_per_hour`] = measured.falseAlarms[kind] / measured.hours
        figures[`${kind}_delay_p50_s`] = median(measured.delaysS[kind])
      }
      wrong += measured.missed.dark + measured.missed.stalled
    }
    return {
      figures,
      table: rows,
      wrong,
      skipped: DATA === undefined ? ['recorded drives (BENCH_DATA)'] : [],
    }
  },
}
