/** Where a person is banned, to be lifted; and a ban, for a reason and perhaps a while. */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { field, fieldNote, formKeys } from '../parts/field.ts'
import { day } from '../parts/figures.ts'
import { select } from './parts.ts'
import { errorOf, type PersonProps, type RefusedForm } from './person.ts'

export function bansCard(ctx: PageContext, props: PersonProps): Html | null {
  if (props.bans.length === 0 && props.banScopes.length === 0) return null
  const refused = props.refused?.form === 'ban' ? props.refused : null
  const error = refused?.errors.get('')
  return html`<section class="card stack" aria-labelledby="bans-heading"><h2 id="bans-heading">Bans</h2>
${error === undefined ? null : html`<p class="notice notice-danger" role="alert">${error}</p>`}
${
  props.bans.length === 0
    ? html`<p class="second">None.</p>`
    : html`<ul class="plain-rows">${props.bans.map(
        (ban) =>
          html`<li><div><b>${ban.company}</b><p>${ban.reason}</p><p class="second">Since ${day(ctx, ban.atMs)}${ban.by === null ? null : html`, by ${ban.by}`}${ban.untilMs === null ? null : html`, until the end of ${day(ctx, ban.untilMs - 1)}`}</p></div>${
            ban.mayLift
              ? html`<form method="post" action="/admin/people/${props.id}/ban/lift">${formKeys({ csrf: ctx.csrf, key: props.key() })}<input type="hidden" name="company" value="${ban.companyId}"><button class="button button-plain button-compact" aria-label="Lift the ban: ${ban.company}">Lift</button></form>`
              : null
          }</li>`,
      )}</ul>`
}${banForm(ctx, props, refused)}</section>`
}

function banForm(ctx: PageContext, props: PersonProps, refused: RefusedForm | null): Html | null {
  const [only, ...more] = props.banScopes
  if (only === undefined) return null
  return html`<form method="post" action="/admin/people/${props.id}/ban" class="stack"><h3>Ban</h3>${formKeys({ csrf: ctx.csrf, key: props.key() })}
<p class="second">They cannot ride, drive or work there from this moment on; what they wait for is cancelled without a fee. They read the reason.</p>
${
  more.length === 0
    ? html`<input type="hidden" name="company" value="${only.value}">`
    : select({
        ...{ name: 'company', label: 'Where', id: 'ban-company', options: props.banScopes },
        ...{ chosen: refused?.typed.company, error: refused?.errors.get('company') },
      })
}
${field({ name: 'reason', label: 'Reason, in words they will read', required: true, maxLength: 500, lines: 2, value: refused?.typed.reason ?? '', ...errorOf(refused, 'reason') })}
${untilField(props, refused)}
<div class="row-actions"><button class="button button-danger button-compact">Ban ${props.name}</button></div></form>`
}

function untilField({ today }: PersonProps, refused: RefusedForm | null): Html {
  const error = refused?.errors.get('until')
  return html`<div class="field"><label class="field-label" for="field-until">Until the end of (empty: until it is lifted)</label><input class="input" type="date" id="field-until" name="until" min="${today}" value="${refused?.typed.until ?? ''}"${error === undefined ? null : html` aria-invalid="true" aria-describedby="field-until-error"`}>${fieldNote('field-until', error === undefined ? {} : { error })}</div>`
}
