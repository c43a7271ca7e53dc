import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { latLngToCell } from 'h3-js'
import type { Browser } from 'playwright-core'
import { byNeed } from '../../src/board/order.ts'
import type { RideId } from '../../src/engine/units.ts'
import { cornersOf } from '../../src/fares/surge-map.ts'
import { boardPage } from '../../views/board/board.ts'
import { boardCounts } from '../../views/board/counts.ts'
import { driverCard } from '../../views/board/driver-card.ts'
import { boardRide } from '../../views/board/pane.ts'
import type { TableRow } from '../../views/board/props.ts'
import { boardQueue } from '../../views/board/queue.ts'
import { boardTable } from '../../views/board/table.ts'
import { launchChromium } from '../support/chromium.ts'
import { axeFaults, wear } from '../support/page-checks.ts'
import { openGallery } from '../support/pages.ts'
import { boardAnswers } from './board-answers.ts'
import {
  boardCases,
  boardContext,
  boardProps,
  cards,
  emptyBoard,
  paneProps,
  rescuePane,
  rows,
  tableProps,
  takenPane,
  watchedPane,
} from './board-cases.ts'
import { BOARD_STATES, type BoardState, boardStatePages } from './board-states.ts'
import { cardProps, deskPages, driverBoards, PAST_SPAN, pastAnswer } from './desk-cases.ts'
import { NOW_MS } from './driver-cases.ts'
import { serveCases } from './driver-gallery.ts'

/** `/board` is the case of that name, which has a ride open; the link that closes it asks with htmx's header. */
const BOARD_WITHOUT_RIDE = 'board (htmx)'
const GREAT_DAY = 'board-great-day'
const CELL = latLngToCell(40.7549, -73.984, 8)
const NASTY = `<img src=x onerror=alert(1)>"'&`
const text = (markup: { toString(): string }) => markup.toString().replaceAll(/<[^>]*>/g, '')

test('each fragment is one element with the id that a push replaces', () => {
  expect(boardCounts(boardProps.counts).toString()).toStartWith('<ul id="board-counts"')
  expect(boardQueue(boardContext, boardProps.queue).toString()).toStartWith('<section id="board-queue"')
  expect(boardTable(boardContext, tableProps).toString()).toStartWith('<section id="board-table"')
  expect(boardRide(boardContext, paneProps).toString()).toStartWith('<section id="board-ride"')
  expect(boardRide(boardContext, null).toString()).toStartWith('<section id="board-ride"')
})

test('the board has one honey button, or none', () => {
  const honey = (props: typeof boardProps) =>
    boardPage(boardContext, props)
      .toString()
      .match(/button-next/g)?.length ?? 0
  expect(honey(boardProps)).toBe(1)
  expect(honey({ ...boardProps, pane: takenPane })).toBe(0)
  expect(honey(emptyBoard)).toBe(0)
})

test('no inline handler or style anywhere on the board', () => {
  for (const markup of Object.values(boardCases()))
    expect(markup.toString()).not.toMatch(/\son[a-z]+=|\sstyle=/)
})

test('text from people stays text', () => {
  const props = {
    ...boardProps,
    company: NASTY,
    queue: { ...boardProps.queue, cards: [{ ...cards[0]!, from: NASTY, to: NASTY }] },
    list: {
      rides: {
        ...tableProps,
        filters: { q: NASTY, from: NASTY },
        rows: [{ ...rows[1]!, riderName: NASTY, note: NASTY }],
      },
    },
    pane: {
      ...takenPane,
      ride: { ...takenPane.ride, riderName: NASTY, note: NASTY },
      events: [{ ...takenPane.events[1]!, reason: NASTY }],
      notice: NASTY,
    },
  }
  expect(boardPage(boardContext, props).toString()).not.toContain('<img')
})

describe('the queue', () => {
  const markup = boardQueue(boardContext, { ...boardProps.queue, cards }).toString()

  test('colours a card by the minutes it waited: under one, one, two, four and more', () => {
    expect([...markup.matchAll(/data-minutes="(\d)"/g)].map((match) => match[1])).toEqual([
      '4',
      '2',
      '2',
      '1',
      '1',
      '0',
      '0',
    ])
  })

  test('says why each still waits', () => {
    const reasons = [
      '5 offers failed',
      'asking 163',
      '2 offers failed',
      '117 is finishing nearby',
      'no car near yet',
    ]
    for (const words of [...reasons, 'new']) expect(text(markup)).toContain(words)
  })

  test('a card is a link that works without script and opens the pane with it', () => {
    expect(markup).toContain('href="/board?ride=ride-Bellevue" hx-get="/board/rides/ride-Bellevue"')
  })

  test('nobody waiting is said, with what will bring somebody', () => {
    expect(text(boardQueue(boardContext, emptyBoard.queue))).toContain(
      'Nobody is waiting. New requests and trouble appear here at once.',
    )
  })
})

describe('the ride pane', () => {
  test('lists candidates with call sign, time to the pickup, reason and the age of their pin', () => {
    const words = text(boardRide(boardContext, paneProps))
    expect(words).toContain('6 of 31')
    expect(words).toContain('1204 Bo Lindqvist2:10nearest2 s')
  })

  test('draws only what may happen to the ride now', () => {
    const inState = (state: (typeof paneProps)['ride']['state']) =>
      boardRide(boardContext, { ...takenPane, ride: { ...takenPane.ride, state } }).toString()
    expect(boardRide(boardContext, paneProps).toString()).not.toContain('/release')
    expect(inState('en_route')).toContain('/release')
    expect(inState('in_progress')).not.toMatch(/\/release|\/cancellation|\/assignment/)
    expect(inState('completed')).not.toMatch(/\/release|\/cancellation|\/assignment/)
  })

  test('what the desk cancels is free, and each question says what can be taken back', () => {
    const words = text(boardRide(boardContext, takenPane))
    expect(words).toContain('Cancel HC-20418, free of charge?')
    expect(words).toContain('You can take it back for 10 s; after that a cancelled ride does not come back.')
  })

  test('every form about the ride carries the version that was looked at', () => {
    for (const pane of [paneProps, takenPane, watchedPane, rescuePane, { ...takenPane, codeTriesLeft: 0 }]) {
      const markup = boardRide(boardContext, { ...pane, ride: { ...pane.ride, version: 7 } }).toString()
      const forms = [...markup.matchAll(/<form[^>]*action="\/board\/rides\/[^"]*"[^>]*>.*?<\/form>/gs)]
      expect(forms.length).toBeGreaterThan(2)
      for (const [form] of forms) expect(form).toContain('<input type="hidden" name="version" value="7">')
    }
  })

  test('when another desk was first, the pane says so', () => {
    expect(boardRide(boardContext, takenPane).toString()).toMatch(
      /role="alert">.*Ben gave this ride to 163 four seconds ago\. Your choice was not used\./,
    )
  })

  test('the history says when, what, by whom and why', () => {
    const words = text(boardRide(boardContext, takenPane))
    expect(words).toContain('18:05:42177 declined: “too short”')
    expect(words).toContain('Given to 163 by Ben Okri')
  })

  test('without candidates it says that the engine goes on looking', () => {
    expect(text(boardRide(boardContext, { ...paneProps, candidates: [] }))).toContain(
      'No free car of this class is in reach. The engine goes on looking and asks by itself.',
    )
  })
})

describe('the table', () => {
  test('open rides stand by need: nobody drives it, on the way, waiting, on board; the latest first', () => {
    const row = (reference: string, state: TableRow['state'], lateS: number | null) => ({
      ...rows[0]!,
      reference,
      state,
      lateS,
    })
    const asked = [
      row('boarded', 'in_progress', 0),
      row('boarded late', 'in_progress', 300),
      row('waits', 'arrived', null),
      row('drives', 'en_route', 10),
      row('drives, as late to the minute', 'en_route', 20),
      row('drives late', 'assigned', 240),
      row('nobody', 'requested', null),
    ]
    expect(byNeed(asked).map((of) => of.reference)).toEqual([
      'nobody',
      'drives late',
      'drives',
      'drives, as late to the minute',
      'waits',
      'boarded late',
      'boarded',
    ])
  })

  test('a row and a card begin with the street, not with "near"; the pane keeps the whole words', () => {
    const label = 'near 6th Avenue & West 30th Street'
    expect(
      text(boardTable(boardContext, { ...tableProps, rows: [{ ...rows[0]!, from: label }] })),
    ).not.toContain('near')
    const card = { ...cards[0]!, from: label, to: label }
    expect(text(boardQueue(boardContext, { ...boardProps.queue, cards: [card] }))).not.toContain('near 6th')
    const ride = { ...paneProps.ride, from: { ...paneProps.ride.from, label } }
    expect(boardRide(boardContext, { ...paneProps, ride }).toString()).toContain('near 6th Avenue')
  })

  test('tabs carry their counts and keep what was typed', () => {
    const markup = boardTable(boardContext, { ...tableProps, filters: { q: 'ada o' } }).toString()
    expect(text(markup)).toContain('To pickup 40')
    expect(markup).toContain('href="/board?show=waiting&amp;q=ada+o"')
    expect(markup).toContain('data-address="/board/table?q=ada+o"')
  })

  test('late is red from two minutes, quiet before, and absent once the ride has ended', () => {
    const late = (lateS: number, state = rows[1]!.state) =>
      boardTable(boardContext, { ...tableProps, rows: [{ ...rows[1]!, lateS, state }] }).toString()
    expect(late(360)).toContain('<span class="late">+6 min</span>')
    expect(late(60)).toContain('<span class="muted">+1 min</span>')
    expect(late(0)).toContain('on time')
    expect(late(-60)).toContain('−1 min')
    expect(late(360, 'completed')).not.toContain('+6 min')
  })

  test('a search without result says what was searched for', () => {
    const words = text(boardTable(boardContext, { ...tableProps, filters: { q: 'zebra' }, rows: [] }))
    expect(words).toContain('Nothing matches “zebra”.')
  })
})

/** Of a script; that this server has no line to the page, the console is full of. */
const isError = (said: string) => said.startsWith('error: ')

describe('in a browser', () => {
  let browser: Browser
  const pane = (changes: object) =>
    boardRide(boardContext, { ...paneProps, ...changes, ride: { ...paneProps.ride, reference: 'HC-1' } })
  const server = serveCases({
    ...boardCases(),
    ...driverBoards(),
    ...deskPages(),
    [BOARD_WITHOUT_RIDE]: boardPage(boardContext, { ...boardProps, pane: null }),
    [GREAT_DAY]: boardPage(boardContext, {
      ...{ ...boardProps, pane: null, answers: 12, notes: 3 },
      company: 'Canal Street Cars & Airport Limousines of Lower Manhattan',
      counts: {
        ...{ trouble: 31, unassigned: 1128, free: 620, toPickup: 403 },
        ...{ waiting: 88, onBoard: 1284, break: 97, silent: 32 },
      },
    }),
    'board/rides/ride-HC-20371': pane({}),
    'board/rides/ride-230FifthAve': boardRide(boardContext, {
      ...paneProps,
      candidates: paneProps.candidates.toReversed(),
    }),
    'api/v1/board/past': { toString: pastAnswer } as never,
    'board/drivers/driver-163': driverCard(boardContext, cardProps),
    'board/table': boardTable(boardContext, tableProps),
    'board/find': boardAnswers()['board/find']!,
  })
  let gallery: Awaited<ReturnType<typeof openGallery>>
  beforeAll(async () => {
    browser = await launchChromium()
    gallery = await openGallery(browser)
  }, 30_000)
  afterAll(async () => {
    await browser.close()
    await server.stop(true)
  })

  async function open(name: string, width = 1440) {
    const context = await browser.newContext({ viewport: { width, height: 900 } })
    const page = await context.newPage()
    const mistakes: string[] = []
    page.on('pageerror', (error) => mistakes.push(error.message))
    await page.goto(`${server.url}${name}`)
    await page.waitForSelector('.map-ready', { state: 'attached' })
    return { page, context, mistakes }
  }

  test('the bar on top: no figure is cut off and nothing scrolls, with a long name and a great day', async () => {
    const { page, context } = await open(GREAT_DAY)
    for (const width of [1920, 1680, 1440, 1280, 1200, 1024, 768, 390]) {
      await page.setViewportSize({ width, height: 844 })
      const over = await page.evaluate(() =>
        ['.board .top', '#board-counts'].map((name) => {
          const part = document.querySelector(name)
          return part === null ? name : part.scrollWidth - part.clientWidth
        }),
      )
      expect(over, `at ${width}`).toEqual([0, 0])
      const apart = await page.evaluate(() => {
        const places = [...document.querySelectorAll('.top > *, #board-counts li')].map((part) =>
          part.getBoundingClientRect(),
        )
        return places.every(({ left, right }) => left >= 0 && right <= innerWidth)
      })
      expect(apart, `inside at ${width}`).toBe(true)
    }
    await context.close()
  }, 30_000)

  describe('each state, on a phone in dark and on a desk in light, both ways round:', () => {
    const asDrawn = { ...boardCases(), ...driverBoards() }
    const drawn = serveCases({ ...boardStatePages(), ...asDrawn })
    const states: readonly BoardState[] = [
      ...Object.keys(asDrawn).map((name) => ({ name, on: name, reach: async () => {} })),
      ...BOARD_STATES,
    ]
    afterAll(() => drawn.stop(true))
    const tooWide = (dir: string) => {
      document.documentElement.dir = dir
      return document.documentElement.scrollWidth - innerWidth
    }

    // What a phone has before it a desk has, too: it is reached once, and looked at in both.
    for (const { name, on, reach } of states)
      test(`${name}: no script fails, accessibility finds nothing, and nothing runs over`, async () => {
        const { page, show } = gallery
        await page.setViewportSize({ width: 390, height: 844 })
        await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
        const mistakes = await show(`${drawn.url}${on}`)
        await page.waitForSelector('.map-ready', { state: 'attached' })
        await reach(page)
        for (const width of name === 'board' ? [390, 768, 1440] : [390, 1440]) {
          await page.setViewportSize({ width, height: 844 })
          await wear(page, width === 390 ? 'dark' : 'light')
          // Of what a press brings the words and colours are the same on both, and contrasts are computed for both.
          if (width === 390 || name in asDrawn) expect([width, await axeFaults(page)]).toEqual([width, []])
          for (const dir of ['rtl', 'ltr'])
            expect([width, dir, await page.evaluate(tooWide, dir)]).toEqual([width, dir, 0])
        }
        expect(mistakes.filter(isError)).toEqual([])
        await page.emulateMedia({ colorScheme: 'light', reducedMotion: null })
      }, 30_000)
  })

  test('the desk’s pages without a map: accessibility finds nothing, and nothing runs over, on desks and phones', async () => {
    const { page, show } = gallery
    for (const name of Object.keys(deskPages()))
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 844 })
        await show(`${server.url}${name}`)
        expect(await axeFaults(page)).toEqual([])
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        expect(overflow, `${name} at ${width}`).toBeLessThanOrEqual(0)
      }
  }, 60_000)

  test('a car on the map opens its driver, and what is being written there stays when the card is drawn anew', async () => {
    const { page, context } = await open('board-ranks')
    await page.evaluate(() =>
      document
        .querySelector('#board-map .map')
        ?.dispatchEvent(new CustomEvent('map:car', { detail: 'driver-163', bubbles: true })),
    )
    await page.waitForSelector('[data-driver-card="driver-163"]')
    expect(new URL(page.url()).search).toBe('?driver=driver-163')
    await page.fill('#driver-text', 'half a sen')
    await page.evaluate(() => document.dispatchEvent(new CustomEvent('live:fragment')))
    expect(await page.inputValue('#driver-text')).toBe('half a sen')
    await context.close()
  }, 30_000)

  test('the last hours: a step, the scrubber and play write what was, and the instant stands in the address', async () => {
    const { page, context, mistakes } = await open('board-past')
    const scrubTo = (share: number) =>
      page.locator('#past-scrub').evaluate(
        (input, value) => {
          ;(input as HTMLInputElement).value = String(value)
          input.dispatchEvent(new Event('input'))
        },
        PAST_SPAN.fromMs + share * PAST_SPAN.spanMs,
      )
    const row = () => page.locator('#past-rows tr').allTextContents()
    await scrubTo(0.2)
    await page.waitForFunction(() => document.querySelector('#past-rows')?.textContent?.includes('Asking'))
    expect(await page.locator('#past-count').textContent()).toBe('1')
    await scrubTo(0.6)
    await page.waitForFunction(() => document.querySelector('#past-rows')?.textContent?.includes('To pickup'))
    expect((await row())[0]).toContain('163')
    await scrubTo(0.95)
    await page.waitForFunction(() => document.querySelector('#past-rows')?.textContent === '')
    const at = () => Number(new URL(page.url()).searchParams.get('at'))
    const restedMs = at()
    expect(restedMs).toBe(PAST_SPAN.fromMs + Math.round(0.95 * PAST_SPAN.spanMs))
    await page.click('[data-step="-60000"]')
    expect(at()).toBe(restedMs - 60_000)
    await page.selectOption('#past-speed', '60')
    await page.click('#past-play')
    const before = await page.inputValue('#past-scrub')
    await page.waitForFunction(
      (value) => Number((document.querySelector('#past-scrub') as HTMLInputElement).value) > Number(value),
      before,
    )
    await page.click('#past-play')
    expect(at()).toBeGreaterThan(restedMs - 60_000)
    expect(mistakes).toEqual([])
    await context.close()
  }, 30_000)

  test('a number chooses a candidate, and the button names the car', async () => {
    const { page, context } = await open('board')
    // What comes after it is not looked at.
    await page.route('**/assignment', (route) => route.fulfill({ status: 204 }))
    await page.keyboard.press('2')
    expect(await page.locator('[data-assign-label]').textContent()).toBe('Assign 163')
    const sent = page.waitForRequest((request) => request.method() === 'POST')
    await page.keyboard.press('Enter')
    const request = await sent
    expect(request.url()).toEndWith('/board/rides/ride-230FifthAve/assignment')
    expect(request.postData()).toContain('driver-163')
    await context.close()
  }, 20_000)

  test('the chosen driver stays chosen when the list comes back in another order', async () => {
    const { page, context } = await open('board')
    await page.keyboard.press('2')
    const refreshed = page.waitForResponse((response) =>
      response.url().includes('/board/rides/ride-230FifthAve'),
    )
    await page.evaluate(() =>
      document.dispatchEvent(new CustomEvent('live:message', { detail: { type: 'rides' } })),
    )
    await refreshed
    await page.waitForFunction(() => document.querySelector('.candidate b')?.textContent?.startsWith('311'))
    await page.waitForTimeout(100)
    expect(await page.locator('#assign input:checked').getAttribute('value')).toBe('driver-163')
    expect(await page.locator('[data-assign-label]').textContent()).toBe('Assign 163')
    await context.close()
  }, 20_000)

  test('J walks the rides and Enter opens one in the pane', async () => {
    const { page, context } = await open('board')
    await page.locator('tr a[data-ride="ride-HC-20418"]').focus()
    await page.keyboard.press('j')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-ride'))).toBe('ride-HC-20371')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'HC-1', exact: true }).waitFor()
    expect(new URL(page.url()).search).toBe('?ride=ride-HC-20371')
    await context.close()
  }, 20_000)

  test('Escape closes the ride without leaving the board', async () => {
    const { page, context } = await open('board')
    await page.evaluate(() => document.querySelector('.map')?.setAttribute('data-kept', ''))
    await page.keyboard.press('Escape')
    await page.getByText('No ride is chosen.').waitFor()
    expect(await page.locator('.map[data-kept]').count()).toBe(1)
    await context.close()
  }, 20_000)

  test('cancel opens a question whose focus is on the safe choice, and Escape leaves it', async () => {
    const { page, context } = await open('board-taken')
    await page.locator('.pane-more summary').click()
    await page.getByRole('button', { name: 'Cancel ride' }).click()
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Keep ride')
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
    expect(await page.locator('dialog[open]').count()).toBe(0)
    await context.close()
  }, 20_000)

  test('a waiting ride grows older by the server’s clock, not by this machine’s', async () => {
    const { page, context } = await open('board')
    const age = await page.locator(`#queue-${cards[6]!.rideId} .queue-age`).textContent()
    expect(['0:04', '0:05', '0:06', '0:07']).toContain(age ?? '')
    expect(NOW_MS).not.toBe(Date.now())
    await context.close()
  }, 20_000)

  test('cells are coloured by what is chosen, Z takes the next, and stale figures are no figures', async () => {
    const { page, context, mistakes } = await open('board')
    const counted = (asking: number, free: number, step: number) =>
      page.evaluate(
        ({ cell, corners, row }) => {
          const message = {
            ...{ type: 'cells', isCounted: true, surges: true, shapes: { [cell]: corners } },
            cells: [[cell, ...row]],
          }
          document.dispatchEvent(new CustomEvent('live:message', { detail: message }))
        },
        { cell: CELL, corners: cornersOf(CELL), row: [asking, free, step, '+30 %'] },
      )
    /** What the map was given last: scale, step and figure of its one cell. */
    const colours = () => page.evaluate(() => Reflect.get(window, 'shownHexes') as string)
    const watch = () =>
      page.evaluate(() => {
        const map = window.HoneycabMap(document.querySelector<HTMLElement>('.map')!)
        const { setHexes } = map
        map.setHexes = (hexes) => {
          const cells = (hexes?.cells ?? []).map(({ step, figure }) => `${step} ${figure}`)
          Reflect.set(window, 'shownHexes', [hexes?.scale, ...cells].join(' '))
          setHexes(hexes)
        }
      })
    const legend = () => page.locator('.hex-legend:visible').textContent()
    await watch()
    await counted(10, 2, 2)
    expect(await colours()).toBe('diverging 7 −8')
    expect(await legend()).toContain('6 cars wanted')
    await page.keyboard.press('Shift+Z')
    expect(await colours()).toBe('diverging 2 2')
    await page.getByLabel('Demand').check()
    expect(await colours()).toBe('sequential 4 10')
    expect(await legend()).toContain('1 asked in 5 min')
    await page.keyboard.press('Shift+Z')
    expect(await colours()).toBe('sequential 2 +30 %')
    await counted(0, 2, 0)
    expect(await colours()).toBe('sequential')
    expect(await legend()).toContain('Usual prices everywhere.')
    await page.keyboard.press('Shift+Z')
    expect(await page.locator('.hex-legend:visible').count()).toBe(0)
    await page.reload()
    await page.waitForSelector('.map-ready', { state: 'attached' })
    expect(await page.getByLabel('Off', { exact: true }).isChecked()).toBe(true)
    await page.getByLabel('Balance').check()
    expect(await legend()).toContain('Not counted just now.')
    expect(mistakes).toEqual([])
    await context.close()
  }, 20_000)

  test('cars are marked by a box, by a press and by a key; words go to those, and Escape lets go', async () => {
    const { page, context, mistakes } = await open('board-many')
    const places = [
      ['a', '101', 40.746, -73.99],
      ['b', '102', 40.744, -73.984],
      ['c', '103', 40.736, -73.978],
    ] as const
    const at = await page.evaluate((cars) => {
      const element = document.querySelector<HTMLElement>('#board-map .map')!
      const map = window.HoneycabMap(element)
      element.addEventListener('map:car', () => Reflect.set(window, 'pressedCar', true))
      map.setCars(cars.map(([id, sign, lat, lng]) => [id, sign, lat * 1e6, lng * 1e6, 0, 'free', 2]))
      const { left, top } = element.getBoundingClientRect()
      return cars.map(([, , lat, lng]) => {
        const { x, y } = map.leaflet.latLngToContainerPoint([lat, lng])
        return { x: left + x, y: top + y }
      })
    }, places)
    const [a, b, c] = at as [{ x: number; y: number }, { x: number; y: number }, { x: number; y: number }]
    const bar = page.locator('#cars-marked')
    const words = () => bar.locator('[data-marked-words]').textContent()
    const center = () =>
      page.evaluate(() =>
        window.HoneycabMap(document.querySelector<HTMLElement>('#board-map .map')!).leaflet.getCenter(),
      )
    const before = await center()
    const drag = async () => {
      await page.mouse.move(a.x - 20, a.y - 20)
      await page.keyboard.down('Shift')
      await page.mouse.down()
      await page.mouse.move(b.x + 20, b.y + 20)
      await page.locator('.cars-box').waitFor()
    }
    await drag()
    await page.keyboard.press('Escape')
    await page.mouse.up()
    await page.keyboard.up('Shift')
    expect(await bar.isVisible()).toBe(false)

    await drag()
    await page.mouse.up()
    expect(await words()).toBe('2 cars marked: 101, 102')
    expect(await page.locator('.cars-box').count()).toBe(0)
    await page.mouse.click(c.x + 2, c.y - 2)
    expect(await words()).toBe('3 cars marked: 101, 102, 103')
    await page.mouse.click(a.x, a.y)
    await page.keyboard.up('Shift')
    expect(await words()).toBe('2 cars marked: 102, 103')
    expect(await center()).toEqual(before)
    expect(await page.evaluate(() => Reflect.get(window, 'pressedCar'))).toBeUndefined()
    expect(await axeFaults(page)).toEqual([])

    const link = bar.getByRole('link', { name: 'Write' })
    expect(await link.getAttribute('href')).toBe('/board/messages?to=drivers%3Ab%2Cc')
    // By its key the same: the bar is what stands there to be pressed.
    await link.evaluate((element) =>
      element.addEventListener('click', (event) => {
        event.preventDefault()
        element.dataset.pressed = ''
      }),
    )
    await page.keyboard.press('Shift+G')
    expect(await link.getAttribute('data-pressed')).toBe('')
    await page.keyboard.press('Escape')
    expect(await bar.isVisible()).toBe(false)
    await page.keyboard.press('Shift+D')
    expect(await words()).toBe('3 cars marked: 101, 102, 103')
    await bar.getByRole('button', { name: 'Let go' }).click()
    expect(await bar.isVisible()).toBe(false)

    // By its call sign, also one that is not on the map.
    await page.keyboard.press('Control+K')
    await page.keyboard.type('mark 204')
    await page.keyboard.press('Enter')
    await page.getByText('1 car marked: 204').waitFor()
    await page.keyboard.press('Escape')

    // From far away there is nobody to be marked, which is said.
    await page.evaluate(() =>
      window
        .HoneycabMap(document.querySelector<HTMLElement>('#board-map .map')!)
        .setCounts({ zoom: 11, counts: [] }),
    )
    await page.keyboard.press('Shift+D')
    expect(await words()).toBe('Cars are counted here. Zoom in to mark them.')
    expect(await link.isVisible()).toBe(false)
    expect(mistakes).toEqual([])
    await context.close()
  }, 20_000)

  test('on a phone the tabs show one part at a time', async () => {
    const { page, context } = await open('board-many', 390)
    expect(await page.locator('#board-queue').isVisible()).toBe(true)
    await page.getByRole('link', { name: 'All rides' }).click()
    expect(await page.locator('#board-queue').isVisible()).toBe(false)
    expect(await page.locator('#board-table').isVisible()).toBe(true)
    await context.close()
  }, 20_000)
})

test('a ride id can never leave its place in an address', () => {
  const card = { ...cards[0]!, rideId: '../../x?y="z' as RideId }
  const markup = boardQueue(boardContext, { ...boardProps.queue, cards: [card] }).toString()
  expect(markup).toContain('hx-get="/board/rides/..%2F..%2Fx%3Fy%3D%22z"')
})
