/** The messages of a ride, folded up until somebody wants them; `chat.js` makes it live, without it the forms work. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { clock } from '../parts/figures.ts'
import type { ChatMessageProps, ChatProps } from './props.ts'

/** As long as a message may be, for the field. */
const MESSAGE_MAX = 500

/** Root id `chat`; nothing where there is nothing to say and never was. */
export function chatPanel(ctx: PageContext, props: ChatProps): Html | null {
  const { messages, unread, isClosed } = props
  if (isClosed && messages.length === 0) return null
  const news =
    unread === 0
      ? null
      : html`<span class="badge badge-brand chat-new">${unread}<span class="chat-new-word"> new</span></span>`
  return html`<details id="chat" class="chat"><summary class="chat-head">${icon('message-square-text')}<span class="chat-word" aria-hidden="true">Chat</span><b class="chat-title">${props.title}</b>${news}${icon('chevron-down')}</summary>
<div class="chat-box">${log(ctx, props)}
<p class="chat-presence" role="status">${props.presence}</p>
${isClosed ? html`<p class="second">The ride is over; nothing more can be said here.</p>` : forms(ctx, props)}</div></details>`
}

function log(ctx: PageContext, props: ChatProps): Html {
  const last = props.messages.at(-1)?.seq ?? 0
  const rows =
    props.messages.length === 0
      ? html`<li class="chat-none">Nothing said yet. Both of you see what is written here, and so does the dispatcher.</li>`
      : props.messages.map((message) => row(ctx, props, message))
  return html`<div id="chat-log" class="chat-log" role="log" tabindex="0" aria-label="Messages" data-last="${last}" data-action="${props.action}"><ol class="chat-rows">${rows}</ol></div>`
}

function row(ctx: PageContext, props: ChatProps, message: ChatMessageProps): Html {
  const { isMine, seq } = message
  const ticks = isMine
    ? html`<span class="chat-ticks">${icon(message.isRead ? 'check-check' : 'check')}<span class="screen-reader">${message.isRead ? 'read' : 'sent'}</span></span>`
    : null
  return html`<li class="chat-row${isMine ? ' chat-mine' : ''}" id="message-${seq}"><p class="chat-bubble"><bdi>${message.text}</bdi></p><p class="chat-foot">${isMine ? null : html`${message.who} · `}${clock(ctx, message.sentAtMs)}${ticks}${message.isReported ? html` · ${icon('flag')}reported` : null}</p>${message.mayReport && !message.isReported ? reportForm(ctx, props, seq) : null}</li>`
}

function reportForm(ctx: PageContext, props: ChatProps, seq: number): Html {
  return html`<form method="post" action="${props.action}/${seq}/report" class="chat-report" data-chat>${formKeys({ csrf: ctx.csrf, key: props.key() })}<button class="link-quiet" aria-label="Report this message to the dispatcher">Report</button></form>`
}

function forms(ctx: PageContext, props: ChatProps): Html {
  const keys = () => formKeys({ csrf: ctx.csrf, key: props.key() })
  return html`<form method="post" action="${props.action}" class="chat-canned" data-chat>${keys()}${props.canned.map((text) => html`<button class="button button-soft" name="text" value="${text}">${text}</button>`)}</form>
<form method="post" action="${props.action}" class="chat-write" data-chat data-chat-write>${keys()}<label class="screen-reader" for="chat-text">Your message</label><input class="input" id="chat-text" name="text" maxlength="${MESSAGE_MAX}" autocomplete="off" placeholder="Write a message" required><button class="button button-plain" aria-label="Send">${icon('send-horizontal')}</button></form>`
}
