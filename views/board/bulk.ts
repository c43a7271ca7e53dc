/** Several rides of the table at once: their boxes, the bar with what may be done to them, and how that ended. */
import { PUT_OFF_MINUTES } from '../../src/engine/rescue.ts'
import type { RideId } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { countdown } from '../parts/figures.ts'
import { bulkForm } from './bulk-form.ts'
import { type MergePreviewProps, mergePreview } from './merge-preview.ts'
import { CANCEL_REASONS, RELEASE_REASONS } from './pane-acts.ts'
import type { TableRow } from './props.ts'
import { rideLink } from './ride-link.ts'

export type BulkKind = 'assign' | 'merge' | 'release' | 'hold' | 'cancel' | 'message' | 'undo'

export interface BatchRow {
  readonly rideId: RideId
  /** Null for a ride of another desk, or none. */
  readonly reference: string | null
  /** The reason's name; null where it was done. */
  readonly refused: string | null
  readonly words: string
}

export interface BatchProps {
  readonly batchId: string
  readonly kind: BulkKind
  readonly rows: readonly BatchRow[]
  readonly nowMs: number
  /** Null where there is nothing to take back. */
  readonly undoUntilMs: number | null
  readonly key: () => string
}

/** What marks a row: the ride and the version of it that is looked at. */
export function markBox(row: Pick<TableRow, 'rideId' | 'version' | 'reference'>): Html {
  return html`<label class="mark"><input type="checkbox" name="ride" value="${row.rideId}:${row.version}" form="bulk" autocomplete="off"><span class="screen-reader">Mark ${row.reference}</span></label>`
}

/**
 * `<section id="board-bulk">`: the bar shows itself while rows are marked. Enter in a box presses the first button, so the
 * first one means nothing.
 */
export function boardBulk(
  ctx: PageContext,
  of: {
    readonly result: BatchProps | null
    /** What merging would mean, where that was asked. */
    readonly preview?: MergePreviewProps
    readonly key: () => string
  },
): Html {
  const { result, preview, key } = of
  return html`<section id="board-bulk" class="bulk" aria-label="Marked rides">${result === null ? null : batchResult(ctx, result)}${preview === undefined ? null : mergePreview(ctx, preview)}<form id="bulk" class="bulk-bar" ${bulkForm('/board/batches')}><button name="act" value="" data-nothing hidden></button>${formKeys({ csrf: ctx.csrf, key: key() })}<p class="bulk-count" role="status"><b class="numbers" data-bulk-count></b> marked</p><button class="button button-plain" name="act" value="assign" data-busy="Giving…">To the nearest</button><button class="button button-plain" name="act" value="look_merge" data-busy="Looking…">Merge…</button>${menu('hold', 'Hold', html`<label class="field"><span class="field-label">Ask nobody for</span><select class="input" name="minutes">${PUT_OFF_MINUTES.map((minutes) => html`<option value="${minutes}">${minutes} min</option>`)}</select></label><button class="button button-plain" name="act" value="hold" data-busy="Putting off…">Put off</button>`)}${menu('release', 'Unassign', html`${reasons('release_reason', 'What the drivers read', RELEASE_REASONS)}<button class="button button-plain" name="act" value="release" data-busy="Taking back…">Unassign</button>`)}${menu('message', 'Message', html`<label class="field"><span class="field-label">To their drivers</span><textarea class="input" name="text" rows="3" maxlength="500"></textarea></label><label class="check"><input type="checkbox" name="must_read" value="yes">They have to confirm it</label><button class="button button-plain" name="act" value="message" data-busy="Sending…">Send</button>`)}${menu('cancel', 'Cancel', html`${reasons('cancel_reason', 'Reason', CANCEL_REASONS)}<p class="second">Free of charge; the riders are told at once. You can take it back for 10 s.</p><button class="button button-danger" name="act" value="cancel" data-busy="Cancelling…">Cancel rides</button>`)}<button type="button" class="close" data-bulk-close aria-label="Unmark all">${icon('x')}</button></form></section>`
}

function menu(act: BulkKind, words: string, content: Html): Html {
  return html`<details class="menu bulk-menu" name="bulk-menu" data-act="${act}"><summary class="button button-plain">${words}</summary><div class="menu-card">${content}</div></details>`
}

function reasons(name: string, label: string, texts: readonly string[]): Html {
  return html`<label class="field"><span class="field-label">${label}</span><select class="input" name="${name}">${texts.map((text) => html`<option>${text}</option>`)}</select></label>`
}

/** "3 of 4 done", the way back, and a row a ride: what was not done first. */
export function batchResult(ctx: PageContext, props: BatchProps): Html {
  const { rows, batchId, undoUntilMs, nowMs, key } = props
  const refused = rows.filter((row) => row.refused !== null)
  const done = rows.filter((row) => row.refused === null)
  const box = `undo-${batchId}`
  return html`<div class="bulk-result" role="status" aria-label="${TITLES[props.kind]}"><header><h2>${TITLES[props.kind]}: <span class="numbers">${done.length} of ${rows.length}</span> done</h2>${
    undoUntilMs === null
      ? null
      : html`<form id="${box}" ${bulkForm(`/board/batches/${encodeURIComponent(batchId)}/undo`)}>${formKeys({ csrf: ctx.csrf, key: key() })}<button class="button button-plain" data-undo data-busy="Taking back…">Undo <kbd>U</kbd> <span class="second">${countdown({ untilMs: undoUntilMs, nowMs, dueHide: box })}</span></button></form>`
  }<button type="button" class="close" data-bulk-close aria-label="Close">${icon('x')}</button></header><ul>${[
    ...refused,
    ...done,
  ].map(
    (row) =>
      html`<li class="${row.refused === null ? 'bulk-done' : 'bulk-refused'}">${icon(row.refused === null ? 'check' : 'triangle-alert')}${row.reference === null ? null : html`<a class="numbers" ${rideLink(row.rideId)}>${row.reference}</a>`}<span>${row.words}</span></li>`,
  )}</ul></div>`
}

const TITLES: Readonly<Record<BulkKind, string>> = {
  assign: 'Given to the nearest',
  merge: 'Merged',
  release: 'Unassigned',
  hold: 'Put off',
  cancel: 'Cancelled',
  message: 'Written to the drivers',
  undo: 'Taken back',
}

/** `GET /board/batches/:id`: the same as a page of its own, for a desk without scripts. */
export function batchPage(ctx: PageContext, props: BatchProps): Html {
  return page(ctx, {
    title: 'Several rides',
    styles: ['board.css', 'board-keys.css', 'board-bulk.css'],
    body: html`<main id="main" class="narrow stack bulk-page" tabindex="-1"><h1>Several rides</h1>${batchResult(ctx, props)}<p><a class="button button-plain" href="/board">Back to the board</a></p></main>`,
  })
}
