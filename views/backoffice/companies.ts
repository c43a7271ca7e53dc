/** Companies: which there are, and what one of them says of itself, its switches, its end. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { type FieldProps, field, formKeys } from '../parts/field.ts'
import { day } from '../parts/figures.ts'
import type { ToastProps } from '../parts/toast.ts'
import { officePage } from './frame.ts'
import { facts } from './parts.ts'
import { type RegionProps, regionCard } from './regions.ts'

export interface CompaniesProps {
  readonly companies: readonly {
    readonly id: string
    readonly slug: string
    readonly name: string
    readonly host: string | null
    readonly currency: string
  }[]
  readonly platform: boolean
  readonly toasts: readonly ToastProps[]
}

export function companiesPage(ctx: PageContext, { companies, platform, toasts }: CompaniesProps): Html {
  const content = html`${platform ? html`<p><a class="button button-next button-compact" href="/admin/companies/new">${icon('plus')}New company</a></p>` : null}
<section class="card" aria-label="Companies">${
    companies.length === 0
      ? emptyState({ title: 'No company yet.', text: 'Found one, and its people can ride.' })
      : html`<ul class="people-list">${companies.map(
          ({ id, slug, name, host, currency }) =>
            html`<li><a class="person-row" href="/admin/companies/${id}"><span class="person-words"><b>${name}</b><span class="second"><bdi dir="ltr">${host ?? `/at/${slug}`}</bdi></span></span><span class="badge">${currency}</span></a></li>`,
        )}</ul>`
  }</section>`
  return officePage(ctx, { part: 'companies', title: 'Companies', content, toasts })
}

export interface CompanyFormProps {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly phone: string | null
  readonly address: string | null
  readonly tax_number: string | null
  readonly licence_number: string | null
  readonly locale: string
  readonly host: string | null
  readonly currency: string
  readonly timeZone: string
  readonly createdAtMs: number
  readonly regions: readonly RegionProps[]
  readonly platform: boolean
  readonly flags: readonly {
    readonly flag: string
    readonly name: string
    readonly words: string
    readonly isOn: boolean
    /** As it stands unless somebody moves it. */
    readonly isUsual: boolean
  }[]
  /** A form that was not taken, with what was typed. */
  readonly refused: {
    readonly form: 'settings' | 'deletion'
    readonly typed: Readonly<Record<string, string>>
    readonly errors: ReadonlyMap<string, string>
  } | null
  readonly key: () => string
  readonly toasts: readonly ToastProps[]
}

export function companyPage(ctx: PageContext, props: CompanyFormProps): Html {
  const content = html`${props.platform ? html`<p><a class="back-link" href="/admin/companies">${icon('arrow-left')}All companies</a></p>` : null}
${settingsCard(ctx, props)}${props.regions.map(regionCard)}${flagsCard(ctx, props)}${props.platform ? deletionCard(ctx, props) : null}`
  const scripts = props.regions.some(({ shadow }) => shadow !== null) ? { scripts: ['htmx.js'] } : {}
  return officePage(ctx, { part: 'companies', title: props.name, content, toasts: props.toasts, ...scripts })
}

function settingsCard(ctx: PageContext, props: CompanyFormProps): Html {
  const refused = props.refused?.form === 'settings' ? props.refused : null
  const box = (
    name: 'name' | 'phone' | 'address' | 'tax_number' | 'licence_number' | 'locale' | 'host',
    more: Omit<FieldProps, 'name' | 'value'>,
  ) => {
    const error = refused?.errors.get(name)
    return field({
      ...{ name, ...more, value: refused?.typed[name] ?? props[name] ?? '' },
      ...(error === undefined ? {} : { error }),
    })
  }
  return html`<section class="card stack" aria-labelledby="settings-heading"><h2 id="settings-heading">What riders see</h2>
<form method="post" action="/admin/companies/${props.id}" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
${box('name', { label: 'Name', required: true, maxLength: 120 })}
${box('phone', { label: 'Phone', maxLength: 40, hint: 'Riders call it when they need the desk.' })}
${box('address', { label: 'Postal address', maxLength: 300, hint: 'At the top of receipts and statements, as are the numbers.' })}
${box('tax_number', { label: 'Tax number', maxLength: 60 })}
${box('licence_number', { label: 'Licence to carry passengers', maxLength: 60 })}
${box('locale', { label: 'Language and country', required: true, maxLength: 35, hint: 'Such as en-US: how times and amounts are written.' })}
${props.platform ? box('host', { label: 'Host of its pages', maxLength: 253, hint: 'Such as cabs.example.org; empty: its pages are at /at/ and its short name.' }) : null}
<div class="row-actions"><button class="button button-next button-compact" data-busy="Saving…">Save</button></div></form>
${facts([
  ['Short name', html`<bdi dir="ltr">${props.slug}</bdi>`],
  props.platform ? null : ['Host of its pages', props.host ?? 'none of its own'],
  ['Currency', props.currency],
  ['Time zone', props.timeZone.replaceAll('_', ' ')],
  ['Regions', props.regions.map(({ name }) => name).join(', ') || 'none'],
  ['Here since', day(ctx, props.createdAtMs)],
])}
<p class="second">Zones are drawn under <a href="/admin/zones">Zones</a>, prices made under <a href="/admin/tariffs">Prices</a>. Regions and cars are in the company file; see “Running Honeycab”.</p></section>`
}

function flagsCard(ctx: PageContext, props: CompanyFormProps): Html {
  return html`<section class="card stack" aria-labelledby="flags-heading"><h2 id="flags-heading">Switches</h2><ul class="plain-rows">${props.flags.map(
    ({ flag, name, words, isOn, isUsual }) =>
      html`<li><div><b>${name}</b> <span class="badge${isOn ? ' badge-ok' : ' badge-warn'}">${icon(isOn ? 'check' : 'x')}${isOn ? 'on' : 'off'}</span>${isUsual ? null : html` <span class="small">changed</span>`}<p class="second">${words}</p></div><form method="post" action="/admin/companies/${props.id}/flags">${formKeys({ csrf: ctx.csrf, key: props.key() })}<input type="hidden" name="flag" value="${flag}"><input type="hidden" name="on" value="${isOn ? 'no' : 'yes'}"><button class="button button-plain button-compact" aria-label="Switch ${isOn ? 'off' : 'on'}: ${name}">Switch ${isOn ? 'off' : 'on'}</button></form></li>`,
  )}</ul></section>`
}

function deletionCard(ctx: PageContext, props: CompanyFormProps): Html {
  const refused = props.refused?.form === 'deletion' ? props.refused : null
  const error = refused?.errors.get('reason')
  return html`<section class="card stack" aria-labelledby="deletion-heading"><h2 id="deletion-heading">Delete</h2>
<p class="second">Its pages go at once, for everybody. Nothing is lost: it can be brought back under Deleted.</p>
<form method="post" action="/admin/companies/${props.id}/deletion" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
${field({ name: 'reason', label: 'Why', required: true, maxLength: 500, value: refused?.typed.reason ?? '', ...(error === undefined ? {} : { error }) })}
<div class="row-actions"><button class="button button-danger button-compact">Delete ${props.name}</button></div></form></section>`
}
