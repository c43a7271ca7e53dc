/** A company's regions as its admins see them: how each matches, at which hours otherwise, and its zones. */
import type { Policy } from '../../src/engine/policy.ts'
import { DAY_MINUTES, type PolicyOverride } from '../../src/engine/policy-hours.ts'
import type { ZoneKind } from '../../src/engine/zone.ts'
import { type Html, html } from '../html.ts'
import { facts } from './parts.ts'

export interface RegionProps {
  readonly name: string
  readonly timeZone: string
  /** The region's own policy, which counts where no window is open. */
  readonly policy: Pick<Policy, 'kind' | 'batchWindowMs' | 'radiusM' | 'candidates'>
  /** Seconds a nearer car must win to take a ride over before its pickup; null: never. */
  readonly swapGainS: number | null
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

export function regionCard(region: RegionProps): Html {
  const { name, timeZone, policy, swapGainS, hours, zones } = region
  return html`<section class="card stack" aria-label="Region ${name}"><h2>${name}</h2>
${facts([
  ['Matches', policyText(policy)],
  [
    'Before the pickup',
    swapGainS === null
      ? 'a ride stays with its car'
      : `a car that is ${Math.ceil(swapGainS / 60)} min sooner may take over`,
  ],
  ['Clock', timeZone.replaceAll('_', ' ')],
])}
<h3>At some hours</h3>
${
  hours.length === 0
    ? html`<p class="second">The same all week.</p>`
    : html`<ul class="plain-rows">${hours.map((window) => html`<li><div><b>${daysText(window.weekdays)}, ${timeText(window.fromMinute)} to ${timeText(window.untilMinute)}</b>${window.isNow ? html` <span class="badge badge-ok">now</span>` : null}<p class="second">${overrideText(window.policy)}</p></div></li>`)}</ul><p class="second">Between them it matches as above.</p>`
}
<h3>Zones</h3>
${
  zones.length === 0
    ? html`<p class="second">None yet.</p>`
    : html`<ul class="plain-rows">${zones.map(({ name: zone, kind, queue }) => html`<li><div><b>${zone}</b> <span class="badge">${KIND_WORDS[kind]}</span>${queue === null ? html`<p class="second">No queue.</p>` : html`<p class="second">${queue.standing} of ${queue.placesMost} places taken · who declines ${queue.onDecline === 'end' ? 'goes to the end' : 'keeps the place'} · ${queue.outsideRides ? 'asked for other rides too' : 'kept for rides from here'}</p>`}</div></li>`)}</ul>`
}</section>`
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
