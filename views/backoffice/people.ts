/** People: to be searched, by role and state, page by page. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field } from '../parts/field.ts'
import { initials } from '../parts/format.ts'
import type { ToastProps } from '../parts/toast.ts'
import { officePage } from './frame.ts'
import { addressWith, type Choice, select } from './parts.ts'

export interface PersonRowProps {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly platform: boolean
  readonly banned: boolean
  readonly deleted: boolean
  readonly roles: readonly { readonly company: string; readonly role: string }[]
}

export interface PeopleProps {
  readonly filter: Readonly<Record<'q' | 'role' | 'state' | 'company', string | undefined>>
  readonly people: readonly PersonRowProps[]
  readonly roles: readonly Choice[]
  readonly states: readonly Choice[]
  /** Empty where there is only one. */
  readonly companies: readonly Choice[]
  /** The id after which the next page begins; null on the last. */
  readonly next: string | null
  readonly isFirstPage: boolean
  readonly toasts: readonly ToastProps[]
}

export function peoplePage(ctx: PageContext, props: PeopleProps): Html {
  const { filter, people } = props
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  const content = html`<p><a href="/admin/joining">Invite somebody, or look at who asked to drive</a></p>
<section class="card stack" aria-label="Search">
<form method="get" action="/admin/people" class="filters" role="search">
${field({ name: 'q', label: 'Name or e-mail', value: filter.q ?? '', maxLength: 120 })}
${select({ name: 'role', label: 'Role', chosen: filter.role, options: props.roles, any: 'Any' })}
${select({ name: 'state', label: 'State', chosen: filter.state, options: props.states, any: 'Anybody but deleted' })}
${props.companies.length < 2 ? null : select({ name: 'company', label: 'Company', chosen: filter.company, options: props.companies, any: 'All' })}
<div class="filters-end"><button class="button button-next button-compact">${icon('search')}Search</button>${isFiltered ? html`<a class="button button-quiet button-compact" href="/admin/people">Show all</a>` : null}</div>
</form></section>
<section class="card" aria-label="People">${
    people.length === 0
      ? emptyState(
          isFiltered
            ? { title: 'Nobody matches.', text: 'Try a part of the name, or take a filter away.' }
            : { title: 'Nobody yet.', text: 'Who works for you or has ridden with you appears here.' },
        )
      : html`<ul class="people-list">${people.map((person) => personRow(person, props.companies.length !== 1))}</ul>`
  }${pages(props)}</section>`
  return officePage(ctx, { part: 'people', title: 'People', content, toasts: props.toasts })
}

function personRow(person: PersonRowProps, nameCompanies: boolean): Html {
  return html`<li><a class="person-row" href="/admin/people/${person.id}"><span class="avatar" aria-hidden="true">${initials(person.name)}</span><span class="person-words"><b>${person.name}</b><span class="second"><bdi dir="ltr">${person.email}</bdi></span></span><span class="person-badges">${badges(person, nameCompanies)}</span></a></li>`
}

function badges({ platform, banned, deleted, roles }: PersonRowProps, nameCompanies: boolean): Html[] {
  const shown = roles.map(({ role, company }) => (nameCompanies ? `${role}, ${company}` : role))
  return [
    ...(deleted ? [html`<span class="badge">${icon('trash-2')}deleted</span>`] : []),
    ...(banned ? [html`<span class="badge badge-danger">${icon('ban')}banned</span>`] : []),
    ...(platform ? [html`<span class="badge badge-warn">${icon('key-round')}platform</span>`] : []),
    ...(shown.length === 0 && !platform ? [html`<span class="badge">rider</span>`] : []),
    ...shown.map((words) => html`<span class="badge">${words}</span>`),
  ]
}

function pages({ filter, next, isFirstPage }: PeopleProps): Html | null {
  if (next === null && isFirstPage) return null
  return html`<nav class="pages" aria-label="Pages">${isFirstPage ? null : html`<a class="button button-plain button-compact" href="${addressWith('/admin/people', filter)}">First</a>`}${next === null ? null : html`<a class="button button-plain button-compact" href="${addressWith('/admin/people', { ...filter, after: next })}">Next</a>`}</nav>`
}
