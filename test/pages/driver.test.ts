import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { latLngToCell } from 'h3-js'
import type { Browser, Page } from 'playwright-core'
import type { SurgeRules } from '../../src/engine/surge.ts'
import { driverHexes } from '../../src/fares/surge-map.ts'
import { earningsPage } from '../../views/drivers/earnings.ts'
import { driverMain, driverPage } from '../../views/drivers/main.ts'
import type { DriverMainProps, RideProps, WaitingProps } from '../../views/drivers/props.ts'
import { hoursText, seatsText, windText } from '../../views/drivers/words.ts'
import { launchChromium } from '../support/chromium.ts'
import { axeFaults } from '../support/page-checks.ts'
import { openGallery } from '../support/pages.ts'
import {
  driverCases,
  driverContext,
  earningsProps,
  mains,
  NOW_MS,
  offerProps,
  rideProps,
} from './driver-cases.ts'
import { serveCases } from './driver-gallery.ts'

const NASTY = `<img src=x onerror=alert(1)>"'&`
const drawn = (props: DriverMainProps) => driverMain(driverContext, props).toString()
const rideIn = (changes: Partial<RideProps['ride']>) =>
  drawn({ ...rideProps, ride: { ...rideProps.ride, ...changes } })

describe('every state of the driver page', () => {
  for (const [name, props] of Object.entries(mains)) {
    const markup = drawn(props)
    test(`${name}: is one main with the id that pushes replace`, () => {
      expect(markup.match(/<main /g)).toHaveLength(1)
      expect(markup).toStartWith('<main id="driver"')
    })
    test(`${name}: has at most one honey button`, () => {
      const shown = markup.replaceAll(/<form[^>]* hidden>.*?<\/form>/gs, '')
      expect(shown.match(/button-next/g)?.length ?? 0).toBeLessThanOrEqual(1)
    })
    test(`${name}: has one heading of the first rank`, () => {
      expect(markup.match(/<h1/g)).toHaveLength(1)
    })
    test(`${name}: every form posts by itself, with its token`, () => {
      const forms = markup.match(/<form [\s\S]*?<\/form>/g) ?? []
      for (const form of forms) {
        expect(form).toContain('method="post" action="/')
        expect(form).toContain('name="csrf" value="c5rf"')
      }
    })
    test(`${name}: has no inline handler or style`, () => {
      expect(markup).not.toMatch(/\son[a-z]+=|\sstyle=|javascript:/)
    })
  }
})

describe('text from people', () => {
  test('stays text on the ride', () => {
    const markup = rideIn({
      riderName: NASTY,
      note: NASTY,
      pickup: { ...rideProps.ride.pickup, label: NASTY, area: NASTY },
    })
    expect(markup).not.toContain('<img')
  })

  test('stays text in an offer, on the way off shift, and in the earnings', () => {
    const { offer } = offerProps
    expect(
      drawn({ ...offerProps, offer: { ...offer, pickup: { ...offer.pickup, label: NASTY, area: NASTY } } }),
    ).not.toContain('<img')
    const off = mains.off
    if (off?.state !== 'off') throw new Error('the case named off is off')
    const [vehicle] = off.vehicles
    expect(drawn({ ...off, vehicles: [{ ...vehicle!, name: NASTY, plate: NASTY }] })).not.toContain('<img')
    const rides = earningsProps.rides.map((ride) => ({ ...ride, from: NASTY, to: NASTY }))
    expect(
      earningsPage(driverContext, { ...earningsProps, rides }, { isNight: false }).toString(),
    ).not.toContain('<img')
  })
})

describe('the offer', () => {
  test('names what the driver earns, the class, the seats, the payment and both legs', () => {
    const markup = drawn(offerProps)
    for (const words of [
      '$18.40',
      'Standard · 1 seat · account',
      '828 Broadway',
      '4 min',
      '1.2 km',
      'Upper East Side',
      'to the north-east',
      '19 min',
      '5.8 km',
    ])
      expect(markup).toContain(words)
  })

  test('keeps the exact drop-off to itself until it is accepted', () => {
    expect(drawn(offerProps)).not.toContain('1071 Fifth Ave')
  })

  test('names what the car must have, also of a rider who could come along', () => {
    const needs = { ...offerProps.offer, needs: ['child_seat', 'pets'] as const }
    expect(drawn(offerProps)).not.toContain('Needs')
    expect(drawn({ ...offerProps, offer: needs })).toMatch(/Needs <b>[^<]*child seat[^<]*<\/b>/)
    expect(drawn({ ...rideProps, joining: needs })).toMatch(/Needs <b>[^<]*child seat/)
  })

  test('counts from the time the server says is left', () => {
    const markup = drawn(offerProps)
    expect(markup).toContain(`data-until="${NOW_MS + 11_000}" data-now="${NOW_MS}" data-total="15000"`)
    expect(markup).toContain('data-left-ms="11000" data-total-ms="15000"')
  })
})

describe('the one next step', () => {
  test('follows the state, and says what the press does', () => {
    expect(rideIn({ state: 'assigned' })).toContain('value="set_off"')
    expect(rideIn({ state: 'en_route' })).toContain('tells Ada and starts 2:00 free wait')
    expect(rideIn({ state: 'arrived', noShowFromMs: NOW_MS })).toContain('starts the ride to Upper East Side')
    expect(rideIn({ state: 'in_progress' })).toContain('then collect $24.80 in cash')
    expect(rideIn({ state: 'in_progress', payment: 'account' })).toContain('charges $24.80 to the account')
  })

  test('asks when the phone is elsewhere: arriving is checked against the pickup, completing against the drop-off', () => {
    expect(rideIn({ state: 'en_route' })).toContain('data-near="40.7332,-73.9907"')
    expect(rideIn({ state: 'in_progress' })).toContain('data-near="40.783,-73.9589"')
    expect(rideIn({ state: 'assigned' })).not.toContain('data-near')
  })

  test('a no-show is off, with the time left in its label, until the free wait is over', () => {
    const early = rideIn({ state: 'arrived', noShowFromMs: NOW_MS + 84_000 })
    expect(early).toContain('No-show in')
    expect(early).toContain('>1:24<')
    expect(early).toMatch(/<details class="tile-more" id="no-show" hidden>/)
    const due = rideIn({ state: 'arrived', noShowFromMs: NOW_MS - 1 })
    expect(due).toMatch(/<details class="tile-more" id="no-show">/)
    expect(due).toContain('Fee $5.00.')
  })

  test('with the rider on board the ride can no longer be handed back', () => {
    expect(rideIn({ state: 'en_route' })).toContain('/hand-back')
    expect(rideIn({ state: 'in_progress' })).not.toContain('/hand-back')
  })
})

describe('the tiles', () => {
  test('are four at most, the rest is behind More, and the desk is called by the number it wrote', () => {
    for (const state of ['assigned', 'en_route', 'arrived', 'in_progress'] as const) {
      const markup = drawn({
        ...{ ...rideProps, companyPhone: '+1 (212) 555-0100' },
        ride: { ...rideProps.ride, state, noShowFromMs: state === 'arrived' ? NOW_MS - 1 : null },
      })
      const row = markup.slice(markup.indexOf('ride-tiles'), markup.indexOf('id="more"'))
      expect(row.match(/class="tile-button(?! tile-off)/g)?.length).toBe(2)
      expect(markup.slice(markup.indexOf('id="more"'))).toContain(
        state === 'in_progress' ? 'wishes' : 'hand-back',
      )
      expect(markup).toContain('href="tel:+12125550100"')
    }
    expect(drawn(rideProps)).not.toContain('tel:')
    expect(drawn({ ...rideProps, companyPhone: 'ask inside' })).not.toContain('tel:')
  })
})

describe('where it is busier', () => {
  const text = (props: DriverMainProps) => drawn(props).replaceAll(/<[^>]*>/g, '')

  test('is one line with the minutes it saves, and the way there without a script', () => {
    expect(text(mains.busier!)).toContain('Busier near Bryant Park1.2 km · about 4 min less waiting')
    expect(drawn(mains.busier!)).toMatch(
      /href="https:\/\/www\.openstreetmap\.org\/directions[^"]*40\.753600%2C-73\.983200"/,
    )
  })

  test('is not said over what a ride brought, in a pause, or to who stands in a queue', () => {
    const { hint } = mains.busier as WaitingProps
    for (const name of ['ended', 'paused', 'rank'] as const)
      expect(text({ ...(mains[name] as WaitingProps), hint: hint! })).not.toContain('Busier')
  })

  test('is promised plainly until enough is known', () => {
    expect(text(mains['hints-later']!)).toContain('Busier places are named here after 2 more days of rides.')
    expect(text({ ...(mains['hints-later'] as WaitingProps), hintsInDays: 1 })).toContain(
      'after one more day',
    )
  })
})

test('after a cash ride the driver reads what to collect', () => {
  expect(drawn(mains.ended!).replaceAll(/<[^>]*>/g, '')).toContain('Fare $24.80 · cash, collect $24.80')
})

test('after sunset the page is dark whatever the phone prefers', () => {
  expect(driverPage(driverContext, rideProps, { isNight: true }).toString()).toContain('data-theme="dark"')
  expect(driverPage(driverContext, rideProps, { isNight: false }).toString()).not.toContain('data-theme')
})

test('words: hours, seats, winds', () => {
  expect(hoursText(22_320)).toBe('6 h 12 m')
  expect(hoursText(59)).toBe('0 min')
  expect(hoursText(28_859)).toBe('8 h')
  expect(seatsText(1)).toBe('1 seat')
  expect([0, 44, 46, 359, -90].map(windText)).toEqual(['north', 'north-east', 'north-east', 'north', 'west'])
})

const [BUSY, QUIET] = [latLngToCell(40.7388, -73.9867, 8), latLngToCell(40.758, -73.9855, 8)]
const BUSY_CELL = { cell: BUSY, asking: 9, free: 2, step: 3, busy: { asking: 18, free: 11, overAtMs: null } }
const SURGE: SurgeRules = {
  ...{ kind: 'multiply', capBasisPoints: 16_000, stepBasisPoints: 1_000 },
  ...{ fromPressure: 1, fullPressure: 3, leastAround: 5, leastInRegion: 10 },
}

/** Of a script; that this server has no line to the page, the console is full of. */
const isError = (said: string) => said.startsWith('error: ')

describe('in a browser', () => {
  let browser: Browser
  const server = serveCases(driverCases(false))
  const PLACE = { latitude: 40.7388, longitude: -73.9867 }
  const phone = (place = PLACE) => ({
    viewport: { width: 390, height: 844 },
    geolocation: { ...place, accuracy: 6 },
    permissions: ['geolocation'],
  })
  let gallery: Awaited<ReturnType<typeof openGallery>>
  beforeAll(async () => {
    browser = await launchChromium()
    gallery = await openGallery(browser, phone())
  }, 30_000)
  afterAll(async () => {
    await browser.close()
    await server.stop(true)
  })

  async function open(name: string, place = PLACE) {
    const context = await browser.newContext(phone(place))
    const page = await context.newPage()
    const mistakes: string[] = []
    page.on('pageerror', (error) => mistakes.push(error.message))
    await page.goto(`${server.url}${name}`)
    return { page, context, mistakes }
  }

  for (const name of Object.keys(driverCases(false))) {
    test(`${name}: no script fails and accessibility finds nothing`, async () => {
      const { page, show } = gallery
      const mistakes = await show(`${server.url}${name}`)
      expect(await axeFaults(page)).toEqual([])
      expect(mistakes.filter(isError)).toEqual([])
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(overflow).toBeLessThanOrEqual(0)
    }, 20_000)
  }

  test('arriving from afar asks first, and "Not yet" sends nothing', async () => {
    const { page, context } = await open('driver-ride-en-route', { latitude: 40.7368, longitude: -73.9907 })
    await page.waitForSelector('#gps[data-tone="ok"]')
    const posts: string[] = []
    page.on(
      'request',
      (request) => request.method() === 'POST' && posts.push(new URL(request.url()).pathname),
    )
    await page.getByRole('button', { name: /I’ve arrived/ }).click()
    expect(await page.getByRole('heading', { name: 'You are 400 m away. Arrived?' }).isVisible()).toBe(true)
    await page.getByRole('button', { name: 'Not yet' }).click()
    // The dialog leaves the page by its close event, which comes a task after the press.
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(await page.locator('dialog').count()).toBe(0)
    expect(posts.filter((path) => path.endsWith('/steps'))).toEqual([])
    await page.waitForTimeout(450)
    await page.getByRole('button', { name: /I’ve arrived/ }).click()
    const sent = page.waitForRequest((request) => request.url().endsWith('/rides/ride-1/steps'))
    await page.getByRole('button', { name: 'Yes' }).click()
    expect((await sent).postData()).toContain('arrive')
    await context.close()
  }, 20_000)

  test('where fares are up is on the map of who is free, with what the colours mean, and not over a ride', async () => {
    const told = driverHexes(
      { rules: SURGE, cells: [BUSY_CELL, { ...BUSY_CELL, cell: QUIET, step: 0 }] },
      'USD',
    )
    const tell = (page: Page) =>
      page.evaluate(async (message) => {
        const map = window.HoneycabMap(document.querySelector<HTMLElement>('#driver-stage .map')!)
        const { setHexes } = map
        map.setHexes = (hexes) => {
          const cells = (hexes?.cells ?? []).map(({ step, figure }) => `${step} ${figure}`)
          Reflect.set(window, 'shownHexes', cells.join(', '))
          setHexes(hexes)
        }
        document.dispatchEvent(new CustomEvent('live:message', { detail: JSON.parse(message) }))
        return Reflect.get(window, 'shownHexes') as string
      }, told)
    const { page, context, mistakes } = await open('driver-off')
    await page.waitForSelector('.map-ready')
    expect(await tell(page)).toBe('3 +30 %')
    const legend = page.locator('#driver-hexes')
    expect(await legend.isVisible()).toBe(true)
    expect((await legend.textContent())?.replaceAll(/\s+/g, ' ')).toBe('Fares are up+10 %+60 %')
    await page.goto(`${server.url}driver-ride-en-route`)
    await page.waitForSelector('.map-ready')
    expect(await tell(page)).toBe('')
    expect(await page.locator('#driver-hexes').isVisible()).toBe(false)
    expect(mistakes).toEqual([])
    await context.close()
  }, 20_000)

  test('on the way the way is suggested, and at the pickup the step, by where the phone is', async () => {
    const { page, context, mistakes } = await open('driver-ride-en-route', {
      ...{ latitude: 40.7468, longitude: -73.9907 },
    })
    const honey = (selector: string) =>
      page.locator(selector).evaluate((element) => getComputedStyle(element).backgroundColor)
    await page.waitForSelector('#driver[data-place="far"]')
    const brand = await honey('.navigate')
    expect(await honey('#step-en_route .big')).not.toBe(brand)
    const saidMetres = page.locator('.bar-metres')
    expect(await saidMetres.textContent()).toBe('210 m')
    await context.setGeolocation({ latitude: 40.7342, longitude: -73.9907, accuracy: 6 })
    await page.waitForSelector('#driver[data-place="near"]')
    expect(await honey('#step-en_route .big')).toBe(brand)
    expect(await honey('.navigate')).not.toBe(brand)
    expect(await saidMetres.textContent()).toBe('20 m')
    expect(mistakes).toEqual([])
    await context.close()
  }, 20_000)

  test('around the corner from the pickup one press says set off and arrived', async () => {
    const { page, context } = await open('driver-ride-assigned', { latitude: 40.7468, longitude: -73.9907 })
    const setOff = page.getByRole('button', { name: /Set off/ })
    await page.waitForSelector('#driver[data-place="far"]')
    expect(await setOff.isVisible()).toBe(true)
    await context.setGeolocation({ latitude: 40.7333, longitude: -73.9907, accuracy: 6 })
    await page.waitForSelector('#driver[data-place="near"]')
    expect(await setOff.isVisible()).toBe(false)
    const sent = page.waitForRequest((request) => request.url().endsWith('/rides/ride-1/steps'))
    await page.getByRole('button', { name: /I’ve arrived/ }).click()
    expect((await sent).postData()).toContain('arrive')
    await context.close()
  }, 20_000)

  test('going online is checked: what is right, what is worth a look, and without location the button says why', async () => {
    const { page, context, mistakes } = await open('driver-off')
    await page.locator('[data-check="location"][data-tone="ok"]').waitFor({ state: 'attached' })
    const button = page.locator('#go-online .big')
    expect(await button.isEnabled()).toBe(true)
    await context.clearPermissions()
    await context.grantPermissions([])
    await page.reload()
    await page.locator('[data-check="location"][data-tone="block"]').waitFor()
    expect(await button.isDisabled()).toBe(true)
    expect(await button.textContent()).toContain('allow your location first')
    expect(mistakes).toEqual([])
    await context.close()
  }, 20_000)

  test('off shift the pill says how good the location is', async () => {
    const { page, context } = await open('driver-off')
    await page.getByText('Location good, ±6 m').waitFor()
    await context.close()
  }, 20_000)

  test('a page on shift sends its position with the token in a header', async () => {
    const { page, context } = await open('driver-off')
    const sent = page.waitForRequest((request) => request.url().endsWith('/api/v1/positions'))
    await page.goto(`${server.url}driver-waiting`)
    const request = await sent
    expect(request.headers()['x-csrf-token']).toBe('c5rf')
    expect(JSON.parse(request.postData() ?? '')).toMatchObject({ pings: [{ lat: 40.7388, lng: -73.9867 }] })
    await context.close()
  }, 20_000)

  test('with scripts off the big button still posts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${server.url}driver-off`)
    const sent = page.waitForRequest((request) => request.url().endsWith('/driver/shift'))
    await page.getByRole('button', { name: /Go online/ }).click()
    expect((await sent).postData()).toContain('vehicle_id=vehicle-camry')
    await context.close()
  }, 20_000)
})
