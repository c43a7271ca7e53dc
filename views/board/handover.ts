/** Notes from one shift of the desk to the next. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { formKeys } from '../parts/field.ts'
import { clock, day } from '../parts/figures.ts'
import { afterPage } from './after-frame.ts'

/** Words, and where they lead. */
export interface NoteWords {
  readonly text: string
  readonly href?: string
}

interface Deed {
  readonly atMs: number
  readonly by: string
}

export interface NoteProps {
  readonly id: string
  readonly words: readonly NoteWords[]
  readonly isPinned: boolean
  readonly authorId: string
  readonly author: string
  readonly writtenAtMs: number
  readonly taken: Deed | null
  readonly done: Deed | null
}

export interface HandoverProps {
  readonly viewerId: string
  /** Pinned first, then the newest; of the history the newest. */
  readonly notes: readonly NoteProps[]
  readonly shows: 'open' | 'done'
  readonly text: string
  readonly error?: string
  readonly key: () => string
}

/** As long as a note may be. */
const NOTE_MAX = 500

export function handoverPage(ctx: PageContext, props: HandoverProps): Html {
  const { notes, shows, viewerId } = props
  const fresh =
    shows === 'open' ? notes.filter((note) => note.taken === null && note.authorId !== viewerId) : []
  const others = notes.filter((note) => !fresh.includes(note))
  const content =
    shows === 'done'
      ? html`<p class="after-parts"><a href="/board/handover">Open</a><a href="/board/handover?shows=done" aria-current="page">Done with</a></p>${list(ctx, props, notes)}`
      : html`${newNotes(ctx, props, fresh)}${compose(ctx, props, fresh.length === 0)}<p class="after-parts"><a href="/board/handover" aria-current="page">Open</a><a href="/board/handover?shows=done">Done with</a></p>${list(ctx, props, others)}`
  return afterPage(ctx, {
    ...{ part: 'handover', title: 'Hand-over', content, styles: ['board-desk.css'] },
    scripts: ['board-desk.js'],
    refreshS: 60,
  })
}

function newNotes(ctx: PageContext, { key }: HandoverProps, fresh: readonly NoteProps[]): Html {
  if (fresh.length === 0) return html`<section id="handover-new" hidden></section>`
  return html`<section id="handover-new" class="card stack handover-new" aria-labelledby="new-title"><h2 id="new-title" class="card-title">New for you <span class="part-count numbers">${fresh.length}</span></h2><ul class="after-list">${fresh.map((note) => item(ctx, note))}</ul><form method="post" action="/board/handover/taken">${formKeys({ csrf: ctx.csrf, key: key() })}<input type="hidden" name="ids" value="${fresh.map(({ id }) => id).join(' ')}"><button class="button button-next" data-busy="…">${icon('check')}I take ${fresh.length === 1 ? 'it' : `all ${fresh.length}`} over</button></form></section>`
}

/** @param isNext writing is the next step while there is nothing to take over */
function compose(ctx: PageContext, { text, error, key }: HandoverProps, isNext: boolean): Html {
  const wrong = error === undefined ? null : html` aria-invalid="true" aria-describedby="note-error"`
  return html`<section class="card stack" aria-labelledby="note-title"><h2 id="note-title" class="card-title">Leave a note</h2><form method="post" action="/board/handover" class="stack">${formKeys({ csrf: ctx.csrf, key: key() })}<div class="field"><label class="field-label" for="note-text">For whoever comes next</label><textarea class="input" id="note-text" name="text" rows="2" maxlength="${NOTE_MAX}" required${wrong}>${text}</textarea>${error === undefined ? html`<p class="field-hint">HC-20418 and “car 204” become links.</p>` : html`<p class="field-error" id="note-error">${icon('triangle-alert')}<span>${error}</span></p>`}</div><label class="message-must"><input type="checkbox" name="pinned" value="yes"><span>Keep it on top until it is done</span></label><button class="button ${isNext ? 'button-next' : 'button-plain'}" data-busy="Leaving…">Leave the note</button></form></section>`
}

function list(ctx: PageContext, props: HandoverProps, notes: readonly NoteProps[]): Html {
  const { shows } = props
  if (notes.length === 0)
    return html`<section id="handover-notes" class="card">${
      shows === 'open'
        ? emptyState({
            title: 'Nothing stands open.',
            text: 'Notes of this and earlier shifts appear here until they are done.',
          })
        : emptyState({ title: 'Nothing was done with yet.', text: 'Notes that are done come here.' })
    }</section>`
  return html`<section id="handover-notes" aria-label="Notes"><ul class="after-list">${notes.map((note) => html`<li class="card handover-note">${body(ctx, note)}${acts(ctx, props, note)}</li>`)}</ul></section>`
}

function item(ctx: PageContext, note: NoteProps): Html {
  return html`<li class="handover-note">${body(ctx, note)}</li>`
}

function body(ctx: PageContext, note: NoteProps): Html {
  const { isPinned, author, writtenAtMs, taken, done } = note
  const when = (atMs: number) => html`<span class="numbers">${day(ctx, atMs)}, ${clock(ctx, atMs)}</span>`
  const pin =
    isPinned && done === null ? html`<span class="badge badge-brand">${icon('bookmark')}On top</span> ` : null
  return html`<p class="handover-words">${pin}<bdi>${note.words.map(({ text, href }) => (href === undefined ? text : html`<a href="${href}">${text}</a>`))}</bdi></p><p class="second">${author}, ${when(writtenAtMs)} · ${taken === null ? 'nobody has taken it over yet' : html`taken over by ${taken.by}, ${when(taken.atMs)}`}${done === null ? null : html` · done, says ${done.by}, ${when(done.atMs)}`}</p>`
}

function acts(ctx: PageContext, { key }: HandoverProps, { id, isPinned, done }: NoteProps): Html {
  const form = (to: string, word: string) =>
    html`<form method="post" action="/board/handover/${id}">${formKeys({ csrf: ctx.csrf, key: key() })}<input type="hidden" name="to" value="${to}"><button class="button button-quiet button-compact" data-busy="…">${word}</button></form>`
  return done === null
    ? html`<div class="row-actions">${form('done', 'Done')}${isPinned ? form('unpin', 'Not on top') : form('pin', 'Keep on top')}</div>`
    : html`<div class="row-actions">${form('reopen', 'Open again')}</div>`
}

/** `<a id="board-handover">` in the bar: how many notes nobody has taken over. */
export function handoverLink({ notes }: { readonly notes: number }): Html {
  return html`<a id="board-handover" class="desk-link" href="/board/handover">${icon('repeat')}<span class="desk-link-word">Hand-over</span>${notes === 0 ? null : html`<b class="numbers">${notes}<span class="screen-reader"> not taken over</span></b>`}</a>`
}
