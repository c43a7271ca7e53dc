/** Draws every page in every state with a sample cast, for looking at: `bun test/pages/gallery.ts [NAME…]`. */
import { mkdirSync } from 'node:fs'
import { launchChromium } from '../support/chromium.ts'
import { galleryPages } from './cast.ts'
import { serveGallery } from './serve.ts'

const OUT = new URL('../output/gallery/', import.meta.url).pathname
const SIZES = [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
]

mkdirSync(OUT, { recursive: true })
const wanted = process.argv.slice(2)
const server = serveGallery()
const browser = await launchChromium()
try {
  for (const size of SIZES)
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: size, colorScheme, reducedMotion: 'reduce' })
      const page = await context.newPage()
      page.on('console', (message) => {
        if (message.type() === 'error') process.stderr.write(`${message.text()}\n`)
      })
      for (const name of Object.keys(galleryPages)) {
        if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue
        await page.goto(`${server.url}${name}`)
        await page.waitForTimeout(300)
        await page.screenshot({ path: `${OUT}${name}-${size.width}-${colorScheme}.png` })
      }
      await context.close()
    }
} finally {
  await browser.close()
  await server.stop()
}
