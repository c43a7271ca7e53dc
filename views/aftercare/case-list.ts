/** Lost things and reports as a list, the ones that wait first; drawn anew when one of them changed. */
import {
  CASE_TOPICS,
  type CaseKind,
  type CaseSide,
  type CaseState,
  isCaseOver,
} from '../../src/engine/ride-case.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { address, clock, day } from '../parts/figures.ts'
import { caseBadge } from './case.ts'

export interface ListedCaseProps {
  readonly href: string
  readonly kind: CaseKind
  readonly topic: string
  readonly state: CaseState
  readonly reference: string
  /** `Ada Okafor, with Bo Lindqvist` for the desk, the way for the rider; null on the driver's own list. */
  readonly about: string | { readonly from: string; readonly to: string } | null
  readonly changedAtMs: number
}

export interface CaseListProps {
  readonly side: CaseSide
  readonly cases: readonly ListedCaseProps[]
}

const NONE: Record<CaseSide, { readonly title: string; readonly text: string }> = {
  rider: {
    title: 'Nothing lost, nothing reported.',
    text: 'Open the receipt of a ride to tell of either; what comes of it stands here.',
  },
  driver: {
    title: 'Nothing is missed.',
    text: 'If a rider leaves something in your car and tells us, it stands here and you get a letter.',
  },
  desk: {
    title: 'Nothing is missed.',
    text: 'What riders lose in a car, and what they report, appears here at once.',
  },
}

/** The list, or what it would say; root id `cases`. */
export function caseList(ctx: PageContext, { side, cases }: CaseListProps): Html {
  const content =
    cases.length === 0
      ? html`<div class="card">${emptyState(NONE[side])}</div>`
      : html`<ul class="after-list">${cases.map((one) => caseRow(ctx, one))}</ul>`
  return html`<div id="cases">${content}</div>`
}

function caseRow(ctx: PageContext, props: ListedCaseProps): Html {
  const { href, kind, topic, state, reference, about, changedAtMs } = props
  const words =
    about === null || typeof about === 'string'
      ? about
      : html`${address(about.from)} <span aria-label="to">→</span> ${address(about.to)}`
  return html`<li><a class="card case-row${isCaseOver(state) ? ' case-over' : ''}" href="${href}">${icon(kind === 'lost_item' ? 'luggage' : 'flag')}<span><b>${CASE_TOPICS[kind][topic] ?? topic}</b><span class="second numbers">${words === null ? null : html`${words} · `}<bdi dir="ltr">${reference}</bdi> · ${day(ctx, changedAtMs)}, ${clock(ctx, changedAtMs)}</span></span>${caseBadge(state)}</a></li>`
}
