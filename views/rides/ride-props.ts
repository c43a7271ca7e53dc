/** What the rider's live page is drawn from: one shape a phase of the ride, so a page cannot lack what its state shows. */
import type { LatLng } from '../../src/engine/units.ts'
import type { Trouble } from '../../src/engine/watchdog.ts'
import type { ChatProps } from '../chat/props.ts'
import type { PriceLine } from '../parts/price-lines.ts'
import type { HelpProps } from '../safety/line.ts'
import type { InsteadProps } from './instead.ts'
import type { ShareProps } from './share.ts'
import type { WayChangeProps } from './way-change.ts'

export interface RideEndProps {
  readonly label: string
  readonly point: LatLng
}

export interface RideStopProps extends RideEndProps {
  /** Behind the car, where it stands now, or ahead of it. */
  readonly standing: 'passed' | 'here' | 'ahead'
}

export interface RideDriverProps {
  /** As riders may know them: first name and initial. */
  readonly name: string
  readonly callSign: string
  /** Colour and model, `Dark blue Camry`. */
  readonly vehicle: string
  readonly plate: string
  /** Average of five ratings or more, to one decimal; null while there are fewer. */
  readonly stars?: number | null
}

/** What cancelling costs now; `freeUntilMs` null: no end in sight while `feeMinor` is 0. */
export interface CancelTermsProps {
  readonly feeMinor: number
  readonly freeUntilMs: number | null
  /** What it costs once it is no longer free. */
  readonly laterFeeMinor: number
}

/** What a rider who shares the car may know of it; of the others no more than that there are some. */
export interface SharedProps {
  /** What the car does for somebody else before it comes to this rider's next stop; null where it comes straight. */
  readonly firstStop: 'pickup' | 'dropoff' | null
  readonly stopsBefore: number
  /** There by then at the latest, as promised. */
  readonly latestAtMs: number
}

interface Core {
  readonly id: string
  /** What one reads out on the phone, `HC-7F3K-20`. */
  readonly reference: string
  readonly nowMs: number
  /** `Standard`. */
  readonly className: string
  readonly pickup: RideEndProps
  readonly dropoff: RideEndProps
  readonly fareMinor: number
  readonly currency: string
  /** Only of a ride booked ahead: when the car is to be there. */
  readonly bookedForMs?: number
  /** Only where the rider chose to share. */
  readonly shared?: SharedProps
  /** What is said with driver and desk. */
  readonly chat?: ChatProps
  /** Between the two ends, in order; none unless given. */
  readonly stops?: readonly RideStopProps[]
  /** Who answers the phone when the page is not enough; null where nobody does. */
  readonly companyPhone?: string | null
  /** A link for others to follow it by. */
  readonly share?: ShareProps | null
  /** Once it is over: whether the desk can still be called for help. */
  readonly mayCallForHelp?: boolean
  /** What this side asked the desk for; none unless it did. */
  readonly help?: HelpProps
  /** Another way: whether it may be asked for, and the last question. */
  readonly way?: WayChangeProps
}

/** One thing that happened while looking for a driver; distances are straight from the pickup. */
export type SearchStep =
  | { readonly kind: 'sent'; readonly atMs: number }
  | { readonly kind: 'declined' | 'released'; readonly atMs: number }
  /** The car did not come, and the ride was taken from it. */
  | { readonly kind: 'lost'; readonly trouble: Trouble; readonly atMs: number }
  | { readonly kind: 'asking'; readonly atMs: number; readonly etaS: number | null }
  /** Nobody is asked, for a driver nearby who is finishing a ride is expected sooner than who is free. */
  | { readonly kind: 'finishing'; readonly etaS: number }
  /** So many could not take it that people of the company help to find one. */
  | { readonly kind: 'rescue'; readonly atMs: number }
  | { readonly kind: 'put_off'; readonly untilMs: number }
  | { readonly kind: 'looking'; readonly radiusM: number }

/** Booked ahead, and its time has not come. */
export interface BookedProps extends Core {
  readonly phase: 'booked'
  readonly state: 'scheduled'
  readonly pickupAtMs: number
  /** When a driver is looked for, as planned now. */
  readonly searchFromMs: number
  readonly rideDurationS: number
  readonly seats: number
  readonly cancel: CancelTermsProps
}

export interface SearchingProps extends Core {
  readonly phase: 'searching'
  readonly state: 'requested'
  /** In order; the newest last. */
  readonly steps: readonly SearchStep[]
  /** The offer a driver is looking at now. */
  readonly offer: { readonly expiresAtMs: number; readonly totalMs: number } | null
  readonly usualWaitS: number | null
  /** Only where stopping costs something, of a ride booked ahead. */
  readonly cancelFeeMinor?: number
  /** How many drivers were asked so far. */
  readonly askedCount: number
  /** Another class that could be here now; null while there is none, or it is too early to say so. */
  readonly instead?: InsteadProps | null
  /** When the search ends by itself. */
  readonly givesUpAtMs: number
  /** Nobody is asked before, for the desk put it off; null while drivers are asked. */
  readonly putOffUntilMs: number | null
}

export interface MovingProps extends Core {
  readonly phase: 'moving'
  readonly state: 'assigned' | 'en_route' | 'arrived' | 'in_progress'
  readonly driver: RideDriverProps
  /** To the pickup, or to the drop-off once on board; null while unknown. */
  readonly etaS: number | null
  /** From pickup to drop-off, as promised; where the car is shared, as planned by now. */
  readonly rideDurationS: number
  /** The car's last accepted position. */
  readonly seenAtMs: number | null
  readonly startCode: string | null
  /** At the pickup: how long the driver waits before the rider counts as missing. */
  readonly waitsUntilMs: number | null
  /** While the driver waits: from when on it costs something. */
  readonly waiting?: { readonly paidFromMs: number; readonly perMinuteMinor: number } | null
  /** Null once it cannot be cancelled. */
  readonly cancel: CancelTermsProps | null
  /** The car does not seem to come, and it is looked into. */
  readonly checking: {
    readonly kind: Trouble
    readonly sinceMs: number
    /** When others are asked, unless it comes by then. */
    readonly actsAtMs: number
  } | null
  /** It is another car than the first that took the ride, for it is nearer. */
  readonly isNearerCar: boolean
}

export interface EndedProps extends Core {
  readonly phase: 'ended'
  readonly state: 'completed' | 'cancelled' | 'no_show' | 'unfulfilled'
  readonly driver: RideDriverProps | null
  readonly endedAtMs: number
  /** What was charged: the fare, a fee, or nothing. */
  readonly chargedMinor: number
  /** Why the fare is not what was promised; none where it is. */
  readonly changes?: readonly PriceLine[]
  /** What the desk told the rider about it. */
  readonly words: string | null
  /** Who cancelled, where somebody did. */
  readonly endedBy: 'rider' | 'driver' | 'desk' | null
  readonly requestedAtMs: number
}

export type RideStatusProps = BookedProps | SearchingProps | MovingProps | EndedProps
