/** A new company: a few answers, or its file. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { type FieldProps, field, formKeys } from '../parts/field.ts'
import { officePage } from './frame.ts'

export interface FoundingProps {
  readonly typed: Readonly<Record<string, string>>
  /** By field; under the empty name what belongs to none. */
  readonly errors: ReadonlyMap<string, string>
  /** The text of a file that was not taken. */
  readonly file: string
  readonly mistakes: readonly string[]
  readonly key: () => string
}

type Box = Omit<FieldProps, 'value' | 'error'>
const GROUPS: readonly { readonly title: string; readonly boxes: readonly Box[] }[] = [
  {
    title: 'The company',
    boxes: [
      { name: 'name', label: 'Name', maxLength: 120, required: true },
      {
        name: 'slug',
        label: 'Short name',
        maxLength: 40,
        required: true,
        hint: 'Small letters, digits, hyphens; stays for good.',
      },
      { name: 'currency', label: 'Currency', maxLength: 3, required: true, placeholder: 'USD' },
      {
        name: 'time_zone',
        label: 'Time zone',
        maxLength: 60,
        required: true,
        placeholder: 'America/New_York',
      },
      { name: 'locale', label: 'Language and country', maxLength: 35, required: true, placeholder: 'en-US' },
      { name: 'phone', label: 'Phone', maxLength: 40 },
    ],
  },
  {
    title: 'Where it drives',
    boxes: [
      { name: 'lat', label: 'Latitude of the middle', maxLength: 20, required: true, placeholder: '40.7549' },
      {
        name: 'lng',
        label: 'Longitude of the middle',
        maxLength: 20,
        required: true,
        placeholder: '-73.984',
      },
      { name: 'radius_km', label: 'Kilometres around it', maxLength: 20, required: true, placeholder: '12' },
    ],
  },
  {
    title: 'What a ride costs',
    boxes: [
      { name: 'base', label: 'To begin with', maxLength: 20, required: true, placeholder: '3.50' },
      { name: 'per_km', label: 'A kilometre', maxLength: 20, required: true, placeholder: '1.60' },
      { name: 'per_minute', label: 'A minute', maxLength: 20, required: true, placeholder: '0.50' },
      { name: 'minimum', label: 'At least', maxLength: 20, required: true, placeholder: '8' },
    ],
  },
  {
    title: 'Its first admin',
    boxes: [
      { name: 'admin_name', label: 'Name', maxLength: 120, required: true },
      {
        name: 'admin_email',
        label: 'E-mail',
        type: 'email',
        maxLength: 254,
        required: true,
        hint: 'They get a letter to set a password.',
      },
    ],
  },
]

export function foundingPage(ctx: PageContext, props: FoundingProps): Html {
  const other = props.errors.get('')
  const content = html`<p><a class="back-link" href="/admin/companies">${icon('arrow-left')}All companies</a></p>
<section class="card stack" aria-label="A few answers"><form method="post" action="/admin/companies" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
${other === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}<span>${other}</span></p>`}
${GROUPS.map(
  ({ title, boxes }) =>
    html`<fieldset class="stack"><legend><h2>${title}</h2></legend><div class="filters filters-start">${boxes.map(
      (box) => {
        const error = props.errors.get(box.name)
        return field({
          ...box,
          value: props.typed[box.name] ?? '',
          ...(error === undefined ? {} : { error }),
        })
      },
    )}</div></fieldset>`,
)}
<p class="second">Taxes, more classes of cars, fees and people come with the company file, whenever you like.</p>
<div class="row-actions"><button class="button button-next button-compact" data-busy="Founding…">Found the company</button></div></form></section>
<section class="card stack" aria-labelledby="file-heading"><h2 id="file-heading">Or its file</h2>
<p class="second">The same JSON that the command takes: samples/company shows one.</p>
${props.mistakes.length === 0 ? null : html`<div class="notice notice-danger" role="alert"><ul>${props.mistakes.map((line) => html`<li>${line}</li>`)}</ul></div>`}
<form method="post" action="/admin/companies/file" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
${field({ name: 'file', label: 'Company file', lines: 8, required: true, maxLength: 60000, value: props.file })}
<div class="row-actions"><button class="button button-plain button-compact">Found from the file</button></div></form></section>`
  return officePage(ctx, { part: 'companies', title: 'New company', content })
}
