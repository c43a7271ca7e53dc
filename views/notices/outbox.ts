/** Letters that were not sent, for the developer at this machine: the list, and one letter with its link. */
import { type Html, html } from '../html.ts'
import { type PageContext, page } from '../page.ts'
import { telHref } from '../parts/call.ts'
import { emptyState } from '../parts/empty.ts'
import { clockText, dayText } from '../parts/format.ts'
import { topBar } from '../parts/top.ts'
import type { Letter } from './words.ts'

export interface OutboxProps {
  /** Newest first. */
  readonly letters: readonly {
    readonly id: string
    readonly subject: string
    readonly to: string
    readonly atMs: number
  }[]
}

export function outboxPage(ctx: PageContext, { letters }: OutboxProps): Html {
  const list =
    letters.length === 0
      ? html`<div class="card">${emptyState({
          title: 'No letters yet.',
          text: 'Register, forget a password or invite somebody: the letter lies here a second later.',
        })}</div>`
      : html`<ul class="card ride-list">${letters.map(
          ({ id, subject, to, atMs }) =>
            html`<li><a class="ride-row" href="/outbox/${id}"><span class="ride-row-words"><b>${subject}</b><span class="second">${to}</span></span><span class="second numbers">${clockText(ctx, atMs)}</span></a></li>`,
        )}</ul>`
  const body = html`${topBar(ctx)}<main id="main" class="narrow stack" tabindex="-1">
<h1>Outbox</h1>
<p class="second">Nothing here sends mail (<code>SMTP_URL</code> is not set), so letters stay on this machine. Only somebody sitting at it can open this page.</p>
${list}
</main>`
  return page(ctx, { title: 'Outbox', body })
}

export interface OutboxLetterProps {
  readonly letter: Letter
  readonly to: string
  readonly atMs: number
}

export function outboxLetterPage(ctx: PageContext, { letter, to, atMs }: OutboxLetterProps): Html {
  const body = html`${topBar(ctx)}<main id="main" class="narrow" tabindex="-1"><article class="card letter">
<p><a href="/outbox">All letters</a></p>
<h1>${letter.subject}</h1>
<p class="second">To <bdi>${to}</bdi>, ${dayText(ctx, atMs)} <span class="numbers">${clockText(ctx, atMs)}</span></p>
${letter.lines.map((line) => html`<p>${line}</p>`)}
${
  letter.facts === undefined
    ? null
    : html`<dl class="letter-facts">${letter.facts.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`
}
${letter.action === undefined ? null : html`<p><a class="button button-next" href="${letter.action.path}">${letter.action.label}</a></p>`}
${(letter.after ?? []).map((line) => html`<p class="second">${line}</p>`)}
${letter.call === undefined ? null : callLine(letter.call)}
</article></main>`
  return page(ctx, { title: letter.subject, body })
}

function callLine({ who, phone }: NonNullable<Letter['call']>): Html {
  const href = telHref(phone)
  const number = html`<bdi dir="ltr">${phone}</bdi>`
  return html`<p class="second">If it cannot wait, call ${who}: ${href === null ? number : html`<a href="${href}">${number}</a>`}</p>`
}
