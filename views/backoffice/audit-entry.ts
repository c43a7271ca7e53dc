/** One entry of the audit trail: a sentence, and behind it what changed and where it came from. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clockSeconds, day } from '../parts/figures.ts'

export interface AuditEntryProps {
  readonly sequence: string
  readonly atMs: number
  /** Null: nobody, or nobody we know. */
  readonly actor: string | null
  readonly actorHref: string | null
  readonly words: string
  /** `noun.verb` */
  readonly action: string
  readonly subject: string | null
  readonly subjectHref: string | null
  readonly showSubject: boolean
  readonly company: string | null
  readonly changes: readonly { readonly name: string; readonly before: string; readonly after: string }[]
  readonly more: readonly { readonly name: string; readonly value: string }[]
  readonly address: string | null
  readonly requestId: string | null
}

/** The entries as a list, newest first as they come. */
export function auditList(ctx: PageContext, entries: readonly AuditEntryProps[]): Html {
  return html`<ul class="audit-list">${entries.map((entry) => auditEntry(ctx, entry))}</ul>`
}

function auditEntry(ctx: PageContext, entry: AuditEntryProps): Html {
  // Without a person it was a command or a chore of ours; with an address, somebody who was not signed in.
  const nobody = entry.address === null ? 'The system' : 'A visitor'
  const actor = entry.actor === null ? html`<b>${nobody}</b>` : linked(entry.actor, entry.actorHref)
  const subject =
    entry.showSubject && entry.subject !== null
      ? html`<span aria-hidden="true"> → </span><span class="screen-reader">: </span>${linked(entry.subject, entry.subjectHref)}`
      : null
  return html`<li class="audit-entry"><p class="audit-when">${day(ctx, entry.atMs)} ${clockSeconds(ctx, entry.atMs)}</p>
<div class="audit-what"><p>${actor} ${entry.words}${subject}</p>${entry.company === null ? null : html`<p class="second">${entry.company}</p>`}
<details><summary>${icon('chevron-right')}Details<span class="screen-reader"> of entry ${entry.sequence}</span></summary>
${
  entry.changes.length === 0
    ? null
    : html`<table class="table audit-changes"><thead><tr><th scope="col">What</th><th scope="col">Before</th><th scope="col">After</th></tr></thead><tbody>${entry.changes.map(
        ({ name, before, after }) =>
          html`<tr><th scope="row">${spaced(name)}</th><td>${before}</td><td>${after}</td></tr>`,
      )}</tbody></table>`
}
<dl class="facts">${entry.more.map(({ name, value }) => fact(spaced(name), value))}${fact('Action', entry.action)}${entry.address === null ? null : fact('From', entry.address)}${fact('UTC', new Date(entry.atMs).toISOString())}${fact('Entry', entry.sequence)}${entry.requestId === null ? null : fact('Request', entry.requestId)}</dl>
</details></div></li>`
}

function linked(text: string, href: string | null): Html {
  return href === null ? html`<b>${text}</b>` : html`<a href="${href}">${text}</a>`
}

function fact(name: string, value: string): Html {
  return html`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`
}

/** `callSign` and `call_sign` as people write it. */
function spaced(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
