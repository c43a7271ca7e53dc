import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'

export interface ChipProps {
  readonly href: string
  readonly label: Html | string
  readonly icon?: IconName
  /** The one of its row that is chosen. */
  readonly isCurrent?: boolean
  /** Further attributes, for the script that makes more of it. */
  readonly attributes?: Html
}

/** A short answer to press: a link, so that it needs no script. */
export function chip(props: ChipProps): Html {
  return html`<a class="chip" href="${props.href}"${props.isCurrent === true ? html` aria-current="true"` : null}${props.attributes === undefined ? null : html` ${props.attributes}`}>${props.icon === undefined ? null : icon(props.icon)}${props.label}</a>`
}
