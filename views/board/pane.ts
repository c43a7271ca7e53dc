/** One ride in full: what was asked, who could drive it, what the desk may do, and all that happened. */
import { allowedEvents, isEnded } from '../../src/engine/ride.ts'
import { chatPanel } from '../chat/panel.ts'
import { CLASS_WORDS, seatsText } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { questionDialog } from '../parts/dialog.ts'
import { emptyState } from '../parts/empty.ts'
import { formKeys } from '../parts/field.ts'
import { address, age, clock, day, plate } from '../parts/figures.ts'
import { ageText, countdownText, distanceText, money } from '../parts/format.ts'
import { fromMark, toMark } from '../parts/mark.ts'
import { rideBadge } from '../parts/ride-state.ts'
import { driverLink } from './driver-link.ts'
import { eventLine } from './events.ts'
import { MARKER_OF, marker } from './marker.ts'
import { paneForm } from './pane-form.ts'
import type { Candidate, PaneProps } from './props.ts'
import { rescuePart } from './rescue.ts'
import { rideLink } from './ride-link.ts'
import { startCodePart } from './start-code.ts'
import { alarmPart } from './watch.ts'

/** `<section id="board-ride">`; with null it says how a ride gets here. */
export function boardRide(ctx: PageContext, props: PaneProps | null): Html {
  if (props === null) {
    return html`<section id="board-ride" class="board-ride board-ride-none" aria-label="Chosen ride">${emptyState({ title: 'No ride is chosen.', text: 'Choose one in the queue or in the table below.' })}${keyHelp()}</section>`
  }
  const { ride } = props
  const may = new Set(allowedEvents(ride.state))
  const scene = JSON.stringify({
    from: { lat: ride.from.lat, lng: ride.from.lng },
    to: { lat: ride.to.lat, lng: ride.to.lng },
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
${props.notice === undefined ? null : html`<p class="notice" role="alert">${icon('triangle-alert')}<span>${props.notice}</span></p>`}
${alarmPart(ctx, props)}
${startCodePart(ctx, props)}
${ride.driver === null ? null : driverChip(props, ride.driver)}
${ride.shared === null ? null : sharedCar(ctx, ride.shared)}
${may.has('assign') ? candidateForm(ctx, props) : null}
${rescuePart(ctx, props)}
${may.has('release') || may.has('cancel') ? html`<div class="pane-actions">${may.has('release') ? releaseButton(ctx, props) : null}${may.has('cancel') ? cancelButton(ctx, props) : null}</div>` : null}
${props.chat === undefined ? null : chatPanel(ctx, props.chat)}
<section class="pane-part" aria-labelledby="events-title"><h3 id="events-title" class="part-title">What happened</h3><ol class="events">${props.events.map((event) => eventLine(ctx, event))}</ol></section>
</section>`
}

function keyHelp(): Html {
  return html`<dl class="keys"><div><dt><kbd>J</kbd> <kbd>K</kbd></dt><dd>next and previous ride</dd></div><div><dt><kbd>Enter</kbd></dt><dd>open it; with a driver chosen, assign</dd></div><div><dt><kbd>1</kbd>–<kbd>9</kbd></dt><dd>choose a driver</dd></div><div><dt><kbd>M</kbd></dt><dd>to the map</dd></div><div><dt><kbd>Z</kbd></dt><dd>other cells on the map</dd></div><div><dt><kbd>/</kbd></dt><dd>search</dd></div><div><dt><kbd>Esc</kbd></dt><dd>close the ride</dd></div></dl>`
}

function paneHead(ctx: PageContext, { ride, nowMs }: PaneProps): Html {
  const waits =
    ride.state === 'requested'
      ? html`<span class="badge badge-warn">${icon('clock')}<span class="numbers" data-since="${ride.requestedAtMs}">${countdownText(nowMs - ride.requestedAtMs)}</span> unassigned</span>`
      : rideBadge(ride.state)
  return html`<header class="pane-head"><h2 id="ride-title" class="numbers">${ride.reference}</h2>${waits}<a class="trace-link" href="/board/rides/${encodeURIComponent(ride.id)}/trace">See why</a><a class="close" href="/board" hx-get="/board" hx-target="#board-ride" hx-select="#board-ride" hx-swap="outerMorph" hx-push-url="/board" data-close aria-label="Close ${ride.reference}">${icon('x')}</a></header>
<div class="pane-part pane-way"><p>${fromMark()}<span>${address(ride.from.label)}</span><span class="muted">${clock(ctx, ride.booking?.pickupAtMs ?? ride.requestedAtMs)}</span></p><p>${toMark()}<span>${address(ride.to.label)}</span><span class="muted numbers">${distanceText(ride.distanceM)}</span></p><p class="pane-terms">${ride.riderName} · ${CLASS_WORDS[ride.class]}${ride.shared === null ? null : ' shared'}, ${seatsText(ride.seats)} · <b><bdi dir="ltr" class="numbers">${money(ride.fareMinor, ride.currency, ctx.lang)}</bdi></b> · ${ride.payment}</p>${ride.booking === null ? null : bookingLine(ctx, ride.booking)}${ride.note === '' ? null : html`<p class="pane-note">${icon('info')}<span>“${ride.note}”</span></p>`}</div>`
}

/** The promise, and when the engine begins to keep it. */
function bookingLine(ctx: PageContext, booking: NonNullable<PaneProps['ride']['booking']>): Html {
  return html`<p class="pane-booked">${icon('calendar-clock')}<span>Pickup ${day(ctx, booking.pickupAtMs)}, <b>${clock(ctx, booking.pickupAtMs)}</b> · driver looked for from ${clock(ctx, booking.searchFromMs)}</span></p>`
}

function driverChip({ nowMs }: PaneProps, driver: NonNullable<PaneProps['ride']['driver']>): Html {
  return html`<section class="pane-part driver-chip" aria-label="Driver"><p><a class="driver-link" ${driverLink(driver.id)}><b>${driver.callSign} · ${driver.name}</b></a></p><p class="second">${driver.vehicle} ${plate(driver.plate)}</p>${driver.seenAtMs === null ? html`<p class="second">No position yet</p>` : html`<p class="second">${age({ seenAtMs: driver.seenAtMs, nowMs })}</p>`}</section>`
}

/** Who else is in the car, each a step away, and the promise that nobody may break. */
function sharedCar(ctx: PageContext, shared: NonNullable<PaneProps['ride']['shared']>): Html {
  const others =
    shared.others.length === 0
      ? html`<p class="second">Nobody else is in the car yet.</p>`
      : html`<ul class="shared-rides">${shared.others.map(({ id, reference, riderName, state }) => html`<li><a class="row-link" ${rideLink(id)}>${marker(MARKER_OF[state])}<b class="numbers">${reference}</b> ${riderName}</a></li>`)}</ul>`
  return html`<section class="pane-part" aria-labelledby="shared-title"><h3 id="shared-title" class="part-title">In the same car</h3>${others}<p class="second">Promised: there by ${clock(ctx, shared.latestAtMs)} at the latest.</p></section>`
}

function candidateForm(ctx: PageContext, props: PaneProps): Html {
  const { ride, candidates } = props
  const head = html`<header class="part-head"><h3 class="part-title">Best drivers <span class="part-count numbers">${candidates.length} of ${props.considered}</span></h3><span class="second">pin age</span></header>`
  if (candidates.length === 0) {
    return html`<section class="pane-part">${head}<p class="second">No free car of this class is in reach. The engine goes on looking and asks by itself.</p></section>`
  }
  const action = `/board/rides/${encodeURIComponent(ride.id)}/assignment`
  return html`<form id="assign" class="pane-part candidates-form" ${paneForm(action)}>${formKeys({ csrf: ctx.csrf, key: props.key() })}${head}<div class="candidates" role="radiogroup" aria-label="Driver for this ride">${candidates.map((candidate, i) => candidateRow(props, candidate, i))}</div><button class="button button-next button-wide" data-busy="Assigning…"><span data-assign-label>Assign driver</span><kbd>Enter</kbd></button></form>`
}

function candidateRow({ nowMs }: PaneProps, candidate: Candidate, i: number): Html {
  const { callSign, name } = candidate
  const ageMs = nowMs - candidate.seenAtMs
  return html`<label class="candidate" id="candidate-${candidate.driverId}"><input type="radio" name="driver_id" value="${candidate.driverId}" data-call-sign="${callSign}"${i === 0 ? html` checked` : null}><kbd>${i + 1}</kbd>${marker(candidate.state)}<b class="numbers">${callSign}<span class="screen-reader"> ${name}</span></b><b class="numbers">${countdownText(candidate.etaS * 1000)}</b><span class="candidate-why">${candidate.reason}</span><span class="muted numbers" data-seen="${candidate.seenAtMs}" data-now="${nowMs}">${ageText(ageMs)}</span></label>`
}

const RELEASE_REASONS = [
  'Driver asked for it',
  'Better driver near',
  'Car trouble',
  'Car is silent',
  'Another reason',
]
const CANCEL_REASONS = [
  'Rider asked for it',
  'No car can come',
  'Rider not reachable',
  'Double request',
  'Another reason',
]

const RIDER_WORDS = [
  'Sorry, no car can come to you now. You were not charged.',
  'The road to your pickup is closed. Please ask again from a street near by.',
  'Please call us: we could not reach you.',
]

function releaseButton(ctx: PageContext, props: PaneProps): Html {
  const { ride } = props
  return reasonDialog(ctx, props, {
    id: 'release',
    opens: 'Unassign',
    title: `Take ${ride.reference} from ${ride.driver?.callSign ?? 'its driver'}?`,
    text: 'The engine looks for another driver at once. The rider is told and keeps the price.',
    reasons: RELEASE_REASONS,
    keep: 'Keep the driver',
    go: 'Unassign',
    busy: 'Taking back…',
  })
}

function cancelButton(ctx: PageContext, props: PaneProps): Html {
  const { ride } = props
  const fee = ride.cancelFeeMinor === 0 ? null : money(ride.cancelFeeMinor, ride.currency, ctx.lang)
  return reasonDialog(ctx, props, {
    id: 'cancellation',
    opens: 'Cancel ride',
    title:
      fee === null ? `Cancel ${ride.reference}, free of charge?` : `Cancel ${ride.reference} for ${fee}?`,
    text: `${ride.riderName} is told at once. A cancelled ride does not come back.`,
    reasons: CANCEL_REASONS,
    words: true,
    keep: 'Keep ride',
    go: fee === null ? 'Cancel ride' : `Cancel, charge ${fee}`,
    busy: 'Cancelling…',
  })
}

interface DialogWords {
  readonly id: 'release' | 'cancellation'
  readonly opens: string
  readonly title: string
  readonly text: string
  readonly reasons: readonly string[]
  /** Whether something may be said to the rider. */
  readonly words?: boolean
  readonly keep: string
  readonly go: string
  readonly busy: string
}

function reasonDialog(ctx: PageContext, { ride, key }: PaneProps, words: DialogWords): Html {
  return questionDialog({
    ...words,
    isDanger: words.id === 'cancellation',
    form: paneForm(`/board/rides/${encodeURIComponent(ride.id)}/${words.id}`),
    fields: html`${formKeys({ csrf: ctx.csrf, key: key() })}<label class="field"><span class="field-label">Reason</span><select class="input" name="reason">${words.reasons.map((reason) => html`<option>${reason}</option>`)}</select></label>${words.words === true ? html`<label class="field"><span class="field-label">To the rider <span class="second">they read it as you write it; may stay empty</span></span><input class="input" name="words" maxlength="200" autocomplete="off" list="rider-words"><datalist id="rider-words">${RIDER_WORDS.map((text) => html`<option value="${text}"></option>`)}</datalist></label>` : null}`,
  })
}
