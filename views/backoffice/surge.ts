/** Where it is busy: what a region may add, what it adds now, and what it added over the last day. */
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field, formKeys, segments } from '../parts/field.ts'
import { clock } from '../parts/figures.ts'
import { clockText } from '../parts/format.ts'
import type { ToastProps } from '../parts/toast.ts'
import { officePage } from './frame.ts'
import { facts } from './parts.ts'

export const SURGE_FIELDS = [
  'kind',
  'most_percent',
  'step_percent',
  'most_sum',
  'step_sum',
  'from_pressure',
  'full_pressure',
  'least_around',
  'least_in_region',
] as const

/** What was typed, or what the region does. */
export type SurgeFields = Readonly<Record<Exclude<(typeof SURGE_FIELDS)[number], 'kind'>, string>> & {
  readonly kind: 'off' | 'multiply' | 'add'
}

/** A quarter of an hour in which something was added. */
export interface SurgeBar {
  readonly startsAtMs: number
  /** Of what the day added at most, 0 to 1. */
  readonly share: number
  /** `+30 %` or `+$3.00`, the most that was added anywhere. */
  readonly words: string
  readonly cells: number
}

export interface SurgePageProps {
  readonly region: { readonly id: string; readonly name: string; readonly companyId: string }
  readonly currency: string
  readonly typed: SurgeFields
  readonly errors: Readonly<Partial<Record<keyof SurgeFields, string>>>
  /** As counted last; null where nothing is counted just now. */
  readonly now: {
    readonly asking: number
    readonly free: number
    /** Cells with something added, and the most of it; null where prices are as usual. */
    readonly cells: number
    readonly most: string | null
  } | null
  readonly day: {
    readonly fromMs: number
    readonly untilMs: number
    readonly bars: readonly SurgeBar[]
  }
  readonly key: string
  readonly toasts: readonly ToastProps[]
}

export function surgePage(ctx: PageContext, props: SurgePageProps): Html {
  const { region } = props
  const content = html`<p><a class="back-link" href="/admin/companies/${region.companyId}">${icon('arrow-left')}The company</a></p>
<p class="second">Where more people ask than cars are free, prices may rise. Riders see the sum and the reason before they ask, and a price holds for its five minutes.</p>
${nowCard(props)}${rulesCard(ctx, props)}${dayCard(ctx, props)}`
  return officePage(ctx, {
    ...{ part: 'companies', title: `Where it is busy in ${region.name}`, content, toasts: props.toasts },
    styles: ['surge.css'],
  })
}

function nowCard({ now, typed }: SurgePageProps): Html {
  return html`<section class="card stack" aria-labelledby="now-heading"><h2 id="now-heading">Now</h2>${
    now === null
      ? html`<p class="second">Nothing is counted just now. It begins half a minute after the server.</p>`
      : facts([
          ['Asked in five minutes', `${now.asking} ${now.asking === 1 ? 'person' : 'people'}`],
          ['Cars free', String(now.free)],
          [
            'Prices',
            now.most === null
              ? typed.kind === 'off'
                ? 'as usual: switched off'
                : 'as usual everywhere'
              : `up to ${now.most}, in ${now.cells} ${now.cells === 1 ? 'cell' : 'cells'}`,
          ],
        ])
  }</section>`
}

function rulesCard(ctx: PageContext, props: SurgePageProps): Html {
  const { region, currency, typed, errors } = props
  const number = (name: Exclude<keyof SurgeFields, 'kind'>, label: string, hint?: string) =>
    field({
      ...{ name, label, value: typed[name], inputMode: 'decimal' as const },
      ...(hint === undefined ? {} : { hint }),
      ...(errors[name] === undefined ? {} : { error: errors[name] }),
    })
  return html`<form method="post" action="/admin/regions/${region.id}/surge" class="card stack surge-form" aria-labelledby="rules-heading">${formKeys({ csrf: ctx.csrf, key: props.key })}<h2 id="rules-heading">What may be added</h2>
${segments({
  name: 'kind',
  label: 'What may be added',
  chosen: typed.kind,
  options: [
    { value: 'off', label: 'Nothing' },
    { value: 'multiply', label: 'A part' },
    { value: 'add', label: 'A sum' },
  ],
})}
<div class="surge-pair" data-kind="multiply">${number('most_percent', 'At most, percent more', '100 is twice the price of way and time.')}${number('step_percent', 'In steps of, percent')}</div>
<div class="surge-pair" data-kind="add">${number('most_sum', `At most, ${currency}`)}${number('step_sum', `In steps of, ${currency}`)}</div>
<div class="surge-pair" data-kind="any">${number('from_pressure', 'Begins at', 'People who asked in five minutes, for one free car.')}${number('full_pressure', 'Is at its most at', 'As many people for one free car.')}</div>
<div class="surge-pair" data-kind="any">${number('least_around', 'Too few around', 'Up to so many people in a cell and the six beside it add nothing.')}${number('least_in_region', 'Too few in the region', 'The same for all of it.')}</div>
<div class="row-actions"><button class="button button-next" data-busy="Saving…">Save</button></div></form>`
}

const [WIDTH, HEIGHT, FLOOR] = [960, 96, 2]

function dayCard(ctx: PageContext, { day }: SurgePageProps): Html {
  const { bars, fromMs, untilMs } = day
  const most = bars.reduce<SurgeBar | null>(
    (top, bar) => (top === null || bar.share > top.share ? bar : top),
    null,
  )
  if (most === null)
    return html`<section class="card stack" aria-labelledby="day-heading"><h2 id="day-heading">The last 24 hours</h2>${emptyState({ title: 'Usual prices all day.', text: 'Quarters of an hour in which something was added show here.' })}</section>`
  const barWidth = (WIDTH * 900_000) / (untilMs - fromMs)
  const said = `The most was ${most.words} at ${clockText(ctx, most.startsAtMs)}; something was added in ${bars.length} of 96 quarters of an hour.`
  return html`<section class="card stack" aria-labelledby="day-heading"><h2 id="day-heading">The last 24 hours</h2><p class="second">${said}</p>
<svg class="surge-day" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${said}">${bars.map(
    (bar) => {
      const height = Math.max(FLOOR, bar.share * HEIGHT)
      const x = ((bar.startsAtMs - fromMs) / (untilMs - fromMs)) * WIDTH
      return html`<rect x="${Math.max(0, x).toFixed(1)}" y="${(HEIGHT - height).toFixed(1)}" width="${(barWidth - 1).toFixed(1)}" height="${height.toFixed(1)}"><title>${clockText(ctx, bar.startsAtMs)}: up to ${bar.words} in ${bar.cells} ${bar.cells === 1 ? 'cell' : 'cells'}</title></rect>`
    },
  )}</svg><p class="surge-axis second numbers"><span>yesterday ${clock(ctx, fromMs)}</span><span>now</span></p></section>`
}
