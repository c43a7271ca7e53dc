import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { designPage } from '../../views/design/page.ts'
import { launchChromium } from '../support/chromium.ts'
import { axeFaults } from '../support/page-checks.ts'
import { context } from './cast.ts'
import { type GalleryServer, serveGallery } from './serve.ts'

const BROWSER_MS = 90_000
const PHONE = { viewport: { width: 390, height: 844 } }

let browser: Browser
let server: GalleryServer

beforeAll(async () => {
  server = serveGallery({ design: () => designPage(context({ path: '/design' })) })
  browser = await launchChromium()
}, BROWSER_MS)

afterAll(async () => {
  await browser.close()
  await server.stop()
})

async function look(options: BrowserContextOptions, at: (page: Page) => Promise<void>): Promise<void> {
  const window = await browser.newContext(options)
  try {
    const page = await window.newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await page.goto(`${server.url}design`)
    await at(page)
    expect(complaints).toEqual([])
  } finally {
    await window.close()
  }
}

/** Runs in the page. */
const tooWide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth

test('every part has its state in each of the three columns', () => {
  const markup = designPage(context()).toString()
  const columns = markup.split('class="design-column"').slice(1)
  expect(columns.length).toBeGreaterThan(60)
  const states = columns.map((column) =>
    [...column.matchAll(/data-state="([^"]*)"/g)].map(([, state]) => state),
  )
  for (let i = 0; i < columns.length; i += 3) {
    expect(states[i]!.length).toBeGreaterThan(0)
    expect(states[i + 1]).toEqual(states[i])
    expect(states[i + 2]).toEqual(states[i])
  }
  const ids = [...markup.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
  expect(ids.length - new Set(ids).size).toBe(0)
  // Nothing of it may be sent: forms lead back, and no token stands in their addresses.
  const forms = [...markup.matchAll(/<form[^>]*>/g)].map(([form]) => form)
  expect(forms.length).toBeGreaterThan(10)
  for (const form of forms) expect(form).toContain('method="get" action="/design"')
  expect(markup).not.toMatch(/name="[^"]*csrf" value="[^"]/)
})

/** What lies outside of the column it is shown in, since on its own page it floats. */
function strays(): string[] {
  return [...document.querySelectorAll('.design-column')].flatMap((column) => {
    const room = column.getBoundingClientRect()
    return [...column.querySelectorAll('*')].flatMap((part) => {
      const { top, bottom, width, height } = part.getBoundingClientRect()
      const isSeen = width > 1 && height > 1 && getComputedStyle(part).visibility !== 'hidden'
      return isSeen && (bottom > room.bottom + 1 || top < room.top - 1)
        ? [`${part.tagName} ${part.className}`]
        : []
    })
  })
}

test(
  'axe finds nothing in any column, on a desk, and the themes differ where they should',
  () =>
    look({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' }, async (page) => {
      expect(await axeFaults(page)).toEqual([])
      expect(await page.evaluate(tooWide)).toBe(0)
      const grounds = await page.evaluate(() =>
        [...document.querySelectorAll('.design-part:first-of-type .design-column')]
          .slice(0, 3)
          .map((column) => getComputedStyle(column).backgroundColor),
      )
      expect(grounds).toEqual(['rgb(252, 252, 250)', 'rgb(23, 21, 19)', 'rgb(252, 252, 250)'])
      const starts = await page.evaluate(() =>
        [...document.querySelectorAll('.design-column')].slice(0, 3).map((column) => {
          const inner = column.getBoundingClientRect()
          const button = column.querySelector('.button')!.getBoundingClientRect()
          return button.left - inner.left < inner.right - button.right ? 'left' : 'right'
        }),
      )
      expect(starts).toEqual(['left', 'left', 'right'])
      expect(await page.evaluate(strays)).toEqual([])
      if (process.env.PICTURES === '1') {
        mkdirSync('test/output', { recursive: true })
        await page.screenshot({ path: 'test/output/design-1440.png', fullPage: true })
      }
    }),
  BROWSER_MS,
)

test(
  'nothing is wider than a phone, a small one, or a screen at twice its size',
  () =>
    look(PHONE, async (page) => {
      for (const width of [390, 320, 720]) {
        await page.setViewportSize({ width, height: 450 })
        expect([width, await page.evaluate(tooWide)]).toEqual([width, 0])
        // What is to be pressed stands whole on the screen, or in a box of its own that scrolls.
        const cut = await page.evaluate(() =>
          [...document.querySelectorAll('.design .button, .design .input')]
            .filter((element) => element.closest('.table-scroll, .tabs') === null)
            .filter((element) => {
              const { left, right } = element.getBoundingClientRect()
              return left < 0 || right > document.documentElement.clientWidth
            })
            .map((element) => element.outerHTML),
        )
        expect([width, cut]).toEqual([width, []])
      }
    }),
  BROWSER_MS,
)

/** Runs in the page: everything that would move now or on a change, its pseudo-elements included. */
/** But for what makes a button wait to be pressed, which nobody sees. */
const moving = () =>
  [...document.querySelectorAll('body, body *')].filter((element) =>
    [null, '::before', '::after'].some((pseudo) => {
      const { animationName, transitionDuration } = getComputedStyle(element, pseudo)
      return (
        !/^(none|just-come)$/.test(animationName) ||
        transitionDuration.split(', ').some((time) => time !== '0s')
      )
    }),
  ).length

test(
  'who asked for less motion meets none',
  () =>
    look(PHONE, async (page) => {
      expect(await page.evaluate(moving)).toBeGreaterThan(0)
      await page.emulateMedia({ reducedMotion: 'reduce' })
      expect(await page.evaluate(moving)).toBe(0)
    }),
  BROWSER_MS,
)

test(
  'in forced colours what is pressed has an edge, what is chosen a thicker one, and the focus is seen',
  () =>
    look({ ...PHONE, forcedColors: 'active' }, async (page) => {
      const edgeless = await page.evaluate(() =>
        [...document.querySelectorAll('.design .button, .design .input, .design .badge, .design .toast')]
          .filter((element) => {
            const style = getComputedStyle(element)
            return style.borderTopStyle === 'none' || style.borderTopWidth === '0px'
          })
          .map((element) => element.outerHTML),
      )
      expect(edgeless).toEqual([])
      const widths = await page.evaluate(() =>
        ['.segment input:checked + span', '.segment input:not(:checked) + span'].map((selector) =>
          Number.parseFloat(getComputedStyle(document.querySelector(selector)!).borderTopWidth),
        ),
      )
      expect(widths[0]!).toBeGreaterThan(widths[1]!)
      await page.locator('.design .button').first().focus()
      await page.keyboard.press('Tab')
      await page.keyboard.press('Shift+Tab')
      const outline = await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement!)
        return { outlineStyle, outlineWidth }
      })
      expect(outline).toEqual({ outlineStyle: 'solid', outlineWidth: '3px' })
    }),
  BROWSER_MS,
)

test(
  'the looks that are held still are the ones that pointer and keys bring',
  () =>
    look({ ...PHONE, reducedMotion: 'reduce' }, async (page) => {
      const looks = (selector: string) =>
        page
          .locator(selector)
          .first()
          .evaluate((element) => {
            const { backgroundColor, outline, outlineOffset } = getComputedStyle(element)
            return { backgroundColor, outline, outlineOffset }
          })
      const next = page.locator('.design .button-next:not([data-look])').first()
      await next.hover()
      const hovered = await next.evaluate((element) => getComputedStyle(element).backgroundColor)
      expect((await looks('[data-look="hover"]')).backgroundColor).toBe(hovered)
      await page.mouse.move(0, 0)
      await page.locator('[data-look="hover"]').first().focus()
      await page.keyboard.press('Shift+Tab')
      const focused = await next.evaluate((element) => {
        const { outline, outlineOffset } = getComputedStyle(element)
        return { outline, outlineOffset }
      })
      expect(await looks('[data-look="focus"]')).toMatchObject(focused)
    }),
  BROWSER_MS,
)
