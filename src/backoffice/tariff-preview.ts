/** What a draft would have made of the rides of the last day: each of them priced again as it was quoted, and the sum. */
import { type FareLine, type PromoTerms, priceTrip } from '../engine/fare.ts'
import { localTimeAt } from '../engine/tariff.ts'
import type { CompanyId, RegionId, RideId, VehicleClass } from '../engine/units.ts'
import { zonesOfWay } from '../engine/zone-way.ts'
import { fareLineProps } from '../fares/lines.ts'
import type { TariffFigures } from '../fares/tariffs.ts'
import { shapesOfRules } from '../fares/zones.ts'
import type { Db } from '../io/postgres.ts'

/** A larger company's day; the rest of a day longer than this is said to be missing. */
export const RIDES_MOST = 5_000
/** Where nobody rode for a day. */
const LATEST_RIDES = 100
const DAY_MS = 86_400_000

export interface PreviewedRide {
  readonly rideId: RideId
  readonly number: number
  readonly requestedAtMs: number
  readonly from: string
  readonly to: string
  /** As it was promised then. */
  readonly wasMinor: number
  readonly wouldMinor: number
  /** Lines that come, go or change, by their label; what the draft would take more of it, minor units. */
  readonly changes: readonly { readonly label: string; readonly byMinor: number }[]
}

export interface Preview {
  /** By how much the price would change, the most first; of equals the latest. */
  readonly rides: readonly PreviewedRide[]
  /** False: these are the latest rides there were before. */
  readonly isLastDay: boolean
  /** Whether there were more than are priced here. */
  readonly isCut: boolean
}

/**
 * Price the rides of a class of a region again with other figures. Each is taken as it was quoted: its leg, the wall
 * clock, surge, sharing and code; zones are looked up as they are drawn now, its way being the straight one.
 */
export async function previewDraft(
  db: Db,
  place: { readonly companyId: CompanyId; readonly regionId: RegionId; readonly class: VehicleClass },
  {
    figures,
    timeZone,
    nowMs,
  }: { readonly figures: TariffFigures; readonly timeZone: string; readonly nowMs: number },
): Promise<Preview> {
  const lastDay = await ridesOf(db, place, { sinceMs: nowMs - DAY_MS, limit: RIDES_MOST + 1 })
  const isLastDay = lastDay.length > 0
  const rows = isLastDay
    ? lastDay.slice(0, RIDES_MOST)
    : await ridesOf(db, place, { sinceMs: 0, limit: LATEST_RIDES })
  const shapes = await shapesOfRules(db, place, [figures])
  const rides = rows.map((row): PreviewedRide => {
    const { trip } = row
    const way = [
      { lat: row.pickup_lat, lng: row.pickup_lng },
      { lat: row.dropoff_lat, lng: row.dropoff_lng },
    ]
    const line = (code: FareLine['code']) => row.lines.find((one) => one.code === code)
    const promo = line('promo')
    const fare = priceTrip(figures, {
      leg: { distanceM: row.distance_m, durationS: row.duration_s },
      time: trip?.time ?? localTimeAt(row.requested_at.getTime(), timeZone),
      zones: zonesOfWay(shapes, way),
      surge: trip?.surge ?? null,
      sharedDiscountBasisPoints: line('shared')?.quantity,
      promo: promo === undefined ? null : sameOff(promo),
    })
    return {
      ...{ rideId: row.id, number: row.number, requestedAtMs: row.requested_at.getTime() },
      ...{ from: row.pickup_label, to: row.dropoff_label },
      ...{ wasMinor: row.fare_minor, wouldMinor: fare.totalMinor },
      changes: changedLines(
        { lines: row.lines, taxLabel: row.tax_label },
        { lines: fare.lines, taxLabel: figures.taxLabel },
        figures.currency,
      ),
    }
  })
  const byChange = (ride: PreviewedRide) => Math.abs(ride.wouldMinor - ride.wasMinor)
  return {
    rides: rides.toSorted((a, b) => byChange(b) - byChange(a) || b.requestedAtMs - a.requestedAtMs),
    isLastDay,
    isCut: lastDay.length > RIDES_MOST,
  }
}

/** What the code took off then: what it would take off another fare, only its rule could say. */
function sameOff({ name, amountMinor }: FareLine): PromoTerms {
  return { code: name ?? '', offMinor: 0 - amountMinor }
}

function ridesOf(
  db: Db,
  {
    companyId,
    regionId,
    class: vehicleClass,
  }: { companyId: CompanyId; regionId: RegionId; class: VehicleClass },
  { sinceMs, limit }: { sinceMs: number; limit: number },
) {
  return db
    .selectFrom('rides')
    .innerJoin('quotes', (join) =>
      join.onRef('quotes.company_id', '=', 'rides.company_id').onRef('quotes.id', '=', 'rides.quote_id'),
    )
    .innerJoin('tariffs', (join) =>
      join.onRef('tariffs.company_id', '=', 'quotes.company_id').onRef('tariffs.id', '=', 'quotes.tariff_id'),
    )
    .select(['rides.id', 'rides.number', 'rides.requested_at', 'tariffs.tax_label'])
    .select(['quotes.distance_m', 'quotes.duration_s', 'quotes.trip', 'quotes.lines', 'quotes.fare_minor'])
    .select(['quotes.pickup_lat', 'quotes.pickup_lng', 'quotes.dropoff_lat', 'quotes.dropoff_lng'])
    .select(['quotes.pickup_label', 'quotes.dropoff_label'])
    .where('rides.company_id', '=', companyId)
    .where('rides.region_id', '=', regionId)
    .where('quotes.class', '=', vehicleClass)
    .where('rides.requested_at', '>=', new Date(sinceMs))
    .orderBy('rides.requested_at', 'desc')
    .limit(limit)
    .execute()
}

interface Lines {
  readonly lines: readonly FareLine[]
  readonly taxLabel: string
}

/** Which lines differ between two fares of one ride, by the label people read. */
function changedLines(was: Lines, would: Lines, currency: string): PreviewedRide['changes'] {
  const sums = new Map<string, number>()
  const add = ({ lines, taxLabel }: Lines, sign: 1 | -1) => {
    for (const { label, amountMinor } of fareLineProps(lines, { currency, taxLabel }))
      sums.set(label, (sums.get(label) ?? 0) + sign * amountMinor)
  }
  // In the order of the new fare's lines, those that go after them.
  add(would, 1)
  add(was, -1)
  return [...sums].flatMap(([label, byMinor]) => (byMinor === 0 ? [] : [{ label, byMinor }]))
}
