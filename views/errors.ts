/** Pages for what went wrong: what happened, what was not lost, one way on, a reference. */
import { type Html, html } from './html.ts'
import { icon } from './icon.ts'
import { type PageContext, page } from './page.ts'
import { topBar } from './parts/top.ts'

export interface ProblemProps {
  readonly title: string
  /** What it means and what was not lost, in one or two sentences. */
  readonly text: string
  readonly action: { readonly href: string; readonly label: string }
  /** To be read out to whoever helps: the request's correlation id. */
  readonly reference: string
}

/** One problem, one way on. */
export function problemPage(ctx: PageContext, props: ProblemProps): Html {
  const body = html`${topBar(ctx)}<main id="main" class="narrow" tabindex="-1">${problemCard(props)}</main>`
  return page(ctx, { title: props.title, body })
}

/** What such a page is about. */
export function problemCard(props: ProblemProps): Html {
  return html`<section class="card problem">
<span class="problem-icon">${icon('triangle-alert')}</span>
<h1>${props.title}</h1>
<p>${props.text}</p>
<a class="button button-next" href="${props.action.href}">${props.action.label}</a>
<p class="small">Reference <bdi dir="ltr" class="numbers">${props.reference}</bdi></p>
</section>`
}

type Words = Omit<ProblemProps, 'reference'>

const HOME = { href: '/', label: 'Go to the start' } as const

/** What to say for a status that a route did not put into words itself. */
export function problemWords(status: number): Words {
  switch (status) {
    case 400:
      return {
        title: 'That request did not arrive whole',
        text: 'Nothing was changed. Go back and try once more.',
        action: HOME,
      }
    case 401:
      return {
        title: 'Sign in to go on',
        text: 'This page belongs to somebody. Sign in, and you come back here.',
        action: { href: '/sign-in', label: 'Sign in' },
      }
    case 403:
      return {
        title: 'Not yours to open',
        text: 'This page belongs to somebody else, or the form was open too long. Nothing was changed.',
        action: HOME,
      }
    case 404:
      return {
        title: 'Nothing here',
        text: 'This address leads nowhere. Your rides are where they were.',
        action: HOME,
      }
    case 409:
      return {
        title: 'Somebody was first',
        text: 'This changed while you looked at it, so your choice was not used. Load the page to see how it stands.',
        action: HOME,
      }
    case 413:
      return {
        title: 'That was too large',
        text: 'The form held more than we read at once. Nothing was changed.',
        action: HOME,
      }
    case 422:
      return {
        title: 'Something in the form does not fit',
        text: 'Nothing was changed. Go back and check what you typed.',
        action: HOME,
      }
    case 429:
      return {
        title: 'Too many tries',
        text: 'Wait a minute, then try again. Nothing was lost.',
        action: HOME,
      }
    case 503:
      return {
        title: 'Back in a moment',
        text: 'We cannot reach our own records right now. Rides that run go on, and nothing was charged.',
        action: HOME,
      }
    default:
      return {
        title: 'This went wrong on our side',
        text: 'It is written down and somebody will look. Nothing was charged. Try again in a moment.',
        action: HOME,
      }
  }
}
