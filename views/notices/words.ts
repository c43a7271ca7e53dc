/** The words of every kind of letter. Plain sentences only: how they look is decided in letter.ts. */

import { CASE_TOPICS, type CaseKind, type CaseStep } from '../../src/engine/ride-case.ts'
import type { VehicleClass } from '../../src/engine/units.ts'
import { clockText, dayText, minutesText, money } from '../parts/format.ts'
import type { NoticeData, NoticeKind } from './data.ts'

/** A letter before it has a look: what a text, a page and a mail are made from. */
export interface Letter {
  readonly subject: string
  readonly lines: readonly string[]
  /** Label and value, in a small table. */
  readonly facts?: readonly (readonly [string, string])[]
  /** One step on: a path of ours. */
  readonly action?: { readonly label: string; readonly path: string }
  /** Whom to call, with the number as the company writes it. */
  readonly call?: { readonly who: string; readonly phone: string }
  /** Under the step: what to do when it was not you, how long it holds. */
  readonly after?: readonly string[]
}

/** As the fare choice calls them. */
const CLASS_NAMES: Record<VehicleClass, string> = {
  standard: 'Standard',
  accessible: 'Accessible',
  black: 'Black',
}

/** About a ride that a company drives: who reads it may have to speak to somebody now. */
export const RIDE_LETTERS: ReadonlySet<NoticeKind> = new Set([
  ...(['ride_booked', 'ride_soon', 'booking_ended', 'receipt', 'case_news', 'lost_item'] as const),
])

type Words = { readonly [Kind in NoticeKind]: (data: NoticeData[Kind]) => Letter }

const NOT_YOU = 'If this was not you, change your password now and look at your devices.'
const DEVICES = { label: 'Look at your devices', path: '/account/devices' } as const
const SECURITY = { label: 'Sign-in and security', path: '/account/security' } as const

const FACTOR_CHANGES: Record<NoticeData['second_factor_changed']['what'], string> = {
  app_added: 'An authenticator app was added to your account.',
  app_removed: 'The authenticator app was taken away from your account.',
  passkey_added: 'A passkey was added to your account.',
  passkey_removed: 'A passkey was taken away from your account.',
  codes_made: 'New backup codes were made. The old ones no longer work.',
  code_used: 'A backup code was used to sign in. It cannot be used again.',
  reset: 'An administrator took away the second step of your sign-in. Set up a new one at your next sign-in.',
}

export const WORDS: Words = {
  verify_email: ({ name, link, hours }) => ({
    subject: 'Confirm your e-mail address',
    lines: [hello(name), 'confirm that this address is yours, and your account is ready.'],
    action: { label: 'Confirm my address', path: link },
    after: [
      `The link works once, for ${hours} hours.`,
      'If you did not ask for it, leave it be: nothing happens without it.',
    ],
  }),
  reset_password: ({ name, link, minutes }) => ({
    subject: 'Choose a new password',
    lines: [hello(name), 'somebody asked for a new password for your account.'],
    action: { label: 'Choose a new password', path: link },
    after: [
      `The link works once, for ${minutes} minutes. Afterwards every device has to sign in again.`,
      'If it was not you, leave it be: your password stays as it is.',
    ],
  }),
  account_exists: ({ name, link }) => ({
    subject: 'You have an account already',
    lines: [
      hello(name),
      'somebody, probably you, tried to register with this address. It has an account already, so nothing was changed.',
      'Sign in with your password, or choose a new one if you forgot it.',
    ],
    action: { label: 'I forgot my password', path: link },
    after: ['If it was not you, there is nothing to do.'],
  }),
  invitation: ({ inviter, company, role, link, days }) => ({
    subject: `${company} invites you`,
    lines: ['Hello,', `${inviter} invites you to ${company} as ${role}.`],
    action: { label: 'See the invitation', path: link },
    after: [`The link works once, for ${days} days.`, 'If you do not know them, leave it be.'],
  }),
  locked_out: ({ name, untilMs, timeZone, address, link }) => ({
    subject: 'Sign-in is paused after five wrong tries',
    lines: [
      hello(name),
      `five wrong passwords were tried for your account. Sign-in by password opens again by itself at ${moment(untilMs, timeZone)}.`,
      'Where you are signed in already, you stay signed in.',
    ],
    ...(address === undefined ? {} : { facts: [['Tried from', address]] as const }),
    action: { label: 'I forgot my password', path: link },
    after: ['If it was not you, nobody got in. A longer password and a second step keep it so.'],
  }),
  new_device: ({ name, device, address, atMs, timeZone }) => ({
    subject: 'A new device signed in',
    lines: [hello(name), 'your account was signed in to from a device we have not seen before.'],
    facts: [
      ['Device', device],
      ['From', address],
      ['When', moment(atMs, timeZone)],
    ],
    action: DEVICES,
    after: ['If this was you, there is nothing to do.', NOT_YOU],
  }),
  session_reused: ({ name, device, atMs, timeZone }) => ({
    subject: 'We signed a device out: its key was used twice',
    lines: [
      hello(name),
      'a device that was signed in to your account showed a key that had been replaced. Somebody may have copied it, so the device is signed out, and so is the copy.',
    ],
    facts: [
      ['Device', device],
      ['When', moment(atMs, timeZone)],
    ],
    action: DEVICES,
    after: [
      'Sign in again. A browser put back from a backup, or a program that asked twice, does this too: then there is nothing else to do.',
      'If you know no such reason, change your password and look through your devices.',
    ],
  }),
  password_changed: ({ name, atMs, timeZone }) => ({
    subject: 'Your password was changed',
    lines: [hello(name), `your password was changed at ${moment(atMs, timeZone)}.`],
    action: SECURITY,
    after: [
      'If this was not you, choose a new password at once from the sign-in page and tell your company.',
    ],
  }),
  second_factor_changed: ({ name, what, atMs, timeZone }) => ({
    subject: 'The second step of your sign-in changed',
    lines: [hello(name), FACTOR_CHANGES[what]],
    facts: [['When', moment(atMs, timeZone)]],
    action: SECURITY,
    after: [NOT_YOU],
  }),
  confirm_email: ({ name, link, hours }) => ({
    subject: 'Confirm your new e-mail address',
    lines: [
      hello(name),
      'you asked for this address to become the one of your account. Until you confirm it, nothing changes.',
    ],
    action: { label: 'Use this address', path: link },
    after: [
      `The link works once, for ${hours} hours.`,
      'If you did not ask for it, leave it be: nothing happens without it.',
    ],
  }),
  email_changed: ({ name, newEmail, atMs, timeZone, link, hours }) => ({
    subject: 'Your e-mail address was changed',
    lines: [
      hello(name),
      'your account has a new e-mail address. From now on you sign in with it, and letters go there.',
    ],
    facts: [
      ['New address', newEmail],
      ['When', moment(atMs, timeZone)],
    ],
    action: { label: 'This was not me', path: link },
    after: [
      `If this was you, there is nothing to do. If not, the link puts this address back for ${hours} hours, signs every device out, takes out passkeys, apps and phone numbers added since, and asks for a new password.`,
    ],
  }),
  phone_changed: ({ name, phone, atMs, timeZone }) => ({
    subject: 'Your phone number was changed',
    lines: [
      hello(name),
      phone === null
        ? 'the phone number was taken away from your account.'
        : 'your account has a new phone number.',
    ],
    facts: [...(phone === null ? [] : [['New number', phone] as const]), ['When', moment(atMs, timeZone)]],
    after: [NOT_YOU],
  }),
  roles_changed: ({ name, company, roles, atMs, timeZone }) => ({
    subject: `Your roles at ${company} changed`,
    lines: [
      hello(name),
      roles === ''
        ? `you have no role at ${company} any more.`
        : `your roles at ${company} are now: ${roles}.`,
    ],
    facts: [['When', moment(atMs, timeZone)]],
    after: ['If you did not expect this, ask your company.'],
  }),
  application_rejected: ({ name, company, reason }) => ({
    subject: `${company} turned your application down`,
    lines: [
      hello(name),
      `${company} has looked at your application to drive and said no.`,
      `What they wrote: ${reason}`,
      'You can go on riding as before, and apply again at any time.',
    ],
  }),
  banned: ({ name, reason }) => ({
    subject: 'Your account is closed for now',
    lines: [
      hello(name),
      'an administrator closed your account. You cannot sign in until it is opened again.',
    ],
    facts: [['Reason', reason]],
    after: ['If you think this is a mistake, answer your company.'],
  }),
  licence_approved: ({ name, expiresOn }) => ({
    subject: 'Your licence is approved',
    lines: [hello(name), `your driving licence was checked and approved. It counts until ${day(expiresOn)}.`],
    action: { label: 'Go online', path: '/driver' },
  }),
  licence_rejected: ({ name, reason }) => ({
    subject: 'Your licence needs another look',
    lines: [hello(name), 'we could not approve your driving licence as it was sent.'],
    facts: [['Why', reason]],
    action: { label: 'Send it again', path: '/driver/licence' },
  }),
  licence_expiring: ({ name, days, expiresOn }) => ({
    subject:
      days === 0
        ? 'Your licence ends today'
        : days === 1
          ? 'Your licence ends tomorrow'
          : `Your licence ends in ${days} days`,
    lines: [
      hello(name),
      `your driving licence counts until ${day(expiresOn)}. After that day no rides can come to you.`,
      'Send the new one before then, and nothing changes for you.',
    ],
    action: { label: 'Send the new licence', path: '/driver/licence' },
  }),
  driving_disabled: ({ name, company, reason }) => ({
    subject: 'Driving is turned off for you',
    lines: [
      hello(name),
      `${company} has turned driving off for you. A ride under way you can finish; after it no rides can come to you.`,
    ],
    facts: [['Reason', reason]],
    after: ['If you think this is a mistake, answer your company.'],
  }),
  driving_enabled: ({ name, company }) => ({
    subject: 'You can drive again',
    lines: [hello(name), `${company} has turned driving on again for you.`],
    action: { label: 'Go online', path: '/driver' },
  }),
  licence_expired: ({ name, expiresOn }) => ({
    subject: 'Your licence has ended',
    lines: [
      hello(name),
      `your driving licence counted until ${day(expiresOn)}. You cannot go online until a new one is approved.`,
    ],
    action: { label: 'Send the new licence', path: '/driver/licence' },
  }),
  lost_item: ({ name, reference, topic, text, link }) => ({
    subject: `Your rider of ${reference} misses something`,
    lines: [
      hello(name),
      'somebody you drove left something in your car, they think. Please look when you stand safely, and say whether it is there.',
    ],
    facts: [
      ['What', CASE_TOPICS.lost_item[topic] ?? topic],
      ['They wrote', text],
    ],
    action: { label: 'Say whether you have it', path: link },
  }),
  case_news: ({ name, reference, case: kind, step, by, text, link }) => ({
    subject: caseSubject(kind, step, reference),
    lines: [hello(name), caseSentence(kind, step, by)],
    ...(text === '' ? {} : { facts: [['They wrote', text]] as const }),
    action: { label: kind === 'lost_item' ? 'See how it goes on' : 'Open the report', path: link },
  }),
  receipt: ({ name, reference, company, total, payment, places, lines, changes, link }) => ({
    subject: `Receipt ${reference}: ${total}`,
    lines: [hello(name), `this is your receipt from ${company}.`],
    facts: [
      ...places.map(([clock, label], i) => [placeName(i, places.length, clock), label] as const),
      ...lines,
      ['Payment', payment],
    ],
    action: { label: 'Open the receipt', path: link },
    after: [...changes, 'There it can be printed, or taken along as a PDF.'],
  }),
  account_deleted: ({ name, days, link }) => ({
    subject: 'Your account is deleted',
    lines: [
      hello(name),
      `your account is closed and every device is signed out. In ${days} days what we know of you is removed for good.`,
      'Receipts and books stay, without your name, as the law wants them.',
    ],
    action: { label: 'Bring my account back', path: link },
    after: [
      `The link works for ${days} days. If this was not you, use it now, then choose a new password.`,
      'Until everything is removed, this address cannot be used for a new account.',
    ],
  }),
  account_restored: ({ name, by, atMs, timeZone }) => ({
    subject: 'Your account is back',
    lines: [
      hello(name),
      by === 'person'
        ? 'your account was brought back with the link we sent you. Sign in as before.'
        : 'an administrator brought your account back. Sign in as before.',
    ],
    facts: [['When', moment(atMs, timeZone)]],
    action: { label: 'Privacy and data', path: '/account/privacy' },
    after: ['If you did not want this, delete the account again there.'],
  }),
  ride_booked: (ride) => ({
    subject: `Your ride is booked: ${moment(ride.pickupAtMs, ride.timeZone)}`,
    lines: [hello(ride.name), 'your car is booked. We look for a driver in good time and keep the price.'],
    facts: bookingFacts(ride),
    action: { label: 'See, change or cancel it', path: ride.link },
    after: [cancelWords(ride)],
  }),
  ride_soon: (ride) => ({
    subject: `Soon: your ride at ${clockOf(ride.pickupAtMs, ride.timeZone)}`,
    lines: [hello(ride.name), 'this is the ride you booked. Please be there when the car comes.'],
    facts: bookingFacts(ride),
    action: { label: 'Follow your ride', path: ride.link },
    after: [`If you do not need it any more, cancel it there. ${cancelWords(ride)}`],
  }),
  booking_ended: ({ why, reason, ...ride }) => ({
    subject:
      why === 'no_driver'
        ? `No car for your ride at ${clockOf(ride.pickupAtMs, ride.timeZone)}`
        : `Your ride at ${clockOf(ride.pickupAtMs, ride.timeZone)} was called off`,
    lines: [
      hello(ride.name),
      why === 'no_driver'
        ? 'we are sorry: no car came free for the ride you booked. Nothing was charged.'
        : 'we are sorry: the ride you booked was called off. Nothing was charged.',
      ...(why === 'called_off' && reason !== '' ? [`What they wrote: ${reason}`] : []),
    ],
    facts: bookingFacts(ride),
    action: { label: 'See your ride', path: ride.link },
  }),
  car_free: (wait) => ({
    subject: `A ${CLASS_NAMES[wait.class]} is free near you`,
    lines: [
      hello(wait.name),
      `you asked to be told: a ${CLASS_NAMES[wait.class]} is free near you, ${minutesText(Math.max(60, wait.etaS))} away. It is not held for you.`,
    ],
    facts: [
      ['From', wait.from],
      ['To', wait.to],
    ],
    action: { label: 'See its price', path: wait.link },
  }),
  data_export: ({ name, address, atMs, timeZone }) => ({
    subject: 'Your data was downloaded',
    lines: [hello(name), 'everything we keep about you was downloaded from your account.'],
    facts: [
      ['From', address],
      ['When', moment(atMs, timeZone)],
    ],
    action: DEVICES,
    after: ['If this was you, there is nothing to do.', NOT_YOU],
  }),
}

/** Every kind of letter there is. */
export const NOTICE_KINDS = Object.keys(WORDS) as readonly NoticeKind[]

/** The letter of one kind. */
export function letterOf<Kind extends NoticeKind>(kind: Kind, data: NoticeData[Kind]): Letter {
  return WORDS[kind](data)
}

/** Longer names, and names that read like an address, are not greeted: letters go to strangers, too. */
const LONGEST_NAME = 80
const LIKE_AN_ADDRESS = /[/@\\]|\S\.\p{L}{2}|www\./iu

function hello(name: string): string {
  return name.length > LONGEST_NAME || LIKE_AN_ADDRESS.test(name) ? 'Hello,' : `Hello ${name},`
}

function bookingFacts(ride: NoticeData['ride_booked']): (readonly [string, string])[] {
  return [
    ['Pickup', moment(ride.pickupAtMs, ride.timeZone)],
    ['From', ride.from],
    ['To', ride.to],
    ['Price', money(ride.fareMinor, ride.currency)],
    ['Ride', ride.reference],
  ]
}

function cancelWords(ride: NoticeData['ride_booked']): string {
  if (ride.cancelFeeMinor > 0) return `Cancelling costs ${money(ride.cancelFeeMinor, ride.currency)} by now.`
  return ride.freeUntilMs === null
    ? 'Changing and cancelling are free until a driver is found.'
    : `Changing and cancelling are free until ${moment(ride.freeUntilMs, ride.timeZone)}; then cancelling costs ${money(ride.laterFeeMinor, ride.currency)}.`
}

function caseSubject(kind: CaseKind, step: CaseStep, reference: string): string {
  if (kind === 'problem')
    return step === 'close'
      ? `Your report of ${reference} is closed`
      : `An answer to your report of ${reference}`
  if (step === 'found') return `It was found: what you lost on ${reference}`
  if (step === 'returned') return `Returned: what you lost on ${reference}`
  return `News about what you lost on ${reference}`
}

function caseSentence(kind: CaseKind, step: CaseStep, by: 'driver' | 'office'): string {
  const who = by === 'driver' ? 'your driver' : 'the office'
  if (kind === 'problem')
    return step === 'close' ? 'the office has closed your report.' : 'the office has answered your report.'
  switch (step) {
    case 'found':
      return `${who} says that it was found. Say there how it should come back to you.`
    case 'not_found':
      return `${who} looked and did not find it so far.`
    case 'returned':
      return `${who} says that you have it back.`
    case 'close':
      return `${who} has closed this.`
    case 'reopen':
      return `${who} has opened this again.`
    case 'write':
      return `${who} has written to you.`
  }
}

/** `From, 18:13`. */
function placeName(i: number, count: number, clock: string): string {
  const name = i === 0 ? 'From' : i === count - 1 ? 'To' : 'Stop'
  return clock === '' ? name : `${name}, ${clock}`
}

function clockOf(atMs: number, timeZone: string): string {
  return clockText({ lang: 'en', timeZone }, atMs)
}

function moment(atMs: number, timeZone = 'UTC'): string {
  const clock = new Intl.DateTimeFormat('en-GB', {
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone, timeZoneName: 'short' },
  } as const).format(atMs)
  return `${clock} on ${dayText({ lang: 'en', timeZone }, atMs)}`
}

/** `2027-04-30` as `Fri 30 Apr 2027`. */
function day(iso: string): string {
  const atMs = Date.parse(`${iso}T12:00:00Z`)
  return Number.isNaN(atMs) ? iso : dayText({ lang: 'en', timeZone: 'UTC' }, atMs)
}
