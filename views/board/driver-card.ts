/** One driver in full, where the chosen ride stands else: what they do, what the desk may do, and what the day brought. */
import type { RideState } from '../../src/engine/ride.ts'
import type { DriverId, LatLng, RideId, VehicleClass } from '../../src/engine/units.ts'
import { CLASS_WORDS, hoursText, ridesText, seatsText } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { dayWords } from '../licences/words.ts'
import type { PageContext } from '../page.ts'
import { telHref } from '../parts/call.ts'
import { formKeys } from '../parts/field.ts'
import { address, age, amount, clock, clockSeconds, plate } from '../parts/figures.ts'
import { minutesText } from '../parts/format.ts'
import { RIDE_WORDS } from '../parts/ride-state.ts'
import { MARKER_OF, type Marker, marker } from './marker.ts'
import { driverThread, type ThreadProps } from './messages.ts'
import { paneForm } from './pane-form.ts'
import { shortPlace } from './place.ts'
import { rideLink } from './ride-link.ts'

export interface DriverRideLine {
  readonly id: RideId
  readonly reference: string
  readonly state: RideState
  readonly riderName: string
  readonly from: string
  readonly to: string
  readonly fareMinor: number
  readonly currency: string
  readonly endedAtMs: number | null
}

export type DriverDoes =
  | 'free'
  | 'offered'
  | 'to_pickup'
  | 'waiting'
  | 'on_board'
  | 'break'
  | 'silent'
  | 'off'

export interface DriverCardProps {
  readonly nowMs: number
  readonly driver: {
    readonly id: DriverId
    readonly callSign: string
    readonly name: string
    readonly phone: string | null
  }
  readonly state: DriverDoes
  /** Since when; null where nothing says it. */
  readonly sinceMs: number | null
  /** Three offers in a row ran out; none is made before. */
  readonly pausedUntilMs: number | null
  readonly position: (LatLng & { readonly seenAtMs: number }) | null
  readonly shift: {
    readonly startedAtMs: number
    readonly onBreakMs: number
    readonly breakSinceMs: number | null
  } | null
  /** Null where nobody counts. */
  readonly hours: { readonly leftMs: number; readonly limitMs: number } | null
  /** The car they are out in. */
  readonly vehicle: {
    readonly name: string
    readonly plate: string
    readonly class: VehicleClass
    readonly seats: number
  } | null
  readonly licence: {
    readonly isChecked: boolean
    /** `2027-05-31`; null where none is approved. */
    readonly expiresOn: string | null
    /** What keeps them from driving beside the desk, in words; null for nothing. */
    readonly hindrance: string | null
  }
  /** Kept off the road by the desk. */
  readonly held: { readonly atMs: number; readonly by: string; readonly reason: string } | null
  /** Of the last minutes, the newest first. */
  readonly pings: readonly (LatLng & { readonly atMs: number; readonly speedMps: number | null })[]
  /** Under way, the next stop's first. */
  readonly open: readonly DriverRideLine[]
  readonly today: {
    readonly rides: number
    /** The driver's part. */
    readonly earnedMinor: number
    readonly fareMinor: number
    readonly currency: string
    readonly onShiftMs: number
    /** The newest first. */
    readonly list: readonly DriverRideLine[]
  }
  readonly rating: { readonly average: number | null; readonly count: number }
  /** What the desk and the driver wrote to each other, oldest first. */
  readonly thread: ThreadProps['messages']
  /** What did not work. */
  readonly notice?: string
  readonly key: () => string
}

const STATE_WORDS: Record<DriverDoes, string> = {
  free: 'Free',
  offered: 'Asked just now',
  to_pickup: 'To pickup',
  waiting: 'Waiting at the pickup',
  on_board: 'On board',
  break: 'On a break',
  silent: 'Silent',
  off: 'Off shift',
}

/** The newest words; the others nobody looks for on a card. */
const THREAD_SHOWN = 8

/** `<section id="board-ride">` about a driver. */
export function driverCard(ctx: PageContext, props: DriverCardProps): Html {
  const { driver, position } = props
  const scene = JSON.stringify({
    ...{ driverId: driver.id, candidates: [] },
    car: position === null ? null : { lat: position.lat, lng: position.lng },
  })
  const trail = JSON.stringify(props.pings.toReversed().map(({ lat, lng }) => ({ lat, lng })))
  return html`<section id="board-ride" class="board-ride driver-card" aria-labelledby="driver-title" data-driver-card="${driver.id}" data-scene="${scene}" data-trail="${trail}">
${head(ctx, props)}
${props.notice === undefined ? null : html`<p class="notice" role="alert">${icon('triangle-alert')}<span>${props.notice}</span></p>`}
${props.held === null ? null : heldPart(ctx, props, props.held)}
${facts(ctx, props)}
${actions(ctx, props)}
${driverThread(ctx, { driverId: driver.id, callSign: driver.callSign, messages: props.thread.slice(-THREAD_SHOWN), key: props.key })}
${props.open.length === 0 ? null : rideList(ctx, 'Under way', props.open)}
${today(ctx, props)}
${pings(ctx, props)}
</section>`
}

function head(ctx: PageContext, props: DriverCardProps): Html {
  const { driver, state, sinceMs, nowMs, pausedUntilMs } = props
  const mark = state === 'off' ? null : marker(state satisfies Marker)
  const since =
    sinceMs === null
      ? null
      : html` <span class="numbers">${minutesText(Math.max(0, (nowMs - sinceMs) / 1000))}</span>`
  const paused =
    pausedUntilMs === null
      ? null
      : html` <span class="second">no offers until ${clock(ctx, pausedUntilMs)}</span>`
  return html`<header class="pane-head"><h2 id="driver-title"><span class="numbers">${driver.callSign}</span> <bdi>${driver.name}</bdi></h2><a class="close" href="/board" hx-get="/board" hx-target="#board-ride" hx-select="#board-ride" hx-swap="outerMorph" hx-push-url="/board" data-close aria-label="Close ${driver.callSign}">${icon('x')}</a></header>
<p class="driver-state">${mark}<b>${STATE_WORDS[state]}</b>${since}${paused}${props.position === null ? null : html`<span class="driver-age">${age({ seenAtMs: props.position.seenAtMs, nowMs })}</span>`}</p>`
}

function heldPart(
  ctx: PageContext,
  props: DriverCardProps,
  held: NonNullable<DriverCardProps['held']>,
): Html {
  const { driver, key } = props
  return html`<section class="pane-part driver-held" aria-label="Kept off the road"><p>${icon('ban')}<span><b>Off the road since ${clock(ctx, held.atMs)}</b>, by ${held.by}: “<bdi>${held.reason}</bdi>”${props.shift === null ? null : html` <span class="second">The shift ends when the ride under way is over.</span>`}</span></p><form ${paneForm(`/board/drivers/${driver.id}/return`)}>${formKeys({ csrf: ctx.csrf, key: key() })}<button class="button button-plain button-compact" data-busy="Putting back…">${icon('undo-2')}Put back</button></form></section>`
}

function facts(ctx: PageContext, { shift, hours, vehicle, licence, rating, nowMs }: DriverCardProps): Html {
  const breaks =
    shift === null || shift.onBreakMs < 60_000 ? null : html`, breaks ${hoursText(shift.onBreakMs / 1000)}`
  return html`<dl class="pane-part driver-facts">
<div><dt>Shift</dt><dd>${shift === null ? 'not on shift' : html`since ${clock(ctx, shift.startedAtMs)}, ${hoursText((nowMs - shift.startedAtMs) / 1000)}${breaks}`}</dd></div>
${hours === null ? null : html`<div><dt>Hours left</dt><dd class="numbers${hours.leftMs < NEAR_MS ? ' late' : ''}">${hoursText(hours.leftMs / 1000)} <span class="muted">of ${hoursText(hours.limitMs / 1000)}</span></dd></div>`}
<div><dt>Car</dt><dd>${vehicle === null ? 'none out' : html`${vehicle.name} ${plate(vehicle.plate)} <span class="muted">${CLASS_WORDS[vehicle.class]}, ${seatsText(vehicle.seats)}</span>`}</dd></div>
<div><dt>Licence</dt><dd>${licenceText(licence)}</dd></div>
<div><dt>Rating</dt><dd>${rating.average === null ? html`<span class="muted">${rating.count === 0 ? 'none yet' : `${rating.count}, too few to say`}</span>` : html`<b class="numbers">${rating.average.toFixed(1)}</b> <span class="muted">of ${rating.count}</span>`}</dd></div>
</dl>`
}

/** From here on somebody should think of the next driver. */
const NEAR_MS = 30 * 60_000

function licenceText({ isChecked, expiresOn, hindrance }: DriverCardProps['licence']): Html | string {
  if (hindrance !== null) return html`<span class="late">${hindrance}</span>`
  if (!isChecked) return html`<span class="muted">not checked here</span>`
  return expiresOn === null
    ? html`<span class="late">none approved</span>`
    : `good until ${dayWords(expiresOn)}`
}

function actions(ctx: PageContext, props: DriverCardProps): Html {
  const { driver, held } = props
  const call =
    driver.phone === null
      ? html`<span class="second">No phone number is known.</span>`
      : html`<a class="button button-plain button-compact" href="${telHref(driver.phone)}">${icon('phone')}Call <bdi dir="ltr">${driver.phone}</bdi></a>`
  return html`<div class="pane-part driver-acts">${call}${held === null ? holdForm(ctx, props) : null}</div>`
}

const HOLD_REASONS = [
  'A complaint has to be looked at',
  'Does not answer',
  'The car is not fit to drive',
  'Ill or too tired to drive',
  'Position does not come',
]

/** A form that unfolds in its place, so that it works without a script too. */
function holdForm(ctx: PageContext, { driver, open, key }: DriverCardProps): Html {
  const given = open.filter(({ state }) => state !== 'in_progress')
  const driven = open.filter(({ state }) => state === 'in_progress')
  const names = (rides: readonly DriverRideLine[]) => rides.map(({ reference }) => reference).join(', ')
  const choice =
    given.length === 0
      ? null
      : html`<fieldset class="hold-rides"><legend>The ride under way</legend><label><input type="radio" name="rides" value="keep" checked> drives ${names(given)} to its end first</label><label><input type="radio" name="rides" value="give"> ${names(given)} goes to another driver now</label></fieldset>`
  return html`<details class="driver-hold" id="driver-hold"><summary class="button button-plain button-compact">${icon('ban')}Take off the road…</summary><form class="stack" ${paneForm(`/board/drivers/${driver.id}/hold`)}>${formKeys({ csrf: ctx.csrf, key: key() })}<p class="second">${driver.callSign} gets no more offers and goes offline until the desk puts them back. They read who did it and why.${driven.length === 0 ? null : html` Whoever is on board (${names(driven)}) is driven to the end first.`}</p>${choice}<label class="field"><span class="field-label">Reason, as the driver reads it</span><input class="input" name="reason" maxlength="200" required autocomplete="off" list="hold-reasons"><datalist id="hold-reasons">${HOLD_REASONS.map((text) => html`<option value="${text}"></option>`)}</datalist></label><button class="button button-danger button-compact" data-busy="Taking off…">Take ${driver.callSign} off the road</button></form></details>`
}

function rideList(ctx: PageContext, title: string, rides: readonly DriverRideLine[]): Html {
  return html`<section class="pane-part" aria-label="${title}"><h3 class="part-title">${title}</h3><ul class="driver-rides">${rides.map((ride) => rideItem(ctx, ride))}</ul></section>`
}

function rideItem(ctx: PageContext, ride: DriverRideLine): Html {
  const end =
    ride.endedAtMs === null
      ? html`<span class="muted">${RIDE_WORDS[ride.state].desk}</span>`
      : html`<span class="muted numbers">${clock(ctx, ride.endedAtMs)}</span>`
  return html`<li><a class="row-link" ${rideLink(ride.id)}>${marker(MARKER_OF[ride.state])}<b class="numbers">${ride.reference}</b><span class="screen-reader"> ${RIDE_WORDS[ride.state].desk}</span></a><span class="driver-way">${address(shortPlace(ride.from))} → ${address(shortPlace(ride.to))}</span>${end}${amount(ctx, { amountMinor: ride.fareMinor, currency: ride.currency })}</li>`
}

function today(ctx: PageContext, { today: day }: DriverCardProps): Html {
  const money = (amountMinor: number) => amount(ctx, { amountMinor, currency: day.currency })
  const list =
    day.list.length === 0
      ? null
      : html`<details class="driver-day"><summary>All of today</summary><ul class="driver-rides">${day.list.map((ride) => rideItem(ctx, ride))}</ul></details>`
  return html`<section class="pane-part" aria-labelledby="driver-day-title"><h3 id="driver-day-title" class="part-title">Today</h3><p><b class="numbers">${ridesText(day.rides)}</b> · fares <b>${money(day.fareMinor)}</b> · theirs ${money(day.earnedMinor)} · ${hoursText(day.onShiftMs / 1000)} on shift</p>${list}</section>`
}

/** What the list shows of them; the line on the map has all. */
const PINGS_LISTED = 8

function pings(ctx: PageContext, { pings: fixes, state }: DriverCardProps): Html {
  const empty =
    state === 'off' ? 'Off shift nobody is followed.' : 'No position has come in the last minutes.'
  const list =
    fixes.length === 0
      ? html`<p class="second">${empty}</p>`
      : html`<ul class="driver-pings">${fixes
          .slice(0, PINGS_LISTED)
          .map(
            ({ atMs, lat, lng, speedMps }) =>
              html`<li>${clockSeconds(ctx, atMs)}<bdi dir="ltr" class="muted numbers">${lat.toFixed(5)}, ${lng.toFixed(5)}</bdi><span class="numbers">${speedMps === null ? '' : `${Math.round(speedMps * 3.6)} km/h`}</span></li>`,
          )}</ul>`
  return html`<section class="pane-part" aria-labelledby="driver-pings-title"><h3 id="driver-pings-title" class="part-title">Last positions</h3>${list}</section>`
}
