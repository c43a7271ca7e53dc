/** A ride under way: where to, one next step, and quietly the ways out. */
import { chatPanel } from '../chat/panel.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { avatar } from '../parts/avatar.ts'
import { address, clock, countdownRing } from '../parts/figures.ts'
import { countdownText, distanceText, minutesText, money } from '../parts/format.ts'
import { fromMark, toMark } from '../parts/mark.ts'
import { needsText } from '../rides/wishes.ts'
import { helpLine } from '../safety/line.ts'
import { breakAfterLine, breakAfterTile, hoursNotice } from './hours.ts'
import { directionsLink, type Navigator } from './navigate.ts'
import { isThere, nextPlace } from './next-place.ts'
import { nudgeCard } from './nudge.ts'
import { bigButton, hiddenKeys, sentBy } from './parts.ts'
import type { DriverRideState, EndedRide, OfferedRide, RideProps } from './props.ts'
import { startCodeField } from './start-code.ts'
import { endEarly, nextAddress, nextStop, stopStep, stopWords, wayAhead } from './stops.ts'
import { wayCard } from './way-change.ts'
import { firstName, seatsText } from './words.ts'

type Ride = RideProps['ride']

/** Where the driver goes next; the upper half of the screen is for reading, so it stands on top. */
export function instructionBar(ride: Ride): Html {
  const drops = ride.state === 'in_progress'
  const stop = nextAddress(ride)
  const atStop = stopWords(ride)
  const first =
    atStop !== null
      ? `${atStop} ${ride.riderName}`
      : ride.state === 'arrived'
        ? `Wait for ${ride.riderName}`
        : `${drops ? 'Drop off' : 'Pick up'} ${ride.riderName}`
  const figure =
    ride.state === 'arrived' || ride.left === null
      ? null
      : html`<p class="bar-far numbers" data-left-s="${Math.round(ride.left.durationS)}" data-left-m="${Math.round(ride.left.distanceM)}"><b class="bar-minutes">${minutesText(ride.left.durationS)}</b><span class="bar-metres">${distanceText(ride.left.distanceM)}</span></p>`
  const face =
    ride.riderAvatarId === null || drops
      ? null
      : html`<span class="bar-face">${avatar({ name: ride.riderName, avatarId: ride.riderAvatarId })}</span>`
  return html`<header class="bar">${face}<div class="bar-words"><p class="bar-who">${first} · ${seatsText(ride.seats)}</p><h1 class="bar-where">${address(stop.label)}</h1>${stop.area === null ? null : html`<p class="bar-area">${stop.area}</p>`}</div>${figure}</header>`
}

/** Where the driver goes next. */
export function navigateLink(ride: Ride, navigator: Navigator): Html | null {
  if (ride.state === 'arrived') return null
  return directionsLink(nextAddress(ride), { className: 'pill navigate', navigator })
}

export function rideSheet(ctx: PageContext, props: RideProps): Html {
  const { ride } = props
  return html`${nudgeCard(ctx, props)}${wayCard(ctx, props)}${props.joining === null ? null : joinCard(ctx, props, props.joining)}${props.justEnded === null ? null : leftLine(ctx, props.justEnded)}${hoursNotice(ctx, { ...props, onRide: true })}${driverTimeline(ride.state)}
${props.stops.length < 2 ? null : stopList(props)}${wayAhead(ride)}
${helpLine(ctx, props.help)}<div class="tiles ride-tiles">${props.chat === undefined ? null : chatPanel(ctx, props.chat)}${ride.state === 'arrived' ? noShow(ctx, props) : null}${ride.state === 'in_progress' ? html`${wishes(props)}${endEarly(ctx, props)}` : handBack(ctx, props)}<a class="tile-button ride-tile-danger" href="/driver/rides/${ride.id}/safety">${icon('shield-alert')}<span>Safety</span></a>${props.breakAfter ? null : breakAfterTile(ctx, props.key())}</div>${props.breakAfter ? breakAfterLine(ctx, props.key()) : null}
${ride.bookedForMs === undefined || ride.state === 'in_progress' ? null : html`<p class="rider-note">${icon('calendar-clock')}<b>Booked for ${clock(ctx, ride.bookedForMs)}</b></p>`}
${ride.needs === undefined || ride.needs.length === 0 ? null : html`<p class="rider-note">${icon('info')}<b>Needs ${needsText(ride.needs)}</b></p>`}
${ride.note === '' ? null : html`<p class="rider-note">${icon('info')}<b>“${ride.note}”</b></p>`}
${paidWait(ctx, props)}${stepForm(ctx, props)}`
}

const STEPS: readonly { readonly before: DriverRideState; readonly word: string }[] = [
  { before: 'assigned', word: 'En route' },
  { before: 'en_route', word: 'Arrived' },
  { before: 'arrived', word: 'On board' },
  { before: 'in_progress', word: 'Done' },
]

/** The driver's four steps; the present one is the one the big button does. */
export function driverTimeline(state: DriverRideState): Html {
  const present = STEPS.findIndex((step) => step.before === state)
  return html`<ol class="timeline" aria-label="Progress">${STEPS.map(({ word }, i) => {
    if (i < present) return html`<li class="past"><span>${icon('check')}${word}</span></li>`
    if (i > present) return html`<li>${word}</li>`
    return html`<li class="present" aria-current="step">${word}</li>`
  })}</ol>`
}

interface Step {
  readonly step: 'set_off' | 'arrive' | 'board' | 'reach_stop' | 'leave_stop' | 'finish'
  /** The number of the stop it is about. */
  readonly stop?: number
  readonly verb: string
  readonly does: string
  readonly busy: string
  readonly afterwards?: string
  /** The question when the car is not near the place of the step. */
  readonly ask?: string
}

function nextStep(ctx: PageContext, ride: Ride): Step {
  const name = firstName(ride.riderName)
  const fare = money(ride.fareMinor, ride.currency, ctx.lang)
  switch (ride.state) {
    case 'assigned':
      return {
        step: 'set_off',
        verb: 'Set off',
        does: `tells ${name} you are on the way`,
        busy: 'Setting off…',
      }
    case 'en_route':
      return {
        step: 'arrive',
        verb: 'I’ve arrived',
        does: `tells ${name} and starts ${countdownText(ride.freeWaitS * 1000)} free wait`,
        busy: 'Telling…',
        ask: 'Arrived?',
      }
    case 'arrived':
      return {
        step: 'board',
        verb: 'Passenger on board',
        does: `starts the ride to ${ride.dropoff.area ?? ride.dropoff.label}`,
        busy: 'Starting…',
        afterwards: `Check the name first: ${name}`,
        ask: `Is ${name} on board?`,
      }
    case 'in_progress': {
      const atStop = stopStep(ride)
      if (atStop !== null) return atStop
      return {
        step: 'finish',
        verb: 'Complete ride',
        does: ride.payment === 'cash' ? `then collect ${fare} in cash` : `charges ${fare} to the account`,
        busy: 'Completing…',
        ask: 'Complete the ride here?',
      }
    }
  }
}

function stepForm(ctx: PageContext, props: RideProps): Html {
  const { ride } = props
  const step = nextStep(ctx, ride)
  const place = nextPlace(ride)
  const near =
    step.ask === undefined
      ? null
      : html` data-near="${place.lat},${place.lng}" data-within="${place.withinM}" data-ask="${step.ask}"`
  const isEarly = ride.state === 'assigned' && isThere(props) === true
  return html`<form ${sentBy(`/rides/${ride.id}/steps`)} class="stack step" id="step-${ride.state}${step.stop === undefined ? null : `-${step.step}-${step.stop}`}"${step.stop === undefined ? html` data-step="${step.step}"` : null}${near}${isEarly ? html` hidden` : null}>${hiddenKeys(ctx, props.key())}<input type="hidden" name="step" value="${step.step}">${step.stop === undefined ? null : html`<input type="hidden" name="stop" value="${step.stop}">`}${startCodeField(ride)}${bigButton(step)}${step.afterwards === undefined ? null : html`<p class="second step-then">${step.afterwards}</p>`}</form>${ride.state === 'assigned' ? earlyForm(ctx, props, isEarly) : null}`
}

/** Around the corner from the pickup there is nothing to set off for: one press says both. */
function earlyForm(ctx: PageContext, props: RideProps, isThere: boolean): Html {
  const arrived = nextStep(ctx, { ...props.ride, state: 'en_route' })
  return html`<form ${sentBy(`/rides/${props.ride.id}/steps`)} class="stack step" id="step-early" data-step="arrive"${isThere ? null : html` hidden`}>${hiddenKeys(ctx, props.key())}<input type="hidden" name="step" value="arrive">${bigButton(arrived)}</form>`
}

/** What the rider asked for on the way, sent with the last step; the trail has to show it, and the receipt says it. */
function wishes({ ride, stops }: RideProps): Html | null {
  // Others are in a shared car.
  if (ride.state !== 'in_progress' || stops.length > 0 || nextStop(ride) !== null) return null
  const name = firstName(ride.riderName)
  return html`<details class="tile-more" id="wishes"><summary class="tile-button">${icon('info')}<span>${name} wants otherwise</span></summary><div class="more-panel"><label class="field"><span class="field-label">What did ${name} ask for?</span><select class="input" name="wish" form="step-in_progress"><option value="">Nothing, as planned</option><option value="destination">To go somewhere else</option><option value="stop">A stop on the way</option><option value="way">Another, longer way</option></select></label><p class="second">Then the fare goes by what was driven, where your position shows it, and the receipt says why.</p></div></details>`
}

/** From when on the rider pays for the wait. */
function paidWait(ctx: PageContext, { ride, nowMs }: RideProps): Html | null {
  if (ride.waiting == null) return null
  const cost = html`<b><bdi dir="ltr">${money(ride.waiting.perMinuteMinor, ride.currency, ctx.lang)}</bdi></b> a minute`
  const { paidFromMs } = ride.waiting
  return html`<p class="second">${nowMs < paidFromMs ? html`The rider pays ${cost} for waiting from ${clock(ctx, paidFromMs)} on.` : html`The rider pays ${cost} for waiting since ${clock(ctx, paidFromMs)}.`}</p>`
}

/** Off until the free wait is over, with the reason and the time left in its label; then it names the fee. */
function noShow(ctx: PageContext, { ride, nowMs, key }: RideProps): Html {
  const fromMs = ride.noShowFromMs ?? nowMs
  const waits = nowMs < fromMs
  const fee = ride.noShowFeeMinor > 0 ? ` Fee ${money(ride.noShowFeeMinor, ride.currency, ctx.lang)}.` : ''
  return html`<p class="tile-button tile-off" id="no-show-wait" aria-disabled="true"${waits ? null : html` hidden`}>${icon('user-round-x')}<span>No-show in <span class="numbers" role="timer" data-until="${fromMs}" data-now="${nowMs}" data-due-show="no-show" data-due-hide="no-show-wait">${countdownText(fromMs - nowMs)}</span></span></p><details class="tile-more" id="no-show"${waits ? html` hidden` : null}><summary class="tile-button">${icon('user-round-x')}<span>No-show</span></summary><form ${sentBy(`/rides/${ride.id}/steps`)} class="more-panel">${hiddenKeys(ctx, key())}<input type="hidden" name="step" value="miss"><p>Close the ride because ${firstName(ride.riderName)} did not come?${fee}</p><button class="button button-danger button-wide" data-busy="Closing…">Close as no-show</button></form></details>`
}

const HAND_BACK_REASONS = [
  'Cannot reach the pickup',
  'Car trouble',
  'Rider does not fit the car',
  'Not feeling well',
  'Another reason',
]

function handBack(ctx: PageContext, { ride, key }: RideProps): Html {
  return html`<details class="tile-more" id="hand-back"><summary class="tile-button">${icon('undo-2')}<span>Hand back</span></summary><form ${sentBy(`/rides/${ride.id}/hand-back`)} class="more-panel">${hiddenKeys(ctx, key())}<label class="field"><span class="field-label">Why does the ride go back?</span><select class="input" name="reason">${HAND_BACK_REASONS.map((reason) => html`<option>${reason}</option>`)}</select></label><p class="second">${firstName(ride.riderName)} gets another driver at the same price.</p><button class="button button-danger button-wide" data-busy="Handing back…">Hand the ride back</button></form></details>`
}

/** All the car does, in order; the first is what the big button is about. */
function stopList({ stops }: RideProps): Html {
  return html`<ol class="stops" aria-label="Stops">${stops.map(
    (stop, n) =>
      html`<li${n === 0 ? html` aria-current="step"` : null}>${stop.kind === 'pickup' ? fromMark() : toMark()}<p><b>${stop.kind === 'pickup' ? 'Pick up' : 'Drop off'} ${firstName(stop.riderName)}</b><span class="second">${address(stop.label)}${stop.seats === 1 ? null : html` · ${seatsText(stop.seats)}`}</span></p>${stop.etaS === null ? null : html`<b class="numbers">${minutesText(stop.etaS)}</b>`}</li>`,
  )}</ol>`
}

/** The question whether one more rider comes along, above the work under way: what it adds and what it brings. */
function joinCard(ctx: PageContext, { nowMs, key }: RideProps, offer: OfferedRide): Html {
  const { pickup, dropoff } = offer
  const added = offer.addedS === null || offer.addedS < 60 ? 'no detour' : `+ ${minutesText(offer.addedS)}`
  return html`<section class="offer join card" id="offer-${offer.id}" data-offer aria-label="One more rider on your way">
<div class="offer-head"><div><p class="offer-kind">${icon('users')}Add a rider · ${seatsText(offer.seats)} · ${offer.payment}</p><h2 class="offer-figure"><bdi dir="ltr">+ ${money(offer.earnedMinor, offer.currency, ctx.lang)}</bdi></h2><p class="second">yours, after fees · <b>${added}</b></p></div>${countdownRing({ untilMs: offer.expiresAtMs, nowMs, totalMs: offer.totalMs })}</div>
<p class="join-way">${fromMark()}<span>${address(pickup.label)} <span class="second">in ${minutesText(Math.max(60, pickup.durationS))}</span></span></p>
<p class="join-way">${toMark()}<span>${address(dropoff.area)}</span></p>
<div class="join-answers"><form ${sentBy(`/offers/${offer.id}/acceptance`)}>${hiddenKeys(ctx, key())}<button class="button button-plain button-wide" data-busy="Adding…">Add rider</button></form><form ${sentBy(`/offers/${offer.id}/decline`)}>${hiddenKeys(ctx, key())}<button class="button button-quiet button-wide" data-busy="Declining…">Decline</button></form></div>
</section>`
}

/** One has left while others stay: what to collect is still to be said. */
function leftLine(ctx: PageContext, ended: EndedRide): Html {
  const name = firstName(ended.riderName)
  const charged = html`<b><bdi dir="ltr">${money(ended.chargedMinor, ended.currency, ctx.lang)}</bdi></b>`
  if (ended.outcome !== 'completed')
    return html`<p class="notice">${icon('info')}<span>${name} ${ended.outcome === 'no_show' ? 'did not come' : 'cancelled'}. Nothing to collect.</span></p>`
  return html`<p class="notice">${icon('banknote')}<span>${name} is there. ${ended.payment === 'cash' ? html`Collect ${charged} in cash.` : html`${charged} went to the account.`}</span></p>`
}
