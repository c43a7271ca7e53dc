/** Campuses: the list, and one of them with its domains. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field, formKeys } from '../parts/field.ts'
import type { ToastProps } from '../parts/toast.ts'
import { officePage } from './frame.ts'

export interface CampusProps {
  readonly id: string
  readonly name: string
  readonly city: string
  readonly timeZone: string
  readonly domains: readonly string[]
  readonly people: number
}

type Errors = Readonly<Record<string, string | undefined>>

/** What was typed into the form about a campus. */
export interface CampusFields {
  readonly name: string
  readonly city: string
  readonly time_zone: string
  readonly domain: string
}

const DONE: Readonly<Record<string, string>> = {
  added: 'The campus is added. Whoever has a confirmed address there belongs to it.',
  changed: 'The campus is changed.',
  removed: 'The campus is removed. Nobody belongs to it any more.',
  domain_added: 'The domain is added. Whoever has a confirmed address there belongs to the campus.',
  domain_removed: 'The domain is removed. Whoever belonged to the campus by it does not any more.',
}

export function doneToast(done: string | undefined): ToastProps[] {
  const text = done !== undefined && Object.hasOwn(DONE, done) ? DONE[done] : undefined
  return text === undefined ? [] : [{ id: 'done', text }]
}

export interface CampusesProps {
  readonly campuses: readonly CampusProps[]
  readonly typed: CampusFields
  readonly errors: Errors
  readonly key: string
  readonly done: string | undefined
}

export function campusesPage(ctx: PageContext, props: CampusesProps): Html {
  const { campuses, typed, errors } = props
  const content = html`<section class="card" aria-label="Campuses"><p class="second">Who has a confirmed e-mail address of exactly one of these domains belongs to the campus. Parts of a domain and names that look alike do not count.</p>${
    campuses.length === 0
      ? emptyState({
          title: 'No campus yet.',
          text: 'Add one below, with the domain its people’s addresses end in.',
        })
      : html`<ul class="plain-rows">${campuses.map(row)}</ul>`
  }</section>
<section class="card" aria-labelledby="add-title"><h2 id="add-title">Add a campus</h2>
<form method="post" action="/admin/campuses" class="stack">
${formKeys({ csrf: ctx.csrf, key: props.key })}
${detailFields(typed, errors)}
${domainField(typed.domain, errors.domain)}
<div><button class="button button-next" data-busy="Adding…">Add the campus</button></div>
</form></section>`
  return officePage(ctx, { part: 'campuses', title: 'Campuses', content, toasts: doneToast(props.done) })
}

function row(campus: CampusProps): Html {
  return html`<li><div><a href="/admin/campuses/${campus.id}"><b>${campus.name}</b></a><p class="second">${campus.city} · ${campus.domains.length === 0 ? 'no domain yet' : campus.domains.map((domain, n) => html`${n === 0 ? null : ', '}<bdi dir="ltr">${domain}</bdi>`)}</p></div><span class="numbers second">${countWords(campus.people)}</span></li>`
}

function countWords(people: number): string {
  return people === 1 ? '1 person' : `${people} people`
}

function detailFields(typed: Omit<CampusFields, 'domain'>, errors: Errors): Html {
  const wrong = (name: string) => (errors[name] === undefined ? {} : { error: errors[name] })
  return html`${field({ name: 'name', label: 'Name', value: typed.name, required: true, maxLength: 120, ...wrong('name') })}
${field({ name: 'city', label: 'City', value: typed.city, required: true, maxLength: 120, ...wrong('city') })}
${field({ name: 'time_zone', label: 'Time zone', value: typed.time_zone, required: true, maxLength: 60, hint: 'As in America/New_York.', ...wrong('time_zone') })}`
}

function domainField(value: string, error: string | undefined): Html {
  const hint = 'What stands behind the @, as in campus.edu. Each subdomain is added by itself.'
  const more = error === undefined ? { hint } : { error }
  return field({ name: 'domain', label: 'Domain', value, required: true, maxLength: 253, ...more })
}

export interface CampusPageProps {
  readonly campus: CampusProps
  readonly typed: CampusFields
  readonly errors: Errors
  /** A one-time key for each form. */
  readonly key: () => string
  readonly done: string | undefined
}

export function campusPage(ctx: PageContext, props: CampusPageProps): Html {
  const { campus, typed, errors, key } = props
  const at = `/admin/campuses/${campus.id}`
  const keys = () => formKeys({ csrf: ctx.csrf, key: key() })
  const content = html`<p><a href="/admin/campuses">All campuses</a></p>
<section class="card" aria-labelledby="domains-title"><h2 id="domains-title">Domains</h2>
<p class="second">${countWords(campus.people)} with a confirmed address of one of them.</p>${
    campus.domains.length === 0
      ? emptyState({ title: 'No domain yet.', text: 'Nobody belongs to this campus until it has one.' })
      : html`<ul class="plain-rows">${campus.domains.map(
          (domain) =>
            html`<li><div><bdi dir="ltr">${domain}</bdi></div><form method="post" action="${at}/domains/removal">${keys()}<input type="hidden" name="domain" value="${domain}"><button class="button button-plain button-compact" aria-label="Remove ${domain}">Remove</button></form></li>`,
        )}</ul>`
  }
<form method="post" action="${at}/domains" class="stack">${keys()}${domainField(typed.domain, errors.domain)}<div><button class="button button-plain" data-busy="Adding…">Add the domain</button></div></form></section>
<section class="card" aria-labelledby="details-title"><h2 id="details-title">Name and place</h2>
<form method="post" action="${at}" class="stack">${keys()}${detailFields(typed, errors)}<div><button class="button button-next" data-busy="Saving…">Save</button></div></form></section>
<section class="card" aria-labelledby="removal-title"><h2 id="removal-title">Remove this campus</h2>
<p class="second">${campus.people === 0 ? 'Nobody belongs to it.' : `${countWords(campus.people)} would not belong to a campus any more.`} Their accounts stay as they are.</p>
<details><summary class="button button-plain">Remove ${campus.name}…</summary>
<form method="post" action="${at}/removal" class="stack removal">${keys()}<p class="notice">${icon('triangle-alert')}<span>${campus.name} and its domains are removed at once.</span></p><div><button class="button button-danger" data-busy="Removing…">Remove ${campus.name}</button></div></form></details></section>`
  return officePage(ctx, { part: 'campuses', title: campus.name, content, toasts: doneToast(props.done) })
}
