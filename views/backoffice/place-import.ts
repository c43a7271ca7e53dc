/** One file of places: how far it is, and what became of it. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clock, day } from '../parts/figures.ts'
import { officePage } from './frame.ts'
import { facts } from './parts.ts'

export type ImportOutcome =
  | 'brought_in'
  | 'same_as_before'
  | 'checked'
  | 'refused'
  | 'no_gazetteer'
  | 'broken_off'

export interface ImportReportProps {
  readonly entries: number
  readonly places: number
  readonly doubled: number
  readonly bad: number
  readonly problems: readonly { readonly where: string; readonly why: string }[]
  readonly added: number
  readonly gone: number
  readonly kinds: readonly (readonly [kind: string, count: number])[]
  readonly bounds: {
    readonly south: number
    readonly west: number
    readonly north: number
    readonly east: number
  } | null
}

export interface ImportRunProps {
  readonly id: string
  readonly dataset: string
  readonly dryRun: boolean
  readonly fileBytes: number
  /** Null until it has ended. */
  readonly outcome: ImportOutcome | null
  readonly isWaiting: boolean
  /** 0 to 1. */
  readonly share: number
  readonly askedAtMs: number
  readonly endedAtMs: number | null
  /** Null where the file could not be read at all, or is not yet. */
  readonly report: ImportReportProps | null
  /** Why it is no gazetteer. */
  readonly why: string | null
}

const WORDS: Readonly<Record<ImportOutcome, { badge: string; tone: 'ok' | 'warn'; text: string }>> = {
  brought_in: {
    badge: 'In the list',
    tone: 'ok',
    text: 'These places are in the list, and found from now on.',
  },
  same_as_before: {
    badge: 'There already',
    tone: 'ok',
    text: 'This very file was brought in before. Nothing changed.',
  },
  checked: {
    badge: 'Looked at',
    tone: 'ok',
    text: 'This is what the file would bring. Nothing was changed.',
  },
  refused: {
    ...{ badge: 'Refused', tone: 'warn' },
    text: 'Some rows are no places, so nothing was changed. Put them right, or send the file again and leave them out.',
  },
  no_gazetteer: {
    badge: 'Refused',
    tone: 'warn',
    text: 'This file is no list of places. Nothing was changed.',
  },
  broken_off: {
    ...{ badge: 'Broken off', tone: 'warn' },
    text: 'The server ended each time it read this file. Nothing was changed; try a smaller one.',
  },
}

/** How often a page looks how far a file is. */
const RENEW_S = 1

export function placeImportPage(ctx: PageContext, run: ImportRunProps): Html {
  const content = html`<p><a href="/admin/places">All places</a></p>${runSection(ctx, run)}`
  const scripts = run.outcome === null ? { scripts: ['htmx.js'] } : {}
  return officePage(ctx, { part: 'places', title: run.dataset, content, ...scripts })
}

/** Until it has ended, the section asks for itself again; without scripts its link does. */
function runSection(ctx: PageContext, run: ImportRunProps): Html {
  const renew =
    run.outcome === null
      ? html` hx-get="" hx-select="#run" hx-trigger="every ${RENEW_S}s" hx-swap="outerHTML"`
      : null
  return html`<section class="card stack" id="run" aria-labelledby="run-title"${renew}>${run.outcome === null ? underWay(run) : ended(ctx, run, run.outcome)}</section>`
}

function underWay({ id, isWaiting, share }: ImportRunProps): Html {
  const percent = Math.floor(share * 100)
  return html`<h2 id="run-title">${isWaiting ? 'Waits for its turn' : 'Being read'}</h2>
<div class="import-progress" role="status"><progress max="100" value="${percent}" aria-label="How much of the file is read">${percent} %</progress><span class="numbers">${percent} %</span></div>
<p class="second">Until it is whole, everybody finds the earlier places. You may leave this page.</p>
<p><a href="/admin/places/imports/${id}">Look again</a></p>`
}

function ended(ctx: PageContext, run: ImportRunProps, outcome: ImportOutcome): Html {
  const { report, why } = run
  const { tone, text, badge } = WORDS[outcome]
  const took =
    run.endedAtMs === null ? null : `${Math.max(1, Math.round((run.endedAtMs - run.askedAtMs) / 1_000))} s`
  return html`<h2 id="run-title">${badge}</h2>
${tone === 'ok' ? html`<p>${text}</p>` : html`<p class="notice notice-danger">${icon('triangle-alert')}<span>${text}${why === null ? null : ` ${why}`}</span></p>`}
${facts([
  ['Sent', html`${day(ctx, run.askedAtMs)} ${clock(ctx, run.askedAtMs)}`],
  ['File', `${(run.fileBytes / 1024).toLocaleString('en', { maximumFractionDigits: 0 })} KB`],
  took === null ? null : ['Took', took],
  ...(report === null ? [] : figures(report)),
])}${report === null ? null : details(report)}`
}

function figures(report: ImportReportProps): (readonly [string, string])[] {
  const { entries, places, doubled, bad, added, gone, bounds } = report
  if (entries === 0) return [['Places', count(places)]]
  return [
    ['Rows', count(entries)],
    ['Places', count(places)],
    ['New', count(added)],
    ['Gone', count(gone)],
    ...(doubled > 0 ? ([['Said twice', count(doubled)]] as const) : []),
    ...(bad > 0 ? ([['No places', count(bad)]] as const) : []),
    ...(bounds === null
      ? []
      : ([
          ['Between', `${degrees(bounds.south, bounds.west)} and ${degrees(bounds.north, bounds.east)}`],
        ] as const)),
  ]
}

function details({ kinds, problems, bad }: ImportReportProps): Html {
  const unsaid = bad - problems.length
  return html`${
    problems.length === 0
      ? null
      : html`<h3>Rows that are no places</h3><ul class="import-problems">${problems.map(
          ({ where, why }) => html`<li><b>${where}</b> ${why}</li>`,
        )}${unsaid > 0 ? html`<li>and ${count(unsaid)} more</li>` : null}</ul>`
  }${
    kinds.length === 0
      ? null
      : html`<h3>Kinds</h3><ul class="import-kinds">${kinds.map(
          ([kind, places]) => html`<li>${kind} <span class="numbers second">${count(places)}</span></li>`,
        )}</ul>`
  }`
}

/** What became of a file, in two words. */
export function runBadge({ outcome, isWaiting, share }: ImportRunProps): Html {
  if (outcome === null)
    return html`<span class="second numbers">${isWaiting ? 'Waits' : `${Math.floor(share * 100)} %`}</span>`
  return html`<span class="second">${WORDS[outcome].badge}</span>`
}

function degrees(lat: number, lng: number): string {
  return `${lat.toFixed(3)}, ${lng.toFixed(3)}`
}

function count(number: number): string {
  return number.toLocaleString('en')
}
