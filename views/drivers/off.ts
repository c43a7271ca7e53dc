/** Off shift: what today brought, which car, and one button to begin. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { checks } from './checks.ts'
import { restNotice } from './hours.ts'
import { deskTookNotice, takenNotice } from './nudge.ts'
import {
  bigButton,
  earningsTile,
  hiddenKeys,
  papersTile,
  sentBy,
  settingsTile,
  todayFigure,
  weekBars,
} from './parts.ts'
import type { HoursProps, OffProps, VehicleChoice } from './props.ts'
import { endedCard } from './waiting.ts'
import { CLASS_WORDS, hoursText, seatsText } from './words.ts'

export function offSheet(ctx: PageContext, props: OffProps): Html {
  const { vehicles, chosenVehicleId } = props
  const chosen = vehicles.find((vehicle) => vehicle.id === chosenVehicleId) ?? vehicles[0]
  return html`<h1 class="screen-reader">Off shift</h1>${takenNotice(ctx, props.taken)}${deskTookNotice(ctx, props.deskTook)}${props.ended === undefined ? null : endedCard(ctx, props.ended)}
<div class="figures">${todayFigure(ctx, props.today)}${weekBars(ctx, { days: props.week, currency: props.today.currency })}</div>
<div class="tiles">${earningsTile()}${papersTile()}${settingsTile()}</div>
${props.held !== undefined ? null : props.hindrance !== null ? hindered(props.hindrance) : chosen === undefined ? noVehicle() : goOnline(ctx, props, chosen)}`
}

/** Why no shift can begin now, and the one place where something can be done about it. */
function hindered(text: string): Html {
  return html`<p class="notice">${icon('id-card')}<span>${text}</span></p><a class="button button-next button-wide" href="/driver/licence">Open licence</a>`
}

function noVehicle(): Html {
  return html`<p class="notice">${icon('car-front')}<span>No vehicle is yours yet. Ask your company to assign one, then load this page again.</span></p>`
}

function goOnline(ctx: PageContext, props: OffProps, chosen: VehicleChoice): Html {
  const several = props.vehicles.length > 1
  const rest = props.hours?.leftS === 0 ? restNotice(ctx, props.hours, props.nowMs) : null
  const car = html`in ${chosen.name}, <bdi dir="ltr">${chosen.plate}</bdi>`
  return html`${rest === null ? checks(props, chosen) : rest}<form ${sentBy('/driver/shift')} class="stack" id="go-online"${rest === null ? null : html` hidden`}>${hiddenKeys(ctx, props.key())}${several ? vehicleChoice(props.vehicles, chosen) : html`<input type="hidden" name="vehicle_id" value="${chosen.id}">`}
${bigButton({ verb: 'Go online', does: props.hours === null ? (several ? 'offers for this car start at once' : car) : leftText(props.hours), busy: 'Going online…' })}</form>`
}

function leftText(hours: HoursProps): string {
  // At the end of the rest, which the button may outlive on the page, all of it is there again.
  return `${hoursText(hours.leftS === 0 ? hours.driveLimitS : hours.leftS)} of driving left`
}

function vehicleChoice(vehicles: readonly VehicleChoice[], chosen: VehicleChoice): Html {
  return html`<fieldset class="vehicles"><legend class="second">Your car today</legend>${vehicles.map(
    (vehicle) =>
      html`<label class="vehicle"><input type="radio" name="vehicle_id" value="${vehicle.id}"${vehicle.id === chosen.id ? html` checked` : null}><span><b>${vehicle.name}</b><span class="second">${CLASS_WORDS[vehicle.class]} · ${seatsText(vehicle.seats)}</span></span><bdi dir="ltr" class="plate">${vehicle.plate}</bdi></label>`,
  )}</fieldset>`
}
