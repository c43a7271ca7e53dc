/** Why a price is higher just now: kept with the quote, and read back for whoever asks. */
import { cellToLatLng } from 'h3-js'
import type { FareLine } from '../engine/fare.ts'
import type { Db } from '../io/postgres.ts'
import type { QuotedSurge } from '../io/tables/rides.ts'
import { knownPlaceBy } from '../places/places.ts'
import type { LoadedQuote } from './quotes.ts'
import type { SurgeHere } from './surge.ts'

/** What the rider is told beside the sum. */
export interface BusyHere {
  /** People who asked and cars that were free around there. */
  readonly asking: number
  readonly free: number
  /** By what people know the place; null where nothing is known near. */
  readonly place: string | null
  /** When it is usually over, epoch ms; null where past days do not tell. */
  readonly overAtMs: number | null
}

/** What a quote keeps of it: the terms, the cell, and the figures behind them. */
export async function quotedSurge(db: Db, here: SurgeHere): Promise<QuotedSurge> {
  const { cell, asking, free, overAtMs, ...terms } = here
  const [lat, lng] = cellToLatLng(cell)
  const place = await knownPlaceBy(db, { lat, lng })
  return { ...terms, why: { cell, asking, free, place: place?.name ?? null, overAtMs } }
}

/** Null for a quote without, or of before the figures were kept. */
export function busyOf({ trip }: Pick<LoadedQuote, 'trip'>): BusyHere | null {
  const { asking, free, place, overAtMs } = trip?.surge?.why ?? {}
  if (typeof asking !== 'number' || typeof free !== 'number') return null
  return {
    ...{ asking, free },
    place: typeof place === 'string' ? place : null,
    overAtMs: typeof overAtMs === 'number' ? overAtMs : null,
  }
}

/** What surge adds to a fare, minor units before tax; 0 where it adds nothing, as to a flat fare. */
export function surgeMinor(lines: readonly FareLine[]): number {
  return lines.find(({ code }) => code === 'surge')?.amountMinor ?? 0
}
