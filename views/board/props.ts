/** What the dispatcher's board is drawn from. */
import type { RideState } from '../../src/engine/ride.ts'
import type { DriverId, LatLng, RideId, VehicleClass } from '../../src/engine/units.ts'
import type { Trouble } from '../../src/engine/watchdog.ts'
import type { ChatProps } from '../chat/props.ts'
import type { MapZoneProps } from '../parts/map.ts'
import type { DriverCardProps } from './driver-card.ts'
import type { LanesProps } from './lanes.ts'
import type { ListProps } from './list.ts'
import type { SharedCarsProps } from './shared-cars.ts'
import type { UndoProps } from './undo.ts'
import type { ViewLink } from './views-menu.ts'

export interface BoardCounts {
  /** Rides about to fail, and cars with a rider that went silent. */
  readonly trouble: number
  readonly unassigned: number
  readonly free: number
  readonly toPickup: number
  readonly waiting: number
  readonly onBoard: number
  readonly break: number
  readonly silent: number
}

/** A request that nobody drives yet. */
export interface QueueCard {
  readonly rideId: RideId
  readonly requestedAtMs: number
  /** When the matcher gives up. */
  readonly deadlineAtMs: number
  readonly from: string
  readonly to: string
  readonly class: VehicleClass
  readonly seats: number
  /** Call sign of the driver who is asked just now. */
  readonly askingCallSign: string | null
  /** Call sign of a driver who is finishing a ride nearby and is expected sooner than who is free. */
  readonly waitsForCallSign: string | null
  /** Offers declined or lapsed so far. */
  readonly misses: number
  /** So many did not take it that the desk is asked to help. */
  readonly needsRescue: boolean
  /** Nobody is asked before; null where the desk did not put it off. */
  readonly putOffUntilMs: number | null
}

/** What the watchdog says of a car on its way. */
export interface AlarmProps {
  readonly kind: Trouble
  /** Since the last fix, the last move, the turn. */
  readonly sinceMs: number
  /** When the ride is offered to others. */
  readonly actsAtMs: number
  /** The driver said that they are on their way. */
  readonly hasAnswered: boolean
  /** A desk left the ride with its car. */
  readonly isLeft: boolean
}

/** A car that stands in a queue. */
export interface ZoneCar {
  readonly callSign: string
  readonly name: string
  readonly state: 'free' | 'offered' | 'break' | 'silent'
  readonly enteredAtMs: number
}

export interface ZoneProps {
  readonly name: string
  readonly placesMost: number
  readonly standing: number
  /** The first of them, in order. */
  readonly cars: readonly ZoneCar[]
  /** South-west and north-east of it. */
  readonly corners: readonly [LatLng, LatLng]
}

export interface ZonesProps {
  readonly nowMs: number
  readonly zones: readonly ZoneProps[]
  /** For the map. */
  readonly outlines: readonly MapZoneProps[]
}

export const TABLE_SHOWS = [
  'live',
  'unassigned',
  'to_pickup',
  'waiting',
  'on_board',
  'booked',
  'ended',
] as const
export type TableShow = (typeof TABLE_SHOWS)[number]
export type TableCounts = Readonly<Record<TableShow, number>>

/** What the last column of a row may speak of. */
export const NOTE_KINDS = ['rider', 'alarm', 'silent', 'misses', 'rescue', 'put_off', 'shared'] as const
export type NoteKind = (typeof NOTE_KINDS)[number]

/** How the rides of the table are narrowed; what is missing narrows nothing. */
export interface TableFilters {
  /** In number, rider, addresses or driver. */
  readonly q?: string
  readonly class?: VehicleClass
  readonly payment?: 'cash' | 'account'
  /** In the driver's call sign or name. */
  readonly by?: string
  readonly from?: string
  readonly to?: string
  readonly late?: 'yes'
  /** Those among what needs the desk. */
  readonly trouble?: 'yes'
  readonly note?: NoteKind
  /** Picked up in this part of the region: a zone's id, or an H3 cell. */
  readonly zone?: string
}

export interface TableRow {
  readonly rideId: RideId
  /** As which it is looked at. */
  readonly version: number
  readonly driverId: DriverId | null
  readonly state: RideState
  readonly reference: string
  readonly riderName: string
  readonly from: string
  readonly to: string
  readonly driver: { readonly callSign: string; readonly name: string } | null
  /** When the car is expected at its next stop; for an ended ride when it ended, for a booked one its pickup. */
  readonly etaAtMs: number | null
  /** Behind what the rider was told, seconds; negative is early, null unknown. */
  readonly lateS: number | null
  readonly fareMinor: number
  readonly currency: string
  /** The rider chose to share the car; rides of one car stand together. */
  readonly shared: boolean
  /** Of rides that wait for one car together: the same for all of them. */
  readonly car?: string
  readonly note: string
  /** How the note looks; without one as the words of a person. */
  readonly noteTone?: 'warn' | 'danger'
}

export interface TableProps {
  readonly show: TableShow
  readonly counts: TableCounts
  readonly filters: TableFilters
  /** How many cars are on shift. */
  readonly cars: number
  readonly rows: readonly TableRow[]
  /** More than the rows listed. */
  readonly hasMore: boolean
  /** How many there are, listed or not; left out where only reading them all would tell. */
  readonly total?: number
  readonly selectedRideId: RideId | null
  /** What the part of the region is called that the table is narrowed to. */
  readonly zoneName?: string
  /** Saved views, as the viewer has them. */
  readonly views?: readonly ViewLink[]
}

export interface Candidate {
  readonly driverId: DriverId
  readonly callSign: string
  readonly name: string
  readonly state: 'free' | 'offered' | 'to_pickup' | 'waiting' | 'on_board' | 'break' | 'silent'
  readonly point: LatLng
  readonly etaS: number
  /** Why this place in the list: "nearest", "declined before", "drops off at 18:10". */
  readonly reason: string
  readonly seenAtMs: number
}

/** One thing that happened to a ride or to an offer of it, newest last. */
export interface PaneEvent {
  readonly atMs: number
  readonly kind:
    | 'request'
    | 'book'
    | 'rebook'
    | 'start_search'
    | 'ask_change'
    | 'agree_change'
    | 'drop_change'
    | 'reach_stop'
    | 'leave_stop'
    | 'assign'
    | 'set_off'
    | 'arrive'
    | 'board'
    | 'finish'
    | 'miss'
    | 'release'
    | 'cancel'
    | 'give_up'
    | 'hold'
    | 'unhold'
    | 'widen'
    | 'merge'
    | 'part'
    | 'edit'
    | 'take_back'
    | 'reopen'
    | 'reopen_booked'
    | 'offer_pending'
    | 'offer_accepted'
    | 'offer_declined'
    | 'offer_expired'
    | 'offer_withdrawn'
    | 'alarm_raised'
    | 'alarm_ended'
  /** Who did it, by name or call sign; null is the engine itself. */
  readonly by: string | null
  readonly callSign: string | null
  readonly reason: string | null
  /** When the driver pressed, by their phone, where it had no network then. */
  readonly saidAtMs?: number
}

/** Calls for help that stand open, who was not seen yet first. */
export interface SafetyLaneProps {
  readonly nowMs: number
  readonly cards: readonly {
    readonly id: string
    readonly rideId: RideId
    readonly side: 'rider' | 'driver'
    readonly callSign: string
    readonly from: string
    readonly raisedAtMs: number
    readonly isSeen: boolean
  }[]
}

export interface PaneProps {
  readonly nowMs: number
  /** Who else at the desk has this ride open. */
  readonly others?: readonly { readonly name: string; readonly isEditing: boolean }[]
  /** How often the driver may still type the start code; null where none is asked any more. */
  readonly codeTriesLeft?: number | null
  /** Places between the two ends, in order. */
  readonly stops?: readonly (LatLng & {
    readonly label: string
    readonly standing: 'passed' | 'here' | 'ahead'
  })[]
  /** What is said with rider and driver. */
  readonly chat?: ChatProps
  readonly ride: {
    readonly id: RideId
    readonly reference: string
    /** As which it is looked at: what is done to another one is refused. */
    readonly version: number
    readonly state: RideState
    /** Of a booked ride, when it was booked. */
    readonly requestedAtMs: number
    /** Null for a ride asked for at once. */
    readonly booking: { readonly pickupAtMs: number; readonly searchFromMs: number } | null
    readonly from: LatLng & { readonly label: string }
    readonly to: LatLng & { readonly label: string }
    readonly distanceM: number
    readonly riderName: string
    /** Of whom it is for, as it is read out; null or left out where none is known. */
    readonly phone?: string | null
    readonly class: VehicleClass
    readonly seats: number
    readonly fareMinor: number
    readonly currency: string
    readonly payment: 'cash' | 'account'
    readonly note: string
    readonly driver: {
      readonly id: DriverId
      readonly callSign: string
      readonly name: string
      readonly vehicle: string
      readonly plate: string
      readonly seenAtMs: number | null
      readonly point: LatLng | null
    } | null
    /** The rider chose to share; null for a ride alone. */
    readonly shared: {
      /** There by then at the latest, as the rider was told. */
      readonly latestAtMs: number
      /** They wait together: a desk merged them. */
      readonly isMerged?: boolean
      /** Who else is in the run, in the order in which the car comes to them. */
      readonly others: readonly {
        readonly id: RideId
        readonly reference: string
        readonly riderName: string
        readonly state: RideState
      }[]
    } | null
    /** Nobody is asked before; null where the desk did not put it off. */
    readonly putOffUntilMs: number | null
  }
  /** What the watchdog says of its car now. */
  readonly alarm: AlarmProps | null
  /** Of a waiting ride that the desk is asked to help. */
  readonly rescue: {
    readonly misses: number
    readonly widerAtMs: number | null
  } | null
  /** Best first, at most nine; empty where nobody can be assigned now. */
  readonly candidates: readonly Candidate[]
  /** Shared cars under way that could take it along; null or left out where it goes alone. */
  readonly sharedCars?: SharedCarsProps | null
  /** Corners of the ride's way along the streets; null where it is not known. */
  readonly way: readonly LatLng[] | null
  /** How many were looked at before the list was cut. */
  readonly considered: number
  readonly events: readonly PaneEvent[]
  /** What did not work: "Ben gave this ride to 163 four seconds ago. Your choice was not used." */
  readonly notice?: string
  readonly key: () => string
}

export interface BoardProps extends LanesProps {
  readonly company: string
  readonly region: { readonly name: string; readonly center: LatLng; readonly zoom: number }
  readonly nowMs: number
  readonly list: ListProps
  /** What the viewer did last and can take back; null or left out where nothing. */
  readonly undo?: UndoProps | null
  /** The chosen ride; null shows how to choose one. */
  readonly pane: PaneProps | null
  /** The chosen driver, who stands where the ride does. */
  readonly driver?: DriverCardProps | null
  /** A one-time key for the form of several rides. */
  readonly key: () => string
}
