import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { madeUpFile } from '../replay/synthetic.ts'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { expectWellLaidOut } from '../support/pages.ts'
import { describeWith } from '../support/servers.ts'

const COMMAND = join(import.meta.dir, '../../src/replay/cli.ts')

describeWith('chromium', 'the report of a replay', () => {
  let folder: string
  let browser: Browser
  let file: string
  let out: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'report-'))
    const trips = join(folder, 'evening & <night>.csv')
    file = join(folder, 'report.html')
    await Bun.write(trips, madeUpFile({ count: 250, seed: 8 }))
    const grid = ['--fleet', '20,30', '--policy', 'nearest,batch', '--seed', '1-3', '--behaviour', 'people']
    const child = Bun.spawn(
      [process.execPath, COMMAND, '--trips', trips, ...grid, '--oracle', '--jobs', '1', '--report', file],
      { stdout: 'pipe', stderr: 'inherit' },
    )
    out = await new Response(child.stdout).text()
    expect(await child.exited).toBe(0)
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true })
  })

  async function opened(
    width: number,
    colorScheme: 'light' | 'dark',
  ): Promise<{ page: Page; asked: string[] }> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    const page = await context.newPage()
    const asked: string[] = []
    page.on('request', (request) => void asked.push(request.url()))
    await page.goto(`file://${file}`)
    return { page, asked }
  }

  for (const [width, scheme] of [
    [390, 'light'],
    [1_280, 'dark'],
  ] as const) {
    test(`is one file that fits ${width} px, ${scheme}, with every plot named, and axe finds nothing`, async () => {
      const { page, asked } = await opened(width, scheme)
      for (const closed of await page.locator('details:not([open]) > summary').all()) {
        await closed.focus()
        await page.keyboard.press('Enter')
      }
      expect(await page.locator('details[open]').count()).toBe(2)
      const context = page.context()
      const window = {
        context,
        page,
        mistakes: [],
        go: async () => undefined,
        picture: async () => undefined,
      }
      await expectWellLaidOut(window, `report at ${width}`)
      expect(asked).toEqual([`file://${file}`])
      const drawings = await page.getByRole('img').all()
      // Three over the fleets; for each of two fleets three more and a map for each of three policies.
      expect(drawings).toHaveLength(3 + 2 * (3 + 3))
      for (const drawing of drawings) expect(await drawing.getAttribute('aria-label')).not.toBe('')
      await context.close()
    })
  }

  test('tells what the command told', async () => {
    const { page } = await opened(1_280, 'light')
    expect(await page.title()).toBe('Replay of evening & <night>.csv · Honeycab')
    const table = page.getByRole('region', { name: 'Policies side by side' })
    const cells = await table.getByRole('row', { name: '30 · batch' }).first().textContent()
    const [, served] = /^30 +batch +([\d.]+ %)/m.exec(out)!
    expect(cells).toContain(served!)
    expect(await table.getByRole('row', { name: '20 · bound' }).count()).toBe(1)
    const causes = page.getByRole('region', { name: 'Why riders were not served' })
    expect(await causes.textContent()).toContain('left far promise')
    expect(await page.locator('body').textContent()).toContain('How people answer is assumed')
    await page.context().close()
  })
})
