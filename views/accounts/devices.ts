/** Where a person is signed in, and how to end it. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { clock, day } from '../parts/figures.ts'
import type { ToastProps } from '../parts/toast.ts'
import { settingsPage } from './settings.ts'

export interface DeviceProps {
  readonly sessionId: string
  readonly kind: 'cookie' | 'token'
  /** Such as `Firefox on Windows`. */
  readonly words: string
  readonly isPhone: boolean
  /** The network, coarsely; null when unknown. */
  readonly place: string | null
  readonly startedAtMs: number
  readonly usedAtMs: number
  readonly isThis: boolean
  /** Name of the admin who looks through this person's eyes. */
  readonly impersonatedBy: string | null
}

export interface DevicesProps {
  readonly devices: readonly DeviceProps[]
  readonly nowMs: number
  /** A fresh one-time key. */
  readonly key: string
  /** What was just done. */
  readonly ended?: 'one' | 'others' | undefined
}

const SAID: Readonly<Record<NonNullable<DevicesProps['ended']>, ToastProps>> = {
  one: { id: 'ended', text: 'Signed out there.' },
  others: { id: 'ended', text: 'Signed out everywhere else.' },
}

/** Used within this, a session counts as in use: the instant is kept to ten minutes. */
const IN_USE_MS = 15 * 60_000

export function devicesPage(ctx: PageContext, props: DevicesProps): Html {
  const others = props.devices.filter(({ isThis }) => !isThis)
  const content = html`<section class="card" aria-labelledby="devices-heading">
<div><h2 id="devices-heading">Where you are signed in</h2>
<p class="second">Something you do not know? Sign it out, then change your password.</p></div>
<ul class="device-list">${props.devices.map((device) => deviceRow(ctx, props, device))}</ul>
</section>
<section class="card" aria-labelledby="others-heading">
<div><h2 id="others-heading">Everywhere else</h2>
<p class="second">${
    others.length === 0
      ? 'You are signed in here only.'
      : html`Ends ${others.length === 1 ? 'the other session' : html`all ${others.length} other sessions`} at once. You stay signed in here.`
  }</p></div>
${
  others.length === 0
    ? null
    : html`<form method="post" action="/account/devices/end-others">${formKeys({ csrf: ctx.csrf, key: props.key })}<button class="button button-danger" data-busy="Signing out…">Sign out everywhere else</button></form>`
}
</section>`
  const toasts = props.ended === undefined ? [] : [SAID[props.ended]]
  return settingsPage(ctx, { tab: 'devices', title: 'Devices', content, toasts })
}

function deviceRow(ctx: PageContext, { nowMs, key }: DevicesProps, device: DeviceProps): Html {
  const name = device.kind === 'token' ? 'square-terminal' : device.isPhone ? 'smartphone' : 'monitor'
  return html`<li class="device">${icon(name)}<div class="device-words"><p class="device-name"><b>${device.words}</b>${
    device.isThis ? html`<span class="badge badge-ok">This device</span>` : null
  }${device.kind === 'token' ? html`<span class="badge">API client</span>` : null}</p>
${device.impersonatedBy === null ? null : html`<p class="device-note">${icon('eye')}<span>${device.impersonatedBy} sees your account through this one</span></p>`}
<p class="second">${
    device.isThis || nowMs - device.usedAtMs < IN_USE_MS
      ? 'In use now'
      : html`Last used ${day(ctx, device.usedAtMs)}, ${clock(ctx, device.usedAtMs)}`
  }</p>
<p class="second">Signed in ${day(ctx, device.startedAtMs)}, ${clock(ctx, device.startedAtMs)}${device.place === null ? null : html` from ${device.place}`}</p></div>
${
  device.isThis
    ? html`<form method="post" action="/sign-out">${formKeys({ csrf: ctx.csrf })}<button class="button button-plain button-compact">Sign out</button></form>`
    : html`<form method="post" action="/account/devices/${device.sessionId}/end">${formKeys({ csrf: ctx.csrf, key: `${key}-${device.sessionId}` })}<button class="button button-plain button-compact" aria-label="Sign out ${device.words}" data-busy="Signing out…">Sign out</button></form>`
}</li>`
}
