/** Parts of every page: buttons, fields, figures, badges, and what a page says when there is nothing or no network. */
import { problemCard, problemWords } from '../errors.ts'
import { html } from '../html.ts'
import { icon } from '../icon.ts'
import { avatar } from '../parts/avatar.ts'
import { chip } from '../parts/chip.ts'
import { questionDialog } from '../parts/dialog.ts'
import { emptyState } from '../parts/empty.ts'
import { field, segments } from '../parts/field.ts'
import { age, codeTiles, countdownRing, plate } from '../parts/figures.ts'
import { liveState } from '../parts/live-state.ts'
import { fromMark, mark, toMark } from '../parts/mark.ts'
import { priceLines } from '../parts/price-lines.ts'
import { RIDE_WORDS, rideBadge, timeline } from '../parts/ride-state.ts'
import { starChoice, starsShown } from '../parts/stars.ts'
import { switchRow } from '../parts/switch.ts'
import { toast } from '../parts/toast.ts'
import { NOW_MS, type PartGroup } from './specimen.ts'

const RIDE_STATES = Object.keys(RIDE_WORDS) as (keyof typeof RIDE_WORDS)[]
const TIMELINE_STATES = ['assigned', 'en_route', 'arrived', 'in_progress', 'completed'] as const

export const SHARED_PARTS: readonly PartGroup[] = [
  {
    title: 'Buttons',
    from: 'app.css: .button and one of its looks',
    states: [
      { state: 'next', draw: () => html`<button class="button button-next">Ask for Standard</button>` },
      {
        state: 'next, under the pointer',
        draw: () => html`<button class="button button-next" data-look="hover">Ask for Standard</button>`,
      },
      {
        state: 'next, with the focus',
        draw: () => html`<button class="button button-next" data-look="focus">Ask for Standard</button>`,
      },
      {
        state: 'next, waiting',
        draw: () => html`<button class="button button-next" data-waiting>Asking…</button>`,
      },
      {
        state: 'off, with its reason',
        draw: () => html`<button class="button button-plain" disabled>No-show in 1:24</button>`,
      },
      { state: 'plain', draw: () => html`<button class="button button-plain">Edit</button>` },
      { state: 'soft', draw: () => html`<button class="button button-soft">Running late</button>` },
      { state: 'quiet', draw: () => html`<button class="button button-quiet">Decline</button>` },
      { state: 'danger', draw: () => html`<button class="button button-danger">Cancel ride</button>` },
    ],
  },
  {
    title: 'Segmented choice',
    from: 'views/parts/field.ts segments',
    states: [
      {
        state: 'three answers',
        draw: () =>
          segments({
            ...{ name: 'when', label: 'When', chosen: 'now' },
            options: [
              { value: 'now', label: 'Now', icon: icon('clock') },
              { value: 'later', label: 'Later', icon: icon('calendar-clock') },
              { value: 'hourly', label: 'Hourly' },
            ],
          }),
      },
    ],
  },
  {
    title: 'Chips',
    from: 'views/parts/chip.ts',
    states: [
      {
        state: 'with an icon, plain, chosen',
        draw: () =>
          html`<div class="design-row">${chip({ href: '/', label: 'Home', icon: 'house' })}${chip({ href: '/', label: 'Completed' })}${chip({ href: '/', label: 'All', isCurrent: true })}</div>`,
      },
    ],
  },
  {
    title: 'Switch',
    from: 'views/parts/switch.ts',
    states: [true, false].map((on) => ({
      state: on ? 'on' : 'off',
      draw: () =>
        switchRow({
          ...{ name: 'face', label: 'Show my picture to drivers', on },
          hint: 'They find you sooner at the kerb.',
        }),
    })),
  },
  {
    title: 'Fields',
    from: 'views/parts/field.ts field',
    states: [
      {
        state: 'with a hint',
        draw: () =>
          field({
            ...{ name: 'note', label: 'Note for the driver', value: 'Blue umbrella', maxLength: 140 },
            hint: 'Such as “by the red carts”. Up to 140 letters.',
          }),
      },
      {
        state: 'wrong, the words kept',
        draw: () =>
          field({
            ...{ name: 'mobile', label: 'Mobile number', value: '0551 7', type: 'tel' },
            error: 'Add the country code, like +1 212 555 0143.',
          }),
      },
      {
        state: 'several lines',
        draw: () => field({ name: 'about', label: 'What happened', lines: 3, placeholder: 'In your words' }),
      },
    ],
  },
  {
    title: 'Badges',
    from: 'views/parts/ride-state.ts rideBadge',
    states: [
      {
        state: 'every state of a ride, in the desk’s word',
        draw: () => html`<div class="design-row">${RIDE_STATES.map((state) => rideBadge(state))}</div>`,
      },
      {
        state: 'and in the rider’s',
        draw: () =>
          html`<div class="design-row">${RIDE_STATES.map((state) => rideBadge(state, 'rider'))}</div>`,
      },
    ],
  },
  {
    title: 'Timeline',
    from: 'views/parts/ride-state.ts timeline',
    states: TIMELINE_STATES.map((state) => ({
      state: RIDE_WORDS[state].rider + (state === 'assigned' ? ', just found' : ''),
      draw: () => html`${timeline(state)}`,
    })),
  },
  {
    title: 'Plate, start code, marks, faces',
    from: 'views/parts/figures.ts, mark.ts, avatar.ts',
    states: [
      {
        state: 'plate and start code',
        draw: () => html`<div class="design-row">${plate('T704182C')}${codeTiles('4821')}</div>`,
      },
      {
        state: 'mark, from, to',
        draw: () => html`<div class="design-row">${mark()}${fromMark()}${toMark()}</div>`,
      },
      {
        state: 'without a picture',
        draw: () =>
          html`<div class="design-row">${avatar({ name: 'Amadou Diallo', avatarId: null })}${avatar({ name: 'Amadou Diallo', avatarId: null, size: 'large' })}</div>`,
      },
      { state: 'stars, given', draw: () => starsShown(4) },
      { state: 'stars, asked', draw: () => starChoice({ label: 'How was it?', chosen: 3 }) },
    ],
  },
  {
    title: 'Age of a position',
    from: 'views/parts/figures.ts age',
    states: [
      ['fresh', 2],
      ['getting old', 15],
      ['old', 27],
      ['silent', 48],
    ].map(([state, ageS]) => ({
      state: String(state),
      draw: () => age({ seenAtMs: NOW_MS - Number(ageS) * 1000, nowMs: NOW_MS }),
    })),
  },
  {
    title: 'Countdown ring',
    from: 'views/parts/figures.ts countdownRing',
    states: [
      ['most of it left', 11_000],
      ['its last three seconds', 3_000],
      ['over', 0],
    ].map(([state, leftMs]) => ({
      state: String(state),
      draw: () => countdownRing({ untilMs: NOW_MS + Number(leftMs), nowMs: NOW_MS, totalMs: 15_000 }),
    })),
  },
  {
    title: 'Price lines',
    from: 'views/parts/price-lines.ts',
    states: [
      {
        state: 'label, working, amount, sum',
        draw: (ctx) =>
          priceLines(ctx, {
            lines: [
              { label: 'Base', detail: null, amountMinor: 300 },
              { label: 'Distance', detail: '7.3 km × $1.60', amountMinor: 1168 },
              { label: 'Time', detail: '19 min × $0.30', amountMinor: 570 },
            ],
            ...{ totalLabel: 'Standard', totalMinor: 2038, currency: 'USD' },
          }),
      },
    ],
  },
  {
    title: 'Toasts',
    from: 'views/parts/toast.ts',
    states: [
      { state: 'done', draw: () => toast({ id: 'ok', text: 'Assigned to 204.' }) },
      {
        state: 'to know',
        draw: () => toast({ id: 'warn', text: 'No connection. 14 positions wait.', tone: 'warn' }),
      },
      {
        state: 'went wrong, stays',
        draw: () => toast({ id: 'danger', text: 'That offer ended 2 s ago.', tone: 'danger' }),
      },
    ],
  },
  {
    title: 'Notices in a page',
    from: 'parts.css: .notice',
    states: [
      {
        state: 'to know',
        draw: () => html`<p class="notice">${icon('clock')}<span>That price held until 18:10.</span></p>`,
      },
      {
        state: 'went wrong',
        draw: () =>
          html`<p class="notice notice-danger">${icon('triangle-alert')}<span>Your bank declined Visa 4242. Nothing was charged.</span></p>`,
      },
      {
        state: 'news',
        draw: () =>
          html`<p class="notice notice-info">${icon('info')}<span>Amadou cannot make it. Wen is 5 min away.</span></p>`,
      },
    ],
  },
  {
    title: 'Empty, offline, error',
    from: 'views/parts/empty.ts, live-state.ts, views/errors.ts problemCard',
    states: [
      {
        state: 'nothing here',
        draw: () => emptyState({ title: 'Nobody is waiting.', text: 'New requests appear here at once.' }),
      },
      {
        state: 'not live',
        draw: () => liveState('Not live since 18:07. Trying again. What you see may have moved.'),
      },
      {
        state: 'an error',
        draw: () => problemCard({ ...problemWords(409), reference: '8f2c-41d0' }),
      },
    ],
  },
  {
    title: 'Dialog',
    from: 'views/parts/dialog.ts',
    states: [
      {
        state: 'open, the fee named first',
        draw: () =>
          questionDialog({
            ...{ id: 'cancel', opens: 'Cancel ride', isDanger: true, title: 'Cancel for $5.00?' },
            text: 'Amadou has driven 6 min to you. It was free until 18:10.',
            form: html`method="get" action="/design"`,
            fields: html``,
            ...{ keep: 'Keep ride', go: 'Cancel, pay $5.00', busy: 'Cancelling…' },
          }),
      },
    ],
  },
]
