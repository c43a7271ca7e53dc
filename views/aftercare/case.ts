/** One lost thing or one report: what was said and done, and what can be done next; the same for all three sides. */
import {
  CASE_TOPICS,
  type CaseKind,
  type CaseSide,
  type CaseState,
  type CaseStep,
} from '../../src/engine/ride-case.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { telHref } from '../parts/call.ts'
import { field, formKeys } from '../parts/field.ts'
import { address, clock, day } from '../parts/figures.ts'
import { segmentsOfTopics } from './topics.ts'

export interface CaseProps {
  readonly kind: CaseKind
  /** Who looks. */
  readonly side: CaseSide
  readonly ride: {
    readonly reference: string
    readonly from: string
    readonly to: string
    readonly endedAtMs: number | null
  }
  /** Where its form goes: to open it, or for its steps. */
  readonly action: string
  /** Null: not told of yet. */
  readonly told: {
    readonly topic: string
    readonly state: CaseState
    readonly messages: readonly {
      readonly side: CaseSide
      readonly step: CaseStep | 'open'
      readonly text: string
      readonly atMs: number
    }[]
    readonly steps: readonly CaseStep[]
  } | null
  /** Where it is not told of: whether it still can be. */
  readonly mayOpen: boolean
  /** Of the company, for what cannot wait. */
  readonly phone: string | null
  readonly typed?: { readonly topic: string; readonly text: string }
  readonly error?: string | undefined
  readonly key: string
}

export const CASE_TITLES: Record<CaseKind, string> = { lost_item: 'Lost item', problem: 'Report a problem' }

/** What state it is in, as a badge with a word. */
export function caseBadge(state: CaseState): Html {
  const [tone, words] = STATES[state]
  return html`<span class="badge${tone}">${words}</span>`
}

const STATES: Record<CaseState, readonly [tone: string, words: string]> = {
  open: [' badge-requested', 'Open'],
  found: [' badge-ok', 'Found'],
  answered: [' badge-ok', 'Answered'],
  returned: [' badge-ok', 'Returned'],
  closed: ['', 'Closed'],
}

/** The case as a page shows it, replaced whole when a side wrote; root id `case`. */
export function caseSection(ctx: PageContext, props: CaseProps): Html {
  return html`<div id="case" class="case stack">${caseBody(ctx, props)}</div>`
}

/** Everything under the page's title. */
function caseBody(ctx: PageContext, props: CaseProps): Html {
  const { ride, told } = props
  const at =
    ride.endedAtMs === null
      ? null
      : html`<br><span class="second numbers">${day(ctx, ride.endedAtMs)}, ${clock(ctx, ride.endedAtMs)} · <bdi dir="ltr">${ride.reference}</bdi></span>`
  return html`<p class="case-ride"><b>${address(ride.from)} <span aria-label="to">→</span> ${address(ride.to)}</b>${at}</p>${told === null ? toTell(ctx, props) : html`${log(ctx, props, told)}${steps(ctx, props, told.steps)}`}${props.phone === null || props.side === 'desk' ? null : html`<p class="second case-phone">${icon('phone')}<span>If it cannot wait: <a href="${telHref(props.phone)}"><bdi dir="ltr">${props.phone}</bdi></a></span></p>`}`
}

const ASKS: Record<CaseKind, { readonly text: string; readonly hint: string; readonly button: string }> = {
  lost_item: {
    text: 'What does it look like, and where may it lie?',
    hint: 'Your driver and the dispatcher read this. You hear from us by mail.',
    button: 'Tell the driver',
  },
  problem: {
    text: 'What happened?',
    hint: 'The office reads this, your driver does not. The answer comes by mail and stands here.',
    button: 'Send the report',
  },
}

function toTell(ctx: PageContext, props: CaseProps): Html {
  const { kind, typed } = props
  if (!props.mayOpen)
    return html`<p class="notice">${icon('clock')}<span>${kind === 'lost_item' ? 'Something lost can be told of for 30 days after a ride that was driven to its end.' : 'A ride can be reported from its end on, for 30 days.'}</span></p>`
  const ask = ASKS[kind]
  return html`<form method="post" action="${props.action}" class="card stack">${formKeys({ csrf: ctx.csrf, key: props.key })}${segmentsOfTopics(CASE_TOPICS[kind], { label: kind === 'lost_item' ? 'What did you lose?' : 'What is it about?', chosen: typed?.topic ?? null })}${textField(ask.text, props, ask.hint)}<button class="button button-next button-wide" data-busy="Sending…">${ask.button}</button></form>`
}

function textField(label: string, { typed, error }: CaseProps, hint?: string): Html {
  return field({
    ...{ name: 'text', label, value: typed?.text ?? '', lines: 3, maxLength: 1000 },
    ...(error === undefined ? {} : { error }),
    ...(hint === undefined ? {} : { hint }),
  })
}

const NAMES: Record<CaseSide, Record<CaseSide, string>> = {
  rider: { rider: 'You', driver: 'Your driver', desk: 'The office' },
  driver: { rider: 'Your rider', driver: 'You', desk: 'The office' },
  desk: { rider: 'The rider', driver: 'The driver', desk: 'The desk' },
}

const DID: Record<CaseStep | 'open', string> = {
  open: 'told of it',
  write: 'wrote',
  not_found: 'looked and did not find it',
  found: 'found it',
  returned: 'says it is back',
  close: 'closed it',
  reopen: 'opened it again',
}

function log(ctx: PageContext, { kind, side }: CaseProps, told: NonNullable<CaseProps['told']>): Html {
  const rows = told.messages.map(({ side: who, step, text, atMs }) => {
    const name = NAMES[side][who]
    const did = name === 'You' && step === 'returned' ? 'say it is back' : DID[step]
    return html`<li class="${who === side ? 'case-mine' : ''}"><p class="second"><b>${name}</b> ${did} · ${day(ctx, atMs)}, ${clock(ctx, atMs)}</p>${text === '' ? null : html`<p class="rating-text"><bdi>${text}</bdi></p>`}</li>`
  })
  return html`<section class="card stack" aria-label="What was said"><p class="case-state">${caseBadge(told.state)}<span>${CASE_TOPICS[kind][told.topic] ?? told.topic}</span></p><ol class="case-log">${rows}</ol></section>`
}

/** The likeliest is the honey button; what only needs a press stands beside it. */
const STEP_WORDS: Record<CaseSide, Partial<Record<CaseStep, string>>> = {
  rider: { write: 'Send', returned: 'I have it back', close: 'Close it', reopen: 'Open it again' },
  driver: { write: 'Send', found: 'I found it', not_found: 'Not in my car', returned: 'I gave it back' },
  desk: {
    ...{ write: 'Answer', found: 'It was found', not_found: 'Not found so far' },
    ...{ returned: 'It is returned', close: 'Close it', reopen: 'Open it again' },
  },
}

function steps(ctx: PageContext, props: CaseProps, allowed: readonly CaseStep[]): Html | null {
  if (allowed.length === 0) return null
  const { side } = props
  const next: CaseStep | undefined = side === 'driver' && allowed.includes('found') ? 'found' : allowed[0]
  return html`<form method="post" action="${props.action}/steps" class="card stack">${formKeys({ csrf: ctx.csrf, key: props.key })}${textField('Your words', props)}<div class="case-steps">${allowed.map(
    (step) =>
      html`<button class="button ${step === next ? 'button-next' : 'button-plain'}" name="step" value="${step}" data-busy="…">${STEP_WORDS[side][step] ?? step}</button>`,
  )}</div></form>`
}
