/**
 * The board's table of 200 rides: drawn by our templates against the same elements by hono/jsx, and drawn again after
 * five rides changed against drawn whole. Both must say the same, tag for tag, before anything is timed.
 */
import { jsx } from 'hono/jsx'
import type { RideState } from '../src/engine/ride.ts'
import { type DriverId, type RideId, seededRandom } from '../src/engine/units.ts'
import type { TableProps, TableRow } from '../views/board/props.ts'
import { boardTable, forgetRows } from '../views/board/table.ts'
import type { PageContext } from '../views/page.ts'
import { JsxTable } from './board-jsx.tsx'
import { type Bench, IS_SMALL, interleave, median, medianRatio, type Report, timeMs } from './run.ts'

const RIDES = 200
const CHANGED = 5
const ROUNDS = IS_SMALL ? 1 : 7
const DRAWINGS = IS_SMALL ? 4 : 150
const NOW_MS = Date.UTC(2026, 10, 21, 18)
const SEED = 20_261_126

const ctx: PageContext = {
  lang: 'en',
  timeZone: 'America/New_York',
  nonce: '',
  currency: 'USD',
  map: { tilesUrl: null, attribution: '' },
  asset: (name) => `/assets/${name}`,
  csrf: '',
  viewer: null,
  path: '/board',
}

const STATES: readonly RideState[] = [
  'requested',
  'assigned',
  'en_route',
  'arrived',
  'in_progress',
  'completed',
]
const STREETS = [
  'Broadway',
  'near 6th Avenue & West 30th Street',
  'Grand Central',
  'O’Hara’s <Bar> & "Grill"',
]
const NAMES = ['Noor H.', 'Jun W.', 'Ada O.', 'Zoë D’Souza', 'B & C <friends>']

function rowsOf(random: () => number): TableRow[] {
  const one = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)]!
  return Array.from({ length: RIDES }, (_, n) => {
    const state = one(STATES)
    const hasDriver = state !== 'requested'
    const car = 100 + Math.floor(random() * 300)
    return {
      rideId: `019a7c2e-0000-7000-8000-${String(n).padStart(12, '0')}` as RideId,
      version: 1,
      driverId: hasDriver ? (`019a7c2e-0000-7000-9000-${String(car).padStart(12, '0')}` as DriverId) : null,
      state,
      reference: `HC-${20_000 + n}`,
      riderName: one(NAMES),
      from: `${Math.floor(random() * 900)} ${one(STREETS)}`,
      to: `${Math.floor(random() * 900)} ${one(STREETS)}`,
      driver: hasDriver ? { callSign: `${car}`, name: one(NAMES) } : null,
      etaAtMs: hasDriver ? NOW_MS + Math.floor(random() * 1_800_000) : null,
      lateS: hasDriver ? Math.floor(random() * 600) - 120 : null,
      fareMinor: 800 + Math.floor(random() * 5_000),
      currency: 'USD',
      shared: false,
      note: random() < 0.1 ? 'silent 48 s' : '',
    }
  })
}

function tableOf(rows: readonly TableRow[]): TableProps {
  const counts = {
    live: RIDES,
    unassigned: 20,
    to_pickup: 60,
    waiting: 30,
    on_board: 50,
    booked: 26,
    ended: 30,
  }
  return {
    show: 'live',
    counts,
    filters: {},
    cars: 900,
    rows,
    hasMore: false,
    selectedRideId: rows[3]!.rideId,
  }
}

/** Five rides further on; the objects are new, as each reading makes them. */
function later(rows: readonly TableRow[], drawing: number): TableRow[] {
  return rows.map((row, n) => {
    const isChanged = (n + drawing) % (RIDES / CHANGED) === 0
    return isChanged
      ? { ...row, lateS: (row.lateS ?? 0) + 60 }
      : { ...row, driver: row.driver && { ...row.driver } }
  })
}

const byUs = (rows: readonly TableRow[]) => String(boardTable(ctx, tableOf(rows)))
const byJsx = (rows: readonly TableRow[]) => String(jsx(JsxTable, { ctx, ...tableOf(rows) }))

/** Each escapes the same characters under names of its own, and one writes empty elements with a slash. */
function meaning(markup: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&lt;': '‹',
    '&gt;': '›',
    '&quot;': '"',
    '&#39;': "'",
    '&#x27;': "'",
    '&amp;': '&',
  }
  return markup
    .replaceAll(/&(?:lt|gt|quot|#39|#x27|amp);/g, (entity) => entities[entity]!)
    .replaceAll('/>', '>')
}

function run(): Report {
  const random = seededRandom(SEED)
  const rows = rowsOf(random)
  let wrong = 0
  if (meaning(byUs(rows)) !== meaning(byJsx(rows))) wrong++

  // What is drawn in a round, made before: each time new objects, five of them changed.
  const drawn = [later(rows, 0)]
  for (let drawing = 1; drawing < DRAWINGS; drawing++) drawn.push(later(drawn.at(-1)!, drawing))
  for (const reading of drawn.slice(0, 10)) {
    const kept = byUs(reading)
    forgetRows()
    if (byUs(reading) !== kept) wrong++
  }
  let length = 0
  const each = (draw: (reading: readonly TableRow[]) => string) => () =>
    timeMs(() => {
      for (const reading of drawn) length += draw(reading).length
    }) / DRAWINGS
  const timesMs = interleave(ROUNDS, {
    ours: each((reading) => {
      forgetRows()
      return byUs(reading)
    }),
    jsx: each(byJsx),
    changed: each(byUs),
  })
  if (length === 0) wrong++
  const micros = (times: readonly number[]) => Math.round(median(times) * 1_000)
  return {
    figures: {
      board_200_vs_hono_jsx: medianRatio(timesMs.jsx, timesMs.ours),
      board_5_of_200_vs_whole: medianRatio(timesMs.ours, timesMs.changed),
    },
    table: [
      {
        rides: RIDES,
        'ours µs': micros(timesMs.ours),
        'hono/jsx µs': micros(timesMs.jsx),
        'five changed µs': micros(timesMs.changed),
      },
    ],
    wrong,
    skipped: [],
  }
}

export const bench: Bench = { name: 'views', run }
