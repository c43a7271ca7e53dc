/** Who sees what of a person, and the two doors out: taking the data along, and leaving. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { switchRow } from '../parts/switch.ts'
import { savedToast } from './saved.ts'
import { settingsPage } from './settings.ts'

export interface PrivacyProps {
  readonly name: string
  readonly switches: {
    readonly full_name_to_drivers: boolean
    readonly photo_to_drivers: boolean
    readonly rides_kept_a_year: boolean
  }
  readonly saved?: string | undefined
  readonly key: () => string
}

/** The page `/account/privacy`. */
export function privacyPage(ctx: PageContext, props: PrivacyProps): Html {
  return settingsPage(ctx, {
    tab: 'privacy',
    title: 'Privacy and data',
    toasts: savedToast(props.saved),
    content: html`${switchesCard(ctx, props)}${exportCard()}${deletionCard()}`,
  })
}

function switchesCard(ctx: PageContext, props: PrivacyProps): Html {
  const first = props.name.split(' ')[0] ?? props.name
  return html`<section class="card" aria-labelledby="seen-title"><h2 id="seen-title">What others see</h2>
<form method="post" action="/account/privacy" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
${switchRow({
  name: 'full_name_to_drivers',
  label: 'My whole name to drivers',
  hint: `On: the driver of your ride reads “${props.name}”. Off: “${first}”.`,
  on: props.switches.full_name_to_drivers,
})}
${switchRow({
  name: 'photo_to_drivers',
  label: 'My picture to drivers',
  hint: 'On: the driver of your ride sees the picture of your profile, if you gave one. Off: your initials.',
  on: props.switches.photo_to_drivers,
})}
${switchRow({
  name: 'rides_kept_a_year',
  label: 'Forget where I rode after a year',
  hint: 'On: a year after a ride its addresses, its way on the map and your note are removed; price and receipt stay. Off: they stay as long as your account.',
  on: props.switches.rides_kept_a_year,
})}
<div><button class="button button-plain" data-busy="Saving…">Save privacy</button></div></form></section>`
}

function exportCard(): Html {
  return html`<section class="card" aria-labelledby="export-title"><h2 id="export-title">Take your data along</h2>
<p>Everything we keep about you in one file: your profile, rides, prices, payments, letters, devices and pictures. Nothing about anybody else is in it. We write to your e-mail when it is downloaded, and ask who you are first if you have not said so lately.</p>
<div class="button-row"><a class="button button-plain" href="/account/export?as=html">${icon('download')}As a page to read</a><a class="button button-plain" href="/account/export?as=json">${icon('download')}As JSON for programs</a></div></section>`
}

function deletionCard(): Html {
  return html`<section class="card" aria-labelledby="deletion-title"><h2 id="deletion-title">Delete your account</h2>
<p>Access ends at once; for 30 days a letter’s link brings the account back. The next page says what goes and what stays.</p>
<div class="button-row"><a class="button button-danger" href="/account/deletion">${icon('trash-2')}Delete my account…</a></div></section>`
}
