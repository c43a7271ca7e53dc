/**
 * What has to be right before going online, each with a sentence. What we know is drawn here; what only the phone
 * knows (location, sound, battery …) waits hidden for `driver-checks.js`, which fills it in and keeps it true.
 */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import type { HoursProps, OffProps, VehicleChoice } from './props.ts'
import { hoursText } from './words.ts'

/** Below it the page says so before the shift begins. */
const FEW_HOURS_S = 3_600

export function checks(props: OffProps, chosen: VehicleChoice): Html {
  const { licenceDaysLeft: days, hours } = props
  const licence =
    days === null
      ? known({ icon: 'id-card', name: 'Licence', tone: 'ok', words: 'In order.' })
      : known({ icon: 'id-card', name: 'Licence', tone: 'warn', words: endsWords(days) })
  const car = known({
    icon: 'car-front',
    name: 'Car',
    tone: 'ok',
    words: html`${chosen.name}, <bdi dir="ltr">${chosen.plate}</bdi>.`,
  })
  return html`<details class="checks" id="checks"><summary class="checks-sum"><span class="checks-mark" data-tone="${days === null && !hasFew(hours) ? 'ok' : 'warn'}">${icon('check')}${icon('triangle-alert')}</span><span data-sum>${days === null && !hasFew(hours) ? 'Licence and car are in order' : 'One thing to know before you start'}</span>${icon('chevron-down')}</summary>
<ul class="check-rows">${licence}${car}${hours === null ? null : hoursRow(hours)}${PHONE.map(phoneRow)}</ul></details>`
}

function hasFew(hours: HoursProps | null): boolean {
  return hours !== null && hours.leftS < FEW_HOURS_S
}

function hoursRow(hours: HoursProps): Html {
  return known({
    ...{ icon: 'timer', name: 'Driving hours', tone: hasFew(hours) ? 'warn' : 'ok' },
    words: `${hoursText(hours.leftS)} of ${hoursText(hours.driveLimitS)} left before a rest of ${hoursText(hours.restS)}.`,
  })
}

function endsWords(days: number): Html {
  const when = days === 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${days} days`
  return html`Ends ${when}. <a href="/driver/licence">Hand in the new one</a>`
}

function known(row: { icon: IconName; name: string; tone: 'ok' | 'warn'; words: Html | string }): Html {
  return html`<li class="check" data-tone="${row.tone}">${icon(row.icon)}<p><b>${row.name}</b><span class="second">${row.words}</span></p>${marks()}</li>`
}

/** Of what only the phone knows: the press that can set it right, where a page may ask. */
const PHONE = [
  { id: 'location', icon: 'locate-fixed', name: 'Location', press: 'Allow' },
  { id: 'sound', icon: 'bell', name: 'Sound and vibration', press: 'Try' },
  { id: 'notices', icon: 'smartphone', name: 'Over other apps', press: 'Allow' },
  { id: 'battery', icon: 'zap', name: 'Battery', press: null },
  { id: 'screen', icon: 'sun', name: 'Screen', press: null },
] as const

function phoneRow({ id, icon: name, name: word, press }: (typeof PHONE)[number]): Html {
  const button =
    press === null
      ? null
      : html`<button type="button" class="button button-soft check-press" hidden data-press><span class="screen-reader">${word}: </span>${press}</button>`
  return html`<li class="check" data-check="${id}" hidden hx-morph-skip>${icon(name)}<p><b>${word}</b><span class="second" data-words></span></p>${button}${marks()}</li>`
}

/** Shape first: a tick or a triangle, told apart without the colour. */
function marks(): Html {
  return html`<span class="check-state">${icon('check')}${icon('triangle-alert')}</span>`
}
