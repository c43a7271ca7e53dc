/** The desk's pages beside the map: one bar to go from one to the other, and back to the board. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, type PageOptions, page } from '../page.ts'

export type AfterPart = 'messages' | 'handover' | 'deeds' | 'cases' | 'ratings'

const PARTS: readonly { readonly part: AfterPart; readonly href: string; readonly label: string }[] = [
  { part: 'messages', href: '/board/messages', label: 'Messages' },
  { part: 'handover', href: '/board/handover', label: 'Hand-over' },
  { part: 'deeds', href: '/board/deeds', label: 'Who did what' },
  { part: 'cases', href: '/board/cases', label: 'Lost and reported' },
  { part: 'ratings', href: '/board/ratings', label: 'Low ratings' },
]

export interface AfterProps extends Pick<PageOptions, 'styles' | 'scripts' | 'toasts' | 'refreshS'> {
  readonly part: AfterPart
  readonly title: string
  readonly content: Html
}

export function afterPage(ctx: PageContext, props: AfterProps): Html {
  const { title, styles = [], scripts = [], toasts = [], refreshS } = props
  return page(ctx, {
    title,
    ...{ toasts, scripts, ...(refreshS !== undefined && { refreshS }) },
    styles: ['settings.css', 'rating.css', 'after.css', ...styles],
    body: html`<header class="after-top"><a class="button button-quiet button-compact" href="/board">${icon('arrow-left')}Board</a><nav class="after-parts" aria-label="Pages of the desk">${PARTS.map(
      ({ part, href, label }) =>
        html`<a href="${href}"${part === props.part ? html` aria-current="page"` : null}>${label}</a>`,
    )}</nav></header><main id="main" class="narrow stack after-main" tabindex="-1"><h1>${title}</h1>${props.content}</main>`,
  })
}
