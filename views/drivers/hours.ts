/** Driving hours and breaks, as the driver is told of them. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clock, countdown } from '../parts/figures.ts'
import { hiddenKeys, sentBy, tileForm } from './parts.ts'
import type { BreakProps, HoursProps } from './props.ts'
import { hoursText } from './words.ts'

/** Said from half an hour before the end on; until then the line waits hidden, and shows itself without a word from us. */
export function hoursNotice(
  ctx: PageContext,
  { hours, nowMs, onRide }: { hours: HoursProps | null; nowMs: number; onRide: boolean },
): Html | null {
  if (hours === null || hours.endsAtMs === null || hours.warnAtMs === null) return null
  const { endsAtMs, warnAtMs, restS } = hours
  const [isNear, isOver] = [nowMs >= warnAtMs, nowMs >= endsAtMs]
  return html`${isNear ? null : timer({ untilMs: warnAtMs, nowMs, show: 'hours-near', rings: true })}
<p class="notice hours-near" id="hours-near" role="status"${isNear && !isOver ? null : html` hidden`}>${icon('timer')}<span>Your driving hours end at <b>${clock(ctx, endsAtMs)}</b>, in ${countdown({ untilMs: endsAtMs, nowMs, dueShow: 'hours-over', dueHide: 'hours-near' })}. No offers come after that; a ride under way is driven to its end.</span></p>
<p class="notice hours-near" id="hours-over" role="status"${isOver ? null : html` hidden`}>${icon('timer')}<span>Your driving hours are used up. ${onRide ? html`This ride is your last one; then rest for ${hoursText(restS)}.` : html`You go offline now. Rest for ${hoursText(restS)}.`}</span></p>`
}

/** Instead of "Go online" while the rest goes on; at its end the button takes this place by itself. */
export function restNotice(ctx: PageContext, hours: HoursProps, nowMs: number): Html | null {
  if (hours.restedAtMs === null) return null
  return html`<div id="resting" class="stack">${timer({ untilMs: hours.restedAtMs, nowMs, show: 'go-online', hide: 'resting' })}<p class="notice">${icon('timer')}<span>You have driven ${hoursText(hours.driveLimitS)} since your last rest. Rest until ${clock(ctx, hours.restedAtMs)}; a rest is ${hoursText(hours.restS)} without driving.</span></p><p class="big big-off" aria-disabled="true"><b>Go online from ${clock(ctx, hours.restedAtMs)}</b></p></div>`
}

/** A moment at which elements show or hide; it has no words of its own. */
function timer(props: {
  untilMs: number
  nowMs: number
  show: string
  hide?: string
  rings?: boolean
}): Html {
  const hide = props.hide === undefined ? null : html` data-due-hide="${props.hide}"`
  return html`<span hidden data-until="${props.untilMs}" data-now="${props.nowMs}" data-due-show="${props.show}"${hide}${props.rings === true ? html` data-rings` : null}></span>`
}

/** How long the break is, what it means, and the one button that ends it. */
export function breakSheet(ctx: PageContext, props: BreakProps, tiles: Html): Html {
  const { beganAtMs, nowMs } = props
  return html`<div class="looking">${icon('coffee')}<div><h1 class="sheet-title">On a break since ${clock(ctx, beganAtMs)}</h1><p class="second numbers"><span data-seen="${beganAtMs}" data-now="${nowMs}"><b data-age-text>${hoursText((nowMs - beganAtMs) / 1000)}</b></span> so far${earlierText(props)}. No offers come${props.hours === null ? '' : ', and it does not count as driving'}.</p></div></div>
${tiles}
<form ${sentBy('/driver/break/end')} class="stack">${hiddenKeys(ctx, props.key())}<button class="big button-next" data-busy="One moment…"><b>End break</b><span>${props.hours === null ? 'offers start at once' : `${hoursText(props.hours.leftS)} of driving left`}</span></button></form>`
}

function earlierText({ onBreakS, beganAtMs, nowMs }: BreakProps): string {
  const earlierS = onBreakS - (nowMs - beganAtMs) / 1000
  return earlierS < 60 ? '' : `, ${hoursText(onBreakS)} in this shift`
}

/** Waiting: the break begins at once. */
export function breakTile(ctx: PageContext, key: string): Html {
  return tileForm(ctx, {
    action: '/driver/break',
    key,
    icon: icon('coffee'),
    word: 'Break',
    busy: 'Pausing…',
  })
}

/** During a ride: a break is asked for, and taken when nobody is in the car. */
export function breakAfterTile(ctx: PageContext, key: string): Html {
  return tileForm(ctx, {
    ...{ action: '/driver/break', key, icon: icon('coffee'), word: 'Break after', busy: 'One moment…' },
  })
}

export function breakAfterLine(ctx: PageContext, key: string): Html {
  return html`<form ${sentBy('/driver/break/end')} class="break-after">${hiddenKeys(ctx, key)}${icon('coffee')}<span>Your break begins after this ride.</span><button class="button button-quiet" data-busy="One moment…">Rather not</button></form>`
}
