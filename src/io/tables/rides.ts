/** Row types of regions, fleets, prices, rides, offers and money; the tables themselves are in migrations/. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Policy } from '../../engine/decide.ts'
import type { FareLine, SurgeTerms } from '../../engine/fare.ts'
import type { OfferState } from '../../engine/offer.ts'
import type { RideState } from '../../engine/ride.ts'
import type { ShadowPolicy } from '../../engine/shadow.ts'
import type { SurgeRules } from '../../engine/surge.ts'
import type { LocalTime, TariffRules, TripZones } from '../../engine/tariff.ts'
import type {
  BreakId,
  CompanyId,
  DriverId,
  IdentityId,
  OfferId,
  QuoteId,
  RegionId,
  RideId,
  RunId,
  ShiftId,
  VehicleClass,
  VehicleId,
  ZoneId,
} from '../../engine/units.ts'
import type { QuotedStop } from './ways.ts'

export type ActorKind = 'rider' | 'driver' | 'dispatcher' | 'system'
export type PaymentMethod = 'cash' | 'account'

/** GeoJSON, longitude first: the one place where it is kept as it came. */
export interface AreaPolygon {
  type: 'Polygon' | 'MultiPolygon'
  coordinates: number[][][] | number[][][][]
}

export interface RegionRow {
  company_id: CompanyId
  id: RegionId
  slug: string
  name: string
  time_zone: string
  center_lat: number
  center_lng: number
  zoom: number
  area: JSONColumnType<AreaPolygon>
  circuity: number
  speed_mps: number
  policy: Policy['kind']
  batch_window_ms: number
  radius_m: number
  candidates: number
  offer_ttl_s: number
  unfulfilled_after_s: number
  /** All of the four, or none where rides are not shared. */
  shared_seats: ColumnType<number | null, number | null | undefined, number | null>
  shared_detour_s: ColumnType<number | null, number | null | undefined, number | null>
  shared_wait_s: ColumnType<number | null, number | null | undefined, number | null>
  shared_discount_basis_points: ColumnType<number | null, number | null | undefined, number | null>
  /** Whether idle drivers are told where it is busier. */
  idle_hints: ColumnType<boolean, boolean | undefined, boolean>
  /** How long one may drive between two rests; null where nobody counts. */
  drive_limit_s: ColumnType<number | null, number | null | undefined, number | null>
  rest_s: ColumnType<number, number | undefined, number>
  /** Whom to call for help, as it is dialled there. */
  emergency_number: ColumnType<string, string | undefined, string>
  /** How far ahead rides may be booked; 0: not at all. */
  book_ahead_days: ColumnType<number, number | undefined, number>
  /** How long before its pickup a booked ride goes to the matcher at the latest. */
  lead_floor_s: ColumnType<number, number | undefined, number>
  /** Seconds to be won at least for a ride to go to a nearer car before its pickup; null: never. */
  swap_gain_s: ColumnType<number | null, number | null | undefined, number | null>
  /** Another policy that is decided by for comparison only. */
  shadow_policy: ColumnType<ShadowPolicy | null, string | null | undefined, string | null>
  /** What busy places add to a price; null: nothing. */
  surge: ColumnType<SurgeRules | null, string | null | undefined, string | null>
  /** Columns that the office set on its pages; a company file leaves them. */
  office_set: ColumnType<string[], string[] | undefined, string[]>
}

/** A quarter of an hour of a region's policy and the one in its shadow: sums over the ticks in which somebody waited. */
export interface ShadowQuarterRow {
  company_id: CompanyId
  region_id: RegionId
  starts_at: Date
  ticks: number
  waiting: number
  changed: number
  live_rides: number
  live_eta_s: number
  live_cost_s: number
  live_ms: number
  shadow_rides: number
  shadow_eta_s: number
  shadow_cost_s: number
  shadow_ms: number
}

export interface RegionLeaseRow {
  region_id: RegionId
  holder: string
  epoch: number
  expires_at: Date
}

export interface DriverRow {
  company_id: CompanyId
  id: DriverId
  identity_id: IdentityId
  name: string
  call_sign: string
  lapsed_in_a_row: ColumnType<number, number | undefined, number>
  paused_until: Date | null
  /** Drives no more; the row stays for the rides it drove. */
  deleted_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  /** Since when the company does not let them drive, and why. */
  disabled_at: ColumnType<Date | null, Date | undefined, Date | null>
  disabled_reason: ColumnType<string | null, string | undefined, string | null>
  /** Since when the desk keeps them off the road, who did it, and the reason they read. */
  held_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  held_by: ColumnType<IdentityId | null, IdentityId | null | undefined, IdentityId | null>
  held_reason: ColumnType<string | null, string | null | undefined, string | null>
  /** Since when they have stopped by themselves, until they say otherwise. */
  stopped_at: ColumnType<Date | null, Date | undefined, Date | null>
  /** When a nearer car last took a ride over from them. */
  swapped_at: ColumnType<Date | null, Date | undefined, Date | null>
  /** What "Navigate" opens. */
  navigates_by: ColumnType<NavigatesBy, NavigatesBy | undefined, NavigatesBy>
}

export type NavigatesBy = 'phone' | 'google' | 'apple' | 'waze' | 'osm'

export interface VehicleRow {
  company_id: CompanyId
  id: VehicleId
  class: VehicleClass
  seats: number
  attributes: ColumnType<number, number | undefined, number>
  plate: string
  make_model: string
  colour: string
  /** Out of the fleet; the row stays for the rides it drove. */
  deleted_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  /** As of regions. */
  office_set: ColumnType<string[], string[] | undefined, string[]>
}

export interface DriverVehicleRow {
  company_id: CompanyId
  driver_id: DriverId
  vehicle_id: VehicleId
}

export interface ShiftRow {
  company_id: CompanyId
  id: ShiftId
  region_id: RegionId
  driver_id: DriverId
  vehicle_id: VehicleId
  started_at: Date
  ended_at: Date | null
  end_reason: string | null
  /** Whose phone or program tells where the car is; null takes anybody's. */
  phone_session_id: Generated<string | null>
  phone_since: Generated<Date | null>
  /** Driven before it since the last rest, and until when; null where there was a rest. */
  driven_before_s: ColumnType<number | null, number | null | undefined, number | null>
  drove_until: ColumnType<Date | null, Date | null | undefined, Date | null>
}

/** A driver's break; one asked for during a run begins when that run is over. */
export interface BreakRow {
  company_id: CompanyId
  id: BreakId
  driver_id: DriverId
  shift_id: ShiftId
  run_id: RunId | null
  started_at: Date
  ended_at: Date | null
}

export interface TariffRow {
  company_id: CompanyId
  id: string
  region_id: RegionId
  class: VehicleClass
  state: ColumnType<
    'draft' | 'published' | 'withdrawn',
    'draft' | 'published' | undefined,
    'published' | 'withdrawn'
  >
  /** Null of a draft, as is the next. */
  version: number | null
  effective_from: Date | null
  currency: string
  base_minor: number
  booking_fee_minor: number
  per_km_minor: number
  per_minute_minor: number
  minimum_minor: number
  tax_basis_points: number
  tax_label: string
  cancel_fee_minor: number
  cancel_free_s: number
  no_show_fee_minor: number
  no_show_after_s: number
  driver_share_basis_points: number
  /** What it leaves out is as in `PLAIN_RULES`. */
  rules: ColumnType<Partial<TariffRules>, string | undefined, string>
  created_at: ColumnType<Date | null, Date | null | undefined, never>
  created_by: ColumnType<IdentityId | null, IdentityId | null | undefined, never>
  published_at: ColumnType<Date | null, Date | null | undefined, Date>
  published_by: ColumnType<IdentityId | null, IdentityId | null | undefined, IdentityId | null>
  withdrawn_at: ColumnType<Date | null, undefined, Date>
  withdrawn_by: ColumnType<IdentityId | null, undefined, IdentityId | null>
  revision: ColumnType<number, number | undefined, number>
}

/** How a price was made, beside the tariff and the leg: told on the receipt, and what the final fare is reckoned by. */
export interface QuotedTrip {
  /** When the ride begins, epoch ms, and what the wall shows then; null before prices knew of time. */
  readonly pickupAtMs: number
  readonly timeZone: string
  readonly time: LocalTime
  readonly zones: TripZones
  readonly surge: QuotedSurge | null
}

/** Surge as it was told and is held: the terms, and the figures behind them in whoever's words made it. */
export interface QuotedSurge extends SurgeTerms {
  readonly why?: Readonly<Record<string, string | number | null>>
}

export interface QuoteRow {
  company_id: CompanyId
  id: QuoteId
  set_id: string
  region_id: RegionId
  rider_id: IdentityId | null
  tariff_id: string
  class: VehicleClass
  seats: number
  pickup_lat: number
  pickup_lng: number
  pickup_label: string
  dropoff_lat: number
  dropoff_lng: number
  dropoff_label: string
  distance_m: number
  duration_s: number
  fare_minor: number
  /** The driver's part of the fare. */
  driver_minor: number
  currency: string
  lines: JSONColumnType<FareLine[]>
  /** Null for a quote of before prices knew of time and zones. */
  trip: ColumnType<QuotedTrip | null, string | null | undefined, never>
  /** What a code takes off, and which. */
  promo_id: ColumnType<string | null, string | null | undefined, never>
  promo_minor: ColumnType<number, number | undefined, never>
  pickup_eta_s: number | null
  shared: ColumnType<boolean, boolean | undefined, boolean>
  /** Told to a shared rider: how much longer the way may get, and how long the car may take to come. */
  shared_detour_s: ColumnType<number | null, number | null | undefined, number | null>
  shared_wait_s: ColumnType<number | null, number | null | undefined, number | null>
  /** Between the two ends, in order; of a ride under way, those already passed too. */
  stops: ColumnType<readonly QuotedStop[], string | undefined, string>
  /** The promise it would take the place of, of a price for another way of a ride; null for a ride of its own. */
  replaces: ColumnType<QuoteId | null, QuoteId | null | undefined, never>
  /** When the car is to be there, of a price for later; null: as soon as one can. */
  scheduled_for: ColumnType<Date | null, Date | null | undefined, never>
  /** What the car must have, in the bits of `engine/attributes.ts`. */
  attributes: ColumnType<number, number | undefined, never>
  signature: string
  created_at: Date
  expires_at: Date
}

export interface RideRow {
  company_id: CompanyId
  id: RideId
  number: Generated<number>
  region_id: RegionId
  rider_id: IdentityId
  quote_id: QuoteId
  tariff_id: string
  state: RideState
  version: number
  class: VehicleClass
  seats: number
  attributes: ColumnType<number, number | undefined, number>
  payment_method: PaymentMethod
  note: string
  rider_name: string
  pickup_lat: number
  pickup_lng: number
  pickup_label: string
  dropoff_lat: number
  dropoff_lng: number
  dropoff_label: string
  distance_m: number
  duration_s: number
  fare_minor: number
  /** The driver's part of the fare. */
  driver_minor: number
  /** What a code took off the promised fare. */
  promo_minor: ColumnType<number, number | undefined, number>
  currency: string
  driver_id: DriverId | null
  vehicle_id: VehicleId | null
  pickup_eta_s: number | null
  shared: ColumnType<boolean, boolean | undefined, never>
  /** Of a shared ride: what was promised, null else. */
  latest_pickup_at: ColumnType<Date | null, Date | null | undefined, Date>
  latest_dropoff_at: ColumnType<Date | null, Date | null | undefined, Date>
  misses: ColumnType<number, number | undefined, number>
  /** How often it went to a nearer car. */
  swaps: ColumnType<number, number | undefined, number>
  /** Since when it is in the desk's rescue queue; null while it is not, or has a driver. */
  rescue_at: ColumnType<Date | null, never, Date | null>
  /** Since when it looks as far as it goes, and asks again who let an offer lapse before. */
  wider_at: ColumnType<Date | null, never, Date | null>
  /** Nobody is asked before. */
  put_off_until: ColumnType<Date | null, never, Date | null>
  /** Those that wait with the same one go together: a desk merged them. Nothing where nobody else has it. */
  merged_id: ColumnType<string | null, never, string | null>
  /** What the desk told the rider on cancelling. */
  end_words: ColumnType<string | null, never, string | null>
  /** Since when a driver is looked for; of a booked ride that still waits, when that is planned to begin. */
  requested_at: Date
  deadline_at: Date
  /** Of a ride booked ahead, null else: when the car is to be there, when it was booked, when the matcher gets it. */
  scheduled_for: ColumnType<Date | null, Date | null | undefined, Date>
  booked_at: ColumnType<Date | null, Date | null | undefined, never>
  release_at: ColumnType<Date | null, Date | null | undefined, Date>
  /** When the rider is to have the next letter about it; what it says depends on the state by then. */
  letter_due_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  letters_sent: ColumnType<number, number | undefined, number>
  assigned_at: Date | null
  set_off_at: Date | null
  arrived_at: Date | null
  boarded_at: Date | null
  ended_at: Date | null
  end_reason: string | null
  ended_by: ActorKind | null
  changed_at: Date
}

export interface RideEventRow {
  company_id: CompanyId
  ride_id: RideId
  version: number
  type: string
  from_state: RideState | null
  to_state: RideState
  at: Date
  actor_kind: ActorKind
  actor_id: string | null
  driver_id: DriverId | null
  reason: string | null
  /** When the driver pressed, by their phone, where it could send it only later. */
  said_at: Generated<Date | null>
}

export interface RunRow {
  company_id: CompanyId
  id: RunId
  driver_id: DriverId
  /** Several riders may be in it, all of whom chose to share. */
  shared: boolean
  opened_at: Date
  closed_at: Date | null
}

/** A ride's time in a run. */
export interface RunRideRow {
  company_id: CompanyId
  run_id: RunId
  ride_id: RideId
  shared: boolean
  joined_at: Date
  left_at: Date | null
}

export type StopKind = 'pickup' | 'dropoff'

/** A stop of a shared run, in the order to drive them; those of a ride alone follow from its state. */
export interface RunStopRow {
  company_id: CompanyId
  run_id: RunId
  ride_id: RideId
  kind: StopKind
  place: number
  done_at: Date | null
}

/** A stop as a plan names it. */
export interface PlannedStop {
  readonly rideId: RideId
  readonly kind: StopKind
  /** Seconds from the offer until the car is there; only of merged rides. */
  readonly etaS?: number
}

export interface OfferRow {
  company_id: CompanyId
  id: OfferId
  region_id: RegionId
  ride_id: RideId
  driver_id: DriverId
  state: OfferState
  pickup_distance_m: number
  pickup_eta_s: number
  offered_at: Date
  expires_at: Date
  ended_at: Date | null
  released_at: Date | null
  reason: string | null
  /** To take the ride along in this run; null for a run of its own. */
  run_id: ColumnType<RunId | null, RunId | null | undefined, never>
  /** How much longer the run gets. */
  added_s: ColumnType<number | null, number | null | undefined, never>
  /** For all rides that a desk merged under this; null for one. */
  merged_id: ColumnType<string | null, string | null | undefined, never>
  /** The run's stops as they would be, in order. */
  stops: ColumnType<readonly PlannedStop[] | null, string | null | undefined, never>
  /** The queue by which the driver was asked, if by one. */
  zone_id: ColumnType<ZoneId | null, ZoneId | null | undefined, ZoneId | null>
  /** Who had the ride when the driver was asked to take it over. */
  swaps_from: ColumnType<DriverId | null, DriverId | null | undefined, never>
}

export interface RideTrailRow {
  company_id: CompanyId
  ride_id: RideId
  at: Date
  lat: number
  lng: number
  accuracy_m: number | null
}

export interface PaymentRow {
  company_id: CompanyId
  id: string
  ride_id: RideId
  kind: 'fare' | 'cancellation' | 'no_show' | 'tip'
  method: PaymentMethod
  state: 'captured'
  amount_minor: number
  currency: string
  captured_at: Date
}

export interface LedgerTransactionRow {
  company_id: CompanyId
  id: string
  payment_id: string
  at: Date
}

export interface LedgerEntryRow {
  company_id: CompanyId
  transaction_id: string
  seq: number
  account: string
  amount_minor: number
  currency: string
}

export interface OutboxRow {
  id: Generated<number>
  news: ColumnType<unknown, string, never>
  created_at: Generated<Date>
}

export interface RideTables {
  regions: RegionRow
  region_leases: RegionLeaseRow
  shadow_quarters: ShadowQuarterRow
  drivers: DriverRow
  vehicles: VehicleRow
  driver_vehicles: DriverVehicleRow
  shifts: ShiftRow
  breaks: BreakRow
  tariffs: TariffRow
  quotes: QuoteRow
  rides: RideRow
  ride_events: RideEventRow
  runs: RunRow
  run_rides: RunRideRow
  run_stops: RunStopRow
  offers: OfferRow
  ride_trails: RideTrailRow
  payments: PaymentRow
  ledger_transactions: LedgerTransactionRow
  ledger_entries: LedgerEntryRow
  outbox: OutboxRow
}
