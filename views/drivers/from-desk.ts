/** What the desk wrote: on the driver's page while it is new, quietly while the car moves; and the whole conversation. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { clock, day } from '../parts/figures.ts'
import { sentBy } from './parts.ts'
import type { DriverMainProps } from './props.ts'
import { listPage } from './settings.ts'

export interface DeskMessageProps {
  readonly id: string
  readonly text: string
  /** The desk wants to know that it was read. */
  readonly mustRead: boolean
  readonly sentAtMs: number
}

/** More at once would push the work off the screen; the page with all of them has the others. */
const MOST_SHOWN = 2

/**
 * New messages above the sheet's own content. While the car drives they are one line that unfolds; an offer on the
 * screen has the screen for itself.
 */
export function fromDesk(ctx: PageContext, props: DriverMainProps): Html | null {
  const messages = props.fromDesk ?? []
  if (messages.length === 0 || props.state === 'offer') return null
  const shown = messages.slice(-MOST_SHOWN)
  const ids = messages.map(({ id }) => id).join(' ')
  const more = messages.length - shown.length
  const cards = html`<ul class="desk-messages">${shown.map((message) => card(ctx, message))}</ul>${more === 0 ? null : html`<p class="second"><a href="/driver/messages">${more} more from before</a></p>`}<div class="desk-acts"><form ${sentBy('/driver/messages/read')}>${formKeys({ csrf: ctx.csrf, key: props.key() })}<input type="hidden" name="ids" value="${ids}"><button class="button button-plain button-wide" data-busy="…">${icon('check')}${messages.some(({ mustRead }) => mustRead) ? 'I have read it' : 'Got it'}</button></form><a class="button button-quiet" href="/driver/messages">Answer</a></div>`
  const isMoving = props.state === 'ride' && props.ride.state !== 'arrived'
  const attributes = html`id="from-desk" class="from-desk" data-ids="${ids}"`
  return isMoving
    ? html`<details ${attributes}><summary>${icon('message-square-text')}<span>${messages.length === 1 ? 'Message from the desk' : `${messages.length} messages from the desk`}</span>${icon('chevron-down')}</summary>${cards}</details>`
    : html`<section ${attributes} aria-labelledby="from-desk-title"><h2 id="from-desk-title" class="card-title">${icon('message-square-text')}From the desk</h2>${cards}</section>`
}

function card(ctx: PageContext, { text, sentAtMs }: DeskMessageProps): Html {
  return html`<li><p><bdi>${text}</bdi></p><p class="second numbers">${clock(ctx, sentAtMs)}</p></li>`
}

export interface DeskThreadProps {
  readonly messages: readonly (DeskMessageProps & {
    readonly side: 'desk' | 'driver'
    readonly isRead: boolean
  })[]
  readonly key: () => string
  /** What did not work with the answer that was typed. */
  readonly error?: string
  readonly text?: string
}

/** Answers at one tap. */
const CANNED = ['Understood', 'On my way', 'Please call me', 'I cannot do that']
/** As long as a message may be. */
const MESSAGE_MAX = 500

/** The whole conversation, oldest first. */
export function deskThreadPage(
  ctx: PageContext,
  props: DeskThreadProps,
  options: { isNight: boolean },
): Html {
  const unread = props.messages.filter(({ side, isRead }) => side === 'desk' && !isRead)
  const list =
    props.messages.length === 0
      ? html`<p class="second">Nothing was said yet. What you write here is read by every dispatcher of your company.</p>`
      : html`<ol class="chat-rows">${props.messages.map((message) => row(ctx, message))}</ol>`
  const seen =
    unread.length === 0
      ? null
      : html`<form method="post" action="/driver/messages/read">${formKeys({ csrf: ctx.csrf, key: props.key() })}<input type="hidden" name="ids" value="${unread.map(({ id }) => id).join(' ')}"><input type="hidden" name="back" value="thread"><button class="button button-plain button-wide" data-busy="…">${icon('check')}I have read it</button></form>`
  const form = (fields: Html, look: string) =>
    html`<form method="post" action="/driver/messages" class="${look}">${formKeys({ csrf: ctx.csrf, key: props.key() })}${fields}</form>`
  const canned = form(
    html`${CANNED.map((text) => html`<button class="button button-soft" name="text" value="${text}">${text}</button>`)}`,
    'chat-canned',
  )
  const error =
    props.error === undefined
      ? null
      : html`<p class="field-error" id="desk-text-error">${icon('triangle-alert')}<span>${props.error}</span></p>`
  const write = form(
    html`<label class="screen-reader" for="desk-text">Your message to the desk</label><input class="input" id="desk-text" name="text" value="${props.text ?? ''}" maxlength="${MESSAGE_MAX}" autocomplete="off" placeholder="Write to the desk" required${props.error === undefined ? null : html` aria-invalid="true" aria-describedby="desk-text-error"`}><button class="button button-plain" aria-label="Send">${icon('send-horizontal')}</button>${error}`,
    'chat-write',
  )
  return listPage(ctx, {
    ...{ title: 'The desk', isNight: options.isNight },
    content: html`<section class="card stack desk-thread" aria-label="Messages">${list}${seen}${canned}${write}<p class="second">Write while you stand. In danger use the safety button of your ride.</p></section>`,
  })
}

function row(
  ctx: PageContext,
  { side, text, sentAtMs, isRead, mustRead }: DeskThreadProps['messages'][number],
): Html {
  const isMine = side === 'driver'
  const ticks = isMine
    ? html`<span class="chat-ticks">${icon(isRead ? 'check-check' : 'check')}<span class="screen-reader">${isRead ? 'read' : 'sent'}</span></span>`
    : isRead
      ? null
      : html` · <b>${mustRead ? 'to be read' : 'new'}</b>`
  return html`<li class="chat-row${isMine ? ' chat-mine' : ''}"><p class="chat-bubble"><bdi>${text}</bdi></p><p class="chat-foot">${day(ctx, sentAtMs)}, ${clock(ctx, sentAtMs)}${ticks}</p></li>`
}
