/** A ride under way: where to, one next step, and quietly the ways out. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { avatar } from '../parts/avatar.ts'
import { address, clock, countdownRing } from '../parts/figures.ts'
import { countdownText, distanceText, minutesText, money } from '../parts/format.ts'
import { fromMark, toMark } from '../parts/mark.ts'
import { needsText } from '../rides/wishes.ts'
import { helpLine } from '../safety/line.ts'
import { breakAfterLine, hoursNotice } from './hours.ts'
import { directionsLink, type Navigator } from './navigate.ts'
import { isThere, nextPlace } from './next-place.ts'
import { nudgeCard } from './nudge.ts'
import { needsLine } from './offer.ts'
import { bigButton, hiddenKeys, sentBy } from './parts.ts'
import type { DriverRideState, EndedRide, OfferedRide, RideProps } from './props.ts'
import { rideTiles } from './ride-tiles.ts'
import { startCodeField } from './start-code.ts'
import { nextAddress, pressOf, stopStep, stopWords, wayAhead } from './stops.ts'
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
${helpLine(ctx, props.help)}${rideTiles(ctx, props)}${props.breakAfter ? breakAfterLine(ctx, props.key()) : null}
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
  return html`<form ${sentBy(`/rides/${ride.id}/steps`)} class="stack step" id="step-${pressOf(ride)}" data-step="${step.step}${step.stop === undefined ? null : `-${step.stop}`}"${near}${isEarly ? html` hidden` : null}>${hiddenKeys(ctx, props.key())}<input type="hidden" name="step" value="${step.step}">${step.stop === undefined ? null : html`<input type="hidden" name="stop" value="${step.stop}">`}${startCodeField(ride)}${bigButton(step)}${step.afterwards === undefined ? null : html`<p class="second step-then">${step.afterwards}</p>`}</form>${ride.state === 'assigned' ? earlyForm(ctx, props, isEarly) : null}`
}

/** Around the corner from the pickup there is nothing to set off for: one press says both. */
function earlyForm(ctx: PageContext, props: RideProps, isThere: boolean): Html {
  const arrived = nextStep(ctx, { ...props.ride, state: 'en_route' })
  return html`<form ${sentBy(`/rides/${props.ride.id}/steps`)} class="stack step" id="step-early" data-step="arrive"${isThere ? null : html` hidden`}>${hiddenKeys(ctx, props.key())}<input type="hidden" name="step" value="arrive">${bigButton(arrived)}</form>`
}

/** From when on the rider pays for the wait. */
function paidWait(ctx: PageContext, { ride, nowMs }: RideProps): Html | null {
  if (ride.waiting == null) return null
  const cost = html`<b><bdi dir="ltr">${money(ride.waiting.perMinuteMinor, ride.currency, ctx.lang)}</bdi></b> a minute`
  const { paidFromMs } = ride.waiting
  return html`<p class="second">${nowMs < paidFromMs ? html`The rider pays ${cost} for waiting from ${clock(ctx, paidFromMs)} on.` : html`The rider pays ${cost} for waiting since ${clock(ctx, paidFromMs)}.`}</p>`
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
${needsLine(offer)}<p class="join-way">${fromMark()}<span>${address(pickup.label)} <span class="second">in ${minutesText(Math.max(60, pickup.durationS))}</span></span></p>
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
