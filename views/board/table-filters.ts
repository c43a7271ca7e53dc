/** How the table is narrowed: a field for words, the rest behind a button, and what narrows it now as chips. */
import { VEHICLE_CLASSES } from '../../src/engine/units.ts'
import { CLASS_WORDS } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { NOTE_KINDS, type NoteKind, type TableFilters, type TableProps } from './props.ts'
import { tableSearch, withSearch } from './table-address.ts'

/** How anything leads to rows of the table: into the page with script, as an address of its own without. */
export function tableLink(search: string): Html {
  // A board may begin with a saved view: all live rides are asked for by name.
  return html`href="${withSearch('/board', search || 'show=live')}" hx-get="${withSearch('/board/table', search)}" hx-target="#board-table" hx-select="#board-table" hx-swap="outerMorph" data-table=""`
}

const NOTE_WORDS: Record<NoteKind, string> = {
  rider: 'the rider’s words',
  alarm: 'the watchdog',
  silent: 'a silent car',
  misses: 'failed offers',
  rescue: 'rescue',
  put_off: 'put off',
  shared: 'shared rides',
}
const PAYMENT_WORDS = { cash: 'cash', account: 'account' } as const

/** A part of the region by its name; without one it is a zone that the company has no more. */
export function zoneWords(zoneName: string | undefined): string {
  return zoneName ?? 'in a zone that is gone'
}

/** Each filter as it is said on its chip. */
const CHIPS: {
  readonly [Name in keyof TableFilters]-?: (value: string, zoneName: string | undefined) => string
} = {
  q: (words) => `“${words}”`,
  class: (name) => CLASS_WORDS[name as keyof typeof CLASS_WORDS],
  payment: (name) => `pays by ${PAYMENT_WORDS[name as keyof typeof PAYMENT_WORDS]}`,
  by: (words) => `driver ${words}`,
  from: (words) => `from ${words}`,
  to: (words) => `to ${words}`,
  late: () => 'late',
  trouble: () => 'trouble',
  note: (kind) => NOTE_WORDS[kind as NoteKind],
  zone: (_, zoneName) => zoneWords(zoneName),
}

/** What narrows a table, as its chips say it. */
export function filterWords(filters: TableFilters, zoneName?: string): string[] {
  const names = (Object.keys(CHIPS) as (keyof TableFilters)[]).filter((name) => filters[name] !== undefined)
  return names.map((name) => CHIPS[name](filters[name] ?? '', zoneName))
}

/** The form of a table's filters; it asks as one types, and with a button where scripts are off. */
export function tableFilters(props: Pick<TableProps, 'show' | 'filters' | 'zoneName'>): Html {
  const { show, filters } = props
  const given = (Object.keys(CHIPS) as (keyof TableFilters)[]).filter(
    (name) => name !== 'q' && filters[name] !== undefined,
  )
  return html`<div class="table-tools">${given.map((name) => chip(props, name))}${filters.late === undefined && show !== 'ended' && show !== 'booked' ? html`<a id="filter-late" class="filter-chip filter-off" ${tableLink(tableSearch({ show, filters: { ...filters, late: 'yes' } }))}>Late</a>` : null}<form class="search" role="search" action="/board" method="get" hx-get="/board/table" hx-target="#board-table" hx-select="#board-table" hx-swap="outerMorph" hx-trigger="input delay:250ms, submit"><input type="hidden" name="show" value="${show}">${filters.trouble === undefined ? null : html`<input type="hidden" name="trouble" value="yes">`}${filters.zone === undefined ? null : html`<input type="hidden" name="zone" value="${filters.zone}">`}<button class="button button-soft filter-button" type="button" popovertarget="table-filters">${icon('sliders-horizontal')}Filter</button><label class="screen-reader" for="board-q">Ride, rider, address or call sign</label><input class="input" id="board-q" type="search" name="q" value="${filters.q ?? ''}" maxlength="80" autocomplete="off" placeholder="Ride, rider, address, call sign"><kbd>/</kbd>
<div id="table-filters" class="filters" popover><h2 class="part-title">Show only</h2>
${choice('class', 'Class', filters.class, VEHICLE_CLASSES, (name) => CLASS_WORDS[name])}
${choice('payment', 'Payment', filters.payment, ['cash', 'account'] as const, (name) => PAYMENT_WORDS[name])}
${choice('note', 'Note', filters.note, NOTE_KINDS, (kind) => NOTE_WORDS[kind])}
${text('by', 'Driver', filters.by)}${text('from', 'From', filters.from)}${text('to', 'To', filters.to)}
<label class="filter-late"><input type="checkbox" name="late" value="yes"${filters.late === 'yes' ? html` checked` : null}> Late only</label>
<p class="filter-ends"><a class="button button-quiet" ${tableLink(tableSearch({ show, filters: {} }))}>Show all</a><button class="button button-plain">Show</button></p></div></form></div>`
}

/** What narrows the table, with the way to take it off. */
function chip(props: Pick<TableProps, 'show' | 'filters' | 'zoneName'>, name: keyof TableFilters): Html {
  const { [name]: value, ...rest } = props.filters
  const words = CHIPS[name](value ?? '', props.zoneName)
  const search = tableSearch({ show: props.show, filters: rest })
  return html`<a class="filter-chip" ${tableLink(search)} aria-label="Without ${words}"><bdi>${words}</bdi>${icon('x')}</a>`
}

function choice<Value extends string>(
  name: string,
  label: string,
  chosen: Value | undefined,
  values: readonly Value[],
  word: (value: Value) => string,
): Html {
  return html`<p class="filter"><label for="filter-${name}">${label}</label><select class="input" id="filter-${name}" name="${name}"><option value="">any</option>${values.map((value) => html`<option value="${value}"${value === chosen ? html` selected` : null}>${word(value)}</option>`)}</select></p>`
}

function text(name: string, label: string, value: string | undefined): Html {
  return html`<p class="filter"><label for="filter-${name}">${label}</label><input class="input" id="filter-${name}" name="${name}" value="${value ?? ''}" maxlength="80" autocomplete="off"></p>`
}
