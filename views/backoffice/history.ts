/** Who changed something last, what was before and what is now: under the form that changes it. */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { clockText, dayText } from '../parts/format.ts'

export interface HistoryProps {
  /** Newest first. */
  readonly entries: readonly {
    readonly atMs: number
    /** Null for a command or somebody who is gone. */
    readonly actor: string | null
    readonly before: Readonly<Record<string, unknown>>
    readonly after: Readonly<Record<string, unknown>>
  }[]
  readonly link: string
}

/** How a changed value is named and written; what has no words is not shown. */
export type ChangeWords = Readonly<Record<string, { label: string; text: (value: unknown) => string }>>

export function historyCard(ctx: PageContext, { entries, link }: HistoryProps, words: ChangeWords): Html {
  return html`<section class="card stack" aria-labelledby="history-heading"><h2 id="history-heading">What changed</h2>${
    entries.length === 0
      ? html`<p class="second">Nothing yet. Each change stands here with who made it.</p>`
      : html`<ul class="plain-rows">${entries.map(
          ({ atMs, actor, before, after }) =>
            html`<li><div><b><bdi>${actor ?? 'The installation'}</bdi></b> <span class="second">${dayText(ctx, atMs)}, ${clockText(ctx, atMs)}</span>${Object.entries(
              after,
            ).map(([name, value]) => {
              const said = words[name]
              return said === undefined
                ? null
                : html`<p class="second">${said.label}: ${said.text(before[name])} → <b>${said.text(value)}</b></p>`
            })}</div></li>`,
        )}</ul><p><a href="${link}">All of it in the audit trail</a></p>`
  }</section>`
}
