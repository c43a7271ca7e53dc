/** The two apps on a home screen: their manifests, their icons, and the worker behind them. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import sharp from 'sharp'
import { GROUNDS, ICONS } from '../pages/icons.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'

const PUBLIC = new URL('../../public/', import.meta.url).pathname

interface Manifest {
  id: string
  name: string
  start_url: string
  display: string
  icons: { src: string; sizes: string; purpose: string }[]
}

describe('installing', () => {
  let world: AppWorld
  beforeAll(async () => {
    world = await startApp()
  }, 60_000)
  afterAll(() => world.stop())

  async function manifest(app: string): Promise<Manifest> {
    return (await world.stranger.get(`/${app}.webmanifest`)).json() as Promise<Manifest>
  }

  for (const [app, start] of [
    ['rider', '/'],
    ['driver', '/driver'],
  ] as const)
    test(`the ${app}’s app has a name, a start and icons that are there`, async () => {
      const { id, name, start_url, display, icons } = await manifest(app)
      expect({ id, start_url, display }).toEqual({ id: start, start_url: start, display: 'standalone' })
      expect(name).not.toBe('')
      expect(icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual([
        '192x192 any',
        '512x512 any',
        '512x512 maskable',
      ])
      for (const { src, sizes } of icons) {
        const answer = await world.stranger.get(src)
        expect([src, answer.status, answer.headers.get('content-type')]).toEqual([src, 200, 'image/png'])
        const { width, height } = await sharp(await answer.arrayBuffer()).metadata()
        expect(`${width}x${height}`).toBe(sizes)
      }
    })

  test('each page names its app', async () => {
    expect(await (await world.stranger.get('/')).text()).toContain(
      '<link rel="manifest" href="/rider.webmanifest">',
    )
    const { driver } = world.canal
    expect(await (await driver.client.get('/driver')).text()).toContain('href="/driver.webmanifest"')
  })

  test('the worker is asked for anew each time, and names files of this release that are all there', async () => {
    const answer = await world.stranger.get('/worker.js')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const text = await answer.text()
    const shell = JSON.parse(/HONEYCAB_SHELL = (\[.*\])/.exec(text)![1]!) as string[]
    const offline = await (await world.stranger.get('/offline')).text()
    for (const [path] of offline.matchAll(/\/assets\/\w+\/[\w.+-]+\.(?:css|js)/g))
      expect(shell).toContain(path)
    for (const path of shell) expect([path, (await world.stranger.get(path)).status]).toEqual([path, 200])
  })

  test('the page without network is the same for everybody, and holds nobody’s name or token', async () => {
    const { rider } = world.canal
    const mine = await (await rider.client.get('/offline')).text()
    expect(mine).not.toContain(rider.name)
    expect(mine).not.toContain('name="csrf" value=')
  })
})

describe('icons', () => {
  /** Where they are drawn again: by a process of its own, for the server's draws no SVG, whoever sent it. */
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(`${tmpdir()}/icons-`)
    const drawing = Bun.spawn([process.execPath, `${import.meta.dir}/../pages/icons.ts`, folder])
    expect(await drawing.exited).toBe(0)
  }, 30_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  async function pixels(path: string) {
    const { data, info } = await sharp(readFileSync(path))
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return { data, width: info.width, height: info.height }
  }

  for (const name of Object.keys(ICONS))
    test(`${name} is drawn from the mark as it is`, async () => {
      const kept = await pixels(`${PUBLIC}${name}`)
      const drawn = await pixels(`${folder}/${name}`)
      expect([kept.width, kept.height]).toEqual([drawn.width, drawn.height])
      let most = 0
      for (let i = 0; i < drawn.data.length; i++)
        most = Math.max(most, Math.abs(drawn.data[i]! - kept.data[i]!))
      expect(most).toBeLessThan(8)
    })

  for (const app of ['rider', 'driver'] as const)
    test(`a mask may cut the ${app}’s icon down to its inner circle without touching the mark`, async () => {
      const { data, width, height } = await pixels(`${PUBLIC}icon-${app}-maskable-512.png`)
      const ground = [1, 3, 5].map((at) => Number.parseInt(GROUNDS[app].slice(at, at + 2), 16))
      let farthestPx = 0
      let leastAlpha = 255
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const at = (y * width + x) * 4
          leastAlpha = Math.min(leastAlpha, data[at + 3]!)
          const isMark = ground.some((value, n) => Math.abs(data[at + n]! - value) > 12)
          if (isMark) farthestPx = Math.max(farthestPx, Math.hypot(x - 255.5, y - 255.5))
        }
      expect(leastAlpha).toBe(255)
      expect(farthestPx).toBeGreaterThan(100)
      expect(farthestPx).toBeLessThan(0.4 * 512)
    })
})
