/** The field for a password somebody chooses: a hint or what is wrong with it, and a meter where scripts run. */
import { type Html, html } from '../html.ts'
import { field } from '../parts/field.ts'

export interface NewPasswordProps {
  readonly label: string
  /** A sentence that says what to choose instead. */
  readonly error?: string
}

/** Needs `strength.js`; the meter shows itself when it has something to say. */
export function newPasswordField(props: NewPasswordProps): Html {
  return html`<div class="new-password" data-strength>${field({
    name: 'password',
    label: props.label,
    type: 'password',
    autocomplete: 'new-password',
    required: true,
    maxLength: 1024,
    ...(props.error === undefined
      ? { hint: 'At least 10 characters. A few words that do not belong together are best.' }
      : { error: props.error }),
  })}<div class="strength" data-strength-bars aria-hidden="true" hidden><span></span><span></span><span></span><span></span></div>
<p class="field-hint" role="status" data-strength-words></p></div>`
}
