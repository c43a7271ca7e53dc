/** One person: who they are, what they may do, where they are signed in, bans, and what happened of late. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field, formKeys } from '../parts/field.ts'
import { clock, day } from '../parts/figures.ts'
import { initials } from '../parts/format.ts'
import type { ToastProps } from '../parts/toast.ts'
import { type AuditEntryProps, auditList } from './audit-entry.ts'
import { officePage } from './frame.ts'
import { type Choice, facts } from './parts.ts'
import { bansCard } from './person-bans.ts'
import { rolesCard } from './person-roles.ts'

export interface SessionProps {
  readonly sessionId: string
  readonly words: string
  readonly place: string | null
  readonly startedAtMs: number
  readonly usedAtMs: number
  readonly impersonatedBy: string | null
}

export interface BanProps {
  /** Empty for the platform's, which counts everywhere. */
  readonly companyId: string
  readonly company: string
  readonly reason: string
  readonly untilMs: number | null
  readonly atMs: number
  readonly by: string | null
  readonly mayLift: boolean
}

/** A form that was refused: what was typed, and what is wrong with it. */
export interface RefusedForm {
  readonly form: 'roles' | 'ban' | 'eyes'
  readonly typed: Readonly<Record<string, string>>
  readonly errors: ReadonlyMap<string, string>
}

export interface PersonProps {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly emailVerified: boolean
  readonly phone: string | null
  readonly platform: boolean
  readonly deleted: boolean
  readonly createdAtMs: number
  readonly lockedUntilMs: number | null
  readonly isOneself: boolean
  readonly roles: readonly { readonly companyId: string; readonly company: string; readonly role: string }[]
  readonly callSigns: readonly {
    readonly company: string
    readonly callSign: string
    /** Their licence and whether they may drive; null where there is no such page. */
    readonly href: string | null
  }[]
  readonly companies: readonly Choice[]
  readonly grantable: readonly Choice[]
  /** Null: not the viewer's to see. */
  readonly sessions: readonly SessionProps[] | null
  readonly bans: readonly BanProps[]
  /** Where the viewer may ban; empty: nowhere. */
  readonly banScopes: readonly Choice[]
  /** Whether a letter with a way to a new password may be sent. */
  readonly mayHelp: boolean
  readonly mayBorrow: boolean
  readonly events: readonly AuditEntryProps[]
  readonly refused: RefusedForm | null
  /** The first of the day that can be chosen as the end of a ban. */
  readonly today: string
  readonly key: () => string
  readonly toasts: readonly ToastProps[]
}

export function personPage(ctx: PageContext, props: PersonProps): Html {
  const content = html`<p><a class="back-link" href="/admin/people">${icon('arrow-left')}All people</a></p>
${whoCard(ctx, props)}
${props.deleted ? null : rolesCard(ctx, props)}
${props.deleted ? null : helpCard(ctx, props)}
${props.sessions === null || props.deleted ? null : sessionsCard(ctx, props, props.sessions)}
${props.deleted ? null : bansCard(ctx, props)}
${eventsCard(ctx, props)}`
  return officePage(ctx, { part: 'people', title: props.name, content, toasts: props.toasts })
}

function whoCard(ctx: PageContext, props: PersonProps): Html {
  const email = html`<bdi dir="ltr">${props.email}</bdi>${props.emailVerified ? null : html` <span class="badge badge-warn">not confirmed</span>`}`
  return html`<section class="card person-head" aria-label="Who">
<span class="avatar" aria-hidden="true">${initials(props.name)}</span>
<div class="stack-tight"><p class="person-badges">${props.platform ? html`<span class="badge badge-warn">${icon('key-round')}platform</span>` : null}${props.deleted ? html`<span class="badge">${icon('trash-2')}deleted</span>` : null}${props.bans.length === 0 ? null : html`<span class="badge badge-danger">${icon('ban')}banned</span>`}${props.lockedUntilMs === null ? null : html`<span class="badge badge-warn">${icon('lock')}locked out</span>`}${props.isOneself ? html`<span class="badge">you</span>` : null}</p>
${facts([
  ['E-mail', email],
  props.phone === null ? null : ['Phone', html`<bdi dir="ltr">${props.phone}</bdi>`],
  ['Here since', day(ctx, props.createdAtMs)],
  ...props.callSigns.map(
    ({ company, callSign, href }) =>
      [
        props.companies.length > 1 ? `Call sign, ${company}` : 'Call sign',
        html`${callSign}${href === null ? null : html` · <a href="${href}">licence and driving</a>`}`,
      ] as const,
  ),
])}</div></section>`
}

function helpCard(ctx: PageContext, props: PersonProps): Html | null {
  if (!props.mayHelp && !props.mayBorrow) return null
  const wrong = props.refused?.form === 'eyes' ? props.refused : null
  const locked =
    props.lockedUntilMs === null
      ? null
      : html`<form method="post" action="/admin/people/${props.id}/unlock" class="row-actions">${formKeys({ csrf: ctx.csrf, key: props.key() })}<p class="second">Locked out by wrong tries until ${clock(ctx, props.lockedUntilMs)}.</p><button class="button button-plain button-compact">Let in again</button></form>`
  const letter = props.mayHelp
    ? html`<form method="post" action="/admin/people/${props.id}/reset-letter" class="row-actions">${formKeys({ csrf: ctx.csrf, key: props.key() })}<button class="button button-plain button-compact" data-busy="Sending…">${icon('mail')}Send a letter to set a new password</button></form>`
    : null
  const eyes = props.mayBorrow
    ? html`<form method="post" action="/admin/people/${props.id}/impersonation" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
<h3>Look through their eyes</h3><p class="second">For half an hour at most. They see that you did, and sensitive changes stay theirs.</p>
${field({ name: 'eyes_reason', label: 'Why', required: true, maxLength: 500, value: wrong?.typed.eyes_reason ?? '', ...errorOf(wrong, 'eyes_reason') })}
<div class="row-actions"><button class="button button-plain button-compact">${icon('eye')}Look as ${props.name}</button></div></form>`
    : null
  const leave =
    props.mayHelp && !props.isOneself
      ? html`<p class="row-actions"><a class="button button-danger button-compact" href="/admin/deletion/person/${props.id}">${icon('trash-2')}Delete this account…</a></p>`
      : null
  return html`<section class="card stack" aria-labelledby="help-heading"><h2 id="help-heading">Help</h2>${locked}${letter}${eyes}${leave}</section>`
}

/** The error of a field as `field` takes it. */
export function errorOf(refused: RefusedForm | null, name: string): { error?: string } {
  const error = refused?.errors.get(name)
  return error === undefined ? {} : { error }
}

function sessionsCard(ctx: PageContext, props: PersonProps, sessions: readonly SessionProps[]): Html {
  const action = `/admin/people/${props.id}/sessions/end`
  return html`<section class="card stack" aria-labelledby="sessions-heading"><h2 id="sessions-heading">Signed in</h2>${
    sessions.length === 0
      ? html`<p class="second">Nowhere at the moment.</p>`
      : html`<ul class="plain-rows">${sessions.map(
          (session) =>
            html`<li><div><b>${session.words}</b>${session.impersonatedBy === null ? null : html` <span class="badge badge-warn">${icon('eye')}${session.impersonatedBy}</span>`}<p class="second">${session.place === null ? null : html`From ${session.place}, `}last used ${day(ctx, session.usedAtMs)}, ${clock(ctx, session.usedAtMs)}</p></div><form method="post" action="${action}">${formKeys({ csrf: ctx.csrf, key: props.key() })}<input type="hidden" name="session" value="${session.sessionId}"><button class="button button-plain button-compact" aria-label="End ${session.words}">End</button></form></li>`,
        )}</ul>${sessions.length < 2 ? null : html`<form method="post" action="${action}">${formKeys({ csrf: ctx.csrf, key: props.key() })}<button class="button button-danger button-compact">End all ${sessions.length}</button></form>`}`
  }</section>`
}

function eventsCard(ctx: PageContext, props: PersonProps): Html {
  return html`<section class="card stack" aria-labelledby="events-heading"><h2 id="events-heading">Of late</h2>${
    props.events.length === 0
      ? emptyState({ title: 'Nothing.', text: 'What they do and what is done to them appears here.' })
      : html`${auditList(ctx, props.events)}<p><a href="/admin/audit?subject=${props.id}">Everything done to them</a> · <a href="/admin/audit?who=${props.id}">everything they did</a></p>`
  }</section>`
}
