/** News between slices and between processes: typed, small, told after the commit that made it true. */
import { z } from 'zod'
import { OFFER_STATES, type OfferState } from '../engine/offer.ts'
import { RIDE_STATES, type RideEventType, type RideState } from '../engine/ride.ts'
import type { SurgeCell, SurgeRules } from '../engine/surge.ts'
import type {
  CompanyId,
  DriverId,
  IdentityId,
  LatLng,
  OfferId,
  RegionId,
  RideId,
  ZoneId,
} from '../engine/units.ts'

export const SHIFT_NEWS_STATES = ['on', 'off', 'paused'] as const
export type ShiftNewsState = (typeof SHIFT_NEWS_STATES)[number]

export interface RideChanged {
  readonly type: 'ride.changed'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly rideId: RideId
  readonly riderId: IdentityId
  readonly driverId: DriverId | null
  /** Who drove it before this event, so that a driver taken off the ride is told too. */
  readonly previousDriverId: DriverId | null
  readonly state: RideState
  /** `request` or `book` for the ride's first row, which no event of the state machine makes. */
  readonly event: RideEventType | 'request' | 'book'
}

export interface OfferChanged {
  readonly type: 'offer.changed'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly offerId: OfferId
  readonly rideId: RideId
  readonly driverId: DriverId
  readonly state: OfferState
}

export interface ShiftChanged {
  readonly type: 'shift.changed'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly driverId: DriverId
  readonly state: ShiftNewsState
}

/** The pickup watchdog said something of a car on its way, put off what follows, or took it back. */
export interface AlarmChanged {
  readonly type: 'alarm.changed'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly rideId: RideId
  readonly driverId: DriverId
}

/** Somebody came, left or moved in a zone's queue. */
export interface QueueChanged {
  readonly type: 'queue.changed'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly zoneId: ZoneId
  /** Whose place may be another one now, or none. */
  readonly driverIds: readonly DriverId[]
}

/** Something was said between the desk and drivers, had on a page, or read. */
export interface DeskMessaged {
  readonly type: 'desk.messaged'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  /** Whose pages show it. */
  readonly driverIds: readonly DriverId[]
}

/** Something was said about a ride, read, or is being typed. */
export interface ChatChanged {
  readonly type: 'chat.changed'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly rideId: RideId
  /** Who drives it now. */
  readonly driverId: DriverId | null
}

/** Something that stands beside a ride changed, and with it what its pages say: a code was tried, help was asked for. */
export interface RideNoted {
  readonly type: 'ride.noted'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly rideId: RideId
  /** Who drives it now. */
  readonly driverId: DriverId | null
  /** Of help that was just asked for: who heard the car writes down where it was. */
  readonly alertId: string | null
}

/** Of a lost thing or a report: it was told of, written about, or taken a step on. */
export interface CaseChanged {
  readonly type: 'case.changed'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly rideId: RideId
  readonly riderId: IdentityId
  /** Who drove, where it is theirs to know; null of a report. */
  readonly driverId: DriverId | null
}

/** Somebody at a desk looks at a ride, changes it, or left it; said again while it is so. */
export interface DeskPresence {
  readonly type: 'desk.presence'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly sessionId: string
  readonly identityId: IdentityId
  readonly name: string
  /** Null for none any more. */
  readonly rideId: RideId | null
  readonly doing: 'looking' | 'editing'
  /** Whether it is another one than was said before. */
  readonly isNew: boolean
}

export interface SessionEnded {
  readonly type: 'session.ended'
  readonly sessionId: string
  readonly identityId: IdentityId
}

/** What its holder may do has changed, or the token that opens it: what was read of it before no longer counts. */
export interface SessionChanged {
  readonly type: 'session.changed'
  readonly sessionId: string
  readonly identityId: IdentityId
  /** Whether its sockets must be opened again, under the rights of now. */
  readonly reopen: boolean
}

/** Its name, address, switches or regions; whoever keeps a copy reads it again. */
export interface CompanyChanged {
  readonly type: 'company.changed'
  readonly companyId: CompanyId
}

/** A waiting ride that is not offered to anybody, for a driver who is about to be free is expected to serve it sooner. */
export interface HeldRide {
  readonly rideId: RideId
  readonly driverId: DriverId
  /** When the car is expected at the pickup, epoch ms. */
  readonly pickupAtMs: number
}

/** What the last tick of a region decided and nothing in the database says. */
export interface RegionDecided {
  readonly type: 'region.decided'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  /** Which share of its first radius a new request looks, 0 to 1; less than 1 while cars are few. */
  readonly reachShare: number
  readonly held: readonly HeldRide[]
}

/** Where an idle driver is told it is busier. */
export interface DriverHint {
  readonly driverId: DriverId
  /** By what people know the place. */
  readonly label: string
  readonly at: LatLng
  /** How much sooner the next request is expected there, the way included. */
  readonly savedS: number
}

/** What a region's idle drivers are told now. */
export interface RegionHints {
  readonly type: 'region.hints'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly hints: readonly DriverHint[]
  /** Whole days of rides still to be known before there are any. */
  readonly daysLeft: number
}

/** A cell of a region: who asks there and who is free, and where something is added to prices, why. */
export interface CountedCell extends SurgeCell {
  /** The counts behind the step, of this cell and the six around it, and when it is usually over; null without a step. */
  readonly busy: { readonly asking: number; readonly free: number; readonly overAtMs: number | null } | null
}

/** What was counted in a region just now. */
export interface RegionCells {
  readonly type: 'region.cells'
  readonly companyId: CompanyId
  readonly regionId: RegionId
  /** What the steps mean; null where prices do not rise. */
  readonly rules: SurgeRules | null
  readonly cells: readonly CountedCell[]
}

export type News =
  | RegionDecided
  | RegionCells
  | RegionHints
  | CompanyChanged
  | RideChanged
  | OfferChanged
  | ShiftChanged
  | AlarmChanged
  | QueueChanged
  | ChatChanged
  | DeskMessaged
  | RideNoted
  | CaseChanged
  | DeskPresence
  | SessionEnded
  | SessionChanged
export type NewsType = News['type']
export type NewsOf<T extends NewsType> = Extract<News, { type: T }>
export type NewsHandler<T extends NewsType> = (news: NewsOf<T>) => void | Promise<void>
export type Unsubscribe = () => void

/** Twins: `makeLocalBus` within a process, `makeRedisBus` between processes. */
export interface Bus {
  /**
   * Tell everyone. Handlers of this process have run (up to their first await) when this returns, Redis or not;
   * other processes hear it a moment later, at most once. Never throws: a failing handler is logged.
   */
  publish(news: News): void
  on<T extends NewsType>(type: T, handler: NewsHandler<T>): Unsubscribe
  /**
   * Called when news of other processes may have been missed (every few seconds while the connection is away, and
   * once it is back), for those who hold a picture that news keeps fresh: draw it anew. Never called by the local twin.
   */
  onGap(handler: () => void): Unsubscribe
  close(): Promise<void>
}

const RIDE_EVENTS = [
  'request',
  'book',
  'rebook',
  'start_search',
  'ask_change',
  'agree_change',
  'drop_change',
  'reach_stop',
  'leave_stop',
  'assign',
  'set_off',
  'arrive',
  'board',
  'finish',
  'miss',
  'release',
  'cancel',
  'give_up',
  'hold',
  'unhold',
  'widen',
  'merge',
  'part',
  'edit',
  'take_back',
  'reopen',
  'reopen_booked',
] as const satisfies readonly (RideEventType | 'request' | 'book')[]

/** Ids are ours, but what comes over a shared server is outside input: bounded text, then branded. */
const id = <T extends string>() =>
  z
    .string()
    .min(1)
    .max(64)
    .transform((text) => text as T)
const place = { companyId: id<CompanyId>(), regionId: id<RegionId>() }

/** As many drivers as are told something at once; the others stand well. */
export const HINTS_LIMIT = 1_000
/** As many cells as a map can show; the busiest are told. */
export const CELLS_LIMIT = 2_000
/** As many rides as one tick reads. */
export const HELD_LIMIT = 5_000

const count = z.number().min(0)
const steps = z.number().int().min(0).max(10_000)
const thresholds = {
  fromPressure: z.number(),
  fullPressure: z.number(),
  leastAround: z.number(),
  leastInRegion: z.number(),
}

/** What another process may tell us; unknown kinds and unknown fields are refused. */
export const newsShape: z.ZodType<News, unknown> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('ride.changed'),
    ...place,
    rideId: id<RideId>(),
    riderId: id<IdentityId>(),
    driverId: id<DriverId>().nullable(),
    previousDriverId: id<DriverId>().nullable(),
    state: z.enum(RIDE_STATES),
    event: z.enum(RIDE_EVENTS),
  }),
  z.strictObject({
    type: z.literal('offer.changed'),
    ...place,
    offerId: id<OfferId>(),
    rideId: id<RideId>(),
    driverId: id<DriverId>(),
    state: z.enum(OFFER_STATES),
  }),
  z.strictObject({
    type: z.literal('shift.changed'),
    ...place,
    driverId: id<DriverId>(),
    state: z.enum(SHIFT_NEWS_STATES),
  }),
  z.strictObject({
    type: z.literal('alarm.changed'),
    ...place,
    rideId: id<RideId>(),
    driverId: id<DriverId>(),
  }),
  z.strictObject({
    type: z.literal('queue.changed'),
    ...place,
    zoneId: id<ZoneId>(),
    // A queue holds 500 at most, and those who left are told too.
    driverIds: z.array(id<DriverId>()).max(2_000),
  }),
  z.strictObject({
    type: z.literal('chat.changed'),
    ...place,
    rideId: id<RideId>(),
    driverId: id<DriverId>().nullable(),
  }),
  z.strictObject({
    type: z.literal('desk.messaged'),
    ...place,
    driverIds: z.array(id<DriverId>()).max(2_000),
  }),
  z.strictObject({
    type: z.literal('ride.noted'),
    ...place,
    rideId: id<RideId>(),
    driverId: id<DriverId>().nullable(),
    alertId: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal('case.changed'),
    ...place,
    rideId: id<RideId>(),
    riderId: id<IdentityId>(),
    driverId: id<DriverId>().nullable(),
  }),
  z.strictObject({
    type: z.literal('region.decided'),
    ...place,
    reachShare: z.number().min(0).max(1),
    held: z
      .array(z.strictObject({ rideId: id<RideId>(), driverId: id<DriverId>(), pickupAtMs: z.number() }))
      .max(HELD_LIMIT),
  }),
  z.strictObject({
    type: z.literal('region.hints'),
    ...place,
    hints: z
      .array(
        z.strictObject({
          driverId: id<DriverId>(),
          label: z.string().max(200),
          at: z.strictObject({ lat: z.number(), lng: z.number() }),
          savedS: z.number(),
        }),
      )
      .max(HINTS_LIMIT),
    daysLeft: z.number().int().min(0),
  }),
  z.strictObject({
    type: z.literal('region.cells'),
    ...place,
    rules: z
      .discriminatedUnion('kind', [
        z.strictObject({
          kind: z.literal('multiply'),
          capBasisPoints: z.number().int(),
          stepBasisPoints: z.number().int().min(1),
          ...thresholds,
        }),
        z.strictObject({
          kind: z.literal('add'),
          capMinor: z.number().int(),
          stepMinor: z.number().int().min(1),
          ...thresholds,
        }),
      ])
      .nullable(),
    cells: z
      .array(
        z.strictObject({
          cell: z.string().regex(/^[0-9a-f]{15}$/),
          asking: count,
          free: count,
          step: steps,
          busy: z.strictObject({ asking: count, free: count, overAtMs: z.number().nullable() }).nullable(),
        }),
      )
      .max(CELLS_LIMIT),
  }),
  z.strictObject({
    type: z.literal('desk.presence'),
    ...place,
    sessionId: id<string>(),
    identityId: id<IdentityId>(),
    name: z.string().max(400),
    rideId: id<RideId>().nullable(),
    doing: z.enum(['looking', 'editing']),
    isNew: z.boolean(),
  }),
  z.strictObject({ type: z.literal('company.changed'), companyId: id<CompanyId>() }),
  z.strictObject({ type: z.literal('session.ended'), sessionId: id<string>(), identityId: id<IdentityId>() }),
  z.strictObject({
    type: z.literal('session.changed'),
    sessionId: id<string>(),
    identityId: id<IdentityId>(),
    reopen: z.boolean(),
  }),
])
