import { type Html, html } from '../html.ts'

export interface DialogProps {
  /** Of the form inside; the dialog's own is `ID-dialog`. */
  readonly id: string
  /** What the button says that opens it. */
  readonly opens: string
  readonly isDanger: boolean
  /** The question, with its figure. */
  readonly title: string
  /** What a yes does. */
  readonly text: string
  /** How the form is sent: its attributes. */
  readonly form: Html
  readonly fields: Html
  readonly keep: string
  readonly go: string
  readonly busy: string
}

/** A button and the question it opens, by the browser itself; the safe choice comes first and has the focus. */
export function questionDialog(props: DialogProps): Html {
  return html`<button type="button" class="button ${props.isDanger ? 'button-danger' : 'button-plain'}" commandfor="${props.id}-dialog" command="show-modal" aria-haspopup="dialog">${props.opens}</button>${question(props)}`
}

/** The question alone, for where its button stands in a menu. */
export function question(props: Omit<DialogProps, 'opens' | 'isDanger'>): Html {
  const id = `${props.id}-dialog`
  return html`<dialog id="${id}" aria-labelledby="${id}-title"><form class="dialog-form" ${props.form}><h3 id="${id}-title" class="card-title">${props.title}</h3><p class="second">${props.text}</p>${props.fields}<div class="actions"><button type="button" class="button button-plain" commandfor="${id}" command="close" autofocus>${props.keep}</button><button class="button button-danger" data-busy="${props.busy}">${props.go}</button></div></form></dialog>`
}
