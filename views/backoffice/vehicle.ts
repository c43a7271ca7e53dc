/** A car as the office knows it: what it has for who needs it, and the way to take it off the fleet. */
import { ATTRIBUTES, type Attribute } from '../../src/engine/attributes.ts'
import type { VehicleClass } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { switchRow } from '../parts/switch.ts'
import type { ToastProps } from '../parts/toast.ts'
import { CLASS_WORDS } from '../rides/quotes.ts'
import { NEED_WORDS } from '../rides/wishes.ts'
import { officePage } from './frame.ts'
import { type ChangeWords, type HistoryProps, historyCard } from './history.ts'
import { facts } from './parts.ts'

export interface VehiclePageProps {
  readonly id: string
  readonly plate: string
  /** Colour, make and model. */
  readonly words: string
  readonly vehicleClass: VehicleClass
  readonly seats: number
  readonly has: readonly Attribute[]
  readonly history: HistoryProps
  readonly key: string
  readonly toasts: readonly ToastProps[]
}

const HINTS: Record<Attribute, string> = {
  child_seat: 'There is one in the car, and it fits.',
  wheelchair: 'Somebody can ride in their wheelchair.',
  pets: 'The driver takes a pet.',
}

/** Audit entries name what the car had; a name of later versions is shown as it is. */
const hasText = (value: unknown) =>
  Array.isArray(value) && value.length > 0
    ? value.map((name: Attribute) => NEED_WORDS[name]?.label ?? name).join(', ')
    : 'nothing'
const WORDS: ChangeWords = { has: { label: 'It has', text: hasText } }

/** The page `/admin/vehicles/ID`. */
export function vehiclePage(ctx: PageContext, props: VehiclePageProps): Html {
  const content = html`<p><a class="back-link" href="/admin/fleet">${icon('arrow-left')}Drivers and cars</a></p>
<section class="card stack" aria-labelledby="car-heading"><h2 id="car-heading">${props.words}</h2>${facts([
    ['Plate', html`<bdi dir="ltr">${props.plate}</bdi>`],
    ['Class', CLASS_WORDS[props.vehicleClass].label],
    ['Seats', String(props.seats)],
  ])}</section>
<form method="post" action="/admin/vehicles/${props.id}" class="card stack" aria-labelledby="has-heading">${formKeys({ csrf: ctx.csrf, key: props.key })}<h2 id="has-heading">What it has</h2>
<p class="second">Riders who need one of these are only offered to cars that have it.</p>
${ATTRIBUTES.map((name) => switchRow({ name, label: NEED_WORDS[name].label, hint: HINTS[name], on: props.has.includes(name) }))}
<div class="row-actions"><button class="button button-next button-compact" data-busy="Saving…">Save</button><a class="button button-quiet button-compact" href="/admin/deletion/vehicle/${props.id}">${icon('trash-2')}Delete…</a></div></form>
${historyCard(ctx, props.history, WORDS)}`
  return officePage(ctx, {
    ...{ part: 'fleet', title: `Car ${props.plate}`, content, toasts: props.toasts },
  })
}
