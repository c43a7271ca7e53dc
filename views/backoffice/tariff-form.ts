/** The form of a tariff: figures, tables by time, holidays, rules by zone, waiting, cancelling, rounding. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { type FieldProps, field, formKeys } from '../parts/field.ts'
import { type Choice, select } from './parts.ts'
import { ROUNDING_WORDS, STATE_WORDS } from './tariff-words.ts'

export interface TariffFormProps {
  readonly action: string
  readonly key: string
  /** Null where there is no draft yet. */
  readonly revision: number | null
  readonly currency: string
  readonly timeZone: string
  /** Open zones of the region. */
  readonly zones: readonly Choice[]
  readonly typed: Readonly<Record<string, string>>
  readonly errors: ReadonlyMap<string, string>
  /** How many rows of each table are filled. */
  readonly rows: { readonly schedule: number; readonly zones: number; readonly cancellation: number }
  /** What to know of the table by time as it is kept. */
  readonly cover: { readonly gaps: string | null; readonly overlaps: readonly string[] }
}

/** Without script so many rows stand empty at a table's end; with it they come when asked for. */
const SPARE_ROWS = 2
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

type Box = (name: string, label: string, more?: Partial<FieldProps>) => Html

export function tariffForm(ctx: PageContext, props: TariffFormProps): Html {
  const { typed, errors, currency } = props
  const box: Box = (name, label, more = {}) => {
    const error = errors.get(name)
    return field({
      name,
      label,
      value: typed[name] ?? '',
      ...more,
      ...(error === undefined ? {} : { error }),
    })
  }
  return html`<form method="post" action="${props.action}" class="stack" data-tariff-editor>${formKeys({ csrf: ctx.csrf, key: props.key })}<input type="hidden" name="revision" value="${props.revision ?? ''}">
${errors.size === 0 ? null : html`<p class="field-error" role="alert">${icon('triangle-alert')}<span>${errors.get('revision') ?? (errors.size === 1 ? 'One field below needs another look.' : `${errors.size} fields below need another look.`)}</span></p>`}
${figuresCard(box, currency)}
${scheduleCard(box, props)}
${zonesCard(box, props)}
${waitingCard(box, props)}
${cancellationCard(box, props)}
<div class="row-actions"><button class="button button-next" name="next" value="preview" data-busy="Pricing yesterday…">Save and see what it changes</button><button class="button button-plain" name="next" value="save">Save the draft</button></div></form>`
}

function figuresCard(box: Box, currency: string): Html {
  const must = { required: true }
  return html`<section class="card stack" aria-labelledby="figures-heading"><h2 id="figures-heading">Figures</h2><p class="second">Amounts in ${currency}. Base, distance and time make the price of the way; the booking fee comes on top.</p>
<div class="filters filters-start">${box('base', 'Base', must)}${box('booking_fee', 'Booking fee', must)}${box('per_km', 'A kilometre', must)}${box('per_minute', 'A minute', must)}${box('minimum', 'Minimum', { ...must, hint: 'Before tax, fees of zones not counted.' })}</div>
<div class="filters filters-start">${box('tax', 'Tax, percent', must)}${box('tax_label', 'Its name', { ...must, maxLength: 60 })}${box('driver_share', 'The driver’s part, percent', { ...must, hint: 'Of the fare less tax.' })}</div>
<div class="filters filters-start">${box('no_show_fee', 'No-show', must)}${box('no_show_after', 'after minutes', { ...must, hint: 'Of waiting at the pickup.' })}${box('cancel_fee', 'Cancelling', must)}${box('cancel_free', 'free for minutes', { ...must, hint: 'After a driver was found.' })}</div></section>`
}

function scheduleCard(box: Box, props: TariffFormProps): Html {
  const { cover } = props
  return html`<section class="card stack" aria-labelledby="times-heading"><h2 id="times-heading">By time</h2>
<p class="second">By the clock on the wall in ${props.timeZone.replaceAll('_', ' ')} when the ride begins. Of rows that meet, the first counts; “until” not after “from” is of the next day. A row without a name is none.</p>
${cover.overlaps.map((sentence) => html`<p class="notice-line notice-warn">${icon('triangle-alert')}<span>${sentence}</span></p>`)}${cover.gaps === null ? null : html`<p class="notice-line">${icon('info')}<span>${cover.gaps}</span></p>`}
<div class="tariff-rows" data-rows="schedule">${spared(props.rows.schedule, (n, isSpare) => scheduleRow(box, props, n, isSpare))}</div>${addButton('schedule', 'Add times')}
${box('holidays', 'Holidays', { lines: 4, hint: 'A day a line, such as 2026-12-25. On them only rows with “Holidays” begin.' })}</section>`
}

function scheduleRow(box: Box, { typed }: TariffFormProps, n: number, isSpare: boolean): Html {
  const row = `schedule.${n}`
  // A new row begins on every day, so that one who forgets them is not told off.
  const isOn = (name: string) =>
    isSpare ? name !== 'holidays' && typed[`${row}.name`] === undefined : typed[`${row}.${name}`] === 'on'
  const day = (name: string, label: string) =>
    html`<label class="day-box"><input type="checkbox" name="${row}.${name}"${isOn(name) ? html` checked` : null}><span>${label}</span></label>`
  return html`<fieldset class="tariff-row" data-row="${n}"${isSpare ? html` data-spare` : null}><legend class="screen-reader">Times, row ${n + 1}</legend>
<div class="filters filters-start">${box(`${row}.name`, 'Name', { maxLength: 60, placeholder: 'Night' })}${box(`${row}.from`, 'From', { type: 'time' })}${box(`${row}.until`, 'Until', { type: 'time' })}${box(`${row}.percent`, 'Percent more', { placeholder: '25' })}${box(`${row}.add`, 'And an amount', { placeholder: '0.00' })}</div>
<div class="day-boxes">${WEEKDAYS.map((label, at) => day(`day${at + 1}`, label))}${day('holidays', 'Holidays')}</div></fieldset>`
}

const KINDS: readonly Choice[] = [
  { value: 'fee', label: 'Fee' },
  { value: 'flat', label: 'Flat fare' },
  { value: 'toll', label: 'Toll' },
  { value: 'tax', label: 'Tax' },
]
const ENDS: readonly Choice[] = [
  { value: 'either', label: 'begins or ends there' },
  { value: 'pickup', label: 'begins there' },
  { value: 'dropoff', label: 'ends there' },
]

function zonesCard(box: Box, props: TariffFormProps): Html {
  const content =
    props.zones.length === 0
      ? html`<p class="second">There is no zone yet. <a href="/admin/zones">Draw one</a>, and a fee, a flat fare, a toll or a tax can be set for it.</p>`
      : html`<p class="second">Where fees, taxes or flat fares of zones that overlap meet, the highest rank counts. A row without a name is none.</p>
<div class="tariff-rows" data-rows="zones">${spared(props.rows.zones, (n, isSpare) => zoneRow(box, props, n, isSpare))}</div>${addButton('zones', 'Add a rule')}`
  return html`<section class="card stack" aria-labelledby="zones-heading"><h2 id="zones-heading">By zone</h2>${content}</section>`
}

function zoneRow(box: Box, { typed, errors, zones }: TariffFormProps, n: number, isSpare: boolean): Html {
  const row = `zones.${n}`
  const choice = (name: string, label: string, options: readonly Choice[], usual?: string) =>
    select({
      ...{ name: `${row}.${name}`, label, options, chosen: typed[`${row}.${name}`] ?? usual },
      error: errors.get(`${row}.${name}`),
      ...(usual === undefined ? { any: 'Choose' } : {}),
    })
  const tick = (name: string, label: string) =>
    html`<label class="day-box" data-for="flat"><input type="checkbox" name="${row}.${name}"${typed[`${row}.${name}`] === 'on' ? html` checked` : null}><span>${label}</span></label>`
  const only = (kinds: string, part: Html) => html`<div data-for="${kinds}">${part}</div>`
  return html`<fieldset class="tariff-row" data-row="${n}"${isSpare ? html` data-spare` : null}><legend class="screen-reader">Rule by zone, row ${n + 1}</legend>
<div class="filters filters-start">${choice('kind', 'Kind', KINDS, 'fee')}${box(`${row}.name`, 'Name', { maxLength: 60, placeholder: 'Airport fee' })}${choice('zone', 'Zone', zones)}${only('flat', choice('to', 'To zone (flat fare)', zones))}${only('fee tax', choice('at', 'When the ride', ENDS, 'either'))}${only('fee flat toll', box(`${row}.amount`, 'Amount', { placeholder: '5.25' }))}${only('tax', box(`${row}.percent`, 'Percent (tax)'))}${box(`${row}.rank`, 'Rank', { placeholder: '0' })}</div>
<div class="day-boxes">${tick('both', 'Back too (flat fare)')}${tick('varies', 'By time and demand too (flat fare)')}</div></fieldset>`
}

function waitingCard(box: Box, { typed, errors }: TariffFormProps): Html {
  return html`<section class="card stack" aria-labelledby="waiting-heading"><h2 id="waiting-heading">Waiting and rounding</h2>
<div class="filters filters-start">${box('waiting.per_minute', 'Waiting, a minute', { hint: 'From the driver’s arrival by GPS; empty: free.' })}${box('waiting.grace', 'free for minutes')}${box('waiting.most', 'at most', { hint: 'Empty: without end.' })}</div>
<div class="filters filters-start">${box('rounding.to', 'Round to', { hint: 'Such as 0.05; empty: to the smallest coin.' })}${select(
    {
      ...{ name: 'rounding.mode', label: 'Which way', chosen: typed['rounding.mode'] ?? 'half_up' },
      error: errors.get('rounding.mode'),
      options: Object.entries(ROUNDING_WORDS).map(([value, label]) => ({ value, label })),
    },
  )}</div></section>`
}

function cancellationCard(box: Box, props: TariffFormProps): Html {
  return html`<section class="card stack" aria-labelledby="cancel-heading"><h2 id="cancel-heading">Cancelling in steps</h2>
<p class="second">Instead of the plain fee above: of the steps that have come, the dearest counts, never more than the fare. A row without a fee is none.</p>
<div class="tariff-rows" data-rows="cancellation">${spared(props.rows.cancellation, (n, isSpare) => {
    const row = `cancellation.${n}`
    return html`<fieldset class="tariff-row" data-row="${n}"${isSpare ? html` data-spare` : null}><legend class="screen-reader">Step ${n + 1}</legend><div class="filters filters-start">${select(
      {
        ...{ name: `${row}.from`, label: 'After', chosen: props.typed[`${row}.from`] ?? 'assigned' },
        error: props.errors.get(`${row}.from`),
        options: Object.entries(STATE_WORDS).map(([value, label]) => ({ value, label })),
      },
    )}${box(`${row}.after`, 'and minutes', { placeholder: '0' })}${box(`${row}.fee`, 'Fee')}</div></fieldset>`
  })}</div>${addButton('cancellation', 'Add a step')}
<div class="filters filters-start">${box('booked.fee', 'Booked ahead: fee', { hint: 'Before anybody was asked to drive; empty: free.' })}${box('booked.free', 'free until hours before')}</div></section>`
}

function spared(filled: number, row: (n: number, isSpare: boolean) => Html): Html[] {
  return Array.from({ length: filled + SPARE_ROWS }, (_, n) => row(n, n >= filled))
}

/** Only a script can add a row; it shows the button. */
function addButton(table: string, label: string): Html {
  return html`<div><button type="button" class="button button-plain button-compact" data-add="${table}" hidden>${icon('plus')}${label}</button></div>`
}
