/** The rider's live page. `rideStatus` is its changing half, and the same component is what the socket pushes. */
import type { Trouble } from '../../src/engine/watchdog.ts'
import { chatPanel } from '../chat/panel.ts'
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { address, age, amount, clock, clockSeconds, countdownRing, plate } from '../parts/figures.ts'
import { ageText, awayText, clockText, distanceText, initials, minutesText, money } from '../parts/format.ts'
import { mapAssets, mapBox } from '../parts/map.ts'
import { fromMark, toMark } from '../parts/mark.ts'
import { rideBadge, timeline } from '../parts/ride-state.ts'
import { helpLine } from '../safety/line.ts'
import { bookedSecond, bookedSheet } from './booked.ts'
import { insteadCard } from './instead.ts'
import { keptRide } from './kept-ride.ts'
import { askedCells, type RideWays, rideWay } from './ride-map.ts'
import type {
  EndedProps,
  MovingProps,
  RideStatusProps,
  SearchingProps,
  SearchStep,
  SharedProps,
} from './ride-props.ts'
import { rideTiles } from './ride-tiles.ts'
import { shareCard } from './share.ts'
import { startCodeRow } from './start-code.ts'
import { nextStop, stopHeadline, stopList, stopMarks } from './stop-list.ts'
import { changeLink, wayLine } from './way-change.ts'

/** Without script the page asks again this often. */
const REFRESH_S = 5

/**
 * The whole page of one ride, in any state.
 */
export function ridePage(
  ctx: PageContext,
  props: RideStatusProps,
  ways: RideWays = { trail: [], way: null },
): Html {
  const body = html`<main id="main" class="split" tabindex="-1">
<header class="floating-top"><a class="pill pill-round" href="/rides" aria-label="Your rides">${icon('arrow-left')}</a></header>
${rideStatus(ctx, props)}
<div class="split-map">${mapBox(ctx, {
    label: 'Map with your ride',
    from: props.pickup.point,
    to: props.dropoff.point,
    stops: stopMarks(props.stops),
    route: rideWay(props, ways),
    hexes: askedCells(props),
    padding: { top: 72, bottom: 40 },
  })}</div>
</main>`
  const live = props.phase === 'ended' ? {} : { refreshS: REFRESH_S }
  return page(ctx, {
    title: headline(ctx, props),
    body,
    layout: 'layout-map',
    ...live,
    ...mapAssets({
      styles: [
        'rider.css',
        'asking.css',
        'chat.css',
        'way.css',
        'ride-tiles.css',
        'safety.css',
        'share.css',
        'start-code.css',
      ],
      scripts: ['ride.js', 'chat.js', 'kept.js', 'way.js', 'share.js', 'near.js'],
    }),
  })
}

/** The state of the ride in words and figures; root id `ride-status`. */
export function rideStatus(ctx: PageContext, props: RideStatusProps): Html {
  const asked = askedCells(props)
  const cells = asked === null ? null : html` data-asked="${JSON.stringify(asked)}"`
  return html`<div id="ride-status" class="split-sheet ride" data-state="${props.state}" data-kept="${keptRide(ctx, props, headline(ctx, props))}"${cells}>${mapPill(props)}<section class="sheet">${status(ctx, props)}</section></div>`
}

function status(ctx: PageContext, props: RideStatusProps): Html {
  if (props.phase === 'booked') return bookedSheet(ctx, props, head(ctx, props, bookedSecond(ctx, props)))
  if (props.phase === 'searching') return searching(ctx, props)
  return props.phase === 'moving' ? moving(ctx, props) : ended(ctx, props)
}

/** Over the map: while looking, where from and to; then how old the car's position is. */
function mapPill(props: RideStatusProps): Html | null {
  if (props.phase === 'searching' || props.phase === 'booked')
    return html`<p class="pill map-pill">${address(props.pickup.label)}${icon('arrow-right')}${address(props.dropoff.label)}</p>`
  if (props.phase === 'ended' || props.seenAtMs === null) return null
  return html`<p class="pill map-pill" id="car-age">${age({ seenAtMs: props.seenAtMs, nowMs: props.nowMs })}</p>`
}

function headline(ctx: PageContext, props: RideStatusProps): string {
  if (props.phase === 'booked') return `Booked for ${clockText(ctx, props.pickupAtMs)}`
  if (props.phase === 'searching') {
    if (props.putOffUntilMs !== null) return 'We try again soon'
    return props.offer === null ? 'Finding a driver' : 'Asking a driver'
  }
  if (props.phase === 'moving') {
    if (props.state === 'arrived') return `${props.driver.name} is here`
    if (props.checking !== null) return 'Checking on your car'
    const atStop = stopHeadline(props)
    if (atStop !== null) return atStop
    if (props.state === 'in_progress') return props.etaS === null ? 'On board' : thereText(props.etaS)
    return props.etaS === null ? 'On the way' : capital(awayText(props.etaS))
  }
  switch (props.state) {
    case 'completed':
      return 'You are there'
    case 'cancelled':
      return props.endedBy === 'rider' ? 'You cancelled' : 'This ride was cancelled'
    case 'no_show':
      return 'We missed you'
    case 'unfulfilled':
      return 'No driver found'
  }
}

function thereText(etaS: number): string {
  const minutes = minutesText(etaS)
  return minutes === 'now' ? 'Nearly there' : `There in ${minutes}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Screen readers hear the headline again when it changes. */
function head(ctx: PageContext, props: RideStatusProps, second: Html, aside: Html | null = null): Html {
  return html`<div class="status-head"><div role="status"><h1 class="headline" id="ride-headline"${etaWay(props)}>${headline(ctx, props)}</h1><p class="status-second">${second}</p></div>${aside}</div>`
}

/** Which sentence `ride.js` may renew between fragments, where the headline is an ETA. */
function etaWay(props: RideStatusProps): Html | null {
  if (props.phase !== 'moving' || props.state === 'arrived' || props.checking !== null) return null
  if (nextStop(props) !== null) return null
  return html` data-eta="${props.state === 'in_progress' ? 'there' : 'away'}"`
}

function searching(ctx: PageContext, props: SearchingProps): Html {
  const wait =
    props.putOffUntilMs !== null
      ? html`Drivers are asked again at <b>${clock(ctx, props.putOffUntilMs)}</b>.`
      : props.bookedForMs !== undefined && props.bookedForMs > props.nowMs
        ? html`For your ride at <b>${clock(ctx, props.bookedForMs)}</b>`
        : props.usualWaitS === null
          ? html`We look until ${clock(ctx, props.givesUpAtMs)}, then tell you.`
          : html`Usual wait here now: <b>${minutesText(Math.max(60, props.usualWaitS))}</b>`
  const ring =
    props.offer === null
      ? null
      : countdownRing({ untilMs: props.offer.expiresAtMs, nowMs: props.nowMs, totalMs: props.offer.totalMs })
  return html`${head(ctx, props, wait, ring)}${sharedLine(ctx, props)}<hr class="hairline">
<ol class="steps">${props.steps.map((step) => searchStep(ctx, props, step))}</ol>
<p class="second search-next">${nextWords(ctx, props)}</p>${props.instead == null ? null : insteadCard(ctx, props.instead)}
${wayLine(ctx, { ...props, driverName: null })}${stopList(props.stops)}${props.way?.mayAsk === true ? html`<div class="to-row">${toMark()}<p><b>${address(props.dropoff.label)}</b></p>${changeLink(props)}</div>` : null}
${chatOf(ctx, props)}<hr class="hairline">
<p class="foot-row"><a class="link-danger" href="/rides/${props.id}/cancellation">Stop looking</a><span class="second">${props.cancelFeeMinor === undefined ? 'free until a driver is found' : html`costs ${amount(ctx, { amountMinor: props.cancelFeeMinor, currency: props.currency })} by now`}</span></p>`
}

/** The count once a first driver was asked, so that a wait is seen to be work. */
function askedText(count: number): string {
  if (count === 0) return ''
  return `Asked ${count} ${count === 1 ? 'driver' : 'drivers'} so far. `
}

/** What happens next, so that nobody has to guess. */
function nextWords(ctx: PageContext, props: SearchingProps): Html {
  const until = clock(ctx, props.givesUpAtMs)
  if (props.putOffUntilMs !== null) return html`You need not wait here: we go on by ourselves.`
  if (props.offer === null)
    // Without a usual wait the line under the headline says until when.
    return props.usualWaitS === null
      ? html`The next free driver near you is asked at once.`
      : html`The next free driver near you is asked at once. We look until ${until}, then tell you.`
  return html`A driver has a few seconds to answer. If it is a no, the next one is asked at once, until ${until}.`
}

const STEP_ICONS: Record<SearchStep['kind'], IconName> = {
  sent: 'check',
  declined: 'x',
  released: 'undo-2',
  lost: 'undo-2',
  asking: 'navigation',
  finishing: 'clock',
  rescue: 'users',
  put_off: 'clock',
  looking: 'hexagon',
}

function searchStep(ctx: PageContext, props: SearchingProps, step: SearchStep): Html {
  const at = 'atMs' in step ? clockSeconds(ctx, step.atMs) : null
  return html`<li class="step step-${step.kind}">${icon(STEP_ICONS[step.kind])}<span>${stepWords(ctx, props, step)}</span>${at}</li>`
}

const LOST_WORDS: Readonly<Record<Trouble, string>> = {
  dark: 'We lost sight of your car.',
  stalled: 'Your car stood still for too long.',
  retreating: 'Your car drove the wrong way.',
}

function stepWords(ctx: PageContext, props: SearchingProps, step: SearchStep): Html {
  switch (step.kind) {
    case 'sent':
      return html`Request sent, price fixed at <b>${amount(ctx, { amountMinor: props.fareMinor, currency: props.currency })}</b>`
    case 'declined':
      return html`A driver could not take it`
    case 'released':
      return html`Your driver could not make it. Same price, next driver.`
    case 'lost':
      return html`${LOST_WORDS[step.trouble]} Same price, next driver.`
    case 'asking':
      return step.etaS === null
        ? html`Asking a driver`
        : html`Asking a driver ${minutesText(Math.max(60, step.etaS))} away`
    case 'finishing':
      return html`A car nearby is finishing its ride, about <b>${minutesText(Math.max(60, step.etaS))}</b> away`
    case 'rescue':
      return html`Several drivers could not take it. Our desk helps to find one.`
    case 'put_off':
      return html`Nobody is asked until ${clock(ctx, step.untilMs)}. The price stays the same.`
    case 'looking':
      return html`${askedText(props.askedCount)}Looking up to ${distanceText(step.radiusM)} from you${props.askedCount === 0 ? null : ' now'}`
  }
}

function moving(ctx: PageContext, props: MovingProps): Html {
  const { driver, startCode } = props
  const showCode = startCode !== null && props.state !== 'in_progress'
  return html`${head(ctx, props, movingSecond(ctx, props))}
${checkingLine(ctx, props)}${wayLine(ctx, { ...props, driverName: driver.name })}${timeline(props.state)}
${sharedLine(ctx, props)}<div class="driver-row"><span class="avatar" aria-hidden="true">${initials(driver.name)}</span><p><b>${driver.name}</b>${starsOf(driver.stars)} <span class="second-inline">car ${driver.callSign}</span><span class="second">${driver.vehicle}</span></p>${plate(driver.plate)}</div>
${showCode ? startCodeRow(props.reference, startCode) : null}
${rideTiles(ctx, props)}${nearAsk(props)}${shareCard(ctx, props.share)}${helpLine(ctx, props.help)}
<hr class="hairline">
${stopList(props.stops)}<div class="to-row">${toMark()}<p><b>${address(props.dropoff.label)}</b><span class="second">${thereBy(ctx, props)}${amount(ctx, { amountMinor: props.fareMinor, currency: props.currency })} held</span></p>${changeLink(props)}</div>
${waitingLine(ctx, props)}${cancelRow(ctx, props)}`
}

/** What riders before found, once enough have said so. */
function starsOf(stars: number | null | undefined): Html | null {
  if (stars == null) return null
  return html` <span class="driver-stars numbers"><span aria-hidden="true">${icon('star')}${stars.toFixed(1)}</span><span class="screen-reader">rated ${stars.toFixed(1)} of 5</span></span>`
}

/** Shown by `near.js` where the browser can tell over other apps and has not been asked. */
function nearAsk({ state }: MovingProps): Html | null {
  if (state !== 'assigned' && state !== 'en_route') return null
  return html`<button class="button button-quiet button-wide" type="button" data-near-ask hidden>${icon('bell')}Tell me when it is near</button>`
}

/** What the rider's being late costs, before it does. */
function waitingLine(ctx: PageContext, { waiting, currency, nowMs }: MovingProps): Html | null {
  if (waiting == null) return null
  const cost = html`<b><bdi dir="ltr">${money(waiting.perMinuteMinor, currency, ctx.lang)}</bdi></b> a minute`
  return html`<p class="shared-line">${icon('clock')}<span>${nowMs < waiting.paidFromMs ? html`Waiting is free until <b>${clock(ctx, waiting.paidFromMs)}</b>, then ${cost}.` : html`Waiting costs ${cost} since <b>${clock(ctx, waiting.paidFromMs)}</b>.`}</span></p>`
}

/** Said plainly: what we see, and what we do about it by when. */
function checkingLine(ctx: PageContext, { checking, seenAtMs, nowMs }: MovingProps): Html | null {
  if (checking === null) return null
  const seen = {
    dark:
      seenAtMs === null ? 'We have not heard of the car yet.' : `Last seen ${ageText(nowMs - seenAtMs)} ago.`,
    stalled: `The car has not moved for ${ageText(nowMs - checking.sinceMs)}.`,
    retreating: 'The car is driving away from you.',
  }[checking.kind]
  return html`<p class="notice checking">${icon('triangle-alert')}<span>${seen} We are checking on it. If it does not come on by <b>${clock(ctx, checking.actsAtMs)}</b>, we send you another one. Same price.</span></p>`
}

function chatOf(ctx: PageContext, { chat, share }: RideStatusProps): Html | null {
  return html`${chat === undefined ? null : chatPanel(ctx, chat)}${shareCard(ctx, share)}`
}

/** Of a shared car: what it does first, and the promise that holds all the same. */
function sharedLine(ctx: PageContext, { shared }: RideStatusProps): Html | null {
  if (shared === undefined) return null
  return html`<p class="shared-line">${icon('users')}<span>${sharedWords(shared)} There by <b>${clock(ctx, shared.latestAtMs)}</b> at the latest.</span></p>`
}

function sharedWords({ firstStop, stopsBefore }: SharedProps): string {
  if (stopsBefore > 1) return `Your car makes ${stopsBefore} stops for other riders first.`
  switch (firstStop) {
    case 'pickup':
      return 'Your car picks up another rider first.'
    case 'dropoff':
      return 'Your car drops off another rider first.'
    default:
      return 'A shared ride: the car may pick up others.'
  }
}

function movingSecond(ctx: PageContext, props: MovingProps): Html {
  const { state, etaS, nowMs } = props
  if (state === 'arrived')
    return props.waitsUntilMs === null
      ? html`Waiting at ${address(props.pickup.label)}`
      : html`At ${address(props.pickup.label)}. Please be at the car by <b>${clock(ctx, props.waitsUntilMs)}</b>`
  const stop = nextStop(props)
  if (stop?.standing === 'here') return html`At ${address(stop.label)}. It waits for you, then goes on.`
  const place = stop?.label ?? (state === 'in_progress' ? props.dropoff.label : props.pickup.label)
  // What the last fix promised is not to be relied on.
  if (etaS === null || props.checking !== null) return html`To ${address(place)}`
  const other = props.isNearerCar && state !== 'in_progress' ? html` · a nearer car took over` : null
  if (
    props.bookedForMs !== undefined &&
    props.state !== 'in_progress' &&
    props.bookedForMs > nowMs + etaS * 1000
  )
    return html`Comes before your time and waits at ${address(place)} until <b>${clock(ctx, props.bookedForMs)}</b>`
  return html`At ${address(place)} about <b id="ride-arrival">${clock(ctx, nowMs + etaS * 1000)}</b>${other}`
}

/** On board the headline already says when. */
function thereBy(ctx: PageContext, props: MovingProps): Html | null {
  if (props.state === 'in_progress') return null
  const toPickupS = props.state === 'arrived' ? 0 : props.etaS
  if (toPickupS === null) return null
  return html`There by ${clock(ctx, props.nowMs + (toPickupS + props.rideDurationS) * 1000)} · `
}

function cancelRow(ctx: PageContext, props: MovingProps): Html | null {
  const { cancel } = props
  if (cancel === null) return null
  const later = amount(ctx, { amountMinor: cancel.laterFeeMinor, currency: props.currency })
  const cost =
    cancel.feeMinor > 0
      ? html`costs ${amount(ctx, { amountMinor: cancel.feeMinor, currency: props.currency })} now`
      : cancel.freeUntilMs === null
        ? html`free`
        : html`free until ${clock(ctx, cancel.freeUntilMs)}, then ${later}`
  return html`<hr class="hairline"><p class="foot-row"><a class="link-danger" href="/rides/${props.id}/cancellation">Cancel ride</a><span class="second">${cost}</span></p>`
}

function ended(ctx: PageContext, props: EndedProps): Html {
  const next =
    props.state === 'completed'
      ? html`<a class="button button-next button-wide" href="/rides/${props.id}/receipt">${icon('receipt-text')}See the receipt</a>`
      : html`<a class="button button-next button-wide" href="${againHref(props)}">See prices again</a>`
  return html`${head(ctx, props, endedSecond(ctx, props))}
<hr class="hairline">
${props.words === null ? null : html`<p class="notice">${icon('info')}<span>${props.words}</span></p>`}<ul class="ends"><li>${fromMark()}<b>${address(props.pickup.label)}</b></li><li>${toMark()}<b>${address(props.dropoff.label)}</b></li></ul>
<p class="ended-row">${rideBadge(props.state, 'rider')}<span class="second">${props.className} · <bdi dir="ltr">${props.reference}</bdi>${props.driver === null ? null : html` · ${props.driver.name}, ${props.driver.vehicle}`}</span></p>
${next}${chatOf(ctx, props)}${helpLine(ctx, props.help)}${props.mayCallForHelp === true ? html`<p class="foot-row"><a class="link-danger" href="/rides/${props.id}/safety">Safety</a><span class="second">The desk can still be called</span></p>` : null}
${props.state !== 'completed' && props.chargedMinor > 0 ? html`<a class="button button-quiet button-wide" href="/rides/${props.id}/receipt">Receipt of the fee</a>` : null}`
}

function endedSecond(ctx: PageContext, props: EndedProps): Html {
  const charged = money(props.chargedMinor, props.currency, ctx.lang)
  const at = clock(ctx, props.endedAtMs)
  switch (props.state) {
    case 'completed':
      return props.changes === undefined || props.changes.length === 0
        ? html`Arrived at ${at}. You paid <b><bdi dir="ltr">${charged}</bdi></b>, as promised.`
        : html`Arrived at ${at}. You paid <b><bdi dir="ltr">${charged}</bdi></b>, not as promised: ${props.changes.map(({ label }) => label.charAt(0).toLowerCase() + label.slice(1)).join(' and ')}.`
    case 'cancelled':
      return props.chargedMinor > 0
        ? html`At ${at}, for <b><bdi dir="ltr">${charged}</bdi></b>.`
        : html`At ${at}. Nothing was charged.`
    case 'no_show':
      return html`The driver waited until ${at}. The fee is <b><bdi dir="ltr">${charged}</bdi></b>.`
    case 'unfulfilled':
      return html`No car came free in ${minutesText(Math.max(60, (props.endedAtMs - props.requestedAtMs) / 1000))}. Nothing was charged.`
  }
}

function againHref(props: EndedProps): string {
  const query = new URLSearchParams()
  for (const [name, { label, point }] of [
    ['from', props.pickup],
    ['to', props.dropoff],
  ] as const) {
    query.set(name, label)
    query.set(`${name}_lat`, String(point.lat))
    query.set(`${name}_lng`, String(point.lng))
  }
  return `/request?${query}`
}
