/** Words of the desk to drivers: to whom, how far they came, what was answered. */
import { VEHICLE_CLASSES } from '../../src/engine/units.ts'
import { CLASS_WORDS } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { formKeys } from '../parts/field.ts'
import { clock, day } from '../parts/figures.ts'
import { afterPage } from './after-frame.ts'
import { paneForm } from './pane-form.ts'

/** As long as a message may be. */
const MESSAGE_MAX = 500

export interface SendingProps {
  readonly id: string
  readonly by: string | null
  readonly audience: string
  readonly text: string
  readonly mustRead: boolean
  readonly sentAtMs: number
  readonly drivers: number
  readonly delivered: number
  readonly read: number
  readonly unreadBy: readonly { readonly driverId: string; readonly callSign: string }[]
}

export interface AnswerProps {
  readonly driverId: string
  readonly callSign: string
  readonly name: string
  readonly text: string
  readonly sentAtMs: number
}

export interface MessagesProps {
  /** Whom one may write to, each with how many they are now. */
  readonly audiences: readonly { readonly value: string; readonly words: string; readonly count: number }[]
  /** Drivers that were picked on the board, by id; none shows the choice. */
  readonly picked: readonly { readonly driverId: string; readonly callSign: string; readonly name: string }[]
  readonly to: string
  readonly text: string
  readonly mustRead: boolean
  readonly error?: string
  readonly answers: readonly AnswerProps[]
  readonly sendings: readonly SendingProps[]
  readonly key: () => string
}

/** What a desk says every day. */
const CANNED = [
  'Please call the desk.',
  'Many requests are coming in. Whoever is on a break, please come back if you can.',
  'Roads are slippery. Take your time; nobody is measured by minutes today.',
  'The cruise terminal empties at the full hour. Cars near by are wanted there.',
]

/** States that drivers are written to by, as the board says them. */
export const AUDIENCE_STATES = {
  free: 'Free',
  to_pickup: 'To pickup',
  waiting: 'Waiting at a pickup',
  on_board: 'On board',
  break: 'On a break',
  silent: 'Silent',
} as const

export const AUDIENCE_CLASSES = VEHICLE_CLASSES.map((name) => ({ name, words: `${CLASS_WORDS[name]} cars` }))

export function messagesPage(ctx: PageContext, props: MessagesProps): Html {
  const content = html`${answers(ctx, props)}${compose(ctx, props)}${sendings(ctx, props.sendings)}`
  return afterPage(ctx, {
    ...{ part: 'messages', title: 'Messages to drivers', content, styles: ['board-desk.css'] },
    scripts: ['board-desk.js'],
    refreshS: 30,
  })
}

function compose(ctx: PageContext, props: MessagesProps): Html {
  const { picked, error } = props
  const to =
    picked.length === 0
      ? html`<label class="field"><span class="field-label">To</span><select class="input" name="to">${props.audiences.map(({ value, words, count }) => html`<option value="${value}"${value === props.to ? html` selected` : null}>${words} (${count})</option>`)}</select></label>`
      : html`<p class="message-picked"><span class="field-label">To</span> ${picked.map(({ callSign, name }) => html`<span class="badge">${callSign} ${name}</span> `)}<a href="/board/messages">Choose others</a><input type="hidden" name="to" value="${props.to}"></p>`
  return html`<section class="card stack" aria-labelledby="write-title"><h2 id="write-title" class="card-title">Write</h2><form method="post" action="/board/messages" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}${to}<div class="field"><label class="field-label" for="message-text">Message</label><input class="input" id="message-text" name="text" value="${props.text}" maxlength="${MESSAGE_MAX}" required autocomplete="off" list="canned-words"${error === undefined ? null : html` aria-invalid="true" aria-describedby="message-error"`}>${error === undefined ? null : html`<p class="field-error" id="message-error">${icon('triangle-alert')}<span>${error}</span></p>`}<datalist id="canned-words">${CANNED.map((text) => html`<option value="${text}"></option>`)}</datalist></div><label class="message-must"><input type="checkbox" name="must_read" value="yes"${props.mustRead ? html` checked` : null}><span>Ask each of them to say that they have read it</span></label><button class="button button-next" data-busy="Sending…">${icon('send-horizontal')}Send</button></form></section>`
}

function answers(ctx: PageContext, props: MessagesProps): Html {
  const list = props.answers
  return html`<section id="desk-answers" class="card stack" aria-labelledby="answers-title"${list.length === 0 ? html` hidden` : null}><h2 id="answers-title" class="card-title">New from drivers <span class="part-count numbers">${list.length}</span></h2><ul class="after-list">${list.map((answer) => html`<li class="message-answer"><p><a href="/board?driver=${answer.driverId}"><b class="numbers">${answer.callSign}</b> ${answer.name}</a> <span class="second numbers">${clock(ctx, answer.sentAtMs)}</span></p><p><bdi>${answer.text}</bdi></p></li>`)}</ul></section>`
}

function sendings(ctx: PageContext, list: readonly SendingProps[]): Html {
  return html`<section id="desk-sendings" class="card stack" aria-labelledby="sent-title"><h2 id="sent-title" class="card-title">Sent</h2>${
    list.length === 0
      ? emptyState({
          title: 'Nothing was sent yet.',
          text: 'What the desk writes to drivers appears here, with who has read it.',
        })
      : html`<ul class="after-list">${list.map((sending) => sendingItem(ctx, sending))}</ul>`
  }</section>`
}

function sendingItem(ctx: PageContext, sending: SendingProps): Html {
  const { drivers, delivered, read, unreadBy } = sending
  const far =
    read === drivers
      ? html`<span class="badge badge-ok">${icon('check-check')}${drivers === 1 ? 'Read' : `All ${drivers} have read it`}</span>`
      : html`<span class="badge${sending.mustRead ? ' badge-warn' : ''}"><span class="numbers">${delivered} of ${drivers} have it, ${read} read it</span></span>`
  const waiting =
    unreadBy.length === 0
      ? null
      : html`<details><summary>Not read by ${drivers - read}</summary><p class="message-waiting">${unreadBy.map(({ driverId, callSign }) => html`<a href="/board?driver=${driverId}">${callSign}</a> `)}${drivers - read > unreadBy.length ? `and ${drivers - read - unreadBy.length} more` : null}</p></details>`
  return html`<li class="message-sent"><p><bdi>${sending.text}</bdi></p><p class="second">To ${sending.audience} · ${sending.by ?? 'The desk'} · <span class="numbers">${day(ctx, sending.sentAtMs)}, ${clock(ctx, sending.sentAtMs)}</span>${sending.mustRead ? ' · to be read' : null}</p>${far}${waiting}</li>`
}

export interface ThreadProps {
  readonly driverId: string
  readonly callSign: string
  readonly messages: readonly {
    readonly id: string
    readonly side: 'desk' | 'driver'
    readonly by: string | null
    readonly text: string
    readonly mustRead: boolean
    readonly sentAtMs: number
    readonly deliveredAtMs: number | null
    readonly readAtMs: number | null
  }[]
  readonly key: () => string
}

/** The last words with one driver, on their card: what was said, whether it was read, and a line to answer. */
export function driverThread(ctx: PageContext, props: ThreadProps): Html {
  const { driverId, callSign, messages } = props
  const action = `/board/drivers/${driverId}/messages`
  const unread = messages.filter(({ side, readAtMs }) => side === 'driver' && readAtMs === null).length
  const seen =
    unread === 0
      ? null
      : html`<form ${paneForm(`${action}/seen`)} data-driver-seen>${formKeys({ csrf: ctx.csrf, key: props.key() })}<button class="button button-plain button-compact" data-busy="…">${icon('check')}Seen</button></form>`
  const list =
    messages.length === 0
      ? null
      : html`<ol class="driver-thread">${messages.map((message) => threadRow(ctx, callSign, message))}</ol>`
  return html`<section class="pane-part" id="driver-write" aria-labelledby="thread-title"><h3 id="thread-title" class="part-title">Messages${unread === 0 ? null : html` <span class="badge badge-brand">${unread} new</span>`}</h3>${list}${seen}<form class="driver-write" ${paneForm(action)}>${formKeys({ csrf: ctx.csrf, key: props.key() })}<label class="screen-reader" for="driver-text">Message to ${callSign}</label><input class="input" id="driver-text" name="text" maxlength="${MESSAGE_MAX}" required autocomplete="off" placeholder="Write to ${callSign}" list="driver-canned"><datalist id="driver-canned">${CANNED.map((text) => html`<option value="${text}"></option>`)}</datalist><button class="button button-plain button-compact" aria-label="Send" data-busy="…">${icon('send-horizontal')}</button><label class="message-must"><input type="checkbox" name="must_read" value="yes"><span>to be read</span></label></form></section>`
}

function threadRow(ctx: PageContext, callSign: string, message: ThreadProps['messages'][number]): Html {
  const { side, by, text, mustRead, sentAtMs, deliveredAtMs, readAtMs } = message
  const state =
    side === 'driver'
      ? readAtMs === null
        ? 'new'
        : ''
      : readAtMs !== null
        ? html`${icon('check-check')}read ${clock(ctx, readAtMs)}`
        : deliveredAtMs !== null
          ? html`${icon('check')}on the page`
          : mustRead
            ? 'not there yet, to be read'
            : 'not there yet'
  return html`<li class="thread-row thread-${side}" id="thread-${message.id}"><p><bdi>${text}</bdi></p><p class="second">${side === 'driver' ? callSign : (by ?? 'The desk')} · <span class="numbers">${clock(ctx, sentAtMs)}</span> ${state}</p></li>`
}

/** `<a id="board-messages">` in the bar: how many drivers wait for an answer. */
export function messagesLink({ answers: count }: { readonly answers: number }): Html {
  return html`<a id="board-messages" class="desk-link${count === 0 ? '' : ' desk-link-new'}" href="/board/messages">${icon('message-square-text')}<span class="desk-link-word">Messages</span>${count === 0 ? null : html`<b class="numbers">${count}<span class="screen-reader"> new</span></b>`}</a>`
}
