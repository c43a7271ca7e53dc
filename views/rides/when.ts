/** Now or later: a choice of two, and for later a day and a time where the ride is. Plain fields, so no script is needed. */
import { instantsAt, minuteText, wallTimeAt } from '../../src/engine/wall-clock.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { fieldNote, segments } from '../parts/field.ts'

export interface WhenProps {
  readonly chosen: 'now' | 'later'
  /** `2026-11-28` and `18:05`, as they were typed. */
  readonly day: string
  readonly time: string
  /** The first and the last day that may be chosen. */
  readonly firstDay: string
  readonly lastDay: string
  /** The clocks go back over that time: which of the two. */
  readonly twice: readonly { readonly value: string; readonly label: string }[]
  readonly fold: string
  /** A sentence that says which time to choose. */
  readonly error?: string
}

/** The part of the request form that says when; `form` is its id where these fields stand outside of it. */
export function whenFields(props: WhenProps, form?: string): Html {
  const { twice } = props
  const of = form === undefined ? null : html` form="${form}"`
  const described =
    props.error === undefined ? null : html` aria-describedby="when-error" aria-invalid="true"`
  return html`<div class="when">${segments({
    name: 'when',
    label: 'When',
    chosen: props.chosen,
    form,
    options: [
      { value: 'now', label: 'Now', icon: icon('zap') },
      { value: 'later', label: 'Later', icon: icon('calendar-clock') },
    ],
  })}<div class="when-later"><div class="when-row"><div class="field"><label class="field-label" for="when-day">Day</label><input class="input" id="when-day" type="date" name="day" value="${props.day}" min="${props.firstDay}" max="${props.lastDay}"${described}${of}></div><div class="field"><label class="field-label" for="when-time">Pickup at</label><input class="input" id="when-time" type="time" name="time" value="${props.time}"${described}${of}></div></div>${fieldNote('when', { ...(props.error === undefined ? {} : { error: props.error }) })}${twice.length === 0 ? null : segments({ name: 'fold', label: 'Which of the two', chosen: props.fold, form, options: twice })}</div></div>`
}

/** The fields of a time, for a link to the form. */
export function whenQuery(atMs: number, timeZone: string): (readonly [string, string])[] {
  const { day, minute } = wallTimeAt(atMs, timeZone)
  const instants = instantsAt({ day, minute }, timeZone)
  return [
    ['when', 'later'],
    ['day', day],
    ['time', minuteText(minute)],
    ...(instants.length < 2 ? [] : [['fold', String(instants.indexOf(atMs - (atMs % 60_000)) + 1)] as const]),
  ]
}
