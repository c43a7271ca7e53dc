/** The narrow page of one card: signing in, registering, and what letters lead to. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, type PageOptions, page } from '../page.ts'
import { wordmark } from '../parts/mark.ts'

export interface CardProps extends Pick<PageOptions, 'styles' | 'scripts'> {
  readonly title: string
  /** One sentence under the title. */
  readonly second?: string | Html
  /** One sentence about the form as a whole. */
  readonly error?: string
  readonly content: Html
}

/** A page with nothing else to do on it. */
export function cardPage(ctx: PageContext, props: CardProps): Html {
  const { title, second, error, styles = [], scripts = [] } = props
  const body = html`<main id="main" class="sign-in" tabindex="-1"><div class="card sign-in-card">
${wordmark()}
<div><h1>${title}</h1>${second === undefined ? null : html`<p class="second">${second}</p>`}</div>
${error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}<span>${error}</span></p>`}
${props.content}
</div></main>`
  return page(ctx, { title, body, styles: ['joining.css', ...styles], scripts })
}

/** A link of a letter that opens nothing, and the way to a new one. */
export function goneLinkPage(
  ctx: PageContext,
  props: { readonly text: string; readonly href: string; readonly action: string },
): Html {
  return cardPage(ctx, {
    title: 'This link opens nothing any more',
    second: props.text,
    content: html`<a class="button button-next button-wide" href="${props.href}">${props.action}</a>
<p class="second"><a href="/sign-in">Sign in</a></p>`,
  })
}
