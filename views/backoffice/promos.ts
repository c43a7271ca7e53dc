/** Codes: which there are, what became of them, and a new one. */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { type FieldProps, field, formKeys } from '../parts/field.ts'
import { day } from '../parts/figures.ts'
import { money } from '../parts/format.ts'
import type { ToastProps } from '../parts/toast.ts'
import { officePage } from './frame.ts'
import { percentText } from './tariff-words.ts'

export type PromoFields = Readonly<Record<string, string>>

export interface PromoProps {
  readonly id: string
  readonly letters: string
  readonly standing: 'open' | 'to come' | 'used up' | 'over' | 'closed'
  readonly offMinor: number | null
  readonly offBasisPoints: number | null
  readonly mostMinor: number | null
  readonly startsAtMs: number
  readonly endsAtMs: number | null
  readonly uses: number
  readonly usesMost: number | null
  readonly spentMinor: number
  readonly budgetMinor: number | null
}

export interface PromosPageProps {
  readonly companies: readonly {
    readonly id: string
    /** Where there are several. */
    readonly name: string | null
    readonly currency: string
    readonly timeZone: string
    readonly promos: readonly PromoProps[]
    readonly typed: PromoFields
    readonly errors: ReadonlyMap<string, string>
  }[]
  readonly key: () => string
  readonly toasts: readonly ToastProps[]
}

export function promosPage(ctx: PageContext, { companies, key, toasts }: PromosPageProps): Html {
  const content = html`<p class="second">A code takes something off a fare before tax, once for each rider. What it takes off is the company’s cost; the driver’s part stays as it is.</p>${companies.map((company) => companyPart({ ...ctx, timeZone: company.timeZone }, company, key))}`
  return officePage(ctx, { part: 'promos', title: 'Codes', content, toasts, styles: ['tariffs.css'] })
}

function companyPart(
  ctx: PageContext,
  company: PromosPageProps['companies'][number],
  key: () => string,
): Html {
  const { name, promos, currency } = company
  return html`<section class="card" aria-label="Codes${name === null ? null : html` of ${name}`}">${name === null ? null : html`<h2>${name}</h2>`}${
    promos.length === 0
      ? emptyState({
          title: 'No code yet.',
          text: 'Make one below, and riders can type it where they see the price.',
        })
      : html`<ul class="plain-rows">${promos.map((promo) => row(ctx, promo, currency, key))}</ul>`
  }</section>${newCard(ctx, company, key)}`
}

const BADGES: Record<PromoProps['standing'], string> = {
  open: ' badge-ok',
  'to come': ' badge-requested',
  'used up': ' badge-warn',
  over: '',
  closed: '',
}

function row(ctx: PageContext, promo: PromoProps, currency: string, key: () => string): Html {
  const { id, letters, standing } = promo
  const isOpen = standing !== 'closed' && standing !== 'over'
  const sum = (minor: number) => money(minor, currency)
  const uses = promo.usesMost === null ? `${promo.uses} uses` : `${promo.uses} of ${promo.usesMost} uses`
  const spent =
    promo.budgetMinor === null
      ? sum(promo.spentMinor)
      : `${sum(promo.spentMinor)} of ${sum(promo.budgetMinor)}`
  return html`<li><div><b><bdi dir="ltr">${letters}</bdi></b> <span class="badge${BADGES[standing]}">${standing}</span><p>${offText(promo, sum)}</p><p class="second">${uses} · ${spent} spent · from ${day(ctx, promo.startsAtMs)}${promo.endsAtMs === null ? null : html` to ${day(ctx, promo.endsAtMs - 1)}`}</p></div>${isOpen ? html`<form method="post" action="/admin/promos/${id}/closing">${formKeys({ csrf: ctx.csrf, key: key() })}<button class="button button-danger button-compact" aria-label="Close ${letters}">Close</button></form>` : null}</li>`
}

function offText(
  { offMinor, offBasisPoints, mostMinor }: PromoProps,
  sum: (minor: number) => string,
): string {
  if (offMinor !== null) return `${sum(offMinor)} off`
  return `${percentText(offBasisPoints ?? 0)} off${mostMinor === null ? '' : `, at most ${sum(mostMinor)}`}`
}

function newCard(ctx: PageContext, company: PromosPageProps['companies'][number], key: () => string): Html {
  const { id, name, currency, timeZone, typed, errors } = company
  const box = (field_: string, label: string, more: Partial<FieldProps> = {}) => {
    const error = errors.get(field_)
    return field({
      ...{ name: field_, id: `${id}-${field_}`, label, value: typed[field_] ?? '', ...more },
      ...(error === undefined ? {} : { error }),
    })
  }
  const choice = (value: string, label: string) =>
    html`<label class="day-box"><input type="radio" name="off" value="${value}"${(typed.off ?? 'sum') === value ? html` checked` : null}><span>${label}</span></label>`
  return html`<section class="card stack" aria-labelledby="new-${id}"><h2 id="new-${id}">A new code${name === null ? null : html` for ${name}`}</h2>
<form method="post" action="/admin/companies/${id}/promos" class="stack">${formKeys({ csrf: ctx.csrf, key: key() })}
${box('letters', 'Code', { required: true, maxLength: 30, placeholder: 'WELCOME5', hint: 'Letters, digits and hyphens; capitals or not is the same.' })}
<fieldset><legend class="screen-reader">What it takes off</legend><div class="day-boxes">${choice('sum', 'An amount')}${choice('share', 'A share')}</div></fieldset>
<div class="filters filters-start">${box('amount', 'Amount', { placeholder: '5.00', hint: `In ${currency}, for an amount.` })}${box('percent', 'Percent', { placeholder: '20', hint: 'For a share.' })}${box('most', 'At most', { hint: 'For a share; empty: no limit.' })}</div>
<div class="filters filters-start">${box('starts', 'First day', { type: 'date', hint: `In ${timeZone.replaceAll('_', ' ')}; empty: now.` })}${box('ends', 'Last day', { type: 'date', hint: 'Empty: no end.' })}${box('uses', 'Uses in all', { type: 'number', hint: 'Empty: no limit; once a rider in any case.' })}${box('budget', 'Budget', { hint: 'Once it is spent the code is used up.' })}</div>
<div class="row-actions"><button class="button button-next button-compact" data-busy="Making…">Make the code</button></div></form></section>`
}
