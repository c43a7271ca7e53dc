/** One ride in full: what was asked, who could drive it, what the desk may do, and all that happened. */
import { isEnded } from '../../src/engine/ride.ts'
import { chatPanel } from '../chat/panel.ts'
import { CLASS_WORDS, seatsText } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { telHref } from '../parts/call.ts'
import { emptyState } from '../parts/empty.ts'
import { address, age, clock, day, plate } from '../parts/figures.ts'
import { ageText, countdownText, distanceText, money } from '../parts/format.ts'
import { fromMark, toMark } from '../parts/mark.ts'
import { rideBadge } from '../parts/ride-state.ts'
import { COMMANDS } from './commands.ts'
import { driverLink } from './driver-link.ts'
import { eventLine } from './events.ts'
import { keysOf } from './help.ts'
import { MARKER_OF, marker } from './marker.ts'
import { paneActions } from './pane-acts.ts'
import { rideForm, rideKeys } from './pane-form.ts'
import type { Candidate, PaneProps } from './props.ts'
import { rescuePart } from './rescue.ts'
import { rideLink } from './ride-link.ts'
import { sharedCarsPart } from './shared-cars.ts'
import { startCodePart } from './start-code.ts'
import { alarmPart } from './watch.ts'

/** `<section id="board-ride">`; with null it says how a ride gets here. */
export function boardRide(ctx: PageContext, props: PaneProps | null): Html {
  if (props === null) {
    return html`<section id="board-ride" class="board-ride board-ride-none" aria-label="Chosen ride">${emptyState({ title: 'No ride is chosen.', text: 'Choose one in the queue or in the table below.' })}${keyHelp()}</section>`
  }
  const { ride } = props
  const scene = JSON.stringify({
    from: { lat: ride.from.lat, lng: ride.from.lng },
    to: { lat: ride.to.lat, lng: ride.to.lng },
    stops: (props.stops ?? []).map(({ lat, lng, standing }) => ({
      lat,
      lng,
      isPassed: standing === 'passed',
    })),
    driverId: ride.driver?.id ?? null,
    // An ended ride's car is on its way to somebody else.
    car: isEnded(ride.state) ? null : (ride.driver?.point ?? null),
    way: props.way,
    approaches: ride.state === 'assigned' || ride.state === 'en_route',
    candidates: props.candidates.map(({ driverId, point }, i) => ({
      driverId,
      number: i + 1,
      lat: point.lat,
      lng: point.lng,
    })),
  })
  return html`<section id="board-ride" class="board-ride" aria-labelledby="ride-title" data-ride-id="${ride.id}" data-scene="${scene}">
${paneHead(ctx, props)}
${paneOthers(props)}
<div id="board-told">${props.notice === undefined ? null : html`<p class="notice" role="alert">${icon('triangle-alert')}<span>${props.notice}</span></p>`}</div>
${alarmPart(ctx, props)}
${startCodePart(ctx, props)}
${ride.driver === null ? null : driverChip(props, ride.driver)}
${ride.shared === null ? null : sharedCar(ctx, props, ride.shared)}
${ride.state === 'requested' ? candidateForm(ctx, props) : null}
${sharedCarsPart(ctx, props)}
${rescuePart(ctx, props)}
${paneActions(ctx, props)}
${props.chat === undefined ? null : chatPanel(ctx, props.chat)}
<section class="pane-part" aria-labelledby="events-title"><h3 id="events-title" class="part-title">What happened</h3><ol class="events">${props.events.map((event) => eventLine(ctx, event))}</ol></section>
</section>`
}

/** Somebody else works on it: nothing is locked, and an older picture is refused, but two need not do the same. */
export function paneOthers({ others = [] }: Pick<PaneProps, 'others'>): Html | null {
  if (others.length === 0) return null
  const editing = others.filter(({ isEditing }) => isEditing).map(({ name }) => name)
  const looking = others.filter(({ isEditing }) => !isEditing).map(({ name }) => name)
  const words = [
    ...(editing.length === 0
      ? []
      : [`${editing.join(', ')} ${editing.length === 1 ? 'is' : 'are'} changing this ride.`]),
    ...(looking.length === 0
      ? []
      : [`${looking.join(', ')} ${looking.length === 1 ? 'has' : 'have'} it open too.`]),
  ]
  return html`<p class="pane-others${editing.length === 0 ? '' : ' pane-others-editing'}" role="status">${icon('users')}<span>${words.join(' ')}</span></p>`
}

/** The keys a new desk learns first; `?` lists all. */
function keyHelp(): Html {
  const first = ['next', 'previous', 'enter', 'choose', 'undo', 'book', 'palette', 'help']
  return html`<dl class="keys">${first.map((id) => COMMANDS.filter((command) => command.id === id).map((command) => html`<div><dt>${keysOf(command)}</dt><dd>${command.words}</dd></div>`))}</dl>`
}

/** The places between the two ends, with how far the car has come. */
function paneStops({ stops = [] }: PaneProps): Html[] {
  return stops.map(
    ({ label, standing }, n) =>
      html`<p${standing === 'passed' ? html` class="muted"` : null}><span class="stop-number" aria-hidden="true">${standing === 'passed' ? icon('check') : n + 1}</span><span><span class="screen-reader">Stop ${n + 1}: </span>${address(label)}</span><span class="muted">${STANDING_WORDS[standing]}</span></p>`,
  )
}

const STANDING_WORDS = { passed: 'done', here: 'waits here', ahead: null } as const

function paneHead(ctx: PageContext, props: PaneProps): Html {
  const { ride, nowMs } = props
  const waits =
    ride.state === 'requested'
      ? html`<span class="badge badge-warn">${icon('clock')}<span class="numbers" data-since="${ride.requestedAtMs}">${countdownText(nowMs - ride.requestedAtMs)}</span> unassigned</span>`
      : rideBadge(ride.state)
  return html`<header class="pane-head"><h2 id="ride-title" class="numbers">${ride.reference}</h2>${waits}<a class="trace-link" href="/board/rides/${encodeURIComponent(ride.id)}/trace">See why</a><a class="close" href="/board" hx-get="/board" hx-target="#board-ride" hx-select="#board-ride" hx-swap="outerMorph" hx-push-url="/board" data-close aria-label="Close ${ride.reference}">${icon('x')}</a></header>
<div class="pane-part pane-way"><p>${fromMark()}<span>${address(ride.from.label)}</span><span class="muted">${clock(ctx, ride.booking?.pickupAtMs ?? ride.requestedAtMs)}</span></p>${paneStops(props)}<p>${toMark()}<span>${address(ride.to.label)}</span><span class="muted numbers">${distanceText(ride.distanceM)}</span></p><p class="pane-terms"><bdi>${ride.riderName}</bdi>${ride.phone == null ? null : html` <a class="numbers" dir="ltr" href="${telHref(ride.phone)}">${ride.phone}</a>`} · ${CLASS_WORDS[ride.class]}${ride.shared === null ? null : ' shared'}, ${seatsText(ride.seats)} · <b><bdi dir="ltr" class="numbers">${money(ride.fareMinor, ride.currency, ctx.lang)}</bdi></b> · ${ride.payment}</p>${ride.booking === null ? null : bookingLine(ctx, ride.booking)}${ride.putOffUntilMs === null || ride.putOffUntilMs <= nowMs ? null : html`<p class="pane-booked">${icon('timer')}<span>Put off: nobody is asked before ${clock(ctx, ride.putOffUntilMs)}.</span></p>`}${ride.note === '' ? null : html`<p class="pane-note">${icon('info')}<span>“<bdi>${ride.note}</bdi>”</span></p>`}</div>`
}

/** The promise, and when the engine begins to keep it. */
function bookingLine(ctx: PageContext, booking: NonNullable<PaneProps['ride']['booking']>): Html {
  return html`<p class="pane-booked">${icon('calendar-clock')}<span>Pickup ${day(ctx, booking.pickupAtMs)}, <b>${clock(ctx, booking.pickupAtMs)}</b> · driver looked for from ${clock(ctx, booking.searchFromMs)}</span></p>`
}

function driverChip({ nowMs }: PaneProps, driver: NonNullable<PaneProps['ride']['driver']>): Html {
  return html`<section class="pane-part driver-chip" aria-label="Driver"><p><a class="driver-link" ${driverLink(driver.id)}><b>${driver.callSign} · <bdi>${driver.name}</bdi></b></a></p><p class="second">${driver.vehicle} ${plate(driver.plate)}</p>${driver.seenAtMs === null ? html`<p class="second">No position yet</p>` : html`<p class="second">${age({ seenAtMs: driver.seenAtMs, nowMs })}</p>`}</section>`
}

/** Who else is in the car, each a step away, and the promise that nobody may break. */
function sharedCar(
  ctx: PageContext,
  props: PaneProps,
  shared: NonNullable<PaneProps['ride']['shared']>,
): Html {
  const others =
    shared.others.length === 0
      ? html`<p class="second">Nobody else is in the car yet.</p>`
      : html`<ul class="shared-rides">${shared.others.map(({ id, reference, riderName, state }) => html`<li><a class="row-link" ${rideLink(id)}>${marker(MARKER_OF[state])}<b class="numbers">${reference}</b> <bdi>${riderName}</bdi></a></li>`)}</ul>`
  const title = shared.isMerged === true ? 'One car for all of them' : 'In the same car'
  return html`<section class="pane-part" aria-labelledby="shared-title"><header class="part-head"><h3 id="shared-title" class="part-title">${title}</h3>${shared.isMerged === true ? partForm(ctx, props) : null}</header>${others}<p class="second">${shared.isMerged === true ? 'Whoever you choose gets all of them. ' : ''}Promised: there by ${clock(ctx, shared.latestAtMs)} at the latest.</p></section>`
}

/** Out of those that were merged, before one driver gets all of them. */
function partForm(ctx: PageContext, props: PaneProps): Html {
  return html`<form ${rideForm(props.ride, 'parting')}>${rideKeys(ctx, props)}<button class="button button-plain button-compact" data-busy="Parting…">Go alone<kbd>F</kbd></button></form>`
}

function candidateForm(ctx: PageContext, props: PaneProps): Html {
  const { ride, candidates } = props
  const head = html`<header class="part-head"><h3 class="part-title">Best drivers <span class="part-count numbers">${candidates.length} of ${props.considered}</span></h3><span class="second">pin age</span></header>`
  // Without one the form is there all the same: a desk may name a car by its call sign.
  const isNone = candidates.length === 0
  const choice = isNone
    ? html`<p class="second">No free car of this class is in reach. The engine goes on looking and asks by itself.</p>`
    : html`<div class="candidates" role="radiogroup" aria-label="Driver for this ride">${candidates.map((candidate, i) => candidateRow(props, candidate, i))}</div>`
  return html`<form id="assign" class="pane-part${isNone ? '' : ' candidates-form'}" ${rideForm(ride, 'assignment')}>${rideKeys(ctx, props)}${head}${choice}</form>`
}

/** A driver to choose, with the number that chooses them. */
export function candidateRow({ nowMs }: PaneProps, candidate: Candidate, i: number): Html {
  const { callSign, name } = candidate
  const ageMs = nowMs - candidate.seenAtMs
  return html`<label class="candidate" id="candidate-${candidate.driverId}"><input type="radio" name="driver_id" value="${candidate.driverId}" data-call-sign="${callSign}"${i === 0 ? html` checked` : null}><kbd>${i + 1}</kbd>${marker(candidate.state)}<b class="numbers">${callSign}<span class="screen-reader"> ${name}</span></b><b class="numbers">${countdownText(candidate.etaS * 1000)}</b><span class="candidate-why">${candidate.reason}</span><span class="muted numbers" data-seen="${candidate.seenAtMs}" data-now="${nowMs}">${ageText(ageMs)}</span></label>`
}
