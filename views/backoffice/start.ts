/** Where the back office begins: what waits for somebody, and how much of it. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { type AuditEntryProps, auditList } from './audit-entry.ts'
import { officePage } from './frame.ts'

export interface WaitingProps {
  readonly icon: IconName
  /** For one, and for several. */
  readonly one: string
  readonly many: string
  /** Null where one is named. */
  readonly count: number | null
  readonly href: string
}

export interface StartProps {
  readonly waiting: readonly WaitingProps[]
  readonly events: readonly AuditEntryProps[]
}

export function startPage(ctx: PageContext, { waiting, events }: StartProps): Html {
  const open = waiting.filter(({ count }) => count !== 0)
  const content = html`<section class="card" aria-labelledby="waiting-heading"><h2 id="waiting-heading">Waiting for you</h2>${
    open.length === 0
      ? emptyState({
          title: 'Nothing waits.',
          text: 'Licences, applications, letters that did not go out and people locked out appear here.',
        })
      : html`<ul class="people-list">${open.map(
          ({ icon: name, one, many, count, href }) =>
            html`<li><a class="person-row" href="${href}"><span class="tile">${icon(name)}</span><span class="person-words"><b>${count === null ? one : html`<span class="numbers">${count}</span> ${count === 1 ? one : many}`}</b></span>${icon('chevron-right')}</a></li>`,
        )}</ul>`
  }</section>
<section class="card stack" aria-labelledby="late-heading"><h2 id="late-heading">Of late</h2>${
    events.length === 0
      ? emptyState({ title: 'Nothing yet.', text: 'What people do appears here.' })
      : html`${auditList(ctx, events)}<p><a href="/admin/audit">The whole trail</a></p>`
  }</section>`
  return officePage(ctx, { part: 'start', title: 'Back office', content })
}
