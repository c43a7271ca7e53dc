/** What each kind of letter speaks of. A field that is missing where a letter is written fails the build. */
import type { CaseKind, CaseStep } from '../../src/engine/ride-case.ts'
import type { VehicleClass } from '../../src/engine/units.ts'

interface Person {
  /** Whom the letter is to. */
  readonly name: string
}

interface Dated extends Person {
  /** When it happened. */
  readonly atMs: number
  /** IANA name the reader's times are shown in; UTC, and said so, without it. */
  readonly timeZone?: string
}

/** A ride booked ahead; `link` leads to it. */
interface Booking extends Person {
  readonly reference: string
  readonly pickupAtMs: number
  readonly timeZone: string
  readonly from: string
  readonly to: string
  readonly fareMinor: number
  readonly currency: string
  /** What cancelling costs now, until when that is nothing (null: no end in sight), and what then. */
  readonly cancelFeeMinor: number
  readonly freeUntilMs: number | null
  readonly laterFeeMinor: number
  readonly link: string
}

/** `link` is always a path of ours, such as `/verify/…`; the post puts the address in front of it. */
export interface NoticeData {
  readonly verify_email: Person & { readonly link: string; readonly hours: number }
  readonly reset_password: Person & { readonly link: string; readonly minutes: number }
  /** Somebody registered with an address that has an account; `link` leads to a forgotten password. */
  readonly account_exists: Person & { readonly link: string }
  readonly invitation: {
    readonly inviter: string
    readonly company: string
    /** As people say it: driver, dispatcher. */
    readonly role: string
    readonly link: string
    readonly days: number
  }
  /** `link` leads to a forgotten password. */
  readonly locked_out: Person & {
    readonly untilMs: number
    readonly timeZone?: string
    readonly address?: string
    readonly link: string
  }
  /** `device` in words, such as "Firefox on Windows"; `address` is the network address. */
  readonly new_device: Dated & { readonly device: string; readonly address: string }
  /** A spent key of a session came back, so the session has ended; `device` is the one it was started on. */
  readonly session_reused: Dated & { readonly device: string }
  readonly password_changed: Dated
  readonly second_factor_changed: Dated & {
    readonly what:
      | 'app_added'
      | 'app_removed'
      | 'passkey_added'
      | 'passkey_removed'
      | 'codes_made'
      | 'code_used'
      | 'reset'
  }
  /** To the new address, which becomes the account's by the link. */
  readonly confirm_email: Person & { readonly link: string; readonly hours: number }
  /** To the old address; `link` puts it back. */
  readonly email_changed: Dated & {
    readonly newEmail: string
    readonly link: string
    readonly hours: number
  }
  /** `phone` null: the number was taken away. */
  readonly phone_changed: Dated & { readonly phone: string | null }
  /** `roles` in words, parted by commas; empty when none is left. */
  readonly roles_changed: Dated & { readonly company: string; readonly roles: string }
  readonly application_rejected: Person & { readonly company: string; readonly reason: string }
  readonly banned: Person & { readonly reason: string }
  /** Days as `2027-04-30`. */
  readonly licence_approved: Person & { readonly expiresOn: string }
  readonly licence_rejected: Person & { readonly reason: string }
  readonly licence_expiring: Person & { readonly days: number; readonly expiresOn: string }
  /** A company turned driving off or on again. */
  readonly driving_disabled: Person & { readonly company: string; readonly reason: string }
  readonly driving_enabled: Person & { readonly company: string }
  readonly licence_expired: Person & { readonly expiresOn: string }
  /** Also told anew after a change. */
  readonly ride_booked: Booking
  readonly ride_soon: Booking
  /** Not by the rider; `reason` in the desk's words, or empty. */
  readonly booking_ended: Booking & { readonly why: 'no_driver' | 'called_off'; readonly reason: string }
  /** What a receipt says: places as clock and label, lines as label and amount, and why it is not what was promised. */
  readonly receipt: Person & {
    readonly reference: string
    readonly company: string
    readonly total: string
    readonly forWhom: string
    readonly payment: string
    readonly places: readonly (readonly [string, string])[]
    readonly lines: readonly (readonly [string, string])[]
    readonly changes: readonly string[]
    readonly link: string
  }
  /** A car of the class somebody waited for is free near their pickup; `link` leads to its price. */
  readonly car_free: Person & {
    readonly class: VehicleClass
    readonly from: string
    readonly to: string
    readonly etaS: number
    readonly link: string
  }
  /** To the driver: a rider misses something in their car; `topic` as `engine/ride-case.ts` names it. */
  readonly lost_item: Person & {
    readonly reference: string
    readonly topic: string
    readonly text: string
    readonly link: string
  }
  /** To the rider: what driver or office did about something lost or reported, with their words or none. */
  readonly case_news: Person & {
    readonly reference: string
    readonly case: CaseKind
    readonly step: CaseStep
    readonly by: 'driver' | 'office'
    readonly text: string
    readonly link: string
  }
  /** After so many days nothing of the person is left; until then `link` takes it back. */
  readonly account_deleted: Person & { readonly days: number; readonly link: string }
  readonly account_restored: Dated & { readonly by: 'person' | 'admin' }
  /** Somebody with a session of this account took all its data along. */
  readonly data_export: Dated & { readonly address: string }
}

export type NoticeKind = keyof NoticeData
