/** What the driver's page is drawn from: one shape a state, so that a state cannot borrow another's fields. */
import type { Attribute } from '../../src/engine/attributes.ts'
import type { DriverId, LatLng, OfferId, RideId, VehicleClass, VehicleId } from '../../src/engine/units.ts'
import type { Trouble } from '../../src/engine/watchdog.ts'
import type { ChatProps } from '../chat/props.ts'
import type { MapZoneProps } from '../parts/map.ts'
import type { HelpProps } from '../safety/line.ts'
import type { DeskMessageProps } from './from-desk.ts'
import type { DriverHeldProps } from './held.ts'
import type { Navigator } from './navigate.ts'
import type { WayToAnswerProps } from './way-change.ts'

/** What the map of the page shows; `driver.js` draws it, and again whenever it changes. */
export interface DriverScene {
  readonly center: LatLng
  /** The newest position the server has; the page's own GPS takes over from it. */
  readonly car: (LatLng & { readonly headingDeg: number; readonly ageMs: number }) | null
  readonly from?: LatLng
  readonly to?: LatLng
  /** Of the ride that is driven, in order. */
  readonly stops?: readonly (LatLng & { readonly isPassed: boolean })[]
  /** The ride's way, from pickup to drop-off. */
  readonly route?: readonly LatLng[]
  /** The way to the pickup, drawn dotted. */
  readonly approach?: readonly LatLng[]
}

export interface DayFigures {
  /** After fees, minor units. */
  readonly earnedMinor: number
  readonly currency: string
  readonly rides: number
  /** Time on shift, seconds. */
  readonly onlineS: number
}

export interface WeekDay {
  /** One letter on the bar. */
  readonly letter: string
  readonly name: string
  readonly earnedMinor: number
  readonly isToday: boolean
}

export interface VehicleChoice {
  readonly id: VehicleId
  /** "Dark blue Toyota Camry". */
  readonly name: string
  readonly plate: string
  readonly class: VehicleClass
  readonly seats: number
}

/** The ride that the watchdog gave to others a moment ago, and why. */
export interface TakenProps {
  readonly kind: Trouble
  readonly sinceMs: number
  readonly atMs: number
}

/** A desk took a ride from the driver, and the reason it gave. */
export interface DeskTookProps {
  readonly reason: string
  readonly atMs: number
}

/** How long the driver may still drive; all of it since the last rest. */
export interface HoursProps {
  readonly leftS: number
  /** When who drives on reaches the limit; null on a break or off shift. */
  readonly endsAtMs: number | null
  /** From when on the page speaks of it. */
  readonly warnAtMs: number | null
  /** When who rests from now on may drive the whole limit again; null who may already. */
  readonly restedAtMs: number | null
  readonly driveLimitS: number
  readonly restS: number
}

interface Common {
  /** The desk's number, as the company wrote it; null where it has none. */
  readonly companyPhone?: string | null
  /** Since when another phone of the driver's tells where the car is; not this one then. */
  readonly otherPhoneSinceMs?: number
  /** What the desk wrote and the driver has not read, oldest first; none unless given. */
  readonly fromDesk?: readonly DeskMessageProps[]
  /** The desk keeps them off the road. */
  readonly held?: DriverHeldProps
  readonly driver: { readonly id: DriverId; readonly callSign: string }
  readonly nowMs: number
  readonly scene: DriverScene
  /** Where one may queue, for the map. */
  readonly ranks?: readonly MapZoneProps[]
  readonly today: DayFigures
  /** What "Navigate" opens. */
  readonly navigator: Navigator
  /** Null where nobody counts. */
  readonly hours: HoursProps | null
  /** One sentence about what just happened, such as a late tap on an offer. */
  readonly notice?: string
  /** A new one-time key for each form. */
  readonly key: () => string
}

export interface OffProps extends Common {
  readonly state: 'off'
  readonly taken: TakenProps | null
  readonly deskTook: DeskTookProps | null
  /** The last ride, when the shift ended with it. */
  readonly ended?: EndedRide
  readonly week: readonly WeekDay[]
  readonly vehicles: readonly VehicleChoice[]
  readonly chosenVehicleId: VehicleId | null
  /** Why the driver cannot go online, in a sentence; null when they can. */
  readonly hindrance: string | null
  /** The licence's last day is so many days away; only said when it is near. */
  readonly licenceDaysLeft: number | null
}

/** The ride that just ended, shown until the driver goes on to the next. */
export interface EndedRide {
  readonly id: RideId
  readonly reference: string
  readonly outcome: 'completed' | 'no_show' | 'cancelled'
  /** What the rider owes for it: the fare, or the fee of a no-show or a late cancel; 0 is nothing. */
  readonly chargedMinor: number
  readonly earnedMinor: number
  readonly currency: string
  readonly payment: 'cash' | 'account'
  readonly riderName: string
}

/** Where the driver stands at a rank or airport, or why not; as `DriverQueue` of the dispatch says it. */
export type RankProps =
  | {
      readonly kind: 'standing'
      readonly zone: string
      /** 1 is next. */
      readonly rank: number
      readonly of: number
      readonly enteredAtMs: number
      readonly enteredAs: number
      readonly moved: { readonly atMs: number; readonly reason: 'declined' | 'expired' } | null
      readonly ridesLastHour: number
      readonly outsideRides: boolean
    }
  | {
      readonly kind: 'lost'
      readonly zone: string
      readonly atMs: number
      readonly reason: 'left' | 'silent' | 'closed' | 'off_shift'
    }
  | { readonly kind: 'full'; readonly zone: string; readonly placesMost: number }

export interface WaitingProps extends Common {
  readonly state: 'waiting'
  readonly shiftStartedAtMs: number
  readonly vehicle: string
  /** Offers are held back until then, because three lapsed in a row. */
  readonly pausedUntilMs: number | null
  /** A nearer car took their ride over within the last minutes. */
  readonly madeRoom: boolean
  readonly taken: TakenProps | null
  readonly deskTook: DeskTookProps | null
  readonly ended?: EndedRide
  readonly hint?: BusierPlace
  /** Whole days of rides still to be known before hints begin; 0 when they have, or never will. */
  readonly hintsInDays: number
  readonly rank?: RankProps
}

/** Where the next request is expected sooner than here. */
export interface BusierPlace extends LatLng {
  readonly label: string
  readonly distanceM: number
  /** How much sooner, the way included. */
  readonly savedS: number
}

export interface BreakProps extends Common {
  readonly state: 'break'
  readonly beganAtMs: number
  /** All breaks of this shift, seconds. */
  readonly onBreakS: number
  /** The last ride, for the minute after it. */
  readonly ended?: EndedRide
}

export interface OfferProps extends Common {
  readonly state: 'offer'
  readonly offer: OfferedRide
}

export interface OfferedRide {
  /** Only of a ride booked ahead: when the rider is to be picked up. */
  readonly bookedForMs?: number
  readonly id: OfferId
  /** The rider chose to share: others may be offered on the way. */
  readonly shared: boolean
  /** To take the rider along in the run under way: how much longer that gets. Null for a run of its own. */
  readonly addedS: number | null
  /** A desk merged several riders: how many, and where those after the first get in, seconds from now. */
  readonly together?: {
    readonly riders: number
    /** Some pay cash, others do not. */
    readonly paysBothWays: boolean
    readonly pickups: readonly { readonly label: string; readonly etaS: number }[]
  }
  readonly earnedMinor: number
  readonly fareMinor: number
  readonly currency: string
  readonly class: VehicleClass
  readonly seats: number
  readonly payment: 'cash' | 'account'
  /** What the car must have for it. */
  readonly needs?: readonly Attribute[]
  readonly expiresAtMs: number
  /** From asking to lapsing, for the ring. */
  readonly totalMs: number
  readonly pickup: OfferStop & { readonly label: string }
  /** Only the area is told before the offer is accepted. */
  readonly dropoff: OfferStop & { readonly area: string; readonly bearingDeg: number }
}

interface OfferStop {
  readonly area: string | null
  readonly durationS: number
  readonly distanceM: number
}

export type DriverRideState = 'assigned' | 'en_route' | 'arrived' | 'in_progress'

/** A stop of a run that riders share. */
export interface RunStopProps {
  readonly rideId: RideId
  readonly kind: 'pickup' | 'dropoff'
  readonly riderName: string
  readonly seats: number
  readonly label: string
  readonly etaS: number | null
}

/** A stop on a ride's way. */
export interface RideStopToDrive extends LatLng {
  readonly place: number
  readonly label: string
  readonly standing: 'passed' | 'here' | 'ahead'
}

export interface RideProps extends Common {
  readonly state: 'ride'
  /** The car does not seem to come, says the watchdog. */
  readonly nudge: {
    readonly kind: Trouble
    readonly sinceMs: number
    /** When the ride goes to others. */
    readonly actsAtMs: number
    /** How often the driver may still say that they are on their way. */
    readonly answersLeft: number
  } | null
  /** A break was asked for, and begins when nobody is in the car. */
  readonly breakAfter: boolean
  /** All that is still to be driven, in order, the ride's own next stop first; empty for a ride alone. */
  readonly stops: readonly RunStopProps[]
  /** Another way that the rider wants, or what became of it. */
  readonly wayAsked?: WayToAnswerProps | null
  /** One more rider who could come along. */
  readonly joining: OfferedRide | null
  /** Who has just left the car while others stay in it. */
  readonly justEnded: EndedRide | null
  /** What is said with rider and desk. */
  readonly chat?: ChatProps
  /** What the driver asked the desk for; none unless they did. */
  readonly help?: HelpProps
  readonly ride: {
    /** Only of a ride booked ahead: when the rider is to be picked up. */
    readonly bookedForMs?: number
    readonly id: RideId
    readonly reference: string
    readonly state: DriverRideState
    readonly riderName: string
    /** Null where there is no picture, or the rider does not show it. */
    readonly riderAvatarId: string | null
    readonly seats: number
    /** What the car must have for it. */
    readonly needs?: readonly Attribute[]
    readonly note: string
    readonly payment: 'cash' | 'account'
    readonly fareMinor: number
    readonly currency: string
    readonly pickup: LatLng & { readonly label: string; readonly area: string | null }
    readonly dropoff: LatLng & { readonly label: string; readonly area: string | null }
    /** Between the two, in order, the number of each and whether the car is there or has been; none unless given. */
    readonly stops?: readonly RideStopToDrive[]
    /** From the car to the next stop; null while the car's position is unknown. */
    readonly left: { readonly durationS: number; readonly distanceM: number } | null
    /** How often the rider's start code may still be typed; null where none is asked any more. */
    readonly codeTriesLeft?: number | null
    /** How long the driver waits for free before a no-show is allowed, seconds. */
    readonly freeWaitS: number
    /** Set once arrived. */
    readonly noShowFromMs: number | null
    readonly noShowFeeMinor: number
    /** While waiting: from when on the rider pays for it. */
    readonly waiting?: { readonly paidFromMs: number; readonly perMinuteMinor: number } | null
  }
}

export type DriverMainProps = OffProps | WaitingProps | BreakProps | OfferProps | RideProps
