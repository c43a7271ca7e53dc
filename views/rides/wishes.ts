/** What a rider wishes beside the way: when, how many seats, what the car must have. One row of plain controls. */
import type { Attribute } from '../../src/engine/attributes.ts'
import { ATTRIBUTES } from '../../src/engine/attributes.ts'
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import { type WhenProps, whenFields } from './when.ts'

/** What a car can have, as a rider asks for it and as it is told of. */
export const NEED_WORDS: Record<Attribute, { label: string; icon: IconName; within: string }> = {
  child_seat: { label: 'Child seat', icon: 'baby', within: 'a child seat' },
  wheelchair: { label: 'Wheelchair', icon: 'accessibility', within: 'room for a wheelchair' },
  pets: { label: 'Pet on board', icon: 'paw-print', within: 'room for a pet' },
}

/** `a child seat and room for a pet`; empty for nothing. */
export function needsText(needs: readonly Attribute[]): string {
  const words = needs.map((need) => NEED_WORDS[need].within)
  const last = words.pop() ?? ''
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`
}

const MOST_SEATS = 4

export interface WishesProps {
  /** Null where rides cannot be booked ahead. */
  readonly when: WhenProps | null
  readonly seats: number
  readonly needs: readonly Attribute[]
  /** The id of the form they belong to, where they stand outside of it. */
  readonly form?: string
  /** Whether a press of their own is offered, for pages without script. */
  readonly submit?: string
}

/** The row of wishes; what stands under "Later" shows once it is chosen. */
export function wishes(props: WishesProps): Html {
  const { when, seats, form } = props
  const of = form === undefined ? null : html` form="${form}"`
  const people = html`<span class="wish">${icon('user')}<select name="seats" aria-label="Seats"${of}>${Array.from(
    { length: MOST_SEATS },
    (_, n) =>
      html`<option value="${n + 1}"${n + 1 === seats ? html` selected` : null}>${n === 0 ? '1 seat' : `${n + 1} seats`}</option>`,
  )}</select></span>`
  return html`<div class="wishes">${when === null ? null : whenFields(when, form)}<div class="wishes-more">${people}${needsMenu(props, of)}</div>${
    props.submit === undefined
      ? null
      : html`<button class="button button-plain button-compact unscripted"${of}>${props.submit}</button>`
  }</div>`
}

/** A menu under one button, so that what few people need stands in nobody's way. */
function needsMenu({ needs }: WishesProps, of: Html | null): Html {
  const chosen = needs.map((need) => NEED_WORDS[need].label).join(', ')
  return html`<details class="menu needs"><summary class="wish">${icon('sliders-horizontal')}${needs.length === 0 ? null : html`<span aria-hidden="true">${needs.length}</span>`}<span class="screen-reader">The car needs: ${chosen === '' ? 'nothing in particular' : chosen}</span></summary><div class="menu-card card" role="group" aria-labelledby="needs-name"><p class="menu-name" id="needs-name">The car needs</p>${needBoxes(needs, of)}</div></details>`
}

/** A box for each thing a car can have; the name of a field is the attribute's. */
export function needBoxes(needs: readonly Attribute[], of: Html | null = null): Html {
  return html`${ATTRIBUTES.map(
    (need) =>
      html`<label class="check"><input type="checkbox" name="${need}"${needs.includes(need) ? html` checked` : null}${of}><span>${NEED_WORDS[need].label}</span></label>`,
  )}`
}
