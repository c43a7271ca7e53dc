/** Which letters come by e-mail, and which always do. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { switchRow } from '../parts/switch.ts'
import { savedToast } from './saved.ts'
import { settingsPage } from './settings.ts'

export interface NotificationsProps {
  readonly email: string
  /** The letters of drivers concern nobody else. */
  readonly drives: boolean
  readonly switches: { readonly licence_decisions: boolean; readonly licence_reminders: boolean }
  readonly saved?: string | undefined
  readonly key: () => string
}

const ALWAYS: readonly { readonly what: string; readonly when: string }[] = [
  { what: 'Sign-in', when: 'a new device, too many wrong tries, a new password or second step' },
  { what: 'Contacts', when: 'another e-mail address or telephone number' },
  { what: 'Rights', when: 'your roles change, or your account is closed' },
  { what: 'Your data', when: 'it is downloaded, or the account is deleted or brought back' },
]

/** The page `/account/notifications`. */
export function notificationsPage(ctx: PageContext, props: NotificationsProps): Html {
  return settingsPage(ctx, {
    tab: 'notifications',
    title: 'Notifications',
    toasts: savedToast(props.saved),
    content: html`${props.drives ? driverCard(ctx, props) : riderCard()}${alwaysCard(props)}`,
  })
}

function driverCard(ctx: PageContext, props: NotificationsProps): Html {
  return html`<section class="card" aria-labelledby="driver-title"><h2 id="driver-title">Letters about your licence</h2>
<form method="post" action="/account/notifications" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
${switchRow({
  name: 'licence_decisions',
  label: 'Decisions',
  hint: 'When your licence was approved, or needs another look. Off: you see it on your licence page only.',
  on: props.switches.licence_decisions,
})}
${switchRow({
  name: 'licence_reminders',
  label: 'Reminders',
  hint: '7, 3 and 1 days before your licence ends. Off: you keep the day in mind yourself.',
  on: props.switches.licence_reminders,
})}
<p class="second">On the day it ends we write in any case: from then on no rides can come to you.</p>
<div><button class="button button-plain" data-busy="Saving…">Save letters</button></div></form></section>`
}

function riderCard(): Html {
  return html`<section class="card" aria-labelledby="rider-title"><h2 id="rider-title">Rides</h2><p>Your ride's page tells you everything while it happens, and the receipt waits under <a href="/rides">Your rides</a>. We write about rides you booked ahead, and about those alone: when one is booked, an hour before it, and if it cannot come. No advertising, so there is nothing to switch off.</p></section>`
}

function alwaysCard(props: NotificationsProps): Html {
  return html`<section class="card" aria-labelledby="always-title"><h2 id="always-title">Always sent</h2>
<p class="notice notice-info">${icon('shield-check')}<span>These letters protect your account, so they cannot be switched off. They go to <bdi dir="ltr">${props.email}</bdi>.</span></p>
<dl class="facts-list">${ALWAYS.map(({ what, when }) => html`<div><dt>${what}</dt><dd>${when}</dd></div>`)}</dl></section>`
}
