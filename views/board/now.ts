/** The desk for a supervisor with a phone: what fails next, and what waits for a yes or a no, one thumb wide. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { mark } from '../parts/mark.ts'
import type { QueueProps } from './need-props.ts'
import type { SafetyLaneProps } from './props.ts'
import { boardQueue } from './queue.ts'
import { boardSafety } from './safety.ts'

/** What waits for somebody, each kind with how many; null for what the reader may not decide. */
export interface ApprovalsProps {
  readonly licences: number | null
  readonly applications: number | null
  readonly reports: number | null
  readonly lostItems: number
  readonly lowRatings: number
  readonly answers: number
  readonly notes: number
}

export interface NowProps {
  readonly company: string
  readonly queue: QueueProps
  readonly safety: SafetyLaneProps
  readonly approvals: ApprovalsProps
}

const WAITING: readonly {
  readonly of: keyof ApprovalsProps
  readonly icon: IconName
  readonly one: string
  readonly many: string
  readonly href: string
}[] = [
  { of: 'reports', icon: 'flag', one: 'report by a rider', many: 'reports by riders', href: '/board/cases' },
  {
    ...{ of: 'licences', icon: 'id-card', one: 'licence to look at', many: 'licences to look at' },
    href: '/admin/licences',
  },
  {
    ...{ of: 'applications', icon: 'car-front', one: 'person asks to drive', many: 'people ask to drive' },
    href: '/admin/joining',
  },
  {
    ...{ of: 'lostItems', icon: 'briefcase', one: 'lost item to look for', many: 'lost items to look for' },
    href: '/board/cases',
  },
  {
    ...{ of: 'answers', icon: 'message-square-text', one: 'driver wrote', many: 'drivers wrote' },
    href: '/board/messages',
  },
  {
    ...{ of: 'notes', icon: 'repeat', one: 'note to take over', many: 'notes to take over' },
    href: '/board/handover',
  },
  {
    ...{ of: 'lowRatings', icon: 'star', one: 'low rating', many: 'low ratings' },
    href: '/board/ratings',
  },
]

/** The list of what needs somebody comes by the board's own line; what waits for a decision is asked for again when that moves. */
export function nowPage(ctx: PageContext, props: NowProps): Html {
  return page(ctx, {
    title: 'Now',
    layout: 'compact',
    styles: ['board.css', 'board-pane.css', 'board-watch.css', 'board-see.css', 'board-now.css'],
    scripts: ['board-now.js'],
    refreshS: 30,
    body: html`<header class="now-top">${mark()}<b>${props.company}</b><a class="button button-quiet" href="/board">Whole board${icon('arrow-right')}</a></header><main id="main" class="board now" tabindex="-1" data-server-now="${props.queue.nowMs}"><h1 class="screen-reader">What needs you at ${props.company}</h1>${boardSafety(props.safety)}${boardQueue(ctx, props.queue)}${approvals(props.approvals)}</main>`,
  })
}

function approvals(counts: ApprovalsProps): Html {
  const waiting = WAITING.flatMap((kind) => {
    const count = counts[kind.of]
    return count === null || count === 0 ? [] : { ...kind, count }
  })
  return html`<section id="now-waiting" class="now-waiting" aria-labelledby="waiting-title"><header class="part-head"><h2 id="waiting-title">Waits for a decision</h2></header>${
    waiting.length === 0
      ? html`<p class="now-none second">Nothing waits for you.</p>`
      : html`<ul>${waiting.map(({ icon: shape, one, many, href, count }) => html`<li><a href="${href}">${icon(shape)}<span><b class="numbers">${count}</b> ${count === 1 ? one : many}</span>${icon('chevron-right')}</a></li>`)}</ul>`
  }</section>`
}
