/** One driver, to the company: whether they may drive, turned off and on, and every licence they handed in. */
import { officePage } from '../backoffice/frame.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { avatar } from '../parts/avatar.ts'
import { emptyState } from '../parts/empty.ts'
import { field, formKeys } from '../parts/field.ts'
import { dayText } from '../parts/format.ts'
import { dayWords, type LicenceStateWord, licenceBadge } from './words.ts'

export interface DriverOfficeProps {
  readonly id: string
  readonly name: string
  readonly callSign: string
  readonly company: string
  readonly email: string
  readonly avatarId: string | null
  /** Why they cannot drive now, in a sentence about them; null when they can. */
  readonly hindrance: string | null
  readonly disabled: { readonly sinceMs: number; readonly reason: string } | null
  readonly stoppedSinceMs: number | null
  readonly onShift: boolean
  readonly licences: readonly {
    readonly id: string
    readonly state: LicenceStateWord
    readonly number: string | null
    readonly expiresOn: string | null
    readonly submittedAtMs: number | null
    readonly vouched: boolean
  }[]
  readonly reason?: string
  readonly reasonError?: string
  readonly told?: string | undefined
  readonly key: string
}

const TOLD: Readonly<Record<string, string>> = {
  enabled: 'Driving is on again. The driver is told by mail.',
  disabled: 'Driving is off. The driver is told by mail.',
}

export function driverOfficePage(ctx: PageContext, props: DriverOfficeProps): Html {
  const told = props.told !== undefined && Object.hasOwn(TOLD, props.told) ? TOLD[props.told] : undefined
  return officePage(ctx, {
    part: 'licences',
    title: props.name,
    styles: ['licences.css'],
    toasts: told === undefined ? [] : [{ id: 'told', text: told }],
    content: html`<p><a class="back-link" href="/admin/licences?view=drivers">${icon('arrow-left')}All drivers</a></p>
<section class="card stack" aria-label="Driver"><div class="licence-person">${avatar({ name: props.name, avatarId: props.avatarId })}<p><b>${props.name}</b> <span class="second-inline">car ${props.callSign}</span><span class="second">${props.email} · ${props.company}</span></p></div>
${props.hindrance === null ? html`<p><span class="badge badge-ok">${icon('check')}May drive</span>${props.onShift ? html` <span class="badge badge-assigned">On shift now</span>` : null}</p>` : html`<p class="notice">${icon('triangle-alert')}<span>${props.hindrance}</span></p>`}</section>
${drivingCard(ctx, props)}
<section class="card stack" aria-labelledby="licences-title"><h2 id="licences-title">Licences</h2>${licenceList(ctx, props)}</section>`,
  })
}

function drivingCard(ctx: PageContext, props: DriverOfficeProps): Html {
  const action = `/admin/drivers/${props.id}/capability`
  const keys = formKeys({ csrf: ctx.csrf, key: props.key })
  if (props.disabled !== null)
    return html`<section class="card stack" aria-labelledby="driving-title"><h2 id="driving-title">Driving is off</h2><p>Since ${dayText(ctx, props.disabled.sinceMs)}: ${props.disabled.reason}</p><form method="post" action="${action}">${keys}<input type="hidden" name="able" value="on"><button class="button button-plain">Turn driving on</button></form></section>`
  return html`<section class="card stack" aria-labelledby="driving-title"><h2 id="driving-title">Driving is on</h2>${props.stoppedSinceMs === null ? null : html`<p class="second">The driver has turned it off for themselves since ${dayText(ctx, props.stoppedSinceMs)}.</p>`}
<form method="post" action="${action}" class="stack">${keys}<input type="hidden" name="able" value="off">
${field({ name: 'reason', label: 'Reason for turning it off. The driver reads this', value: props.reason ?? '', maxLength: 500, required: true, ...(props.reasonError === undefined ? {} : { error: props.reasonError }) })}
<div><button class="button button-danger">Turn driving off</button></div><p class="second">${props.onShift ? 'A ride under way is driven to its end, then the shift ends.' : 'They cannot go online until you turn it on again.'}</p></form></section>`
}

function licenceList(ctx: PageContext, { licences }: DriverOfficeProps): Html {
  if (licences.length === 0)
    return emptyState({
      title: 'None yet.',
      text: 'The driver hands one in on the driver’s page, under Licence.',
    })
  return html`<ul class="licence-rows">${licences.map(
    (licence) =>
      html`<li class="licence-row"><a href="/admin/licences/${licence.id}"><span><b>${licence.number ?? ''}</b><span class="second">${licence.expiresOn === null ? null : html`Until ${dayWords(licence.expiresOn)}`}${licence.submittedAtMs === null ? null : html` · ${licence.vouched ? 'vouched for by the company' : 'handed in'} ${dayText(ctx, licence.submittedAtMs)}`}</span></span><span class="licence-row-end">${licenceBadge(licence.state)}</span></a></li>`,
  )}</ul>`
}
