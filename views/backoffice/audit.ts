/** The audit trail: filters in the address, newest first, older page by page, to be taken along. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field } from '../parts/field.ts'
import { dayText } from '../parts/format.ts'
import { type AuditEntryProps, auditList } from './audit-entry.ts'
import { officePage } from './frame.ts'
import { addressWith } from './parts.ts'

export interface AuditFilterProps {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly who?: string | undefined
  readonly action?: string | undefined
  readonly subject?: string | undefined
  readonly text?: string | undefined
}

export interface AuditProps {
  readonly filter: AuditFilterProps
  readonly entries: readonly AuditEntryProps[]
  readonly actions: readonly { readonly name: string; readonly words: string }[]
  /** The sequence the next page starts before; null on the last. */
  readonly older: string | null
  readonly isFirstPage: boolean
  /** Words were looked for no further back than this. */
  readonly reachesBackToMs: number | null
  readonly mostExported: number
}

export function auditPage(ctx: PageContext, props: AuditProps): Html {
  const { filter, entries } = props
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  const content = html`<section class="card stack" aria-labelledby="audit-filter"><h2 id="audit-filter" class="screen-reader">Filter</h2>
<form method="get" action="/admin/audit" class="filters">
${dateField('from', 'From', filter.from)}${dateField('to', 'To', filter.to)}
${field({ name: 'who', label: 'Who did it', value: filter.who ?? '', maxLength: 120, placeholder: 'Name or e-mail' })}
${actionField(props.actions, filter.action)}
${field({ name: 'subject', label: 'To whom or what', value: filter.subject ?? '', maxLength: 120, placeholder: 'Name, e-mail or id' })}
${field({ name: 'text', label: 'Words', value: filter.text ?? '', maxLength: 120, placeholder: 'In details, addresses' })}
<div class="filters-end"><button class="button button-next button-compact">${icon('search')}Search</button>${isFiltered ? html`<a class="button button-quiet button-compact" href="/admin/audit">Show all</a>` : null}</div>
</form>
<p class="second">Days are those of ${ctx.timeZone.replaceAll('_', ' ')}.${props.reachesBackToMs === null ? null : html` Words were looked for back to ${dayText(ctx, props.reachesBackToMs)}; choose a day to look further.`}</p></section>
<section class="card" aria-label="Entries">${
    entries.length === 0
      ? emptyState(
          isFiltered
            ? { title: 'Nothing matches.', text: 'Take a filter away, or choose more days.' }
            : {
                title: 'Nothing yet.',
                text: 'Sign-ins, changes of rights and what the desk does appear here.',
              },
        )
      : auditList(ctx, entries)
  }
${pages(props)}</section>
<section class="card stack" aria-labelledby="audit-export"><h2 id="audit-export">Take it along</h2>
<p class="second">What matches the filter, newest first, at most ${props.mostExported.toLocaleString('en')} entries. That you took it is an entry too.</p>
<div class="row-actions"><a class="button button-plain button-compact" href="${addressWith('/admin/audit/export', { ...filter, format: 'csv' })}" download>${icon('download')}CSV</a><a class="button button-plain button-compact" href="${addressWith('/admin/audit/export', { ...filter, format: 'json' })}" download>${icon('download')}JSON</a></div></section>`
  return officePage(ctx, { part: 'audit', title: 'Audit', content })
}

function dateField(name: string, label: string, value: string | undefined): Html {
  return html`<div class="field"><label class="field-label" for="field-${name}">${label}</label><input class="input" type="date" id="field-${name}" name="${name}" value="${value ?? ''}"></div>`
}

function actionField(actions: AuditProps['actions'], chosen: string | undefined): Html {
  const groups = Map.groupBy(actions, ({ name }) => name.split('.')[0] ?? name)
  return html`<div class="field"><label class="field-label" for="field-action">Action</label><select class="input" id="field-action" name="action"><option value="">All</option>${[
    ...groups,
  ].map(
    ([noun, members]) =>
      html`<optgroup label="${noun.replaceAll('_', ' ')}">${members.map(
        ({ name, words }) =>
          html`<option value="${name}"${name === chosen ? html` selected` : null}>${words}</option>`,
      )}</optgroup>`,
  )}</select></div>`
}

function pages({ filter, older, isFirstPage }: AuditProps): Html | null {
  if (older === null && isFirstPage) return null
  return html`<nav class="pages" aria-label="Pages">${isFirstPage ? null : html`<a class="button button-plain button-compact" href="${addressWith('/admin/audit', { ...filter })}">Newest</a>`}${older === null ? null : html`<a class="button button-plain button-compact" href="${addressWith('/admin/audit', { ...filter, before: older })}">Older</a>`}</nav>`
}
