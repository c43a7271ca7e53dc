/** What the desk may do to the chosen ride: the one thing to do first, what is done often beside it, the rest in a menu. */
import { PUT_OFF_MINUTES } from '../../src/engine/rescue.ts'
import { allowedEvents } from '../../src/engine/ride.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { question } from '../parts/dialog.ts'
import { candidateRow } from './pane.ts'
import { rideForm, rideKeys } from './pane-form.ts'
import type { PaneProps } from './props.ts'

export const RELEASE_REASONS = [
  'Driver asked for it',
  'Better driver near',
  'Car trouble',
  'Car is silent',
  'Another reason',
]
const REASSIGN_REASONS = [
  'Better driver near',
  ...RELEASE_REASONS.filter((text) => text !== 'Better driver near'),
]
export const CANCEL_REASONS = [
  'Rider asked for it',
  'No car can come',
  'Rider not reachable',
  'Double request',
  'Another reason',
]

const RIDER_WORDS = [
  'Sorry, no car can come to you now. You were not charged.',
  'The road to your pickup is closed. Please ask again from a street near by.',
  'Please call us: we could not reach you.',
]

/** Nothing for a ride that the desk can do nothing about. */
export function paneActions(ctx: PageContext, props: PaneProps): Html | null {
  const { ride, candidates, nowMs } = props
  const may = new Set(allowedEvents(ride.state))
  if (!may.has('cancel')) return null
  const isOff = ride.putOffUntilMs !== null && ride.putOffUntilMs > nowMs
  const waits = ride.state === 'requested'
  return html`<div class="pane-acts">${
    waits && candidates.length > 0
      ? html`<button class="button button-next" form="assign" data-busy="Assigning…"><span data-assign-label>Assign driver</span><kbd>Enter</kbd></button>`
      : null
  }${may.has('release') ? opener('reassignment', 'Other driver') : null}${may.has('release') ? opener('release', 'Unassign') : null}${
    !may.has('hold')
      ? null
      : isOff
        ? html`<form ${rideForm(ride, 'resumption')}>${rideKeys(ctx, props)}<button class="button button-plain" data-busy="Asking…">Ask now</button></form>`
        : holdMenu(ctx, props)
  }<a class="button button-plain" href="/board/rides/${encodeURIComponent(ride.id)}/edit" data-act="edit">Edit</a>${moreMenu(ctx, props, waits)}</div>${may.has('release') ? html`${reassignQuestion(ctx, props)}${releaseQuestion(ctx, props)}` : null}${cancelQuestion(ctx, props)}`
}

function opener(id: string, words: string): Html {
  return html`<button type="button" class="button button-plain" commandfor="${id}-dialog" command="show-modal" data-act="${id}" aria-haspopup="dialog">${words}</button>`
}

function holdMenu(ctx: PageContext, props: PaneProps): Html {
  return html`<details class="menu pane-menu" data-act="hold"><summary class="button button-plain">Hold</summary><form class="menu-card" ${rideForm(props.ride, 'postponement')}>${rideKeys(ctx, props)}<p class="second">Ask nobody for</p>${PUT_OFF_MINUTES.map((minutes) => html`<button class="menu-button" name="minutes" value="${minutes}" data-busy="Putting off…">${minutes} min</button>`)}</form></details>`
}

function moreMenu(ctx: PageContext, props: PaneProps, waits: boolean): Html {
  return html`<details class="menu pane-menu pane-more"><summary class="button button-plain" aria-label="More">${icon('ellipsis')}</summary><div class="menu-card">${
    waits
      ? html`<form ${rideForm(props.ride, 'wider-search')}>${rideKeys(ctx, props)}<button class="menu-button" data-busy="Asking again…">Ask again, wider</button></form>`
      : null
  }<button type="button" class="menu-button menu-danger" commandfor="cancellation-dialog" command="show-modal" data-act="cancellation" aria-haspopup="dialog">Cancel ride</button></div></details>`
}

function reassignQuestion(ctx: PageContext, props: PaneProps): Html {
  const { ride, candidates } = props
  const car = ride.driver?.callSign ?? 'its driver'
  return question({
    id: 'reassignment',
    title: `Give ${ride.reference} to another driver?`,
    text: `${car} is told why. The rider keeps the price and reads who comes instead. You can take it back for 10 s.`,
    form: rideForm(ride, 'reassignment'),
    fields: html`${rideKeys(ctx, props)}${
      candidates.length === 0
        ? html`<p class="second">No free car of this class is in reach. “Unassign” lets the engine go on looking.</p>`
        : html`<div class="candidates" role="radiogroup" aria-label="Driver for this ride">${candidates.map((candidate, i) => candidateRow(props, candidate, i))}</div>`
    }${reasonField(`What ${car} reads`, REASSIGN_REASONS)}`,
    keep: `Keep ${car}`,
    go: 'Give it away',
    busy: 'Giving…',
  })
}

function releaseQuestion(ctx: PageContext, props: PaneProps): Html {
  const { ride } = props
  const car = ride.driver?.callSign ?? 'its driver'
  return question({
    id: 'release',
    title: `Take ${ride.reference} from ${car}?`,
    text: 'The engine looks for another driver at once. The rider is told and keeps the price. You can take it back for 10 s, while the driver is free.',
    form: rideForm(ride, 'release'),
    fields: html`${rideKeys(ctx, props)}${reasonField(`What ${car} reads`, RELEASE_REASONS)}`,
    keep: 'Keep the driver',
    go: 'Unassign',
    busy: 'Taking back…',
  })
}

function cancelQuestion(ctx: PageContext, props: PaneProps): Html {
  const { ride } = props
  return question({
    id: 'cancellation',
    title: `Cancel ${ride.reference}, free of charge?`,
    text: `${ride.riderName} is told at once${ride.driver === null ? '' : `, and ${ride.driver.callSign} is free again`}. You can take it back for 10 s; after that a cancelled ride does not come back.`,
    form: rideForm(ride, 'cancellation'),
    fields: html`${rideKeys(ctx, props)}${reasonField('Reason', CANCEL_REASONS)}<label class="field"><span class="field-label">To the rider <span class="second">they read it as you write it; may stay empty</span></span><input class="input" name="words" maxlength="200" autocomplete="off" list="rider-words"><datalist id="rider-words">${RIDER_WORDS.map((text) => html`<option value="${text}"></option>`)}</datalist></label>`,
    keep: 'Keep ride',
    go: 'Cancel ride',
    busy: 'Cancelling…',
  })
}

function reasonField(label: string, reasons: readonly string[]): Html {
  return html`<label class="field"><span class="field-label">${label}</span><select class="input" name="reason">${reasons.map((reason) => html`<option>${reason}</option>`)}</select></label>`
}
