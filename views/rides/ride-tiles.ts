/** The row of tiles under the driver's name: what one may do about a ride beside riding it. */
import { chatPanel } from '../chat/panel.ts'
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { callLink } from '../parts/call.ts'
import type { MovingProps } from './ride-props.ts'
import { shareTile } from './share.ts'

/** Chat unfolds in its place over the whole row, without a script; Share is a form, every other tile leads to a page of its own. */
export function rideTiles(ctx: PageContext, { id, chat, share, companyPhone }: MovingProps): Html {
  return html`<div class="ride-tiles">${chat === undefined ? null : chatPanel(ctx, chat)}${callLink(companyPhone, { className: 'ride-tile' })}${shareTile(ctx, share)}${tile({ href: `/rides/${id}/safety`, icon: 'shield-alert', word: 'Safety', isDanger: true })}</div>`
}

interface Tile {
  readonly href: string
  readonly icon: IconName
  readonly word: string
  readonly isDanger?: boolean
}

function tile({ href, icon: name, word, isDanger = false }: Tile): Html {
  return html`<a class="ride-tile${isDanger ? ' ride-tile-danger' : ''}" href="${href}">${icon(name)}<span>${word}</span></a>`
}
