/** Who is about to join a company: staff that was invited, and people who asked to drive. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field, formKeys } from '../parts/field.ts'
import { dayText } from '../parts/format.ts'
import type { ToastProps } from '../parts/toast.ts'
import { officePage } from './frame.ts'
import { type Choice, select } from './parts.ts'

export interface InvitationRow {
  readonly id: string
  readonly email: string
  readonly role: string
  readonly company: string
  readonly invitedBy: string | null
  readonly expiresAtMs: number
  readonly expired: boolean
}

export interface ApplicationRow {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly company: string
  readonly askedAtMs: number
}

/** A form that was refused: whose it is (`invite`, or an application's id), what was typed, and its mistakes. */
export interface RefusedJoining {
  readonly form: string
  readonly typed: Readonly<Record<string, string>>
  readonly errors: Readonly<Record<string, string>>
}

export interface JoiningProps {
  readonly invitations: readonly InvitationRow[]
  readonly applications: readonly ApplicationRow[]
  /** The companies one may invite for; no choice is shown for one. */
  readonly companies: readonly Choice[]
  readonly refused: RefusedJoining | null
  /** A one-time key for each form. */
  readonly key: () => string
  readonly toasts: readonly ToastProps[]
}

const ROLES: readonly Choice[] = [
  { value: 'dispatcher', label: 'Dispatcher: works at the live board' },
  { value: 'operator', label: 'Operator: sees what the company drives and earns' },
  { value: 'admin', label: 'Admin: runs the company here' },
]

export function joiningPage(ctx: PageContext, props: JoiningProps): Html {
  const content = html`<p><a href="/admin/people">Everybody who is here already</a></p>${applications(ctx, props)}${invitations(ctx, props)}${inviteForm(ctx, props)}`
  return officePage(ctx, { part: 'people', title: 'Joining', content, toasts: props.toasts })
}

const keys = (ctx: PageContext, props: JoiningProps) => formKeys({ csrf: ctx.csrf, key: props.key() })

/** The company's name where there are several. */
const at = (props: JoiningProps, company: string) => (props.companies.length > 1 ? ` · ${company}` : '')

function applications(ctx: PageContext, props: JoiningProps): Html {
  return html`<section class="card" aria-labelledby="applications-title"><h2 id="applications-title">Asked to drive</h2>${
    props.applications.length === 0
      ? emptyState({
          title: 'Nobody asks.',
          text: 'Who registers as a driver on your pages, or presses “Drive with us”, appears here.',
        })
      : html`<p class="second">Approved, they are drivers with a call sign. They can go online once their licence is approved too, and a car is theirs to take.</p><ul class="plain-rows">${props.applications.map((row) => application(ctx, props, row))}</ul>`
  }</section>`
}

function application(ctx: PageContext, props: JoiningProps, row: ApplicationRow): Html {
  const refused = props.refused?.form === row.id ? props.refused : null
  const own = (name: 'call_sign' | 'reason') => ({
    id: `${name}-${row.id}`,
    value: refused?.typed[name] ?? '',
    ...(refused?.errors[name] === undefined ? {} : { error: refused.errors[name] }),
  })
  const open = (name: string) => (refused?.errors[name] === undefined ? null : html` open`)
  return html`<li><div><b>${row.name}</b><p class="second"><bdi dir="ltr">${row.email}</bdi>${at(props, row.company)} · asked ${dayText(ctx, row.askedAtMs)}</p>
<details class="decision-form"${open('call_sign')}><summary class="button button-plain button-compact">Approve…</summary><form method="post" action="/admin/applications/${row.id}/approval" class="stack">${keys(ctx, props)}${field({ name: 'call_sign', label: 'Call sign', required: true, maxLength: 12, hint: 'What the desk calls them, such as 204.', ...own('call_sign') })}<div><button class="button button-next button-compact" data-busy="Approving…">Approve ${row.name}</button></div></form></details>
<details class="decision-form"${open('reason')}><summary class="button button-plain button-compact">Turn down…</summary><form method="post" action="/admin/applications/${row.id}/rejection" class="stack">${keys(ctx, props)}${field({ name: 'reason', label: 'Why', required: true, maxLength: 300, hint: 'They read it in a letter.', ...own('reason') })}<div><button class="button button-danger button-compact" data-busy="Sending…">Turn ${row.name} down</button></div></form></details></div></li>`
}

function invitations(ctx: PageContext, props: JoiningProps): Html {
  return html`<section class="card" aria-labelledby="invitations-title"><h2 id="invitations-title">Invited</h2>${
    props.invitations.length === 0
      ? emptyState({
          title: 'No invitation is open.',
          text: 'Invite dispatchers, operators and admins below.',
        })
      : html`<ul class="plain-rows">${props.invitations.map(
          (row) =>
            html`<li><div><b class="break">${row.email}</b><p class="second">As ${row.role}${at(props, row.company)}${row.invitedBy === null ? null : ` · by ${row.invitedBy}`} · ${
              row.expired
                ? html`${icon('triangle-alert')} the link has run out`
                : `until ${dayText(ctx, row.expiresAtMs)}`
            }</p></div><span class="row-actions"><form method="post" action="/admin/invitations/${row.id}/letter">${keys(ctx, props)}<button class="button button-plain button-compact" aria-label="Send again to ${row.email}">Send again</button></form><form method="post" action="/admin/invitations/${row.id}/withdrawal">${keys(ctx, props)}<button class="button button-plain button-compact" aria-label="Withdraw the invitation of ${row.email}">Withdraw</button></form></span></li>`,
        )}</ul>`
  }</section>`
}

function inviteForm(ctx: PageContext, props: JoiningProps): Html {
  const { typed, errors } = props.refused?.form === 'invite' ? props.refused : { typed: {}, errors: {} }
  const given = typed as Readonly<Record<string, string>>
  const wrong = errors as Readonly<Record<string, string>>
  return html`<section class="card" aria-labelledby="invite-title"><h2 id="invite-title">Invite somebody</h2>
<p class="second">They get a letter with a link that works once, for seven days. These roles ask for a second step at sign-in.</p>
<form method="post" action="/admin/invitations" class="stack">${keys(ctx, props)}
${field({ name: 'email', label: 'E-mail', type: 'email', value: given.email ?? '', required: true, maxLength: 254, autocomplete: 'off', ...(wrong.email === undefined ? {} : { error: wrong.email }) })}
${select({ name: 'role', label: 'Role', chosen: given.role, options: ROLES, error: wrong.role })}
${props.companies.length < 2 ? html`<input type="hidden" name="company" value="${props.companies[0]?.value ?? ''}">` : select({ name: 'company', label: 'Company', chosen: given.company, options: props.companies, error: wrong.company })}
<div><button class="button button-next" data-busy="Inviting…">Send the invitation</button></div>
</form></section>`
}
