/** The back office's licences: what waits to be looked at, and every driver with theirs. */
import { officePage } from '../backoffice/frame.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { ageText } from '../parts/format.ts'
import { daysAheadWords, dayWords } from './words.ts'

export interface QueueRow {
  readonly id: string
  readonly name: string
  readonly legalName: string
  readonly nameScore: number | null
  readonly company: string
  readonly callSign: string | null
  readonly expiresOn: string
  readonly approvedUntil: string | null
  readonly ageMs: number
}

export interface DriverRow {
  readonly id: string
  readonly name: string
  readonly callSign: string
  readonly company: string
  readonly approvedUntil: string | null
  readonly daysLeft: number | null
  readonly waiting: boolean
  readonly disabled: boolean
  readonly stopped: boolean
}

export interface QueueProps {
  readonly view: 'waiting' | 'drivers'
  readonly waiting: readonly QueueRow[]
  readonly waitingCount: number
  readonly drivers: readonly DriverRow[]
  /** More than one company: each row says whose. */
  readonly severalCompanies: boolean
  readonly query: string
  readonly hasMore: boolean
  readonly told?: string | undefined
}

const TOLD: Readonly<Record<string, string>> = {
  approved: 'Approved. The driver is told by mail.',
  rejected: 'Sent back with your reason. The driver is told by mail.',
}

export function licenceQueuePage(ctx: PageContext, props: QueueProps): Html {
  const told = props.told !== undefined && Object.hasOwn(TOLD, props.told) ? TOLD[props.told] : undefined
  const tab = (view: QueueProps['view'], label: string, href: string) =>
    html`<a class="button button-plain button-compact" href="${href}"${view === props.view ? html` aria-current="page"` : null}>${label}</a>`
  return officePage(ctx, {
    part: 'licences',
    title: 'Licences',
    toasts: told === undefined ? [] : [{ id: 'told', text: told }],
    styles: ['licences.css'],
    content: html`<nav class="licence-tabs" aria-label="Licences">${tab('waiting', `To review (${props.waitingCount})`, '/admin/licences')}${tab('drivers', 'All drivers', '/admin/licences?view=drivers')}</nav>
${props.view === 'waiting' ? waitingList(props) : driverList(props)}`,
  })
}

function waitingList({ waiting, severalCompanies }: QueueProps): Html {
  if (waiting.length === 0)
    return html`<section class="card">${emptyState({ title: 'Nothing to look at.', text: 'Licences that drivers hand in appear here, the longest waiting first.' })}</section>`
  return html`<section class="card" aria-label="To review"><ul class="licence-rows">${waiting.map(
    (row) =>
      html`<li class="licence-row"><a href="/admin/licences/${row.id}"><span><b>${row.name}</b> <span class="second-inline">${row.callSign === null ? 'wants to drive' : html`car ${row.callSign}`}${severalCompanies ? html` · ${row.company}` : null}</span><span class="second">${row.approvedUntil === null ? 'No licence that counts now' : html`Present one until ${dayWords(row.approvedUntil)}`} · new one until ${dayWords(row.expiresOn)}</span></span><span class="licence-row-end"><span class="second numbers">${ageText(row.ageMs)}</span>${nameBadge(row)}</span></a></li>`,
  )}</ul></section>`
}

/** Below it the reviewer is warned already in the list. */
const NAME_NEAR = 80

function nameBadge({ nameScore }: QueueRow): Html | null {
  if (nameScore === null) return null
  return nameScore >= NAME_NEAR
    ? html`<span class="badge">${icon('check')}Name fits</span>`
    : html`<span class="badge badge-warn">${icon('triangle-alert')}Check the name</span>`
}

function driverList(props: QueueProps): Html {
  const search = html`<form method="get" action="/admin/licences" class="filters" role="search"><input type="hidden" name="view" value="drivers"><div class="field"><label class="field-label" for="field-q">Name or call sign</label><input class="input" id="field-q" name="q" type="search" value="${props.query}" maxlength="80"></div><div class="filters-end"><button class="button button-plain button-compact">${icon('search')}Search</button></div></form>`
  if (props.drivers.length === 0)
    return html`<section class="card stack">${search}${emptyState(props.query === '' ? { title: 'No drivers yet.', text: 'They come from your company file, or by applying and handing in a licence.' } : { title: 'Nobody matches.', text: 'Try a part of the name, or the call sign.' })}</section>`
  return html`<section class="card stack" aria-label="Drivers">${search}<ul class="licence-rows">${props.drivers.map(
    (row) =>
      html`<li class="licence-row"><a href="/admin/drivers/${row.id}"><span><b>${row.name}</b> <span class="second-inline">car ${row.callSign}${props.severalCompanies ? html` · ${row.company}` : null}</span><span class="second">${row.approvedUntil === null ? 'No approved licence' : html`Until ${dayWords(row.approvedUntil)}, ${daysAheadWords(row.daysLeft ?? 0)}`}</span></span><span class="licence-row-end">${driverBadge(row)}</span></a></li>`,
  )}</ul>${props.hasMore ? html`<p class="second">The first ${props.drivers.length} by the end of their licence. Search for the others.</p>` : null}</section>`
}

/** A week is when reminders begin. */
const NEAR_DAYS = 7

function driverBadge(row: DriverRow): Html {
  if (row.disabled) return html`<span class="badge badge-danger">${icon('ban')}Turned off</span>`
  if (row.waiting) return html`<span class="badge badge-requested">${icon('clock')}To review</span>`
  if (row.stopped) return html`<span class="badge">${icon('coffee')}Paused by driver</span>`
  if (row.daysLeft === null || row.daysLeft < 0)
    return html`<span class="badge badge-warn">${icon('triangle-alert')}May not drive</span>`
  return row.daysLeft <= NEAR_DAYS
    ? html`<span class="badge badge-warn">${icon('clock')}Ends soon</span>`
    : html`<span class="badge badge-ok">${icon('check')}Valid</span>`
}
