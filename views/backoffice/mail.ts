/** Letters and what became of them: those given up first, with another try. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { formKeys } from '../parts/field.ts'
import { clock, day } from '../parts/figures.ts'
import { officePage } from './frame.ts'

export const MAIL_STATES = ['dead', 'waiting', 'sent', 'kept'] as const
export type MailState = (typeof MAIL_STATES)[number]

const WORDS: Record<MailState, { readonly label: string; readonly title: string; readonly text: string }> = {
  dead: {
    label: 'Given up',
    title: 'Every letter arrived.',
    text: 'A letter that the mail server keeps refusing appears here, with its words.',
  },
  waiting: { label: 'Waiting', title: 'No letter waits.', text: 'Letters leave within a second or two.' },
  sent: { label: 'Sent', title: 'Nothing was sent lately.', text: 'Letters are listed for 30 days.' },
  kept: {
    label: 'Not sent',
    title: 'No letter was kept back.',
    text: 'Where no mail server is set up, letters are kept instead of sent.',
  },
}

export interface LetterRowProps {
  readonly id: string
  /** `verify_email` */
  readonly kind: string
  readonly to: string
  readonly state: MailState
  readonly atMs: number
  readonly tries: number
  /** What the mail server said last. */
  readonly error: string | null
  readonly sentAtMs: number | null
  /** The next try. */
  readonly dueAtMs: number | null
  /** One-time key of its form. */
  readonly key: string
}

export interface MailProps {
  readonly state: MailState
  readonly counts: Readonly<Record<MailState, number>>
  readonly letters: readonly LetterRowProps[]
  readonly isFirstPage: boolean
  /** The id before which the next page begins. */
  readonly older: string | null
  /** A letter was just given another try. */
  readonly retried: boolean
}

export function mailPage(ctx: PageContext, props: MailProps): Html {
  const { state, counts, letters } = props
  // Where mail is sent nothing is kept back, so that door only shows when there is something behind it.
  const shown = MAIL_STATES.filter((name) => name !== 'kept' || counts.kept > 0 || state === 'kept')
  const content = html`<nav class="row-actions" aria-label="Letters">${shown.map(
    (name) =>
      html`<a class="button button-compact ${name === state ? 'button-plain' : 'button-quiet'}" href="/admin/mail?state=${name}"${name === state ? html` aria-current="page"` : null}>${WORDS[name].label} <span class="numbers">${counts[name]}</span></a>`,
  )}</nav>
<section class="card" aria-label="${WORDS[state].label}">${
    letters.length === 0
      ? emptyState({ title: WORDS[state].title, text: WORDS[state].text })
      : html`<ul class="audit-list">${letters.map((letter) => letterRow(ctx, letter))}</ul>`
  }${pages(props)}</section>`
  const toasts = props.retried
    ? [{ id: 'retried', text: 'The letter is on its way again.', tone: 'ok' as const }]
    : []
  return officePage(ctx, { part: 'mail', title: 'Mail', content, toasts })
}

function letterRow(ctx: PageContext, letter: LetterRowProps): Html {
  const words = letter.kind.replaceAll('_', ' ')
  return html`<li class="audit-entry"><p class="audit-when">${day(ctx, letter.atMs)} ${clock(ctx, letter.atMs)}</p>
<div class="audit-what stack"><p><b>${words.charAt(0).toUpperCase()}${words.slice(1)}</b> to <bdi dir="ltr">${letter.to}</bdi></p>
<p class="second">${fate(ctx, letter)}</p>
${
  letter.state === 'dead'
    ? html`<form method="post" action="/admin/mail/${letter.id}/retry" class="row-actions">${formKeys({ csrf: ctx.csrf, key: letter.key })}<button class="button button-plain button-compact" data-busy="Trying…">${icon('refresh-cw')}Try again<span class="screen-reader">: ${words} to ${letter.to}</span></button></form>`
    : null
}</div></li>`
}

function fate(ctx: PageContext, { state, tries, error, sentAtMs, dueAtMs }: LetterRowProps): Html {
  const said = error === null ? null : html` <bdi>${error}</bdi>`
  const times = tries === 1 ? 'once' : `${tries} times`
  switch (state) {
    case 'dead':
      return html`Tried ${times}.${said}`
    case 'waiting':
      return tries === 0 || dueAtMs === null
        ? html`Not tried yet.`
        : html`Tried ${times}, again at ${clock(ctx, dueAtMs)}.${said}`
    case 'sent':
      return html`Sent${sentAtMs === null ? null : html` at ${clock(ctx, sentAtMs)}`}.`
    case 'kept':
      return html`Kept, because no mail server is set up.`
  }
}

function pages({ state, older, isFirstPage }: MailProps): Html | null {
  if (older === null && isFirstPage) return null
  return html`<nav class="pages" aria-label="Pages">${isFirstPage ? null : html`<a class="button button-plain button-compact" href="/admin/mail?state=${state}">Newest</a>`}${older === null ? null : html`<a class="button button-plain button-compact" href="/admin/mail?state=${state}&before=${older}">Older</a>`}</nav>`
}
