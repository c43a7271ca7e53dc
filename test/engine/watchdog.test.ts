import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { destination, distanceM } from '../../src/engine/geo.ts'
import { seededRandom } from '../../src/engine/units.ts'
import {
  actsAtMs,
  beginWatch,
  isOutage,
  look,
  nextMove,
  TROUBLES,
  WATCH_TERMS,
  type Watch,
} from '../../src/engine/watchdog.ts'
import { type Fix, madeUpDrive, watched, withFault } from '../support/drives.ts'

const PICKUP = { lat: 40.75, lng: -73.98 }
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed)

/** A car at so many metres from the pickup, every five seconds one entry. */
function at(metres: readonly number[], startS = 0): Fix[] {
  return metres.map((m, n) => ({ ...destination(PICKUP, 0, m), atMs: (startS + n * 5) * 1_000 }))
}

const kinds = (drive: readonly Fix[], untilS?: number) =>
  watched(drive, { pickup: PICKUP, ...(untilS === undefined ? {} : { untilMs: untilS * 1_000 }) }).said.map(
    ({ kind, atS }) => `${kind} ${atS}`,
  )

/** Comes nearer by so much a step, for so many steps. */
const drives = (fromM: number, stepM: number, steps: number) =>
  Array.from({ length: steps }, (_, n) => fromM - n * stepM)
const stands = (m: number, steps: number) => Array.from({ length: steps }, () => m)

describe('the pickup watchdog', () => {
  test('says nothing of a car that comes', () => {
    expect(kinds(at(drives(5_000, 40, 120)))).toEqual([])
    for (const seed of SEEDS) {
      const drive = madeUpDrive(seededRandom(seed))
      expect(watched(drive, { pickup: drive.at(-1)! }).said).toEqual([])
    }
  })

  test('says that a car is dark when it has not been heard of for long enough, since its last fix', () => {
    const drive = at(drives(5_000, 40, 13))
    expect(kinds(drive, 60 + WATCH_TERMS.darkAfterS - 5)).toEqual([])
    expect(kinds(drive, 60 + WATCH_TERMS.darkAfterS)).toEqual(['dark 105'])
    const { watch } = watched(drive, { pickup: PICKUP, untilMs: 300_000 })
    expect(watch.trouble).toEqual({ kind: 'dark', sinceMs: 60_000 })
  })

  test('says that a car stands when it has been in one place for long enough, and not at a red light', () => {
    const light = WATCH_TERMS.stalledAfterS / 5 - 4
    expect(kinds(at([...drives(5_000, 40, 20), ...stands(4_240, light), ...drives(4_200, 40, 20)]))).toEqual(
      [],
    )
    const { said, watch } = watched(at([...drives(5_000, 40, 20), ...stands(4_240, 60)]), { pickup: PICKUP })
    expect(said.map(({ kind }) => kind)).toEqual(['stalled'])
    expect(said[0]!.atS).toBeWithin(95 + WATCH_TERMS.stalledAfterS - 10, 95 + WATCH_TERMS.stalledAfterS + 10)
    expect(watch.trouble?.kind).toBe('stalled')
  })

  test('gives a car a while to set off before it counts as standing', () => {
    const { said } = watched(at(stands(3_000, 60)), { pickup: PICKUP })
    expect(said.map(({ kind, atS }) => `${kind} ${atS}`)).toEqual([
      `stalled ${WATCH_TERMS.startS + WATCH_TERMS.stalledAfterS}`,
    ])
  })

  test('says nothing of a car that stands, or looks for a kerb, at the pickup', () => {
    expect(kinds(at([...drives(1_000, 40, 24), ...stands(80, 120)]))).toEqual([])
    expect(kinds(at(Array.from({ length: 120 }, (_, n) => (n % 2) * 0.9 * WATCH_TERMS.nearM)))).toEqual([])
  })

  test('says that a car drives away, and not that it goes round a block', () => {
    const block = [...drives(4_000, 40, 30), ...drives(2_840, -40, 6), ...drives(2_640, 40, 30)]
    expect(kinds(at(block))).toEqual([])
    const { watch } = watched(at([...drives(4_000, 40, 30), ...drives(2_840, -40, 30)]), { pickup: PICKUP })
    expect(watch.trouble?.kind).toBe('retreating')
    expect(watch.trouble!.sinceMs).toBeGreaterThan(29 * 5_000)
  })

  test('takes back what is over for a while, and says it again when it comes back', () => {
    const drive = at([...stands(3_000, 40), ...drives(3_000, 30, 20), ...stands(2_400, 40)])
    const { said } = watched(drive, { pickup: PICKUP })
    expect(said.map(({ kind }) => kind)).toEqual(['stalled', 'stalled'])
    expect(said[0]!.overAtS).toBeWithin(195, 240)
    expect(said[1]!.overAtS).toBeNull()
    const heardAgain = [...at(drives(5_000, 40, 13)), ...at(drives(3_500, 40, 13), 150)]
    expect(watched(heardAgain, { pickup: PICKUP }).said).toEqual([
      { kind: 'dark', atS: 105, overAtS: 150 + WATCH_TERMS.clearForS },
    ])
    const turned = at([...drives(4_000, 40, 30), ...drives(2_840, -40, 30), ...drives(4_040, 40, 40)])
    expect(watched(turned, { pickup: PICKUP }).said).toMatchObject([
      { kind: 'retreating', overAtS: expect.any(Number) },
    ])
  })

  test('does not fall for one wild fix, neither to begin nor to end', () => {
    const wild = { ...destination(PICKUP, 90, 100), atMs: 200_000 }
    const standing = at(stands(3_000, 70))
    const jumped = standing.map((fix) => (fix.atMs === wild.atMs ? { ...wild } : fix))
    expect(watched(jumped, { pickup: PICKUP }).said).toEqual(watched(standing, { pickup: PICKUP }).said)
    // Once seen beside its rider, a car that comes on as before does not drive away.
    const coming = at(drives(9_000, 40, 100)).map((fix) => (fix.atMs === wild.atMs ? { ...wild } : fix))
    expect(kinds(coming)).toEqual([])
  })

  test('notices each fault of a drive in time, whatever the drive', () => {
    for (const seed of SEEDS) {
      const random = seededRandom(seed)
      const drive = madeUpDrive(random, { lastsS: 1_200 })
      const pickup = drive.at(-1)!
      const from = 120
      for (const fault of TROUBLES) {
        // The way back is only noticed once it has got longer by enough.
        const broken = withFault(drive, from, fault)
        const { said } = watched(broken, { pickup, untilMs: drive.at(-1)!.atMs })
        const lost = distanceM(broken.at(-1)!, pickup) - distanceM(drive[from]!, pickup)
        if (fault === 'retreating' && lost < 1_000) continue
        const found = said.find(({ kind }) => kind === fault)
        expect(found, `${fault} in drive ${seed}`).toBeDefined()
        const within = { dark: 45, stalled: 130, retreating: 600 }[fault]
        expect(found!.atS - 600, `${fault} in drive ${seed}`).toBeWithin(0, within + 1)
      }
    }
  })

  test('is dark exactly while the newest fix is too old, however the fixes came', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 30 }), (gapsS) => {
        const instants: number[] = []
        for (const gapS of gapsS) instants.push((instants.at(-1) ?? 0) + gapS)
        let watch = beginWatch(0)
        let darkUntilS = -1
        for (let nowS = 0; nowS <= 1_200; nowS++) {
          const newest = instants.filter((atS) => atS <= nowS).at(-1)
          const fix = newest === undefined ? null : { ...PICKUP, atMs: newest * 1_000 }
          watch = look(watch, { nowMs: nowS * 1_000, fix, distanceM: 0, etaS: 0 })
          const isDark = nowS - (newest ?? 0) >= WATCH_TERMS.darkAfterS
          if (isDark) darkUntilS = nowS
          // Said at once, and taken back only after it has been over for a while.
          if (isDark) expect(watch.trouble?.kind).toBe('dark')
          else if (nowS - darkUntilS > WATCH_TERMS.clearForS + 1) expect(watch.trouble).toBeNull()
        }
      }),
      { numRuns: 40 },
    )
  })

  test('gives the same answer when it looks more often, and never changes what it is given', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom(...TROUBLES), (seed, fault) => {
        const drive = madeUpDrive(seededRandom(seed))
        const broken = Object.freeze(withFault(drive, 60, fault).map(Object.freeze)) as Fix[]
        const pickup = drive.at(-1)!
        const [often, seldom] = [1, 5].map((stepS) =>
          watched(broken, { pickup, stepS, untilMs: pickup.atMs }).said.map(({ kind, atS }) => ({
            kind,
            atS,
          })),
        )
        expect(often!.map(({ kind }) => kind)).toEqual(seldom!.map(({ kind }) => kind))
        for (const [n, { atS }] of often!.entries()) expect(seldom![n]!.atS - atS).toBeWithin(0, 5)
      }),
      { numRuns: 30 },
    )
  })
})

describe('taking a watch over from another process', () => {
  const resumed = (kind: (typeof TROUBLES)[number], fixes: readonly Fix[], nowS: number) => {
    let watch: Watch = beginWatch(0, { kind, sinceMs: 100_000 })
    for (const fix of fixes) {
      const straightM = distanceM(fix, PICKUP)
      watch = look(watch, { nowMs: fix.atMs, fix, distanceM: straightM, etaS: straightM / 5 })
    }
    const last = fixes.at(-1) ?? null
    return look(watch, { nowMs: nowS * 1_000, fix: last, distanceM: 3_000, etaS: 600 }).trouble
  }

  test('keeps what was said until the car is seen to do better', () => {
    expect(resumed('dark', [], 200)).toEqual({ kind: 'dark', sinceMs: 100_000 })
    expect(resumed('dark', at(drives(3_000, 40, 4), 200), 216)).toBeNull()
    expect(resumed('stalled', at(stands(3_000, 8), 200), 236)).toEqual({ kind: 'stalled', sinceMs: 100_000 })
    expect(resumed('stalled', at(drives(3_000, 40, 8), 200), 236)).toBeNull()
    expect(resumed('retreating', at(drives(3_000, -40, 8), 200), 236)?.kind).toBe('retreating')
    expect(resumed('retreating', at(drives(3_000, 40, 20), 200), 296)).toBeNull()
  })
})

describe('what follows from it', () => {
  const dark = { trouble: { kind: 'dark', sinceMs: 0 } } as const
  const now = { nowMs: 100_000, isOutage: false }

  test('said, counted down, offered to others; or over', () => {
    const alarm = { kind: 'dark', actsAtMs: actsAtMs('dark', 50_000) } as const
    expect(alarm.actsAtMs).toBe(50_000 + WATCH_TERMS.actsAfterS.dark * 1_000)
    expect(nextMove({ trouble: null }, null, now)).toBeNull()
    expect(nextMove(dark, null, now)).toBe('raise')
    expect(nextMove(dark, alarm, now)).toBe('wait')
    expect(nextMove(dark, alarm, { ...now, nowMs: alarm.actsAtMs })).toBe('reassign')
    expect(nextMove({ trouble: null }, alarm, { ...now, nowMs: alarm.actsAtMs })).toBe('end')
  })

  test('nobody loses a ride for being dark while half of the cars are', () => {
    const alarm = { kind: 'dark', actsAtMs: 0 } as const
    expect(nextMove(dark, alarm, { ...now, isOutage: true })).toBe('wait')
    expect(nextMove(dark, { ...alarm, kind: 'stalled' }, { ...now, isOutage: true })).toBe('reassign')
    expect(isOutage({ silent: 5, onShift: 10 })).toBe(true)
    expect(isOutage({ silent: 4, onShift: 4 })).toBe(false)
    expect(isOutage({ silent: 5, onShift: 11 })).toBe(false)
  })
})
