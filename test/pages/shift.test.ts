/** A desk at work, by keyboard alone, in a real browser on the real app. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page, Request } from 'playwright-core'
import type { RideId } from '../../src/engine/units.ts'
import { type AppWorld, WALL_STREET } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { DESK, expectWellLaidOut, openWindow, type Window } from '../support/pages.ts'
import { askRide, goOnline, type RideAnswer } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'
import { openShiftDesk } from '../support/shift-desk.ts'
import { type ShiftWorld, startShift, TROUBLES } from '../support/shift-world.ts'

const LATE_MS = 20_000

describeWith('chromium', 'a desk that works by keyboard', () => {
  let shift: ShiftWorld
  let world: AppWorld
  let browser: Browser
  let desk: Window
  let page: Page
  /** A board goes on for a whole shift; what it was asked for never loads it anew. */
  let loads = 0
  beforeAll(async () => {
    // No offers by themselves: what happens to a ride here, the desk did.
    shift = await startShift(1)
    world = shift.world
    await goOnline(world, world.canal.driver)
    browser = await launchChromium()
    desk = await openWindow(browser, world, world.canal.dispatcher, DESK)
    page = desk.page
    page.on('load', () => void (new URL(page.url()).pathname === '/board' && loads++))
    await desk.go('/board')
    await page.locator('.map-ready').waitFor({ state: 'attached' })
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await shift?.stop()
  })
  afterEach(() => {
    expect(desk.mistakes.splice(0)).toEqual([])
    expect(loads).toBe(1)
  })

  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const palette = async (words: string) => {
    await press('Control+k')
    await page.locator('#palette[open]').waitFor()
    await page.keyboard.type(words)
  }

  test('Ctrl K finds a ride by its rider, and a verb with a call sign assigns it', async () => {
    const rider = await world.newRider('Noor Al-Haddad')
    const ride = await askRide(rider)
    await palette('haddad')
    await page.locator('#palette .found-row[data-ride]').waitFor()
    await expectWellLaidOut(desk, 'palette')
    await press('Enter')
    await page.getByRole('heading', { name: ride.reference, exact: true }).waitFor()
    expect(await page.locator('#palette[open]').count()).toBe(0)
    await page.locator('#assign').waitFor()
    await palette('assign 204')
    await press('Enter')
    await page.locator('.driver-chip').getByText('204 · Bo Lindqvist').waitFor()
  }, 60_000)

  test('Ctrl K without words lists first what can be done with the open ride, and without one what always can', async () => {
    const listed = () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('#palette-commands [data-command]')].map(
          ({ dataset }) => dataset.command,
        ),
      )
    /** What was done a moment ago can be taken back for ten seconds. */
    const listedFirst = async (most: number) => (await listed()).filter((id) => id !== 'undo').slice(0, most)
    await page.locator('[commandfor="reassignment-dialog"]').first().waitFor()
    await palette('')
    expect(await listedFirst(3)).toEqual(['reassign', 'release', 'cancel'])
    await press('Escape', 'Escape')
    await page.getByText('No ride is chosen').waitFor()
    await palette('')
    expect(await listedFirst(2)).toEqual(['help', 'book'])
    await press('Escape')
    expect(await page.locator('dialog[open]').count()).toBe(0)
  }, 60_000)

  test('O goes to the words that must be written, past what is only chosen', async () => {
    await palette('driver 204')
    await press('Enter')
    await page.locator('#driver-title').getByText('204').waitFor()
    await press('o')
    const form = page.locator('#driver-hold[open]')
    await form.getByText('goes to another driver now').waitFor()
    await page.keyboard.type('Not well, in bed')
    expect(await form.locator('[name="reason"]').inputValue()).toBe('Not well, in bed')
    await press('Escape', 'Escape')
    await page.locator('#driver-title').waitFor({ state: 'detached' })
  }, 60_000)

  test('a verb without its noun asks for it, and what nobody has is said', async () => {
    await press('Escape')
    await palette('open')
    await press('Enter')
    expect(await page.locator('#palette-q').inputValue()).toBe('open ')
    await page.keyboard.type('999999')
    await press('Enter')
    await page.getByText('There is no ride 999999.').waitFor()
    await press('Escape')
    expect(await page.locator('dialog[open]').count()).toBe(0)
  }, 60_000)

  test('? lists every key, B books, and a view is chosen by name', async () => {
    await press('?')
    await page.locator('#key-help[open]').waitFor()
    await expectWellLaidOut(desk, 'key-help')
    await press('Escape')
    await palette('view ended')
    await press('Enter')
    await page.locator('.tab[aria-current]').getByText('Ended').waitFor()
    await palette('view live')
    await press('Enter')
    await page.locator('.tab[aria-current]').getByText('Live').waitFor()
    await press('t')
    expect(await page.evaluate(() => document.activeElement?.closest('#board-table') !== null)).toBe(true)
  }, 60_000)

  /** Of what a test waits for itself, that it does not come is said as plainly as by the browser. */
  const soon = async (what: Promise<void>, name: () => string) => {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(async () => {
      const focus = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))
      late.reject(new Error(`too late: ${name()}; the focus is on ${focus}`))
    }, LATE_MS)
    await Promise.race([what, late.promise]).finally(() => clearTimeout(timer))
  }

  /** Hold back the answers to some requests; `letGo` returns when the page has had them, or called them off. */
  const holdBack = async (isMeant: (url: URL) => boolean) => {
    const held = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const open = new Set<Request>()
    const isDone = Promise.withResolvers<void>()
    const begun = (request: Request) => void (isMeant(new URL(request.url())) && open.add(request))
    const over = (request: Request) => void (open.delete(request) && open.size === 0 && isDone.resolve())
    page.on('request', begun).on('requestfinished', over).on('requestfailed', over)
    await page.route(isMeant, async (route) => {
      asked.resolve()
      await held.promise
      // Whoever asked may have called it off.
      await route.continue().catch(() => {})
    })
    return {
      get asked() {
        return soon(asked.promise, () => `the page asks; ${open.size} are open`)
      },
      async letGo() {
        if (open.size === 0) isDone.resolve()
        held.resolve()
        await soon(isDone.promise, () => `answers come of ${[...open].map((request) => request.url())}`)
        page.off('request', begun).off('requestfinished', over).off('requestfailed', over)
        await page.unroute(isMeant)
        const afterwards = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
        for (let turn = 0; turn < 3; turn++) await page.evaluate(afterwards)
      },
    }
  }

  test('what nobody has stays said, though the list for the same words answers later', async () => {
    const list = await holdBack(
      ({ pathname, searchParams }) =>
        pathname === '/board/find' && searchParams.get('q')?.startsWith('open') === true,
    )
    await palette('open 888888')
    await list.asked
    await press('Enter')
    await page.getByText('There is no ride 888888.').waitFor()
    await list.letGo()
    expect(await page.locator('#palette-said').textContent()).toBe('There is no ride 888888.')
    await press('Escape')
  }, 60_000)

  test('a view that was chosen stays, though the list before it was asked for again and answers later', async () => {
    const table = await holdBack(
      ({ pathname, searchParams }) => pathname === '/board/table' && searchParams.get('show') !== 'ended',
    )
    // News of a ride has the board ask for its table again.
    await askRide(await world.newRider('Lea Brandt'))
    await table.asked
    await palette('view ended')
    await press('Enter')
    await page.locator('.tab[aria-current]').getByText('Ended').waitFor()
    await table.letGo()
    expect(await page.locator('.tab[aria-current]').getAttribute('data-show')).toBe('ended')
    await palette('view live')
    await press('Enter')
    await page.locator('.tab[aria-current]').getByText('Live').waitFor()
  }, 60_000)

  test('a key for the chosen ride is not done to the one before it while its own is on the way', async () => {
    const [before, chosen] = [
      await askRide(await world.newRider('Ola Berg')),
      await askRide(await world.newRider('Pia Lund')),
    ]
    const row = (id: string) => page.locator(`#row-${id} a.row-link`)
    await row(chosen.id).waitFor()
    await row(before.id).focus()
    await press('Enter')
    await page.getByRole('heading', { name: before.reference, exact: true }).waitFor()
    const pane = await holdBack(({ pathname }) => pathname === `/board/rides/${chosen.id}`)
    await row(chosen.id).focus()
    await press('Enter')
    await pane.asked
    // Cancels the ride that is on its way, not the one that still stands there; its question comes with it.
    await press('c')
    expect(await page.locator('dialog[open]').count()).toBe(0)
    await pane.letGo()
    await page.locator('#cancellation-dialog[open]').getByText(chosen.reference).first().waitFor()
    await press('Escape')
    // Back to the one before and on again, before either is there: a key means the last of them.
    const both = await holdBack(({ pathname }) =>
      [before.id, chosen.id].some((id) => pathname === `/board/rides/${id}`),
    )
    for (const { id } of [before, chosen, before]) {
      await row(id).focus()
      await press('Enter')
    }
    await press('c')
    await both.letGo()
    await page.locator('#cancellation-dialog[open]').getByText(before.reference).first().waitFor()
    await press('Escape')
    await row(chosen.id).focus()
    await press('Enter')
    await page.getByRole('heading', { name: chosen.reference, exact: true }).waitFor()
    // And what was pressed last is what is shown, whichever answer comes last.
    const slow = await holdBack(({ pathname }) => pathname === `/board/rides/${before.id}`)
    await row(before.id).focus()
    await press('Enter')
    await slow.asked
    await palette(`open ${chosen.reference}`)
    await press('Enter')
    await page.locator('#palette:not([open])').waitFor({ state: 'attached' })
    await slow.letGo()
    await page.getByRole('heading', { name: chosen.reference, exact: true }).waitFor()
    expect(new URL(page.url()).searchParams.get('ride')).toBe(chosen.id)
    await press('Escape')
    await page.locator('.board-ride-none').waitFor()
  }, 60_000)

  test('a key after a question was answered is done once its act is, however long that takes', async () => {
    const ride = await askRide(await world.newRider('Rut Sand'))
    const row = page.locator(`#row-${ride.id} a.row-link`)
    await row.waitFor()
    await row.focus()
    await press('Enter')
    await page.getByRole('heading', { name: ride.reference, exact: true }).waitFor()
    await press('c')
    await page.locator('#cancellation-dialog[open]').waitFor()
    const act = await holdBack(({ pathname }) => pathname === `/board/rides/${ride.id}/cancellation`)
    await page.locator('#cancellation-dialog .button-danger').focus()
    await press('Enter')
    await act.asked
    await press('b')
    await page.keyboard.type('zo')
    await act.letGo()
    await page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('#booking input[name="caller"]')?.value === 'zo',
    )
    await press('Escape')
    await page.locator('.board-ride-none').waitFor()
  }, 60_000)

  const card = (id: string) => page.locator(`#queue-${id} a`)

  test('Enter, and Enter once more before the ride is there, gives it to the first candidate', async () => {
    const driver = await world.newDriver('Quinby Sato', '388')
    const ride = await askRide(await world.newRider('Ulla Rao'))
    await card(ride.id).waitFor()
    await goOnline(world, driver)
    const pane = await holdBack(({ pathname }) => pathname === `/board/rides/${ride.id}`)
    await card(ride.id).focus()
    await press('Enter')
    await pane.asked
    await press('Enter')
    await pane.letGo()
    await page
      .locator(`#board-ride[data-ride-id="${ride.id}"] .driver-chip`)
      .getByText('388 · Quinby Sato')
      .waitFor()
    await press('Escape')
    await page.locator('.board-ride-none').waitFor()
  }, 60_000)

  test('who was chosen for one ride is not chosen for the next: that has its own best driver', async () => {
    const UNION_SQUARE = { lat: 40.7359, lng: -73.9911 }
    const [near, far] = [
      await world.newDriver('Qasim Aziz', '390'),
      await world.newDriver('Qiana Bell', '391'),
    ]
    const uptown = await askRide(await world.newRider('Ottmar Fink'))
    const downtown = await askRide(await world.newRider('Ophira Gal'), '', {
      from: UNION_SQUARE,
      to: WALL_STREET,
    })
    await card(downtown.id).waitFor()
    await goOnline(world, near)
    // Not on the very spot, or the engine would ask.
    await goOnline(world, far, { lat: UNION_SQUARE.lat + 0.002, lng: UNION_SQUARE.lng })
    await card(uptown.id).focus()
    await press('Enter')
    await page.locator('.candidate').nth(1).getByText('391').waitFor()
    await press('2', '1')
    await page.locator('[data-assign-label]').getByText('Assign 390').waitFor()
    await card(downtown.id).focus()
    await press('Enter')
    await page.getByRole('heading', { name: downtown.reference, exact: true }).waitFor()
    await page.locator('[data-assign-label]').getByText('Assign 391').waitFor()
    await press('Enter')
    await page.locator('.driver-chip').getByText('391 · Qiana Bell').waitFor()
    for (const { driverId } of [near, far])
      await world.canal.admin.client.done('POST', `/api/v1/board/drivers/${driverId}/hold`, {
        ...{ reason: 'test', rides: 'give' },
      })
    await press('Escape')
    await page.locator('.board-ride-none').waitFor()
  }, 60_000)

  test('where no car is in reach, one may be named by its call sign all the same', async () => {
    const driver = await world.newDriver('Quirin Lang', '389')
    // On shift, and nobody has heard where.
    await driver.client.done('POST', '/api/v1/driver/shift', { vehicleId: driver.vehicleId })
    const ride = await askRide(await world.newRider('Ottla Weis'))
    await palette(`open ${ride.reference}`)
    await press('Enter')
    await page.getByRole('heading', { name: ride.reference, exact: true }).waitFor()
    await page.locator('#assign').getByText('No free car of this class is in reach').waitFor()
    // Nobody is there whom Enter could mean.
    await press('Enter')
    await palette('assign 389')
    await press('Enter')
    await page.locator('.driver-chip').getByText('389 · Quirin Lang').waitFor()
    await press('Escape')
    await page.locator('.board-ride-none').waitFor()
  }, 60_000)

  test('a card that goes while it has the focus hands it on; Enter is not for the ride that is open', async () => {
    const rides: Awaited<ReturnType<typeof askRide>>[] = []
    for (const name of ['Abe Cole', 'Bea Dunn', 'Cal Egan'])
      rides.push(await askRide(await world.newRider(name)))
    const [open, gone, left] = rides as [RideAnswer, RideAnswer, RideAnswer]
    await card(left.id).waitFor()
    await card(open.id).focus()
    await press('Enter')
    await page.getByRole('heading', { name: open.reference, exact: true }).waitFor()
    await card(gone.id).focus()
    await world.canal.admin.client.done('POST', `/api/v1/board/rides/${gone.id}/cancellation`, {
      reason: 'changed their mind',
    })
    await card(gone.id).waitFor({ state: 'detached' })
    await page.waitForFunction((id) => document.activeElement?.closest('li')?.id === `queue-${id}`, left.id)
    await press('Enter')
    await page.getByRole('heading', { name: left.reference, exact: true }).waitFor()
    const { state } = await world.db
      .selectFrom('rides')
      .select('state')
      .where('id', '=', open.id as RideId)
      .executeTakeFirstOrThrow()
    expect(state).toBe('requested')
    await press('Escape')
    await page.locator('.board-ride-none').waitFor()
  }, 60_000)

  /** The seconds that the panel's own clock shows. */
  const clockS = async () => {
    const [minutes = 0, seconds = 0] = ((await page.locator('#booking-clock').textContent()) ?? '')
      .split(':')
      .map(Number)
    return minutes * 60 + seconds
  }

  test('a caller who rode before is found by their number, and R books the same way again', async () => {
    const rider = await world.newRider('Adaeze Obi')
    const before = await askRide(rider)
    const { canal } = world
    await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${before.id}/cancellation`, {
      reason: 'test',
    })
    await world.db
      .updateTable('identities')
      .set({ phone: '+12125550177' })
      .where('id', '=', rider.identityId)
      .execute()
    // Who rings does not wait for the panel; what is typed before it is there is typed into it, and no command.
    const panel = await holdBack(({ pathname }) => pathname === '/board/bookings')
    await press('b')
    await panel.asked
    // As a desk types it that never thought of country codes.
    await page.keyboard.type('212 555 0177')
    await panel.letGo()
    await page.waitForFunction(
      () =>
        document.querySelector<HTMLInputElement>('#booking input[name="caller"]')?.value === '212 555 0177',
    )
    await press('Enter')
    await page.locator('.caller-known').getByText('Adaeze Obi').waitFor()
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'from')
    await page.keyboard.type('r')
    await press('Enter')
    expect(await page.locator('#booking-to').inputValue()).toBe('Wall Street')
    await press('Enter')
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'quote_id')
    // Its clock runs from the key that opened it; wall time is measured elsewhere.
    expect(await clockS()).toBeGreaterThanOrEqual(0)
    await expectWellLaidOut(desk, 'booking')
    await press('Enter')
    await page.locator('#ride-title').waitFor()
    const rideId = new URL(page.url()).searchParams.get('ride')
    const ride = await rider.client.done<{ state: string }>('GET', `/api/v1/rides/${rideId}`)
    expect(ride.state).toBe('requested')
  }, 60_000)

  test('somebody new is booked by name and number, ahead; the next caller is next', async () => {
    await press('Escape', 'b')
    await page.locator('#booking').waitFor()
    await page.keyboard.type('+44 20 7946 0018')
    // Whoever speaks does not wait for the desk to find out who they are, nor where that is.
    const caller = await holdBack(({ pathname }) => pathname === '/board/callers')
    const places = await holdBack(({ pathname }) => pathname === '/places')
    await press('Enter')
    await caller.asked
    // As a composed word comes: without keys.
    await page.keyboard.insertText('Zoë Müller-Ó')
    await press('Enter')
    await page.keyboard.type('grand centrall')
    await press('Backspace', 'Enter')
    await caller.letGo()
    await places.asked
    expect(await page.locator('#field-caller_name').inputValue()).toBe('Zoë Müller-Ó')
    expect(await page.locator('[name="caller"]').inputValue()).toBe('+44 20 7946 0018')
    await page.keyboard.type('strand book')
    await press('Tab')
    await page.keyboard.type('tomorrow 7')
    await press('Enter')
    await places.letGo()
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'quote_id')
    expect(await page.locator('#booking-from').inputValue()).toContain('Grand Central')
    expect(await page.locator('#booking-to').inputValue()).toContain('Strand')
    expect(await page.locator('#field-at').inputValue()).toBe('tomorrow 7')
    await page.locator('.booking-when').getByText('07:00').waitFor()
    await press('Shift+Enter')
    await page.locator('#booking-said').getByText('is asked for').waitFor()
    expect(await page.locator('#field-caller').inputValue()).toBe('')
    const [ride] = (
      await world.canal.dispatcher.client.done<{ rides: { riderName: string; state: string }[] }>(
        'GET',
        '/api/v1/board/rides?show=booked',
      )
    ).rides
    expect(ride).toMatchObject({ riderName: 'Zoë Müller-Ó', state: 'scheduled' })
    // The same number is a known caller from now on, and nobody has a letter sent that could not arrive.
    await page.keyboard.type('+442079460018')
    await press('Enter')
    await page.locator('.caller-known').getByText('Zoë Müller-Ó').waitFor()
    await press('Escape')
  }, 60_000)

  test('X and Shift with J mark rows, one act is done to all of them with a word for each, and U takes it back', async () => {
    const rides: { readonly id: string }[] = []
    for (const name of ['Cem Aydin', 'Ben Ruiz', 'Ida Holm'])
      rides.push(await askRide(await world.newRider(name)))
    const row = (n: number) => page.locator(`#row-${rides[n]!.id}`)
    await row(2).waitFor()
    await row(0).locator('a.row-link').focus()
    await press('x')
    expect(await row(0).locator('.mark input').isChecked()).toBe(true)
    // Space takes the mark away again, Esc lets go of all, and what is open stays open.
    await press(' ')
    expect(await page.locator('.mark input:checked').count()).toBe(0)
    await press('Shift+J')
    expect(await page.locator('.mark input:checked').count()).toBe(2)
    await press('Escape')
    expect(await page.locator('#bulk').isVisible()).toBe(false)
    await page.locator('#board-table tbody a.row-link').first().focus()
    await press('Shift+X')
    const marked = await page.locator('.mark input:checked').count()
    expect(marked).toBeGreaterThanOrEqual(3)
    await page.locator('#bulk').getByText(`${marked} marked`).waitFor()
    // Enter in a box sends nothing by itself.
    await row(1).locator('.mark input').focus()
    await press('Enter', 'Shift+H')
    await page.locator('#bulk [data-act="hold"][open]').waitFor()
    await expectWellLaidOut(desk, 'bulk')
    await press('Tab', 'Enter')
    const result = page.locator('.bulk-result')
    await result.getByText(/^Put off: \d+ of \d+ done$/).waitFor()
    expect(await result.locator('li').count()).toBe(marked)
    await expectWellLaidOut(desk, 'bulk-result')
    expect(await page.locator('.mark input:checked').count()).toBe(0)
    await press('u')
    await result.getByText(/^Taken back: (\d+) of \1 done$/).waitFor()
    const held = await world.db
      .selectFrom('rides')
      .select('id')
      .where('put_off_until', 'is not', null)
      .execute()
    expect(held).toEqual([])
  }, 60_000)

  test('each kind of trouble is handled once by keys alone, whatever the list does meanwhile', async () => {
    await shift.clearUp()
    const troubles = await shift.makeTroubles()
    expect(troubles.map(({ kind }) => kind).toSorted()).toEqual([...TROUBLES].toSorted())
    const hands = openShiftDesk(page)
    const cards = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('#board-safety li, #board-queue li')].map(({ id }) => id),
      )
    for (const { card } of troubles) await page.locator(`#${card}`).waitFor()
    const order = await cards()
    for (const trouble of troubles.toSorted((a, b) => order.indexOf(a.card) - order.indexOf(b.card)))
      await hands.handle(trouble)
    // Two of them are pages of their own, from which the desk came back.
    expect(loads).toBe(3)
    loads = 1
  }, 120_000)
})
