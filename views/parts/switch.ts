import { type Html, html } from '../html.ts'

export interface SwitchProps {
  readonly name: string
  readonly label: string
  /** What happens when it is on, and when it is not. */
  readonly hint: string
  readonly on: boolean
}

/** A thing that is on or off: a real checkbox at the end of its words, drawn as a switch. */
export function switchRow(props: SwitchProps): Html {
  const id = `switch-${props.name}`
  return html`<div class="switch-row"><div><label class="switch-label" for="${id}">${props.label}</label><p class="second" id="${id}-hint">${props.hint}</p></div><input type="checkbox" class="switch" id="${id}" name="${props.name}" aria-describedby="${id}-hint"${props.on ? html` checked` : null}></div>`
}
