/** Fields of forms: label above, hint or mistake under it, the words typed stay. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'

export interface FieldProps {
  readonly name: string
  readonly label: string
  readonly value?: string
  readonly type?: 'text' | 'email' | 'password' | 'number' | 'tel' | 'date' | 'time'
  readonly autocomplete?: string
  readonly hint?: string
  /** A sentence that says what to type. */
  readonly error?: string
  readonly required?: boolean
  readonly maxLength?: number
  readonly placeholder?: string
  /** Lines of text: more than one makes it a text area. */
  readonly lines?: number
  /** Tells fields of the same name on one page apart. */
  readonly id?: string
}

/** One field with its label, tied to hint and error for screen readers. */
export function field(props: FieldProps): Html {
  const id = `field-${props.id ?? props.name}`
  const described = props.error !== undefined ? `${id}-error` : props.hint !== undefined ? `${id}-hint` : null
  const shared = html`id="${id}" name="${props.name}" class="input"${props.autocomplete === undefined ? null : html` autocomplete="${props.autocomplete}"`}${props.maxLength === undefined ? null : html` maxlength="${props.maxLength}"`}${props.placeholder === undefined ? null : html` placeholder="${props.placeholder}"`}${described === null ? null : html` aria-describedby="${described}"`}${props.error === undefined ? null : html` aria-invalid="true"`}${props.required === true ? html` required` : null}`
  const control =
    (props.lines ?? 1) > 1
      ? html`<textarea ${shared} rows="${props.lines}">${props.value ?? ''}</textarea>`
      : html`<input ${shared} type="${props.type ?? 'text'}" value="${props.value ?? ''}">`
  return html`<div class="field"><label class="field-label" for="${id}">${props.label}</label>${control}${fieldNote(id, props)}</div>`
}

/** What stands under a field: its mistake if it has one, else its hint. */
export function fieldNote(id: string, props: Pick<FieldProps, 'hint' | 'error'>): Html | null {
  if (props.error !== undefined)
    return html`<p class="field-error" id="${id}-error">${icon('triangle-alert')}<span>${props.error}</span></p>`
  if (props.hint !== undefined) return html`<p class="field-hint" id="${id}-hint">${props.hint}</p>`
  return null
}

export interface SegmentsProps {
  readonly name: string
  readonly label: string
  readonly chosen: string
  /** The id of the form it belongs to, where it stands outside of it. */
  readonly form?: string | undefined
  /** Two to five. */
  readonly options: readonly { readonly value: string; readonly label: Html | string; readonly icon?: Html }[]
}

/** A choice of few: real radio buttons, drawn as one control. */
export function segments(props: SegmentsProps): Html {
  return html`<fieldset><legend class="screen-reader">${props.label}</legend><div class="segments">${props.options.map(
    (option) =>
      html`<label class="segment"><input type="radio" name="${props.name}" value="${option.value}"${props.form === undefined ? null : html` form="${props.form}"`}${option.value === props.chosen ? html` checked` : null}><span>${option.icon}${option.label}</span></label>`,
  )}</div></fieldset>`
}

/** The two hidden fields of a form: the token against forged posts, and the key that makes sending twice one act. */
export function formKeys(props: { csrf: string; key?: string }): Html {
  return html`<input type="hidden" name="csrf" value="${props.csrf}">${props.key === undefined ? null : html`<input type="hidden" name="key" value="${props.key}">`}`
}
