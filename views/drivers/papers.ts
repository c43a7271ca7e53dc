/** What has to be in order to drive, on one page: the licence, the cars, the hours. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import { dayWords } from '../licences/words.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { clock, plate } from '../parts/figures.ts'
import type { HoursProps, VehicleChoice } from './props.ts'
import { listPage } from './settings.ts'
import { CLASS_WORDS, hoursText, seatsText } from './words.ts'

export interface PapersProps {
  readonly nowMs: number
  readonly company: string
  /** Why the driver cannot drive now, in a sentence; null when they can. */
  readonly hindrance: string | null
  readonly licence: {
    /** False where the company does not check. */
    readonly checked: boolean
    /** The last day of the one that counts, `2027-05-31`; null without one. */
    readonly expiresOn: string | null
    readonly daysLeft: number | null
    readonly isWaiting: boolean
  }
  readonly vehicles: readonly (VehicleChoice & { readonly isOut: boolean })[]
  readonly hours: HoursProps | null
}

/** @param options.isNight after sunset in the region: the page is dark then */
export function papersPage(ctx: PageContext, props: PapersProps, options: { isNight: boolean }): Html {
  return listPage(ctx, {
    ...{ title: 'Papers', isNight: options.isNight },
    content: html`${licenceCard(props)}${vehicleCard(props)}${hoursCard(ctx, props)}`,
  })
}

/** A week before, the letters and this page begin to speak of it. */
const NEAR_DAYS = 7

function licenceCard({ hindrance, licence }: PapersProps): Html {
  const { expiresOn, daysLeft, isWaiting, checked } = licence
  const isNear = daysLeft !== null && daysLeft <= NEAR_DAYS
  const badge =
    hindrance !== null
      ? stateBadge('danger', 'triangle-alert', 'Cannot drive')
      : isNear
        ? stateBadge(
            'warn',
            'clock',
            daysLeft === 0 ? 'Ends today' : daysLeft === 1 ? 'Ends tomorrow' : `${daysLeft} days left`,
          )
        : stateBadge('ok', 'check', 'In order')
  return html`<section class="card stack" aria-labelledby="licence-title"><div class="paper-head"><h2 id="licence-title" class="card-title">Licence</h2>${badge}</div>
${hindrance === null ? null : html`<p class="notice">${icon('triangle-alert')}<span>${hindrance}</span></p>`}<p class="second">${!checked ? 'Your company does not check licences here.' : expiresOn === null ? 'None is approved yet.' : html`Approved, good until <b>${dayWords(expiresOn)}</b>.`}${isWaiting ? ' A new one is being looked at; you hear by mail.' : null}</p>
<a class="button button-plain button-wide" href="/driver/licence">${expiresOn === null && checked && !isWaiting ? 'Hand in your licence' : 'Open licence'}</a></section>`
}

function vehicleCard({ vehicles, company }: PapersProps): Html {
  return html`<section class="card stack" aria-labelledby="cars-title"><h2 id="cars-title" class="card-title">Cars</h2>${
    vehicles.length === 0
      ? emptyState({ title: 'No car is yours yet.', text: `${company} assigns cars; ask them for one.` })
      : html`<ul class="link-rows">${vehicles.map(
          (vehicle) =>
            html`<li class="paper-car"><span><b>${vehicle.name}</b><span class="second">${CLASS_WORDS[vehicle.class]} · ${seatsText(vehicle.seats)}${vehicle.isOut ? html` · <b>out in it now</b>` : null}</span></span>${plate(vehicle.plate)}</li>`,
        )}</ul>`
  }</section>`
}

function hoursCard(ctx: PageContext, { hours, nowMs, company }: PapersProps): Html {
  const heading = html`<h2 id="hours-title" class="card-title">Driving hours</h2>`
  if (hours === null)
    return html`<section class="card stack" aria-labelledby="hours-title">${heading}<p class="second">${company} sets no limit here. Rest when you are tired.</p></section>`
  const usedS = Math.max(0, hours.driveLimitS - hours.leftS)
  return html`<section class="card stack" aria-labelledby="hours-title"><div class="paper-head">${heading}<b class="numbers">${hoursText(hours.leftS)} left</b></div>
<meter class="hours-meter" min="0" max="${hours.driveLimitS}" value="${Math.min(usedS, hours.driveLimitS)}" aria-label="Driven since the last rest">${hoursText(usedS)}</meter>
<p class="second">${hoursText(usedS)} of ${hoursText(hours.driveLimitS)} driven since your last rest; breaks do not count. ${hours.restedAtMs === null || hours.restedAtMs <= nowMs ? null : html`The count begins anew after ${hoursText(hours.restS)} without driving: at ${clock(ctx, hours.restedAtMs)}, if you stop now.`}</p></section>`
}

function stateBadge(tone: 'ok' | 'warn' | 'danger', name: IconName, word: string): Html {
  return html`<span class="badge badge-${tone}">${icon(name)}${word}</span>`
}
