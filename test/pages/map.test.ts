import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { BROWSER_TIMEOUT_MS, launchChromium } from '../support/chromium.ts'
import { describeWith } from '../support/servers.ts'
import { type MapPage, serveMapPage } from './map-page.ts'

const from = { lat: 40.7332, lng: -73.9911 }
const to = { lat: 40.7484, lng: -73.9845 }
const inPark = { lat: 40.7718, lng: -73.9745 }
const inRiver = { lat: 40.757, lng: -74.0125 }
const TIMEOUT_MS = 20_000

describeWith('chromium', 'the map in a browser', () => {
  let browser: Browser
  let served: MapPage
  let errors: string[]
  beforeAll(async () => {
    served = serveMapPage()
    browser = await launchChromium()
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await browser?.close()
    await served?.server.stop(true)
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
  })

  /** A page with this map, drawn; with `clock` the page's time stands until the test moves it. */
  async function open(
    config: MapConfig,
    options: BrowserContextOptions & { attributes?: Record<string, string>; clock?: boolean } = {},
  ): Promise<Page> {
    const { attributes, clock, ...contextOptions } = options
    const context = await browser.newContext({ viewport: { width: 600, height: 400 }, ...contextOptions })
    const page = await context.newPage()
    errors = []
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    if (clock === true) {
      await page.clock.install({ time: 0 })
      await page.clock.pauseAt(1_000)
    }
    await page.goto(served.url(config, attributes))
    if (clock === true) await page.clock.runFor(100)
    else await page.waitForSelector('.map-name, .map-failed', { state: 'attached' })
    return page
  }

  /** Colour of the ground at a point, as the canvas has it; transparent is the water behind. */
  const groundAt = (page: Page, point: MapPoint) => colourAt(page, point, 'ground')
  const colourAt = (page: Page, point: MapPoint, pane: 'ground' | 'hexes') =>
    page.evaluate(
      ({ lat, lng, pane }) => {
        const map = window.HoneycabMap(document.querySelector<HTMLElement>('.map')!).leaflet
        const canvas = document.querySelector<HTMLCanvasElement>(`.leaflet-${pane}-pane canvas`)!
        const own = map.getContainer().getBoundingClientRect()
        const box = canvas.getBoundingClientRect()
        const pixel = map.latLngToContainerPoint([lat, lng])
        const scale = canvas.width / box.width
        const [x, y] = [(pixel.x + own.x - box.x) * scale, (pixel.y + own.y - box.y) * scale]
        return [...canvas.getContext('2d')!.getImageData(Math.round(x), Math.round(y), 1, 1).data].join(' ')
      },
      { ...point, pane },
    )

  const onMap = <T>(page: Page, work: (map: HoneycabMapHandle) => T) =>
    page.evaluate(`(${work.toString()})(window.HoneycabMap(document.querySelector('.map')))`) as Promise<T>

  test(
    'water, land and parks are drawn without tiles, under a policy that allows only our own files',
    async () => {
      const page = await open({ center: inPark, zoom: 13 })
      expect(await groundAt(page, inPark)).toBe('218 236 214 255')
      expect(await groundAt(page, inRiver)).toBe('0 0 0 0')
      expect(await page.locator('.leaflet-tile').count()).toBe(0)
      expect(await page.locator('.leaflet-control-attribution').textContent()).toBe(
        '© OpenStreetMap contributors',
      )
      expect(errors).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'the ground turns dark with the page while it is open',
    async () => {
      const page = await open({ center: inPark, zoom: 13 })
      await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'dark'))
      await page.waitForFunction(() => getComputedStyle(document.body).colorScheme === 'dark')
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      )
      expect(await groundAt(page, inPark)).toBe('25 38 28 255')
      expect(errors).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'a city that does not load leaves pins and a sentence, and no error of ours',
    async () => {
      const page = await open({ from, to }, { attributes: { 'data-city': '/nowhere.json' } })
      expect(await page.getByRole('status').textContent()).toContain('Nothing is lost')
      expect(await page.locator('.map-pin').count()).toBe(2)
      expect(errors.filter((error) => !error.includes('404'))).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'from, to and the way are shown whole, and no name lies on them',
    async () => {
      const page = await open({
        from: { ...from, label: '4 min' },
        to,
        route: [from, { lat: 40.74, lng: -73.98 }, to],
      })
      const boxes = await page.locator('.map-pin svg').evaluateAll((pins) =>
        pins.map((pin) => {
          const { x, y, right, bottom } = pin.getBoundingClientRect()
          return x >= 0 && y >= 0 && right <= innerWidth && bottom <= innerHeight
        }),
      )
      expect(boxes).toEqual([true, true])
      expect(await page.locator('path.map-way').count()).toBe(2)
      const covered = await page.evaluate(() => {
        const way = document.querySelector<SVGPathElement>('path.map-way-line')!
        const matrix = way.getScreenCTM()!
        const points = Array.from({ length: 200 }, (_, at) =>
          way.getPointAtLength((at / 199) * way.getTotalLength()).matrixTransform(matrix),
        )
        const names = [...document.querySelectorAll('.map-name span')].map((name) =>
          name.getBoundingClientRect(),
        )
        return names.filter((box) =>
          points.some(({ x, y }) => x > box.left && x < box.right && y > box.top && y < box.bottom),
        ).length
      })
      expect(covered).toBe(0)
      expect(await page.locator('.map-name').count()).toBeWithin(1, 9)
    },
    TIMEOUT_MS,
  )

  test(
    'the car slides to its new fix in 900 ms and is never ahead of it',
    async () => {
      const page = await open(
        { center: from, zoom: 14, car: { ...from, headingDeg: 0, ageMs: 0 } },
        { clock: true },
      )
      await onMap(page, (map) => map.setCar({ lat: 40.7342, lng: -73.9911, headingDeg: 0, ageMs: 0 }))
      const where = () =>
        onMap(page, (map) => {
          let lat = 0
          map.leaflet.eachLayer((layer) => {
            const icon = 'getElement' in layer ? (layer as import('leaflet').Marker).getElement() : undefined
            if (icon?.classList.contains('map-car')) lat = (layer as import('leaflet').Marker).getLatLng().lat
          })
          return lat
        })
      await page.clock.runFor(450)
      expect(await where()).toBeWithin(40.7336, 40.7338)
      await page.clock.runFor(5_000)
      expect(await where()).toBe(40.7342)
    },
    TIMEOUT_MS,
  )

  test(
    'who asked for less motion sees the car jump',
    async () => {
      const page = await open(
        { center: from, zoom: 14, car: { ...from, headingDeg: 0, ageMs: 0 } },
        { reducedMotion: 'reduce' },
      )
      const before = await page.locator('.map-car').boundingBox()
      await onMap(page, (map) => map.setCar({ lat: 40.7342, lng: -73.9911, headingDeg: 0, ageMs: 0 }))
      const after = await page.locator('.map-car').boundingBox()
      expect(before!.y - after!.y).toBeGreaterThan(10)
    },
    TIMEOUT_MS,
  )

  test(
    'the ring of a position empties, warns, and after 30 s the car is silent until it is heard again',
    async () => {
      const page = await open(
        { center: from, zoom: 14, car: { ...from, headingDeg: 0, ageMs: 0 } },
        { clock: true },
      )
      const age = () => page.locator('.map-car').getAttribute('data-age')
      expect(await age()).toBe('ok')
      for (const [runMs, look] of [
        [12_000, 'warn'],
        [10_000, 'danger'],
        [10_000, 'silent'],
      ] as const) {
        await page.clock.runFor(runMs)
        expect(await age()).toBe(look)
      }
      await page.evaluate((car) => document.dispatchEvent(new CustomEvent('live:message', { detail: car })), {
        type: 'car',
        ...from,
        headingDeg: 90,
        ageMs: 1_000,
      })
      expect(await age()).toBe('ok')
    },
    TIMEOUT_MS,
  )

  test(
    'a press on a car names it, a press beside one does not, and a car that is gone cannot be pressed',
    async () => {
      const page = await open({ center: from, zoom: 15 })
      await onMap(page, (map) =>
        map.setCars([
          ['a', '204', 40_733_200, -73_991_100, 30, 'free', 2],
          ['b', '163', 40_735_000, -73_991_100, 200, 'silent', 40],
        ]),
      )
      await page.evaluate(() => {
        const pressed: string[] = []
        Object.assign(window, { pressed })
        document.addEventListener('map:car', (event) => pressed.push((event as CustomEvent<string>).detail))
      })
      await page.mouse.click(305, 203)
      await page.mouse.click(400, 300)
      await onMap(page, (map) => map.updateCars({ cars: [], gone: ['a'] }))
      await page.mouse.click(305, 203)
      expect(await page.evaluate(() => (window as unknown as { pressed: string[] }).pressed)).toEqual(['a'])
      expect(errors).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'a rank is filled and its hole is not; one far from the view is left out',
    async () => {
      const square = (lat: number, lng: number, half: number): [number, number][] => [
        [lat - half, lng - half],
        [lat - half, lng + half],
        [lat + half, lng + half],
        [lat + half, lng - half],
      ]
      const zones = [
        { name: 'Strand', rings: [square(from.lat, from.lng, 0.002), square(from.lat, from.lng, 0.0005)] },
        { name: 'Elsewhere', rings: [square(51.5, -0.1, 0.002)] },
      ]
      const page = await open({ center: from, zoom: 16, zones })
      const at = (lngOff: number) => colourAt(page, { lat: from.lat, lng: from.lng + lngOff }, 'hexes')
      expect(await at(0)).toBe('0 0 0 0')
      expect(await at(0.001)).toMatch(/ 12[78]$/)
      expect(await at(0.003)).toBe('0 0 0 0')
      expect(errors).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'every state of a car is drawn, and ten thousand cars at once',
    async () => {
      const page = await open({ center: from, zoom: 13 })
      const drawn = await page.evaluate(() => {
        const map = window.HoneycabMap(document.querySelector<HTMLElement>('.map')!)
        const states: MapCarState[] = [
          'free',
          'offered',
          'to_pickup',
          'waiting',
          'on_board',
          'break',
          'silent',
        ]
        const canvases = [...document.querySelectorAll<HTMLCanvasElement>('.leaflet-cars-pane canvas')]
        const painted = () =>
          canvases.reduce((sum, canvas) => {
            const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
            return sum + data.filter((value, at) => at % 4 === 3 && value > 0).length
          }, 0)
        const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
        return (async () => {
          const each: number[] = []
          for (const state of states) {
            map.setCars([['x', '1', 40_733_200, -73_991_100, 45, state, 0]])
            await frames()
            each.push(painted())
          }
          const row = (_: unknown, at: number): MapCarRow => [
            `car-${at}`,
            String(at),
            40_700_000 + (at % 100) * 700,
            -74_010_000 + Math.floor(at / 100) * 500,
            at % 360,
            states[at % states.length]!,
            1,
          ]
          map.setCars(Array.from({ length: 10_000 }, row))
          await frames()
          return { each, many: painted() }
        })()
      })
      for (const pixels of drawn.each) expect(pixels).toBeGreaterThan(40)
      expect(drawn.many).toBeGreaterThan(20_000)
      expect(errors).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'a car slides to its new place over the cars that stand, and lies among them when it has arrived',
    async () => {
      const page = await open({ center: from, zoom: 15 }, { clock: true })
      const there = { lat: from.lat + 0.001, lng: from.lng }
      const row = (at: MapPoint): MapCarRow => [
        'x',
        '1',
        Math.round(at.lat * 1e6),
        Math.round(at.lng * 1e6),
        0,
        'on_board',
        0,
      ]
      const tell = (news: MapCarsDelta) =>
        page.evaluate((delta) => {
          window.HoneycabMap(document.querySelector<HTMLElement>('.map')!).updateCars(delta)
        }, news)
      /** Whether something of a car is drawn there, on the canvas of those that stand and of those that slide. */
      const drawn = (at: MapPoint) =>
        page.evaluate(({ lat, lng }) => {
          const { leaflet } = window.HoneycabMap(document.querySelector<HTMLElement>('.map')!)
          const { x, y } = leaflet.latLngToContainerPoint([lat, lng])
          return [...document.querySelectorAll<HTMLCanvasElement>('.leaflet-cars-pane canvas')].map(
            (canvas) => {
              const box = canvas.getBoundingClientRect()
              const [atX, atY] = [Math.round(x - box.x), Math.round(y - box.y)]
              return canvas.getContext('2d')!.getImageData(atX, atY, 1, 1).data[3]! > 0
            },
          )
        }, at)
      await tell({ full: true, cars: [row(from)] })
      await page.clock.runFor(100)
      expect(await drawn(from)).toEqual([true, false])
      await tell({ full: false, cars: [row(there)] })
      await page.clock.runFor(450)
      expect(await drawn({ lat: from.lat + 0.0005, lng: from.lng })).toEqual([false, true])
      await page.clock.runFor(1_000)
      expect(await drawn(there)).toEqual([true, false])
      expect(await drawn(from)).toEqual([false, false])
      expect(errors).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'from far away a large fleet is counted in hexagons, and none of it is lost or counted twice',
    async () => {
      const page = await open({ center: from, zoom: 12 })
      const counted = await page.evaluate(async () => {
        const map = window.HoneycabMap(document.querySelector<HTMLElement>('.map')!)
        const canvas = document.querySelector<HTMLCanvasElement>('.leaflet-cars-pane canvas')!
        const context = canvas.getContext('2d')!
        const words: string[] = []
        context.fillText = (text: string) => void words.push(text)
        const states: MapCarState[] = ['free', 'on_board', 'silent', 'free']
        const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
        map.setCars(
          Array.from(
            { length: 400 },
            (_, at): MapCarRow => [
              `car-${at}`,
              String(at),
              40_725_000 + (at % 20) * 800,
              -74_000_000 + Math.floor(at / 20) * 900,
              0,
              states[at % 4]!,
              1,
            ],
          ),
        )
        await frames()
        const far = [...words]
        words.length = 0
        map.setView({ lat: 40.7331, lng: -73.9911 }, 14)
        await frames()
        return { far, near: [...words] }
      })
      const sum = (pattern: RegExp) =>
        counted.far.reduce((total, text) => total + Number(pattern.exec(text)?.[1] ?? 0), 0)
      expect(sum(/^of (\d+)$/)).toBe(400)
      expect(sum(/^(\d+)$/)).toBe(200)
      expect(counted.far.length).toBeGreaterThan(8)
      expect(counted.near).toEqual([])
      expect(errors).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'figures of a server are drawn as they are, where their hexagons lie, until it sends cars again',
    async () => {
      const page = await open({ center: from, zoom: 12 })
      const drawn = await page.evaluate(async () => {
        const map = window.HoneycabMap(document.querySelector<HTMLElement>('.map')!)
        const canvas = document.querySelector<HTMLCanvasElement>('.leaflet-cars-pane canvas')!
        const context = canvas.getContext('2d')!
        const words: [string, number, number][] = []
        context.fillText = (text: string, x: number, y: number) => void words.push([text, x, y])
        const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
        const middle = map.leaflet.project(map.leaflet.getCenter(), 12)
        const [column, row] = [24 * Math.sqrt(3), 36]
        const r = Math.round(middle.y / row)
        const q = Math.round(middle.x / column - r / 2)
        map.setCounts({ zoom: 12, counts: [{ q, r, cars: 1234, free: 56, silent: 7 }] })
        await frames()
        const counted = words.splice(0)
        // The same two levels closer: it lies where it lay, and nothing is lost.
        map.leaflet.setView(map.leaflet.getCenter(), 14, { animate: false })
        await frames()
        const closer = words.splice(0)
        map.updateCars({ full: true, cars: [['a', '204', 40_733_200, -73_991_100, 30, 'free', 2]] })
        map.setCounts(null)
        await frames()
        return {
          counted,
          closer,
          after: words.map(([text]) => text),
          width: canvas.width,
          height: canvas.height,
        }
      })
      expect(drawn.counted.map(([text]) => text)).toEqual(['56', 'of 1234'])
      expect(drawn.closer.map(([text]) => text)).toEqual(['56', 'of 1234'])
      const [, x, y] = drawn.counted[0]!
      const [, closerX, closerY] = drawn.closer[0]!
      const off = (at: number, size: number) => at - size / 2
      expect(off(closerX, drawn.width)).toBeCloseTo(off(x, drawn.width) * 4, -1)
      expect(off(closerY + 5, drawn.height)).toBeCloseTo(off(y + 5, drawn.height) * 4, -1)
      expect(drawn.after).toEqual([])
      expect(errors).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'the car that is followed is drawn beyond the others, says how old its place is, and goes with its selection',
    async () => {
      const page = await open({ center: from, zoom: 14 }, { clock: true })
      await page.evaluate(() => {
        const canvas = document.querySelectorAll<HTMLCanvasElement>('.leaflet-cars-pane canvas')[1]!
        const words: string[] = []
        canvas.getContext('2d')!.fillText = (text: string) => void words.push(text)
        Object.assign(window, { words })
      })
      const words = () => page.evaluate(() => (window as unknown as { words: string[] }).words.splice(0))
      await onMap(page, (map) => {
        map.setFollowed(['a', '204', 40_733_200, -73_991_100, 30, 'to_pickup', 12])
        map.selectCar('a')
      })
      await page.clock.runFor(50)
      expect(new Set(await words())).toEqual(new Set(['204 · 12 s']))
      await page.clock.runFor(2_000)
      expect(await words()).toContain('204 · 14 s')
      await onMap(page, (map) => {
        map.setFollowed(null)
        map.selectCar(null)
      })
      await words()
      await page.clock.runFor(2_000)
      expect(await words()).toEqual([])
      expect(errors).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'a point is picked by a press, by Enter for the middle, or by moving the map under a pin',
    async () => {
      const page = await open({ center: from, zoom: 15 })
      await page.evaluate(() => {
        const map = window.HoneycabMap(document.querySelector<HTMLElement>('.map')!)
        const picked: MapPoint[] = []
        const stop = map.onPick((point) => picked.push(point))
        Object.assign(window, { picked, stop })
      })
      const picked = () => page.evaluate(() => (window as unknown as { picked: MapPoint[] }).picked)
      await page.mouse.click(300, 100)
      expect((await picked())[0]!.lat).toBeGreaterThan(from.lat)
      await page.locator('.map').focus()
      await page.keyboard.press('Enter')
      expect((await picked())[1]!.lat).toBeCloseTo(from.lat, 4)
      await page.evaluate(() => {
        const { picked, stop } = window as unknown as { picked: MapPoint[]; stop: () => void }
        stop()
        const map = window.HoneycabMap(document.querySelector<HTMLElement>('.map')!)
        map.onPick((point) => picked.push(point), { centre: true, kind: 'to' })
        map.leaflet.panBy([100, 0], { animate: false })
      })
      expect(await page.locator('.map-crosshair').count()).toBe(1)
      expect((await picked()).at(-1)!.lng).toBeGreaterThan(from.lng)
      await page.mouse.click(300, 100)
      expect(await picked()).toHaveLength(4)
    },
    TIMEOUT_MS,
  )

  test(
    'the map zooms by keyboard, and a picture of a map takes no part in tabbing',
    async () => {
      const page = await open({ center: from, zoom: 14 })
      await page.getByRole('button', { name: 'Zoom in' }).focus()
      await page.keyboard.press('Enter')
      await page.waitForFunction(
        () => window.HoneycabMap(document.querySelector<HTMLElement>('.map')!).leaflet.getZoom() === 15,
      )
      const picture = await open({ center: from, zoom: 14, interactive: false })
      await picture.keyboard.press('Tab')
      expect(await picture.evaluate(() => document.activeElement?.tagName)).not.toBe('DIV')
      expect(await picture.getByRole('button').count()).toBe(0)
    },
    TIMEOUT_MS,
  )

  test(
    'the credit of tiles is said once and as text, however it is written',
    async () => {
      const creditOf = async (attribution: string) => {
        const page = await open(
          { from },
          { attributes: { 'data-tiles': '/tiles/{z}/{x}/{y}.png', 'data-attribution': attribution } },
        )
        return page.locator('.leaflet-control-attribution').textContent()
      }
      const OSM = '© OpenStreetMap contributors'
      expect(await creditOf(OSM)).toBe(OSM)
      expect(await creditOf('&copy; <a href="https://osm.example">OpenStreetMap</a>\n contributors')).toBe(
        OSM,
      )
      expect(await creditOf('© Tiles & Co')).toBe(`${OSM}, © Tiles & Co`)
    },
    TIMEOUT_MS,
  )

  test(
    'tiles that do not come are given up, and our own map stays',
    async () => {
      const page = await open(
        { center: inPark, zoom: 13 },
        { attributes: { 'data-tiles': '/tiles/{z}/{x}/{y}.png' } },
      )
      await page.waitForFunction(() => document.querySelector('.leaflet-tile') === null)
      expect(await groundAt(page, inPark)).toBe('218 236 214 255')
      let asked = 0
      page.on('request', (request) => {
        if (request.url().includes('/tiles/')) asked += 1
      })
      await onMap(page, (map) => void map.leaflet.setZoom(15, { animate: false }))
      await page.waitForFunction(
        () => window.HoneycabMap(document.querySelector<HTMLElement>('.map')!).leaflet.getZoom() === 15,
      )
      expect(asked).toBe(0)
    },
    TIMEOUT_MS,
  )

  test(
    'words of people stay words on the map',
    async () => {
      const nasty = '<img src=x onerror="document.title=1">'
      const page = await open(
        { from: { ...from, label: nasty }, hexes: null },
        { attributes: { 'data-tiles': '/tiles/{z}/{x}/{y}.png', 'data-attribution': nasty } },
      )
      expect(await page.locator('.map-note').textContent()).toBe(nasty)
      expect(await page.locator('.map-note img, .leaflet-control-attribution img').count()).toBe(0)
      expect(await page.title()).toBe('Map')
    },
    TIMEOUT_MS,
  )

  test(
    'an automatic check finds nothing that shuts anybody out',
    async () => {
      const page = await open({ from, to, route: [from, to], car: { ...from, headingDeg: 10, ageMs: 2_000 } })
      const { violations } = await new AxeBuilder({ page })
        .include('.map')
        .withTags(['wcag2a', 'wcag2aa', 'wcag22aa'])
        .analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
    },
    TIMEOUT_MS,
  )
})
