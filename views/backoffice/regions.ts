/** A company's regions as its admins see them: how each matches, at which hours otherwise, and its zones. */
import type { Policy } from '../../src/engine/policy.ts'
import { DAY_MINUTES, type PolicyOverride } from '../../src/engine/policy-hours.ts'
import type { ShadowPolicy } from '../../src/engine/shadow.ts'
import type { ZoneKind } from '../../src/engine/zone.ts'
import { type Html, html } from '../html.ts'
import { facts } from './parts.ts'

export interface RegionProps {
  readonly id: string
  /** What busy places may add at most, `+80 %`; null: nothing. */
  readonly surge: string | null
  readonly name: string
  readonly timeZone: string
  /** Null: nobody counts. */
  readonly driveLimitS: number | null
  readonly restS: number
  readonly emergencyNumber: string
  /** The region's own policy, which counts where no window is open. */
  readonly policy: Pick<Policy, 'kind' | 'batchWindowMs' | 'radiusM' | 'candidates'>
  /** Seconds a nearer car must win to take a ride over before its pickup; null: never. */
  readonly swapGainS: number | null
  readonly shadow: ShadowProps | null
  readonly hours: readonly {
    readonly weekdays: readonly number[]
    readonly fromMinute: number
    readonly untilMinute: number
    readonly policy: PolicyOverride
    readonly isNow: boolean
  }[]
  readonly zones: readonly {
    readonly name: string
    readonly kind: ZoneKind
    readonly queue: {
      readonly standing: number
      readonly placesMost: number
      readonly onDecline: 'end' | 'keep'
      readonly outsideRides: boolean
    } | null
  }[]
}

/** Another policy that each tick is decided by too, and how it did over the last day. */
export interface ShadowProps {
  /** Names the section on the page. */
  readonly slug: string
  readonly policy: ShadowPolicy
  /** Null before anybody has waited for a car under both. */
  readonly day: {
    readonly ticks: number
    readonly waiting: number
    readonly changed: number
    readonly live: SideProps
    readonly shadow: SideProps
  } | null
}

export interface SideProps {
  readonly rides: number
  readonly etaMeanS: number | null
  /** A waiting ride, at the terms of the policy in force. */
  readonly costMeanS: number
  readonly decideMeanMs: number
}

export function regionCard(region: RegionProps): Html {
  const { id, name, timeZone, policy, swapGainS, shadow, surge, hours, zones } = region
  const { driveLimitS, restS, emergencyNumber } = region
  return html`<section class="card stack" aria-label="Region ${name}"><h2>${name}</h2>
${facts([
  ['Matches', policyText(policy)],
  [
    'Before the pickup',
    swapGainS === null
      ? 'a ride stays with its car'
      : `a car that is ${Math.ceil(swapGainS / 60)} min sooner may take over`,
  ],
  [
    'Where it is busy',
    html`${surge === null ? 'usual prices' : `up to ${surge}`} · <a href="/admin/regions/${id}/surge">Change</a>`,
  ],
  [
    'Hours and safety',
    html`${driveLimitS === null ? 'no driving limit' : `${driveLimitS / 3600} h driving, then ${restS / 3600} h rest`} · call ${emergencyNumber} · <a href="/admin/regions/${id}/duty">Change<span class="screen-reader"> hours and safety</span></a>`,
  ],
  ['Clock', timeZone.replaceAll('_', ' ')],
])}
<h3>At some hours</h3>
${
  hours.length === 0
    ? html`<p class="second">The same all week.</p>`
    : html`<ul class="plain-rows">${hours.map((window) => html`<li><div><b>${daysText(window.weekdays)}, ${timeText(window.fromMinute)} to ${timeText(window.untilMinute)}</b>${window.isNow ? html` <span class="badge badge-ok">now</span>` : null}<p class="second">${overrideText(window.policy)}</p></div></li>`)}</ul><p class="second">Between them it matches as above.</p>`
}
${shadow === null ? null : shadowSection(shadow)}
<h3>Zones</h3>
${
  zones.length === 0
    ? html`<p class="second">None yet.</p>`
    : html`<ul class="plain-rows">${zones.map(({ name: zone, kind, queue }) => html`<li><div><b>${zone}</b> <span class="badge">${KIND_WORDS[kind]}</span>${queue === null ? html`<p class="second">No queue.</p>` : html`<p class="second">${queue.standing} of ${queue.placesMost} places taken · who declines ${queue.onDecline === 'end' ? 'goes to the end' : 'keeps the place'} · ${queue.outsideRides ? 'asked for other rides too' : 'kept for rides from here'}</p>`}</div></li>`)}</ul>`
}</section>`
}

const RENEW_S = 15

/** Renews itself while it is looked at; without script it is as of when the page was loaded. */
function shadowSection({ slug, policy, day }: ShadowProps): Html {
  const id = `shadow-${slug}`
  return html`<section id="${id}" class="stack" aria-label="In shadow" hx-get="" hx-select="#${id}" hx-trigger="every ${RENEW_S}s" hx-swap="outerHTML"><h3>In shadow</h3>
<p class="second">${shadowText(policy)}. It decides every tick as well and changes nothing.</p>
${day === null ? html`<p class="second">Nobody has waited for a car since it began; figures come with the first requests.</p>` : shadowTable(day)}</section>`
}

function shadowTable({ ticks, waiting, changed, live, shadow }: NonNullable<ShadowProps['day']>): Html {
  const rows: [string, (side: SideProps) => string][] = [
    ['Rides offered a car', ({ rides }) => count(rides)],
    ['Mean time to the pickup', ({ etaMeanS }) => (etaMeanS === null ? 'none' : `${Math.round(etaMeanS)} s`)],
    ['Cost of a waiting ride', ({ costMeanS }) => `${count(Math.round(costMeanS))} s`],
    ['Deciding takes', ({ decideMeanMs }) => `${decideMeanMs.toFixed(1)} ms`],
  ]
  return html`<table class="compare"><caption class="second">The last 24 hours: ${count(ticks)} ticks with ${count(waiting)} rides waiting, counted once a tick. For ${count(changed)} of them the two differ.</caption>
<thead><tr><td></td><th scope="col">In force</th><th scope="col">In shadow</th></tr></thead>
<tbody>${rows.map(([name, figure]) => html`<tr><th scope="row">${name}</th><td class="numbers">${figure(live)}</td><td class="numbers">${figure(shadow)}</td></tr>`)}</tbody></table>`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function shadowText({ soonFreeWithinS, idleWorthS, ...policy }: ShadowPolicy): string {
  const parts = [
    overrideText(policy),
    soonFreeWithinS === undefined
      ? ''
      : soonFreeWithinS === 0
        ? 'never waits for a car about to be free'
        : `waits for a car free within ${soonFreeWithinS} s`,
    idleWorthS === undefined ? '' : `idling is worth ${idleWorthS} s at most`,
  ]
  const text = parts.filter((part) => part !== '').join(' · ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const KIND_WORDS: Record<ZoneKind, string> = { rank: 'rank', airport: 'airport', area: 'area' }
const POLICY_WORDS: Record<Policy['kind'], string> = {
  nearest: 'each request at once, the nearest car',
  batch: 'requests together in batches',
  longest_wait: 'who has been idle longest',
}

function policyText({ kind, batchWindowMs, radiusM, candidates }: RegionProps['policy']): string {
  return overrideText({ kind, ...(kind === 'batch' && { batchWindowMs }), radiusM, candidates })
}

function overrideText({ kind, batchWindowMs, radiusM, candidates }: PolicyOverride): string {
  const parts = [
    kind === undefined ? null : POLICY_WORDS[kind],
    batchWindowMs === undefined ? null : `every ${batchWindowMs / 1000} s`,
    radiusM === undefined ? null : `looks ${radiusM / 1000} km far first`,
    candidates === undefined ? null : `compares ${candidates} cars a ride`,
  ]
  return parts.filter((part) => part !== null).join(' · ')
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

function daysText(weekdays: readonly number[]): string {
  if (weekdays.length === 7) return 'Every day'
  const names = weekdays.map((weekday) => DAYS[weekday - 1]!)
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function timeText(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return minute === DAY_MINUTES ? '24:00' : `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
