/** Pages around contacts and leaving: what a letter's link does, and deleting the account. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { cardPage } from './card.ts'
import { settingsPage } from './settings.ts'

export interface LinkStepProps {
  /** Where the button leads: the link itself. */
  readonly action: string
  readonly title: string
  readonly text: Html | string
  readonly button: string
  readonly busy: string
}

/** What a letter's link would do, and the button that does it: whoever only looks at a link changes nothing. */
export function linkStepPage(ctx: PageContext, props: LinkStepProps): Html {
  return cardPage(ctx, {
    title: props.title,
    second: props.text,
    content: html`<form method="post" action="${props.action}">${formKeys({ csrf: ctx.csrf })}<button class="button button-next button-wide" data-busy="${props.busy}">${props.button}</button></form>`,
  })
}

/** What a letter's link did. */
export function linkDonePage(
  ctx: PageContext,
  props: {
    readonly title: string
    readonly text: Html | string
    readonly href: string
    readonly action: string
  },
): Html {
  return cardPage(ctx, {
    title: props.title,
    second: props.text,
    content: html`<a class="button button-next button-wide" href="${props.href}">${props.action}</a>`,
  })
}

export interface DeletionProps {
  readonly email: string
  readonly days: number
  /** Why it cannot be done now. */
  readonly error?: string
  readonly key: string
}

/** Deleting one's account: what goes, what stays, and until when it can be taken back. */
export function deletionPage(ctx: PageContext, props: DeletionProps): Html {
  const { days } = props
  const content = html`<section class="card" aria-labelledby="goes-title">
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}<span>${props.error}</span></p>`}
<h2 id="goes-title">At once</h2>
<ul class="plain-list"><li>Every device is signed out, and nobody can sign in.</li><li>Your name is gone from rides, lists, search and the exports of others. Shifts end, and drivers are off the fleet.</li></ul>
<h2>After ${days} days</h2>
<ul class="plain-list"><li>Name, address, telephone, pictures, licences, letters, devices, passkeys and everything else that is yours is removed for good.</li><li>Of your rides the addresses, the ways and your notes are removed.</li></ul>
<h2>What stays, and why</h2>
<ul class="plain-list"><li>Price, time and payment of each ride, under a number instead of your name: companies must keep their books, and they must balance. What you owe stays owed.</li><li>That something was done, in the audit trail, without who you were.</li></ul>
<h2>If you change your mind</h2>
<p>We write to <bdi dir="ltr">${props.email}</bdi> with a link that brings the account back within ${days} days. Until then that address cannot be used for a new account.</p>
<form method="post" action="/account/deletion" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key })}<div class="button-row"><a class="button button-plain" href="/account/privacy">Keep my account</a><button class="button button-danger" data-busy="Deleting…">Delete my account</button></div></form></section>`
  return settingsPage(ctx, { tab: 'privacy', title: 'Delete your account', content })
}

/** Good-bye, without a session. */
export function deletedPage(ctx: PageContext, { days }: { readonly days: number }): Html {
  return cardPage(ctx, {
    title: 'Your account is deleted',
    second: `You are signed out everywhere. A letter with the way back is in your mail; after ${days} days there is none.`,
    content: html`<a class="button button-plain button-wide" href="/">To the first page</a>`,
  })
}
