/** What a receipt is made of, for the page, the PDF and the letter. */
import { CLASS_WORDS } from '../../views/rides/quotes.ts'
import type { ReceiptProps } from '../../views/rides/receipt.ts'
import type { Flags } from '../companies/flags.ts'
import type { Place } from '../companies/page-context.ts'
import { findDriver, findVehicle } from '../drivers/drivers.ts'
import { rateUntilMs } from '../engine/rating.ts'
import { fareLineProps, reasonProps } from '../fares/lines.ts'
import { findQuote } from '../fares/quotes.ts'
import { tariffById } from '../fares/tariffs.ts'
import type { Clock } from '../io/clock.ts'
import type { Config } from '../io/config.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { paymentOfRide, tipsOfRides } from '../money/money.ts'
import { fareOfRide } from '../rides/final-fare.ts'
import { firstName, type LoadedRide, referenceOf, shortName } from '../rides/rides.ts'
import { vehicleWords } from '../rides/routes.ts'
import { mayTip, tipChoices } from '../rides/tips.ts'
import { drivenWay } from '../rides/trail.ts'
import { agreedWays } from '../rides/way-questions.ts'
import type { Roads } from '../roads/roads.ts'
import { type LoadedRating, ratingOf } from './ratings.ts'

export interface ReceiptDeps {
  readonly clock: Clock
  readonly random: Random
  readonly flags: Flags
  readonly config: Pick<Config, 'publicUrl'>
  readonly roads: Pick<Roads, 'streetsOf'>
}

const KINDS = { fare: 'fare', cancellation: 'cancellation_fee', no_show: 'no_show_fee' } as const

/** The receipt of a ride; null while nothing was charged for it. */
export async function readReceipt(
  deps: ReceiptDeps,
  db: Db,
  { ride, place }: { readonly ride: LoadedRide; readonly place: Place },
): Promise<ReceiptProps | null> {
  const payment = await paymentOfRide(db, ride.company_id, ride.id)
  if (payment === undefined) return null
  const isFare = payment.kind === 'fare'
  const [tips, quote, fare, tariff, driver, vehicle, trail, rating, companyLines] = await Promise.all([
    tipsOfRides(db, ride.company_id, [ride.id]),
    findQuote(db, ride.company_id, ride.quote_id),
    isFare ? fareOfRide(db, ride.company_id, ride.id) : undefined,
    tariffById(db, ride.company_id, ride.tariff_id),
    ride.driver_id === null ? undefined : findDriver(db, ride.company_id, ride.driver_id),
    ride.vehicle_id === null ? undefined : findVehicle(db, ride.company_id, ride.vehicle_id),
    isFare ? drivenWay(db, ride.company_id, ride.id) : [],
    ratingOf(db, ride, 'rider'),
    companyLinesOf(db, ride.company_id),
  ])
  const feeLabel = payment.kind === 'cancellation' ? 'Cancellation fee' : 'No-show fee'
  const agreed = isFare ? await agreedWays(db, ride) : []
  const nowMs = deps.clock.nowMs()
  const named =
    driver === undefined || vehicle === undefined
      ? null
      : {
          name: shortName(driver.name),
          vehicle: vehicleWords(vehicle.colour, vehicle.make_model),
          plate: vehicle.plate,
        }
  return {
    rideId: ride.id,
    reference: referenceOf(ride),
    companyName: place.company.name,
    companyLines,
    riderName: firstName(ride.rider_name),
    kind: KINDS[payment.kind],
    pickup: {
      label: ride.pickup_label,
      point: { lat: ride.pickup_lat, lng: ride.pickup_lng },
      atMs: ride.boarded_at?.getTime() ?? null,
    },
    dropoff: {
      label: ride.dropoff_label,
      point: { lat: ride.dropoff_lat, lng: ride.dropoff_lng },
      atMs: ride.state === 'completed' ? (ride.ended_at?.getTime() ?? null) : null,
    },
    // What was driven, on the streets it was driven on.
    trail: (await deps.roads.streetsOf(trail)) ?? trail,
    lines: isFare
      ? fareLineProps(fare?.lines ?? quote?.lines ?? [], {
          currency: ride.currency,
          taxLabel: tariff.taxLabel,
        })
      : [{ label: feeLabel, detail: 'by the tariff you agreed to', amountMinor: payment.amount_minor }],
    totalMinor: payment.amount_minor,
    currency: payment.currency,
    changes:
      fare === undefined ? null : { promisedMinor: fare.promised_minor, reasons: reasonProps(fare.reasons) },
    evidence: fare?.evidence ?? null,
    tip: {
      givenMinor: tips.get(ride.id) ?? null,
      choicesMinor:
        mayTip(ride, nowMs) && deps.flags.isOn(ride.company_id, 'account_payment') ? tipChoices(ride) : [],
      key: deps.random.uuid(),
    },
    agreed,
    promisedAtMs: agreed.at(-1)?.atMs ?? (ride.booked_at ?? ride.requested_at).getTime(),
    payment: payment.method,
    accountName: `${place.company.name} account`,
    paid: payment.method === 'cash',
    paidAtMs: payment.captured_at.getTime(),
    driver: named,
    className: CLASS_WORDS[ride.class].label,
    url: `${deps.config.publicUrl}/rides/${ride.id}/receipt`,
    rating:
      named === null
        ? null
        : {
            side: 'rider',
            name: named.name,
            detail: `${named.plate} · ${place.company.name}`,
            action: `/rides/${ride.id}/rating`,
            ...ratingProps(ride, rating, nowMs),
            key: deps.random.uuid(),
          },
  }
}

/** What was said of a ride, and until when it can be; never of a ride that was not driven to its end. */
export function ratingProps(ride: LoadedRide, rating: LoadedRating | undefined, nowMs: number) {
  const given = rating === undefined ? null : { stars: rating.stars, words: rating.words, text: rating.text }
  if (ride.state !== 'completed' || ride.ended_at === null) return { given, untilMs: null }
  const ratedAtMs = rating?.rated_at.getTime() ?? null
  return { given, untilMs: rateUntilMs({ endedAtMs: ride.ended_at.getTime(), ratedAtMs }, nowMs) }
}

/** What stands under the company's name on paper, as far as it has said so. */
export async function companyLinesOf(db: Db, companyId: LoadedRide['company_id']): Promise<string[]> {
  const company = await db
    .selectFrom('companies')
    .select(['address', 'phone', 'tax_number', 'licence_number'])
    .where('id', '=', companyId)
    .executeTakeFirst()
  if (company === undefined) return []
  const { address, phone, tax_number, licence_number } = company
  return [
    ...(address === null ? [] : [address]),
    ...(phone === null ? [] : [phone]),
    ...(tax_number === null ? [] : [`Tax number ${tax_number}`]),
    ...(licence_number === null ? [] : [`Licence ${licence_number}`]),
  ]
}
