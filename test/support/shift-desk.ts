/**
 * A dispatcher who has keys alone: everything is done as a hand would, and each act is timed from its first key to the
 * moment at which the page shows what came of it.
 */
import type { Page } from 'playwright-core'
import { assert } from '../../src/engine/units.ts'
import type { RideAnswer } from './ride-steps.ts'
import type { Trouble, TroubleKind } from './shift-world.ts'

export interface Deed {
  readonly kind: string
  readonly ms: number
  readonly keys: number
}

export interface Caller {
  readonly kind: string
  readonly number: string
  /** Of somebody who rings for the first time. */
  readonly name?: string
  readonly from: string
  readonly to: string
  /** As it is typed into When; nothing for now. */
  readonly at: string
  /** The same way as the last time. */
  readonly again?: boolean
}

export type ShiftDesk = ReturnType<typeof openShiftDesk>

/** @param page on the board, with its map ready */
export function openShiftDesk(page: Page) {
  const deeds: Deed[] = []
  let keys = 0

  async function press(...names: string[]): Promise<void> {
    for (const name of names) await page.keyboard.press(name)
    keys += names.length
  }
  async function type(text: string): Promise<void> {
    await page.keyboard.type(text)
    keys += text.length
  }
  async function palette(words: string): Promise<void> {
    await press('Control+k')
    await type(words)
    await press('Enter')
  }
  async function timed(kind: string, act: () => Promise<void>): Promise<void> {
    const keysBefore = keys
    const sinceMs = performance.now()
    await act()
    deeds.push({ kind, ms: performance.now() - sinceMs, keys: keys - keysBefore })
  }

  const paneOf = ({ id }: RideAnswer) => page.locator(`#board-ride[data-ride-id="${id}"]`)
  /** No two messages are the same, or the one before would pass for the next. */
  let said = 0
  const words = (text: string) => `${text} (${++said})`

  /** Q, then J and K to a card of the list; Enter opens it. */
  async function openCard(card: string): Promise<void> {
    await page.locator(`#${card}`).waitFor()
    await leaveField()
    await press('q')
    /** How many rows further down it is than the one with the focus; null once it is gone. The list moves meanwhile. */
    const stepsTo = () =>
      page.evaluate((id) => {
        const rows = [...document.querySelectorAll('#board-queue .queue > li')]
        const to = rows.findIndex((row) => row.id === id)
        return to < 0 ? null : to - rows.findIndex((row) => row.contains(document.activeElement))
      }, card)
    let pressed = 0
    for (let steps = await stepsTo(); steps !== 0; steps = await stepsTo()) {
      assert(steps !== null && ++pressed < 200, `${card} is in the list, and in reach`)
      await press(steps > 0 ? 'j' : 'k')
      // A key waits while an act is under way: nobody presses the next one before the mark has moved.
      for (let looks = 0; looks < 40 && (await stepsTo()) === steps; looks++) await page.waitForTimeout(25)
    }
    await press('Enter')
  }

  const ACTS: Record<TroubleKind, (trouble: Trouble) => Promise<void>> = {
    // Taken off a car nobody hears, to be asked for anew.
    async dark({ card }) {
      await openCard(card)
      await press('r')
      await page.locator('#release-dialog[open]').waitFor()
      await press('Tab', 'Enter')
      await page.locator('#board-ride').getByText('unassigned').waitFor()
    },
    retreating: (trouble) => giveAway(trouble),
    late: (trouble) => giveAway(trouble),
    // The driver says that they wait at a bridge: left to them.
    async stalled({ card }) {
      await openCard(card)
      await press('p')
      await page.locator(`#${card}`).getByText('left to it').waitFor()
    },
    silent: (trouble) => writeAboutRide(trouble, 'Are you all right? Please answer.'),
    no_show: (trouble) => writeAboutRide(trouble, 'Your car waits at the door.'),
    // A word to the driver, on the driver's own card.
    async off_route({ card, callSign }) {
      await openCard(card)
      await press('d')
      await page.locator('#driver-title').getByText(String(callSign), { exact: true }).waitFor()
      await palette('message this driver')
      const text = words('Is the bridge closed?')
      await type(text)
      await press('Enter')
      await page.locator('.driver-thread').getByText(text).waitFor()
    },
    async rescue({ card }) {
      await openCard(card)
      await press('w')
      await page.locator('.rescue').getByText('Looked for wider since').waitFor()
    },
    async waiting({ card, ride }) {
      await openCard(card)
      await press('Enter')
      await paneOf(ride!).locator('.driver-chip').waitFor()
    },
    // Drivers are called in: a page of its own, and back.
    async uncovered({ card }) {
      await openCard(card)
      await press('g')
      await page.locator('#message-text').waitFor()
      await focusOn('#message-text')
      const text = words('Who can drive?')
      await type(text)
      await press('Enter')
      await page.locator('#desk-sendings').getByText(text).first().waitFor()
      await backToBoard('a[href="/board"]')
    },
    async papers({ callSign }) {
      await palette(`force offline ${callSign}`)
      await page.locator('#driver-hold[open] input[name="reason"]').waitFor()
      await type('The licence ends tonight.')
      await press('Enter')
      await page.locator('.driver-held').waitFor()
    },
    // Seen, so that whoever called reads it; then the board again.
    async help({ card }) {
      await page.locator(`#${card}`).waitFor()
      await press('!')
      await page.getByRole('button', { name: 'I have it in hand' }).waitFor()
      await focusOn('.safety-alerts form button')
      await press('Enter')
      await page.locator('.safety-alerts').getByText('Seen by').waitFor()
      await focusOn('.safety-close input[name="words"]')
      await type('All well.')
      await press('Enter')
      await page.locator('.safety-alerts').getByText('Closed by').waitFor()
      await backToBoard('.safety-desk a.button')
    },
  }

  async function giveAway({ card, ride, callSign }: Trouble): Promise<void> {
    await openCard(card)
    await press('a')
    await page.locator('#reassignment-dialog[open]').waitFor()
    await press('1')
    await focusOn('#reassignment-dialog .button-danger')
    await press('Enter')
    await paneOf(ride!)
      .locator('.driver-chip')
      .filter({ hasNotText: `${callSign} ·` })
      .waitFor()
  }

  async function writeAboutRide({ card }: Trouble, text: string): Promise<void> {
    await openCard(card)
    await press('n')
    await type(text)
    await press('Enter')
    await page.locator('.chat-mine').getByText(text).waitFor()
  }

  /** Tab until it has the focus, as somebody does who uses no mouse. */
  async function focusOn(selector: string): Promise<void> {
    const isThere = () =>
      page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)
    for (let steps = 0; !(await isThere()) && steps < 60; steps++) await press('Tab')
  }

  /** @param link the page's own way back */
  async function backToBoard(link: string): Promise<void> {
    await focusOn(link)
    await press('Enter')
    // Its scripts have run once it is loaded; keys before that are the browser's.
    await page.waitForURL(/\/board(\?|$)/)
    await page.locator('.map-ready').waitFor({ state: 'attached' })
  }

  /** Esc out of a field that somebody wrote in, or its letters would be the next command. */
  async function leaveField(): Promise<void> {
    const isTyping = () =>
      document.activeElement?.matches('input:not([type="radio"], [type="checkbox"]), textarea')
    if (await page.evaluate(isTyping)) await press('Escape')
  }

  /** As a caller speaks: who, from where, to where, when; nothing waits for the page but what has to be read. */
  const book = ({ kind, number, name, from, to, at, again }: Caller) =>
    timed(kind, async () => {
      await leaveField()
      await press('b')
      await type(number)
      await press('Enter')
      if (name !== undefined) {
        await type(name)
        await press('Enter')
      } else await page.locator('.caller-known').waitFor()
      if (again) {
        await type('r')
        await press('Enter')
      } else {
        for (const place of [from, to]) {
          await type(place)
          await page.locator('#booking-suggestions [role="option"]').first().waitFor()
          await press('Enter')
        }
      }
      await type(at)
      await press('Enter')
      await page.locator('#booking-ask input[name="quote_id"]:focus').waitFor()
      await press('Enter')
      await page.locator('#ride-title').waitFor()
    })

  return {
    book,
    deeds,
    press,
    type,
    palette,
    timed,
    /** What a kind of trouble asks for, by keys. */
    handle: (trouble: Trouble) => timed(trouble.kind, () => ACTS[trouble.kind](trouble)),
    /** The open ride to a car that is named. */
    giveByCallSign: (ride: RideAnswer, callSign: string) =>
      timed('assign by call sign', async () => {
        await palette(`assign ${callSign}`)
        await paneOf(ride).locator('.driver-chip').getByText(`${callSign} ·`).waitFor()
      }),
    takeBack: (ride: RideAnswer) =>
      timed('undo', async () => {
        await press('u')
        await page.locator('#board-ride #assign').waitFor()
        await page.getByRole('heading', { name: ride.reference, exact: true }).waitFor()
      }),
    hold: (ride: RideAnswer) =>
      timed('hold a ride in the queue', async () => {
        await openCard(`queue-${ride.id}`)
        await press('h')
        await page.locator('#board-ride [data-act="hold"][open]').waitFor()
        await press('Enter')
        await paneOf(ride).getByText('Put off: nobody is asked').waitFor()
      }),
    open: (ride: RideAnswer) =>
      timed('open by number', async () => {
        await palette(`open ${ride.reference}`)
        await page.getByRole('heading', { name: ride.reference, exact: true }).waitFor()
      }),
  }
}
