/** The history of a ride as sentences: when, what, by whom, why. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clockSeconds } from '../parts/figures.ts'
import type { PaneEvent } from './props.ts'

interface Words {
  readonly icon: IconName
  readonly text: (event: PaneEvent) => string
}

const car = (event: PaneEvent) => event.callSign ?? 'the driver'

const WORDS: Record<PaneEvent['kind'], Words> = {
  request: { icon: 'search', text: () => 'Asked for' },
  book: { icon: 'calendar-clock', text: () => 'Booked ahead' },
  rebook: { icon: 'calendar-clock', text: () => 'Booking changed' },
  start_search: { icon: 'search', text: () => 'Time to look for a driver' },
  ask_change: { icon: 'route', text: () => 'Another way asked for' },
  agree_change: { icon: 'check', text: () => 'Another way agreed' },
  drop_change: { icon: 'x', text: () => 'The way stays as it was' },
  reach_stop: { icon: 'map-pin-check', text: (event) => `${car(event)} at a stop` },
  leave_stop: { icon: 'navigation', text: (event) => `${car(event)} goes on` },
  assign: { icon: 'user', text: (event) => `Given to ${car(event)}` },
  set_off: { icon: 'navigation', text: (event) => `${car(event)} set off` },
  arrive: { icon: 'map-pin-check', text: (event) => `${car(event)} arrived` },
  board: { icon: 'car-front', text: () => 'Rider on board' },
  finish: { icon: 'check', text: () => 'Completed' },
  miss: { icon: 'user-round-x', text: () => 'Closed as no-show' },
  release: { icon: 'undo-2', text: (event) => `Taken back from ${car(event)}` },
  cancel: { icon: 'x', text: () => 'Cancelled' },
  give_up: { icon: 'triangle-alert', text: () => 'No driver found in time' },
  hold: { icon: 'timer', text: () => 'Put off' },
  unhold: { icon: 'zap', text: () => 'Asked for again' },
  widen: { icon: 'search', text: () => 'Looked for wider' },
  merge: { icon: 'users', text: () => 'Merged with others' },
  part: { icon: 'user', text: () => 'Goes alone again' },
  edit: { icon: 'info', text: () => 'Changed' },
  take_back: { icon: 'undo-2', text: () => 'Taken back' },
  reopen: { icon: 'undo-2', text: () => 'Cancellation taken back' },
  reopen_booked: { icon: 'undo-2', text: () => 'Cancellation taken back' },
  offer_pending: { icon: 'zap', text: (event) => `Asking ${car(event)}` },
  offer_accepted: { icon: 'check', text: (event) => `${car(event)} accepted` },
  offer_declined: { icon: 'x', text: (event) => `${car(event)} declined` },
  offer_expired: { icon: 'timer', text: (event) => `${car(event)} let it lapse` },
  alarm_raised: { icon: 'triangle-alert', text: (event) => `Watchdog: ${car(event)}` },
  alarm_ended: { icon: 'check', text: (event) => `Watchdog: ${car(event)} comes after all` },
  offer_withdrawn: { icon: 'undo-2', text: (event) => `Offer to ${car(event)} withdrawn` },
}

/** The same as a title and what stands under it. */
export function eventWords(event: PaneEvent): { readonly title: string; readonly detail: string } {
  const by = event.by === null || event.by === event.callSign ? '' : `by ${event.by}`
  const reason = event.reason === null || event.reason === '' ? '' : `“${event.reason}”`
  return {
    title: WORDS[event.kind].text(event),
    detail: [by, reason].filter((part) => part !== '').join(', '),
  }
}

/** One line of the ride's history. */
export function eventLine(ctx: PageContext, event: PaneEvent): Html {
  const words = WORDS[event.kind]
  const by =
    event.by === null || event.by === event.callSign
      ? null
      : html` <span class="muted">by <bdi>${event.by}</bdi></span>`
  const reason = event.reason === null || event.reason === '' ? null : html`: “<bdi>${event.reason}</bdi>”`
  // The driver's phone had no network: what it says of the time, beside when it reached us.
  const said =
    event.saidAtMs === undefined
      ? null
      : html` <span class="muted">pressed ${clockSeconds(ctx, event.saidAtMs)} by the phone, without network</span>`
  return html`<li class="event event-${event.kind}">${clockSeconds(ctx, event.atMs)}${icon(words.icon)}<span>${words.text(event)}${by}${reason}${said}</span></li>`
}
