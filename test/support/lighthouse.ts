/** Lighthouse in the system's Chromium: a browser that it can reach by a port, and one page judged. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import lighthouse, { type RunnerResult } from 'lighthouse'
import { type BrowserContext, chromium } from 'playwright-core'
import { BROWSER_TIMEOUT_MS, FLAGS } from './chromium.ts'
import { findServer, freePort } from './servers.ts'

export type Category = 'performance' | 'accessibility' | 'best-practices'

export interface Judge {
  /** The browser's own context, whose cookies Lighthouse's pages have too. */
  readonly context: BrowserContext
  /**
   * One load of a page on Lighthouse's phone, with its simulated throttling; caches are cleared before, cookies stay.
   * @throws when the page did not load, or is another one than `url`
   */
  judge(url: string, categories: readonly Category[]): Promise<RunnerResult['lhr']>
  close(): Promise<void>
}

/** @throws when this machine has no Chromium */
export async function launchJudge(): Promise<Judge> {
  const executablePath = findServer('chromium')
  if (executablePath === null) throw new Error('no Chromium on this machine')
  const [port, folder] = [freePort(), mkdtempSync(join(tmpdir(), 'honeycab-lighthouse-'))]
  const context = await chromium.launchPersistentContext(folder, {
    ...{ executablePath, headless: true, timeout: BROWSER_TIMEOUT_MS },
    args: [...FLAGS, `--remote-debugging-port=${port}`],
  })
  return {
    context,
    async judge(url, categories) {
      const result = await lighthouse(url, {
        ...{ port, onlyCategories: [...categories], logLevel: 'silent', output: 'json' },
        // Its picture of the whole page is for reports.
        disableFullPageScreenshot: true,
      })
      if (result === undefined) throw new Error(`Lighthouse told nothing of ${url}`)
      const { lhr } = result
      if (lhr.runtimeError !== undefined) throw new Error(`${url}: ${lhr.runtimeError.message}`)
      if (lhr.finalDisplayedUrl !== url) throw new Error(`${url} led to ${lhr.finalDisplayedUrl}`)
      return lhr
    },
    async close() {
      await context.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** In hundredths, as Lighthouse's reports show it. */
export function scoreOf({ categories }: RunnerResult['lhr'], category: Category): number {
  return Math.round((categories[category]?.score ?? 0) * 100)
}

/** What a category lost points by: the audit, and where or why. */
export function shortOf({ audits, categories }: RunnerResult['lhr'], category: Category): string[] {
  return (categories[category]?.auditRefs ?? [])
    .filter(({ id, weight }) => weight > 0 && audits[id] !== undefined && (audits[id].score ?? 1) < 1)
    .map(({ id }) => {
      const { title, displayValue = '', details } = audits[id]!
      const items = details?.type === 'table' ? details.items : []
      return `${id}: ${title} ${displayValue} ${items.length === 0 ? '' : JSON.stringify(items).slice(0, 600)}`.trim()
    })
}
