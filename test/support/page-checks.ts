/** What must hold of any page, whatever is on it: asked of one that is open, without loading it anew. */
import type axe from 'axe-core'
// Half of what the other one is, and read by every page anew.
import axeSource from 'axe-core/axe.min.js' with { type: 'text' }
import type { Page } from 'playwright-core'

/** 320 is the narrowest there is, 640 a 1280 desk at 200 % zoom. */
export const WIDTHS = [320, 390, 640, 1440] as const
const HEIGHT = 844

/**
 * What axe finds, one line a rule. Run in the page itself and asked for violations alone, which takes half the time of
 * its builder: that one loads it anew for each question, and describes what is right as well.
 * @param rules these alone
 */
export async function axeFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(`if (window.axe === undefined) { ${axeSource} }`)
  return page.evaluate(async (only) => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ['violations'],
      preload: false,
      ...(only === null ? {} : { runOnly: { type: 'rule', values: [...only] } }),
    })
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    )
  }, rules ?? null)
}

/** Put on another colour scheme, and let the page draw itself in it: in between, colours are of neither. */
export async function wear(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
}

/** At each width, and right to left too: what stands out over the screen's edge, so that the page scrolls sideways. */
export async function sidewaysFaults(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT })
    faults.push(...(await page.evaluate(standingOut, width)))
  }
  return faults
}

/** Runs in the page, both ways round; it is left as it was. */
function standingOut(width: number): string[] {
  const root = document.documentElement
  const clips = (element: Element) => getComputedStyle(element).overflowX !== 'visible'
  const isClipped = (element: Element) => {
    for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement)
      if (clips(at)) return true
    return false
  }
  const faults: string[] = []
  for (const dir of ['rtl', 'ltr'] as const) {
    root.dir = dir
    const overPx = root.scrollWidth - root.clientWidth
    if (overPx <= 0) continue
    const widest = [...document.body.querySelectorAll('*')].find((element) => {
      const { left, right } = element.getBoundingClientRect()
      return (right > root.clientWidth + 0.5 || left < -0.5) && !isClipped(element)
    })
    const name =
      widest && `${widest.tagName.toLowerCase()}#${widest.id}.${widest.getAttribute('class') ?? ''}`
    const at = name ? `, at ${name}: ${widest.textContent?.trim().slice(0, 40)}` : ''
    faults.push(`${width} px ${dir}: ${overPx} px too wide${at}`)
  }
  return faults
}

/** What can be pressed and needs a script for it, on a page whose scripts are off; and a page that has nothing to say. */
export function deadControls(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true })
    const dead = [...document.querySelectorAll('button[type="button"], a[href="#"], a:not([href])')]
      .filter(isShown)
      .map((element) => element.outerHTML.slice(0, 160))
    const saysNothing = (document.querySelector('main')?.textContent ?? '').trim().length < 10
    return [...dead, ...(saysNothing ? ['there is nothing to read'] : [])]
  })
}
