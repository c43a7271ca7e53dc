/** Small parts the back office's pages share. */
import { type Html, html } from '../html.ts'
import { fieldNote } from '../parts/field.ts'

export interface Choice {
  readonly value: string
  readonly label: string
}

/** A choice of several, label above; `any` is the first, empty one. */
export function select(props: {
  readonly name: string
  readonly label: string
  readonly chosen: string | undefined
  readonly options: readonly Choice[]
  readonly any?: string
  /** Tells fields of the same name on one page apart. */
  readonly id?: string
  readonly error?: string | undefined
}): Html {
  const id = `field-${props.id ?? props.name}`
  const wrong = props.error === undefined ? null : html` aria-invalid="true" aria-describedby="${id}-error"`
  return html`<div class="field"><label class="field-label" for="${id}">${props.label}</label><select class="input" id="${id}" name="${props.name}"${wrong}>${
    props.any === undefined ? null : html`<option value="">${props.any}</option>`
  }${props.options.map(
    ({ value, label }) =>
      html`<option value="${value}"${value === props.chosen ? html` selected` : null}>${label}</option>`,
  )}</select>${props.error === undefined ? null : fieldNote(id, { error: props.error })}</div>`
}

/** A path with those of the values that are there as its query. */
export function addressWith(path: string, values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

/** Facts by name: label and value in two columns. */
export function facts(items: readonly (readonly [string, Html | string] | null)[]): Html {
  return html`<dl class="facts">${items.map((item) =>
    item === null ? null : html`<div><dt>${item[0]}</dt><dd>${item[1]}</dd></div>`,
  )}</dl>`
}
