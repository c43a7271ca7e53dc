/** "Who did what" at the desk: filters in the address, newest first, older page by page. */
import { type AuditEntryProps, auditList } from '../backoffice/audit-entry.ts'
import { addressWith } from '../backoffice/parts.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field } from '../parts/field.ts'
import { afterPage } from './after-frame.ts'

export interface DeedsProps {
  readonly filter: {
    readonly who?: string | undefined
    readonly action?: string | undefined
    readonly about?: string | undefined
    readonly from?: string | undefined
    readonly to?: string | undefined
  }
  readonly entries: readonly AuditEntryProps[]
  readonly actions: readonly { readonly name: string; readonly words: string }[]
  /** Where the next page begins; null on the last. */
  readonly older: string | null
  readonly isFirstPage: boolean
}

const HERE = '/board/deeds'

export function deedsPage(ctx: PageContext, props: DeedsProps): Html {
  const { filter, entries, older, isFirstPage } = props
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  const action = html`<div class="field"><label class="field-label" for="field-action">What</label><select class="input" id="field-action" name="action"><option value="">Everything</option>${props.actions.map(({ name, words }) => html`<option value="${name}"${name === filter.action ? html` selected` : null}>${words}</option>`)}</select></div>`
  const list =
    entries.length === 0
      ? emptyState(
          isFiltered
            ? { title: 'Nothing matches.', text: 'Take a filter away, or look further back.' }
            : { title: 'Nothing yet.', text: 'What the desk does to rides and drivers appears here.' },
        )
      : auditList(ctx, entries)
  const pages =
    older === null && isFirstPage
      ? null
      : html`<nav class="row-actions" aria-label="Pages">${isFirstPage ? null : html`<a class="button button-plain button-compact" href="${addressWith(HERE, filter)}">Newest</a>`}${older === null ? null : html`<a class="button button-plain button-compact" href="${addressWith(HERE, { ...filter, before: older })}">Older</a>`}</nav>`
  const content = html`<section class="card stack" aria-label="Filter"><form method="get" action="${HERE}" class="deed-filters">${field({ name: 'who', label: 'Who', value: filter.who ?? '', maxLength: 120, placeholder: 'Name' })}${field({ name: 'about', label: 'Ride or driver', value: filter.about ?? '', maxLength: 120, placeholder: 'HC-20418 or call sign' })}${action}${timeField('from', 'From', filter.from)}${timeField('to', 'Until', filter.to)}<button class="button button-next button-compact">${icon('search')}Search</button>${isFiltered ? html`<a class="button button-quiet button-compact" href="${HERE}">Show all</a>` : null}</form><p class="second">Times are those of ${ctx.timeZone.replaceAll('_', ' ')}. Nothing here can be changed by anybody.</p></section><section class="card" aria-label="Deeds">${list}${pages}</section>`
  return afterPage(ctx, {
    ...{ part: 'deeds', title: 'Who did what', content, styles: ['office.css', 'board-desk.css'] },
  })
}

function timeField(name: string, label: string, value: string | undefined): Html {
  return html`<div class="field"><label class="field-label" for="field-${name}">${label}</label><input class="input" type="datetime-local" id="field-${name}" name="${name}" value="${value ?? ''}"></div>`
}
