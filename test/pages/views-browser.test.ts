import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { html } from '../../views/html.ts'
import { page as wholePage } from '../../views/page.ts'
import { field } from '../../views/parts/field.ts'
import { countdown } from '../../views/parts/figures.ts'
import { quotesPage } from '../../views/rides/quotes.ts'
import { ridePage, rideStatus } from '../../views/rides/ride.ts'
import { launchChromium } from '../support/chromium.ts'
import { axeFaults } from '../support/page-checks.ts'
import { openGallery } from '../support/pages.ts'
import { context, galleryPages, movingRide, NOW_MS, quotes, searchingRide } from './cast.ts'
import { type GalleryServer, serveGallery } from './serve.ts'

const BROWSER_MS = 30_000
const PHONE = { width: 390, height: 844 }
const live = context({ live: '/live/rides/0193' })

let browser: Browser
let server: GalleryServer
let opened: BrowserContext | null = null
const complaints: string[] = []

beforeAll(async () => {
  server = serveGallery({
    'live-searching': () => ridePage(live, searchingRide()),
    'live-on-the-way': () => ridePage(live, movingRide()),
    'live-form': () =>
      wholePage(live, {
        title: 'Form',
        body: html`<main id="main"><h1>Form</h1>${draft('first')}</main>`,
      }),
    waits: () =>
      wholePage(context(), {
        title: 'Waits',
        scripts: ['htmx.js'],
        body: html`<main id="main"><h1>Waits</h1><a id="part-link" href="/landing" hx-get="/landing" hx-target="#part" hx-select="main">Part</a><a id="page-link" href="/landing">Page</a><div id="part"><p>as it was</p></div>${field({ name: 'why', label: 'Why', maxLength: 50 })}</main>`,
      }),
    due: () => quotesPage(context(), quotes({ heldUntilMs: NOW_MS + 900 })),
  })
  browser = await launchChromium()
}, BROWSER_MS)

afterEach(async () => {
  await opened?.close()
  opened = null
})

afterAll(async () => {
  await browser.close()
  await server.stop()
})

function draft(hint: string) {
  return html`<div id="draft"><p class="hint">${hint}</p><input id="note" name="note" value=""></div>`
}

async function open(name: string, options: BrowserContextOptions = {}): Promise<Page> {
  complaints.length = 0
  opened = await browser.newContext({ viewport: PHONE, reducedMotion: 'reduce', ...options })
  const page = await opened.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${server.url}${name}`)
  return page
}

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 10) {
    if (waitedMs > 15_000) throw new Error(`never came: ${condition}`)
    await Bun.sleep(10)
  }
}

describe('every page can be used by everybody', () => {
  // The contrasts of the dark theme are computed from its tokens; here it is enough that some pages really wear it.
  const dark = ['landing', 'quotes', 'searching', 'on-the-way', 'receipt']
  const cases = [
    ...Object.keys(galleryPages).map((name) => [name, 'light'] as const),
    ...dark.map((name) => [name, 'dark'] as const),
  ]
  let gallery: Awaited<ReturnType<typeof openGallery>>
  beforeAll(async () => {
    gallery = await openGallery(browser, { viewport: { width: 320, height: 700 }, reducedMotion: 'reduce' })
  }, BROWSER_MS)
  afterAll(() => gallery?.close())

  test.each(cases)(
    '%s, %s: no accessibility fault, no sideways scroll at 320 px, no breach of the content policy',
    async (name, colorScheme) => {
      const { page, show } = gallery
      await page.emulateMedia({ colorScheme })
      const mistakes = await show(`${server.url}${name}`)
      expect(await axeFaults(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
      expect(mistakes).toEqual([])
    },
    BROWSER_MS,
  )
})

describe('without script', () => {
  test(
    'the button asks for the class that is chosen, at its price',
    async () => {
      const page = await open('quotes', { javaScriptEnabled: false })
      expect(await page.locator('#ask .of-class:visible').textContent()).toBe('Ask for Standard · $24.80')
      await page.locator('input[value="0193-black"]').check({ force: true })
      expect(await page.locator('#ask .of-class:visible').textContent()).toBe('Ask for Black · $46.10')
      await page.locator('summary', { hasText: 'What the price contains' }).click()
      expect(await page.locator('.price-sum:visible').textContent()).toContain('$46.10')
    },
    BROWSER_MS,
  )

  test(
    'the status page loads itself again',
    async () => {
      const page = await open('searching', { javaScriptEnabled: false })
      expect(
        await page.locator('noscript meta[http-equiv="refresh"], meta[http-equiv="refresh"]').count(),
      ).toBe(1)
    },
    BROWSER_MS,
  )
})

describe('the live page', () => {
  test(
    'a fragment with the ride’s new state replaces the old one',
    async () => {
      const page = await open('live-searching')
      await until(() => server.sockets.length === 1)
      expect(await page.locator('h1').textContent()).toBe('Asking a driver')
      server.sockets[0]?.send(rideStatus(live, movingRide()).toString())
      await page.locator('h1', { hasText: '4 min away' }).waitFor()
      expect(await page.locator('.plate').textContent()).toBe('T704182C')
      server.sockets[0]?.send(
        JSON.stringify({ type: 'car', lat: 40.74, lng: -73.985, headingDeg: 90, ageMs: 12_000, etaS: 130 }),
      )
      await page.locator('h1', { hasText: '2 min away' }).waitFor()
      await page.locator('.age[data-age="warn"]').waitFor()
      expect(complaints).toEqual([])
    },
    BROWSER_MS,
  )

  test(
    'a car that comes near is told at 500 m and at 100 m, once each, and not again after a reload',
    async () => {
      const page = await open('live-on-the-way')
      const send = async (pickupM: number | null, ageMs = 1_000) => {
        await until(() => server.sockets.length === 1)
        const car = { type: 'car', lat: 40.74, lng: -73.985, headingDeg: 90, ageMs, etaS: 130, pickupM }
        server.sockets[0]?.send(JSON.stringify(car))
      }
      const toast = page.locator('#toasts')
      for (const quiet of [1_900, 501, null]) await send(quiet)
      await send(480, 45_000)
      await send(478)
      await toast.getByText('Your car is 480 m away.').waitFor()
      for (const quiet of [300, 101, 490]) await send(quiet)
      await send(96)
      await toast.getByText('Your car is 100 m away.').waitFor()
      expect(await toast.locator('.toast').count()).toBe(1)
      await page.reload()
      await send(60)
      await page.locator('h1', { hasText: '2 min away' }).waitFor()
      expect(await toast.locator('.toast').count()).toBe(0)
      expect(complaints).toEqual([])
    },
    BROWSER_MS,
  )

  test(
    'a fragment keeps the focus and the words that are being typed',
    async () => {
      const page = await open('live-form')
      await until(() => server.sockets.length === 1)
      await page.locator('#note').pressSequentially('blue umb')
      server.sockets[0]?.send(draft('second').toString())
      await page.locator('.hint', { hasText: 'second' }).waitFor()
      await page.keyboard.type('rella')
      expect(await page.locator('#note').inputValue()).toBe('blue umbrella')
    },
    BROWSER_MS,
  )

  test(
    'a restarted server is found again, and until then the page says since when it is not live',
    async () => {
      const page = await open('live-searching')
      await until(() => server.sockets.length === 1)
      expect(await page.locator('#live-state').isVisible()).toBe(false)
      server.refusing = true
      server.sockets[0]?.close(1012, 'restart')
      await page.locator('#live-state', { hasText: /^Not live since \d\d:\d\d\. Trying again\./ }).waitFor()
      server.refusing = false
      await until(() => server.sockets.length === 1)
      await page.locator('#live-state').waitFor({ state: 'hidden' })
    },
    BROWSER_MS,
  )

  test(
    'a socket that was refused for good is not asked for again',
    async () => {
      const page = await open('live-searching')
      await until(() => server.sockets.length === 1)
      const before = server.opened()
      server.sockets[0]?.close(4403, 'session ended')
      await page.locator('#live-state', { hasText: 'Load the page again' }).waitFor()
      expect(server.opened()).toBe(before)
    },
    BROWSER_MS,
  )

  test(
    'a price that runs out while one looks takes the button with it',
    async () => {
      const page = await open('due')
      await page.locator('#price-over').waitFor()
      expect(await page.locator('#ask').isVisible()).toBe(false)
      expect(await page.locator('#price-held').isVisible()).toBe(false)
    },
    BROWSER_MS,
  )

  test(
    'a second press on a form under way is ignored',
    async () => {
      const page = await open('quotes')
      const before = server.posted.length
      await page.evaluate(() => {
        const button = document.getElementById('ask')
        button?.click()
        button?.click()
      })
      await page.locator('h1', { hasText: 'Done' }).waitFor()
      expect(server.posted.slice(before)).toEqual(['/rides'])
    },
    BROWSER_MS,
  )

  test(
    'a clock counts down from the server’s time, whatever the device believes',
    async () => {
      const page = await open('quotes')
      await page.evaluate((markup) => {
        const box = document.createElement('div')
        box.innerHTML = markup
        document.body.append(box)
      }, countdown({ untilMs: 1_000_060_000, nowMs: 1_000_000_000 }).toString())
      await page.locator('[data-until="1000060000"]', { hasText: /^0:5\d$/ }).waitFor()
    },
    BROWSER_MS,
  )
})

describe('the address field', () => {
  test(
    'places appear while typing, and Enter takes the best with its point',
    async () => {
      const page = await open('request')
      await page.locator('#field-from').pressSequentially('strand')
      await page.locator('#from-suggestions b', { hasText: 'Strand' }).waitFor()
      expect(await page.locator('#field-from').getAttribute('aria-expanded')).toBe('true')
      await page.keyboard.press('Enter')
      expect(await page.locator('#field-from').inputValue()).toBe('Strand Bookstore')
      expect(await page.locator('[name="from_lat"]').inputValue()).toBe('40.733300')
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('field-to')
    },
    BROWSER_MS,
  )

  test(
    'arrows choose, Escape closes, and typing on forgets the point',
    async () => {
      const page = await open('request')
      await page.locator('#field-to').pressSequentially('mus')
      await page.locator('#to-suggestions b', { hasText: 'Mus' }).waitFor()
      await page.keyboard.press('ArrowDown')
      expect(await page.locator('#field-to').getAttribute('aria-activedescendant')).toBe('to-option-0')
      await page.keyboard.press('Enter')
      expect(await page.locator('#field-to').inputValue()).toBe('Guggenheim Museum')
      await page.locator('#field-to').focus()
      await page.keyboard.type('x')
      expect(await page.locator('[name="to_lat"]').inputValue()).toBe('')
      await page.locator('#to-suggestions:not([hidden])').waitFor()
      await page.keyboard.press('Escape')
      expect(await page.locator('#to-suggestions').isVisible()).toBe(false)
    },
    BROWSER_MS,
  )

  test(
    'Enter before the answer has come never takes a place from an older question',
    async () => {
      const page = await open('request')
      await page.locator('#field-from').focus()
      await page.locator('#from-suggestions [role="option"]').first().waitFor()
      await page.evaluate(() => {
        const field = document.querySelector<HTMLInputElement>('#field-from')
        if (field === null) return
        field.value = 'guggenheim'
        field.dispatchEvent(new InputEvent('input', { bubbles: true }))
        field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
      })
      expect(await page.locator('#field-from').inputValue()).toBe('guggenheim')
    },
    BROWSER_MS,
  )

  for (const [by, options] of [
    ['mouse', { viewport: { width: 1440, height: 900 } }],
    ['finger', { hasTouch: true, isMobile: true }],
  ] as const)
    test(
      `what is pressed beside an open list is pressed, by ${by}, though the list goes away`,
      async () => {
        const page = await open('request', options)
        await page.locator('#field-from').pressSequentially('strand')
        await page.locator('#from-suggestions b', { hasText: 'Strand' }).waitFor()
        await page.keyboard.press('Enter')
        await page.locator('#field-to').pressSequentially('mus')
        await page.locator('#to-suggestions b', { hasText: 'Mus' }).waitFor()
        const button = page.getByRole('button', { name: 'See prices' })
        await button.scrollIntoViewIfNeeded()
        const at = (await button.boundingBox())!
        const before = server.posted.length
        const [x, y] = [at.x + at.width / 2, at.y + at.height / 2]
        if (by === 'finger') await page.touchscreen.tap(x, y)
        else await page.mouse.click(x, y)
        await page.getByRole('heading', { name: 'Done' }).waitFor()
        expect(server.posted.slice(before)).toContain('/quotes')

        // Beside all that can be pressed: the list goes, and nothing else happens.
        await page.goto(`${server.url}request`)
        await page.locator('#field-to').pressSequentially('mus')
        await page.locator('#to-suggestions b', { hasText: 'Mus' }).waitFor()
        await page.mouse.click(2, 2)
        await page.locator('#to-suggestions').waitFor({ state: 'hidden' })
        // From one field to the other: its list opens, and stays.
        await page.locator('#field-to').click()
        await page.locator('#to-suggestions b').first().waitFor()
        await page.locator('#field-from').click()
        await page.locator('#to-suggestions').waitFor({ state: 'hidden' })
        await page.locator('#from-suggestions [role="option"]').first().waitFor()
      },
      BROWSER_MS,
    )

  test(
    'where I am fills the field, named by what is near',
    async () => {
      const page = await open('request', {
        geolocation: { latitude: 40.7333, longitude: -73.991 },
        permissions: ['geolocation'],
      })
      await page.locator('[data-here="from"]').click()
      await page.waitForFunction(
        () => document.querySelector<HTMLInputElement>('#field-from')?.value === 'Near Strand Bookstore',
      )
      expect(await page.locator('[name="from_lng"]').inputValue()).toBe('-73.991000')

      // Another place was chosen since: pressed again, it is where I am, and nothing is being looked for any more.
      const from = page.locator('#field-from')
      await from.fill('guggen')
      await page.locator('#from-suggestions [data-label="Guggenheim Museum"]').click()
      expect(await from.inputValue()).toBe('Guggenheim Museum')
      await page.locator('[data-here="from"]').click()
      await page.waitForFunction(
        () => document.querySelector<HTMLInputElement>('#field-from')?.value === 'Near Strand Bookstore',
      )
      expect(await page.locator('#field-from-error').count()).toBe(0)
    },
    BROWSER_MS,
  )

  test(
    'a refused position says what to do instead',
    async () => {
      const page = await open('request')
      await page.locator('[data-here="from"]').click()
      await page.locator('#field-from-error', { hasText: 'Type the place' }).waitFor()
    },
    BROWSER_MS,
  )

  test(
    'a press on the map settles an end',
    async () => {
      const page = await open('request')
      await page.locator('#field-to').focus()
      await page.locator('#to-suggestions [data-act="map"]').click()
      await page.locator('.pick-hint').waitFor()
      await page.locator('.map').click({ position: { x: 200, y: 180 } })
      await page.waitForFunction(
        () => document.querySelector<HTMLInputElement>('[name="to_lat"]')?.value !== '',
      )
      expect(await page.locator('.pick-hint').count()).toBe(0)
    },
    BROWSER_MS,
  )
})

describe('what takes its time says so', () => {
  /** Holds back the landing page until it is let go. */
  async function held(page: Page): Promise<() => void> {
    const gate = Promise.withResolvers<void>()
    await page.route('**/landing', async (route) => {
      await gate.promise
      await route.continue()
    })
    return gate.resolve
  }

  test(
    'bars lie over the part that will change, the focus stays, and they go with the answer',
    async () => {
      const page = await open('waits')
      const letGo = await held(page)
      await page.locator('#part-link').press('Enter')
      await page.locator('#part[data-pending][aria-busy="true"]').waitFor()
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('part-link')
      expect(await page.locator('body[data-pending]').count()).toBe(0)
      letGo()
      await page.locator('#part main').waitFor()
      await page.locator('#part:not([data-pending]):not([aria-busy])').waitFor()
      expect(complaints).toEqual([])
    },
    BROWSER_MS,
  )

  test(
    'another page is announced by a line along the top, which is gone on a page that comes back',
    async () => {
      const page = await open('waits')
      const letGo = await held(page)
      // Nothing can be asked of a page while it is left, so it says by itself when the line is there.
      await page.exposeFunction('lineIsShown', letGo)
      await page.evaluate(() => {
        new MutationObserver(() => {
          if (document.body.hasAttribute('data-pending'))
            (window as unknown as { lineIsShown(): void }).lineIsShown()
        }).observe(document.body, { attributes: true })
      })
      await page.locator('#page-link').press('Enter', { noWaitAfter: true })
      await page.waitForURL('**/landing')
      await page.goBack()
      await page.locator('#page-link').waitFor()
      expect(await page.locator('[data-pending]').count()).toBe(0)
    },
    BROWSER_MS,
  )

  test(
    'a field with a limit counts once most of it is used, and says the last letters aloud',
    async () => {
      const page = await open('waits')
      const why = page.getByLabel('Why')
      const count = page.locator('.field-count')
      await why.fill('x'.repeat(29))
      expect(await count.count()).toBe(0)
      await why.fill('x'.repeat(30))
      expect(await count.textContent()).toBe('20 letters left')
      expect(await count.getAttribute('aria-live')).toBe('polite')
      await why.fill('x'.repeat(49))
      expect(await count.textContent()).toBe('1 letter left')
      await why.fill('')
      expect(await count.count()).toBe(0)
    },
    BROWSER_MS,
  )
})
