/** The board in each state that a press brings, made by the very presses: for pictures of it, and to look at it with axe. */
import { gridDisk, latLngToCell } from 'h3-js'
import type { Page } from 'playwright-core'
import { cornersOf } from '../../src/fares/surge-map.ts'
import { boardPage } from '../../views/board/board.ts'
import type { ChatProps } from '../../views/chat/props.ts'
import type { Html } from '../../views/html.ts'
import { boardAnswers, CALLERS, savedViews } from './board-answers.ts'
import { boardCases, boardContext, boardProps, paneProps, tableProps, takenPane } from './board-cases.ts'
import { cardProps } from './desk-cases.ts'
import { NOW_MS } from './driver-cases.ts'
import { bringCars, fleet } from './driver-gallery.ts'

export interface BoardState {
  readonly name: string
  /** The page it begins with, by its name among `boardStatePages`. */
  readonly on: string
  /** What is pressed, until what it brings is seen. */
  reach(page: Page): Promise<unknown>
}

const key = () => 'a-key'

function said(seq: number, who: string, text: string): ChatProps['messages'][number] {
  return {
    ...{ seq, who, text, isMine: false, isRead: false, isReported: false, mayReport: false },
    sentAtMs: NOW_MS - (4 - seq) * 40_000,
  }
}

/** The pages that states begin with, and what they are answered. */
export function boardStatePages(): Record<string, Html> {
  const views = { rides: { ...tableProps, views: savedViews } }
  return {
    ...boardAnswers(),
    board: boardCases().board!,
    'board (htmx)': boardPage(boardContext, { ...boardProps, pane: null }),
    'board-of-views': boardPage(boardContext, { ...boardProps, list: views, pane: null }),
    'board-of-taken': boardPage(boardContext, { ...boardProps, pane: takenPane }),
    'board-of-undo': boardPage(boardContext, {
      ...{ ...boardProps, pane: takenPane },
      undo: {
        ...{ actId: 'act', rideId: takenPane.ride.id, text: 'HC-20418 given to 163.', key },
        ...{ untilMs: NOW_MS + 9_000, nowMs: NOW_MS },
      },
    }),
    'board-of-two': boardPage(boardContext, {
      ...boardProps,
      pane: {
        ...paneProps,
        notice: 'Ben gave this ride to 163 four seconds ago. Your choice was not used.',
        others: [
          { name: 'Ben Okri', isEditing: true },
          { name: 'Léa Nguyễn Thị Minh Khai', isEditing: false },
        ],
      },
    }),
    'board-of-talk': boardPage(boardContext, {
      ...boardProps,
      pane: {
        ...takenPane,
        notice: undefined,
        chat: {
          ...{
            action: '/board/rides/1/messages',
            title: 'Rider and driver',
            unread: 1,
            isClosed: false,
            key,
          },
          presence: 'Ruth A. is typing',
          messages: [
            said(1, 'Noor Haddad', 'I’m by the red carts.'),
            { ...said(2, 'Ines', 'She stands at the revolving door.'), isMine: true, isRead: true },
            said(3, 'Ruth A.', 'Two minutes, left side.'),
          ],
          canned: ['Your car is on its way', 'Please call us'],
        },
      },
    }),
    'board-of-driver': boardPage(boardContext, { ...boardProps, pane: null, driver: cardProps }),
  }
}

async function book(page: Page): Promise<void> {
  await page.keyboard.press('b')
  await page.locator('#board-ride #booking-caller').waitFor({ state: 'attached' })
}

const caller = (who: keyof typeof CALLERS, shows: string) => async (page: Page) => {
  await book(page)
  await page.locator('#booking input[name="caller"]').fill(CALLERS[who])
  await page.locator(`#booking-caller ${shows}`).waitFor()
}

/** The last ride again, until its prices stand. */
async function price(page: Page): Promise<void> {
  await caller('known', '.caller-places')(page)
  await page.locator('#booking-caller [data-short="r"]').click()
  await page.locator('#booking-ask').waitFor()
}

async function mark(page: Page): Promise<void> {
  await page.keyboard.press('t')
  for (let n = 0; n < 3; n++) await page.keyboard.press('Shift+J')
  await page.locator('.bulk-bar').waitFor()
}

/** Runs in the page: what the region was counted to have. */
function bringCells(message: object): void {
  document.dispatchEvent(new CustomEvent('live:message', { detail: message }))
}

/** The cells of the middle of town: as much is asked for as lies north, as many cars are free as lie south. */
function cells(): object {
  const all = gridDisk(latLngToCell(40.742, -73.987, 8), 6)
  const rows = all.map((cell, n) => [cell, (n * 7) % 11, (n * 5) % 9, n % 6, `+${(n % 6) * 10} %`])
  return {
    ...{ type: 'cells', isCounted: true, surges: true, cells: rows },
    shapes: Object.fromEntries(all.map((cell) => [cell, cornersOf(cell)])),
  }
}

/** Runs in the page: the line was cut, as `live.js` says it. */
function cutLine(sentence: string): void {
  const bar = document.getElementById('live-state')
  const words = bar?.querySelector('span')
  if (bar == null || words == null) return
  words.textContent = sentence
  bar.hidden = false
  document.dispatchEvent(new CustomEvent('live:state', { detail: { live: false, final: false } }))
}

export const BOARD_STATES: readonly BoardState[] = [
  {
    ...{ name: 'board-palette', on: 'board' },
    async reach(page) {
      await page.keyboard.press('Control+K')
      await page.locator('#palette-commands .command-row').first().waitFor()
    },
  },
  {
    ...{ name: 'board-palette-found', on: 'board' },
    async reach(page) {
      await page.keyboard.press('Control+K')
      await page.keyboard.type('no')
      await page.locator('#palette-found .found-row').first().waitFor()
    },
  },
  {
    ...{ name: 'board-palette-none', on: 'board' },
    async reach(page) {
      await page.keyboard.press('Control+K')
      await page.locator('#palette-q').fill('zzz')
      await page.locator('#palette-said:not(:empty)').waitFor()
    },
  },
  {
    ...{ name: 'board-all-keys', on: 'board' },
    async reach(page) {
      await page.keyboard.press('?')
      await page.locator('#key-help[open]').waitFor()
    },
  },
  { name: 'board-booking', on: 'board', reach: book },
  { name: 'board-booking-known', on: 'board', reach: caller('known', '.caller-places') },
  { name: 'board-booking-several', on: 'board', reach: caller('several', '.caller-choice') },
  { name: 'board-booking-new', on: 'board', reach: caller('fresh', '.caller-new') },
  { name: 'board-booking-blocked', on: 'board', reach: caller('blocked', '[data-blocked]') },
  {
    ...{ name: 'board-booking-places', on: 'board' },
    async reach(page) {
      await caller('known', '.caller-places')(page)
      await page.locator('#booking-to').focus()
      await page.locator('#booking-to').fill('gugen')
      await page.locator('#booking-suggestions [role="option"]').first().waitFor()
    },
  },
  { name: 'board-booking-prices', on: 'board', reach: price },
  {
    ...{ name: 'board-booking-refused', on: 'board' },
    async reach(page) {
      await price(page)
      await page.locator('#booking-ask .button-next').click()
      await page.locator('#booking-ask .notice-danger').waitFor()
      // The reason stands with the prices, and no other words beside it.
      await page.locator('#booking-said:empty').waitFor({ state: 'attached' })
    },
  },
  { name: 'board-marked', on: 'board-of-views', reach: mark },
  {
    ...{ name: 'board-marked-message', on: 'board-of-views' },
    async reach(page) {
      await mark(page)
      await page.keyboard.press('Shift+N')
      await page.locator('#bulk textarea').waitFor()
    },
  },
  {
    ...{ name: 'board-marked-merge', on: 'board-of-views' },
    async reach(page) {
      await mark(page)
      await page.keyboard.press('Shift+M')
      await page.locator('.merge-preview').waitFor()
    },
  },
  {
    ...{ name: 'board-marked-done', on: 'board-of-views' },
    async reach(page) {
      await mark(page)
      await page.keyboard.press('Shift+A')
      await page.locator('.bulk-result').waitFor()
    },
  },
  {
    ...{ name: 'board-views', on: 'board-of-views' },
    async reach(page) {
      await page.keyboard.press('t')
      await page.locator('#views-button').click()
      await page.locator('#views-list').waitFor()
    },
  },
  {
    ...{ name: 'board-views-arrange', on: 'board-of-views' },
    async reach(page) {
      await page.keyboard.press('Shift+V')
      await page.locator('.views-pane').waitFor()
    },
  },
  {
    ...{ name: 'board-filters', on: 'board-of-views' },
    async reach(page) {
      await page.keyboard.press('t')
      await page.locator('.filter-button').click()
      await page.locator('#table-filters').waitFor()
    },
  },
  {
    ...{ name: 'board-zones', on: 'board' },
    async reach(page) {
      await page.keyboard.press('z')
      await page.locator('#board-areas [data-area]').first().waitFor()
    },
  },
  {
    ...{ name: 'board-cells', on: 'board' },
    async reach(page) {
      await page.keyboard.press('m')
      await page.evaluate(bringCells, cells())
    },
  },
  {
    ...{ name: 'board-cars-marked', on: 'board-of-views' },
    async reach(page) {
      await page.evaluate(bringCars, fleet())
      await page.keyboard.press('m')
      await page.keyboard.press('Shift+D')
      await page.locator('#cars-marked').waitFor()
    },
  },
  {
    ...{ name: 'board-old', on: 'board' },
    async reach(page) {
      await page.evaluate(cutLine, 'Not live since 18:07. Trying again. What you see may have moved.')
      await page.locator('.map-old').waitFor({ state: 'attached' })
    },
  },
  { name: 'board-undo', on: 'board-of-undo', reach: (page) => page.locator('[data-undo]').waitFor() },
  {
    ...{ name: 'board-two-desks', on: 'board-of-two' },
    reach: (page) => page.locator('.pane-others').waitFor(),
  },
  {
    ...{ name: 'board-talk', on: 'board-of-talk' },
    async reach(page) {
      await page.keyboard.press('n')
      await page.locator('#chat-text').waitFor()
    },
  },
  {
    ...{ name: 'board-hold', on: 'board' },
    async reach(page) {
      await page.keyboard.press('h')
      await page.locator('.pane-menu[open] .menu-card').waitFor()
    },
  },
  {
    ...{ name: 'board-cancel', on: 'board' },
    async reach(page) {
      await page.keyboard.press('c')
      await page.locator('#cancellation-dialog[open]').waitFor()
    },
  },
  {
    ...{ name: 'board-reassign', on: 'board-of-taken' },
    async reach(page) {
      await page.keyboard.press('a')
      await page.locator('#reassignment-dialog[open]').waitFor()
    },
  },
  {
    ...{ name: 'board-offline', on: 'board-of-driver' },
    async reach(page) {
      await page.keyboard.press('o')
      await page.locator('.driver-hold[open] form').waitFor()
    },
  },
]
