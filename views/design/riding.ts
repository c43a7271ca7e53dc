/** Parts of the rider's pages, and what is said during a ride. */
import type { LatLng } from '../../src/engine/units.ts'
import { chatPanel } from '../chat/panel.ts'
import type { ChatProps } from '../chat/props.ts'
import { html } from '../html.ts'
import { addressField, suggestions } from '../rides/address-field.ts'
import { fareRow, type QuoteOptionProps } from '../rides/quotes.ts'
import { KEY, MIN_MS, NOW_MS, type PartGroup } from './specimen.ts'

const HERE: LatLng = { lat: 40.7829, lng: -73.959 }
const NOW = { pickupAtMs: null, nowMs: NOW_MS }

const STANDARD: QuoteOptionProps = {
  ...{ quoteId: 'standard', class: 'standard', seats: 4, fareMinor: 2480, currency: 'USD' },
  ...{ etaS: 240, durationS: 1290, lines: [], surgeMinor: 0, tell: null, shared: null },
}
const SHARED: QuoteOptionProps = {
  ...STANDARD,
  ...{ quoteId: 'shared', fareMinor: 1740, seats: 1 },
  shared: { detourS: 480, arriveByAtMs: NOW_MS + 33 * MIN_MS },
}
const NONE_FREE: QuoteOptionProps = {
  ...STANDARD,
  ...{ quoteId: 'accessible', class: 'accessible', etaS: null },
}

const CHAT: ChatProps = {
  ...{ action: '/rides/1/messages', title: 'Message Amadou', unread: 1, isClosed: false, key: KEY },
  presence: 'Amadou is typing',
  messages: [
    message(1, false, 'I’m by the red carts.'),
    message(2, true, 'Two minutes, left side.'),
    { ...message(3, true, 'Blue umbrella.'), isRead: false },
  ],
  canned: ['I’m here', 'Running late', 'Call me'],
}

function message(seq: number, isMine: boolean, text: string): ChatProps['messages'][number] {
  return {
    ...{ seq, isMine, text, who: isMine ? 'You' : 'Amadou D.', sentAtMs: NOW_MS - (4 - seq) * MIN_MS },
    ...{ isRead: true, isReported: false, mayReport: !isMine },
  }
}

export const RIDING_PARTS: readonly PartGroup[] = [
  {
    title: 'Address field',
    from: 'views/rides/address-field.ts',
    states: [
      {
        state: 'from and to',
        draw: () =>
          html`<div class="addresses">${addressField({ field: 'from', value: '828 Broadway', point: HERE })}${addressField({ field: 'to', value: '', point: null })}</div>`,
      },
      {
        state: 'nothing of that name',
        draw: () =>
          html`<div class="addresses">${addressField({ field: 'to', value: 'zzz', point: null, error: 'We know no place called “zzz”. Type a street and number, or a landmark.' })}</div>`,
      },
      {
        state: 'suggestions',
        draw: () =>
          html`<div class="suggestions">${suggestions({
            ...{ field: 'to', query: 'gugen' },
            places: [
              {
                ...{ label: 'Guggenheim Museum', area: '1071 Fifth Ave', point: HERE, distanceM: 5800 },
                matchRanges: [[0, 3]],
              },
              { label: 'Gugen Deli', area: '88 Madison Ave', point: HERE, distanceM: 900, icon: 'history' },
            ],
          })}</div>`,
      },
    ],
  },
  {
    title: 'Fare rows',
    from: 'views/rides/quotes.ts fareRow',
    states: [
      {
        state: 'chosen, to share, none free',
        draw: (ctx) =>
          html`<fieldset class="fare-rows"><legend class="screen-reader">Class</legend>${fareRow(ctx, NOW, STANDARD, { chosen: true, noneFree: false })}${fareRow(ctx, NOW, SHARED, { chosen: false, noneFree: false })}${fareRow(ctx, NOW, NONE_FREE, { chosen: false, noneFree: false })}</fieldset>`,
      },
    ],
  },
  {
    title: 'Chat',
    from: 'views/chat/panel.ts',
    states: [
      { state: 'folded, with news', draw: (ctx) => html`${chatPanel(ctx, CHAT)}` },
      { state: 'theirs, mine, read and sent', isOpen: true, draw: (ctx) => html`${chatPanel(ctx, CHAT)}` },
      {
        state: 'nothing said yet',
        isOpen: true,
        draw: (ctx) => html`${chatPanel(ctx, { ...CHAT, unread: 0, messages: [], presence: null })}`,
      },
      {
        state: 'the ride is over',
        isOpen: true,
        draw: (ctx) => html`${chatPanel(ctx, { ...CHAT, ...{ unread: 0, presence: null, isClosed: true } })}`,
      },
    ],
  },
]
