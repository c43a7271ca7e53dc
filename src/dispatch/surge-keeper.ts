/** Counts, for a region this process holds, who asks and who is free by cell, and says what that adds to prices. */
import { gridDisk, latLngToCell } from 'h3-js'
import { sql } from 'kysely'
import type { Region } from '../companies/companies.ts'
import { weekMinute } from '../engine/day.ts'
import type { DemandCell } from '../engine/demand.ts'
import { SUPPLY_RESOLUTION } from '../engine/supply.ts'
import {
  ASKING_WINDOW_S,
  type SurgeCell,
  SurgeField,
  type SurgeRules,
  usuallyOverInS,
} from '../engine/surge.ts'
import type { SurgeNow } from '../fares/surge.ts'
import { keepMinute, lastMinute } from '../fares/surge-history.ts'
import { CELLS_LIMIT, type CountedCell } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import { type Fleet, POSITION_FRESH_MS } from '../positions/fleet.ts'
import { type LearnedDemand, loadDemand } from './demand-history.ts'
import { HISTORY_DAYS_FEWEST } from './hint-keeper.ts'

const LOOK_EVERY_MS = 10_000
const WRITE_EVERY_MS = 60_000
/** What was true longer ago says nothing about now. */
const RESUME_WITHIN_MS = 3 * 60_000
const LEARN_EVERY_MS = 10 * 60_000
/** More people at once than any region has; beyond, some of them are not counted. */
const PEOPLE_MOST = 20_000
const ALL_CLASSES = -1
const DAY_S = 86_400
/** Times are told to ten minutes: more is not known. */
const OVER_ROUNDED_MS = 600_000

export interface SurgeKeeperDeps {
  readonly db: Db
  readonly clock: Clock
  readonly fleet: Fleet
  readonly surge: SurgeNow
  /** Since when the positions of all cars come in, epoch ms. */
  readonly hearingSinceMs?: () => number
  /** The region as the office set it just now; left out, as it was at the start. */
  readonly regionNow?: () => Region
}

export interface SurgeKeeper {
  /**
   * Count, where it is time for it, say so, and keep what was added.
   * @param write one unit of work of the tick, fenced by its lease
   */
  keep(write: (work: (unit: Work) => Promise<void>) => Promise<unknown>): Promise<void>
}

/** @param startedAtMs when this process began to listen, epoch ms */
export function makeSurgeKeeper(deps: SurgeKeeperDeps, region: Region, startedAtMs: number): SurgeKeeper {
  const { db, clock, fleet, surge, regionNow = () => region } = deps
  let field: SurgeField | null = null
  let lookedAtMs = Number.NEGATIVE_INFINITY
  let nextWriteMs = Number.NEGATIVE_INFINITY
  let ruledBy: SurgeRules | null = null
  let learned: { readonly atMs: number; readonly demand: LearnedDemand } | null = null

  /** From where the last process left off, so that a change of hands moves no price. */
  async function begin(nowMs: number): Promise<SurgeField> {
    const fresh = new SurgeField()
    const heard = surge.counted(region.id)?.cells ?? []
    if (heard.length > 0) {
      fresh.resume(heard, nowMs)
      return fresh
    }
    const last = await lastMinute(db, region, nowMs - RESUME_WITHIN_MS)
    if (last !== null) fresh.resume(last.cells, last.atMs)
    return fresh
  }

  /** People who asked lately or still wait, each once, where they asked last; who gave up asks no more. */
  async function askingByCell(nowMs: number): Promise<Map<string, number>> {
    const since = new Date(nowMs - ASKING_WINDOW_S * 1000)
    const { rows } = await sql<{ lat: number; lng: number }>`
      select distinct on (rider_id) pickup_lat as lat, pickup_lng as lng
      from rides
      where company_id = ${region.companyId} and region_id = ${region.id}
        and (state = 'requested' or (requested_at > ${since} and state not in ('cancelled', 'scheduled')))
      order by rider_id, requested_at desc
      limit ${PEOPLE_MOST}`.execute(db)
    const byCell = new Map<string, number>()
    for (const { lat, lng } of rows) {
      const cell = latLngToCell(lat, lng, SUPPLY_RESOLUTION)
      byCell.set(cell, (byCell.get(cell) ?? 0) + 1)
    }
    return byCell
  }

  async function pastDays(nowMs: number): Promise<LearnedDemand> {
    if (learned === null || nowMs - learned.atMs >= LEARN_EVERY_MS)
      learned = { atMs: nowMs, demand: await loadDemand(db, region, nowMs) }
    return learned.demand
  }

  /** When what is added around a cell is usually over, epoch ms; null where past days do not tell. */
  function overAtMs(
    rules: SurgeRules,
    { cell, around }: { cell: string; around: { asking: number; free: number } },
    { model, days }: LearnedDemand,
    nowMs: number,
  ): number | null {
    if (days < HISTORY_DAYS_FEWEST) return null
    const disk = new Set(gridDisk(cell, 1))
    const near: DemandCell[] = [...model.cells].filter((known) => disk.has(known.cell))
    const nowS = (weekMinute(nowMs, region.timeZone) * 60) % DAY_S
    const inS = usuallyOverInS(rules, around, (fromS, toS) =>
      near.reduce((sum, known) => sum + model.expected(known, DAY_S + nowS + fromS, DAY_S + nowS + toS), 0),
    )
    return inS === null ? null : Math.ceil((nowMs + inS * 1000) / OVER_ROUNDED_MS) * OVER_ROUNDED_MS
  }

  async function told(rules: SurgeRules | null, nowMs: number, field: SurgeField): Promise<CountedCell[]> {
    const cells = field.cells()
    const isBusy = rules !== null && cells.some(({ step }) => step > 0)
    const demand = isBusy ? await pastDays(nowMs) : null
    const counted = cells.map(({ cell, asking, free, step }): CountedCell => {
      const smoothed = { cell, asking: oneDecimal(asking), free: oneDecimal(free), step }
      if (rules === null || demand === null || step === 0) return { ...smoothed, busy: null }
      const around = field.around(cell)
      const busy = {
        ...{ asking: Math.round(around.asking), free: Math.round(around.free) },
        overAtMs: overAtMs(rules, { cell, around }, demand, nowMs),
      }
      return { ...smoothed, busy }
    })
    return counted.length <= CELLS_LIMIT
      ? counted
      : counted.sort((a, b) => weight(b) - weight(a)).slice(0, CELLS_LIMIT)
  }

  async function keepHistory(
    rules: SurgeRules,
    write: Parameters<SurgeKeeper['keep']>[0],
    nowMs: number,
    field: SurgeField,
  ): Promise<void> {
    const cells = field.cells()
    const surged = cells.filter(({ step }) => step > 0)
    if (nowMs < nextWriteMs || surged.length === 0) return
    nextWriteMs = nowMs + WRITE_EVERY_MS
    const free = cells.reduce((sum, cell) => sum + cell.free, 0)
    await write((unit) =>
      keepMinute(unit, region, {
        ...{ atMs: nowMs, cells: surged, rules, asking: field.askingInRegion, free },
      }),
    )
  }

  return {
    async keep(write) {
      const nowMs = clock.nowMs()
      const rules = regionNow().surge
      const isRuledAnew = !Bun.deepEquals(rules, ruledBy)
      if (nowMs - lookedAtMs < LOOK_EVERY_MS && !isRuledAnew) return
      // Cars that were not heard of yet are not missing: prices do not rise because a process has just begun.
      const hearingSinceMs = Math.max(startedAtMs, deps.hearingSinceMs?.() ?? startedAtMs)
      if (nowMs - hearingSinceMs < POSITION_FRESH_MS) return
      // After so many looks missed another process may have held the region meanwhile, and knows better.
      if (nowMs - lookedAtMs > 3 * LOOK_EVERY_MS) field = null
      lookedAtMs = nowMs
      ruledBy = rules
      field ??= await begin(nowMs)
      const asking = await askingByCell(nowMs)
      field.look({ asking, free: fleet.index(region.id).supplied(ALL_CLASSES) }, nowMs, rules)
      surge.say(region, { rules, cells: await told(rules, nowMs, field) })
      if (rules !== null) await keepHistory(rules, write, nowMs, field)
    },
  }
}

function weight({ asking, free, step }: SurgeCell): number {
  return step * 1_000 + asking + free
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10
}
