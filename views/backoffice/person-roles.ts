/** What a person is at each company, to be given and taken away. */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { field, formKeys } from '../parts/field.ts'
import { select } from './parts.ts'
import { errorOf, type PersonProps } from './person.ts'

export function rolesCard(ctx: PageContext, props: PersonProps): Html {
  const refused = props.refused?.form === 'roles' ? props.refused : null
  const [only, ...more] = props.companies
  const form =
    only === undefined
      ? null
      : html`<form method="post" action="/admin/people/${props.id}/roles" class="stack"><h3>Give a role</h3>${formKeys({ csrf: ctx.csrf, key: props.key() })}
<div class="filters">${
          more.length === 0
            ? html`<input type="hidden" name="company" value="${only.value}">`
            : select({
                ...{ name: 'company', label: 'Company', id: 'role-company', options: props.companies },
                ...{ chosen: refused?.typed.company, error: refused?.errors.get('company') },
              })
        }
${select({ name: 'role', label: 'Role', options: props.grantable, chosen: refused?.typed.role, error: refused?.errors.get('role') })}
${field({ name: 'call_sign', label: 'Call sign, for drivers', maxLength: 12, value: refused?.typed.call_sign ?? '', ...errorOf(refused, 'call_sign') })}
<div class="filters-end"><button class="button button-plain button-compact">Give</button></div></div></form>`
  return html`<section class="card stack" aria-labelledby="roles-heading"><h2 id="roles-heading">Roles</h2>
${errorNote(refused)}${
  props.roles.length === 0
    ? html`<p class="second">None: they ride.</p>`
    : html`<ul class="plain-rows">${props.roles.map(
        ({ companyId, company, role }) =>
          html`<li><div><b>${role}</b>${more.length === 0 ? null : html`<p class="second">${company}</p>`}</div><form method="post" action="/admin/people/${props.id}/roles/removal">${formKeys({ csrf: ctx.csrf, key: props.key() })}<input type="hidden" name="company" value="${companyId}"><input type="hidden" name="role" value="${role}"><button class="button button-plain button-compact" aria-label="Take away: ${role}, ${company}">Take away</button></form></li>`,
      )}</ul>`
}${form}<p class="second">They are told by letter, and it counts from their next step on.</p></section>`
}

function errorNote(refused: PersonProps['refused']): Html | null {
  const error = refused?.errors.get('')
  return error === undefined ? null : html`<p class="notice notice-danger" role="alert">${error}</p>`
}
