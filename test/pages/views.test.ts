import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { loadAssets } from '../../src/web/assets.ts'
import { signInPage } from '../../views/accounts/sign-in.ts'
import { problemWords } from '../../views/errors.ts'
import { honeycomb } from '../../views/home/honeycomb.ts'
import { type HtmlValue, html } from '../../views/html.ts'
import { age, countdownRing } from '../../views/parts/figures.ts'
import {
  ageText,
  clockText,
  countdownText,
  dayText,
  distanceText,
  initials,
  minutesText,
  money,
} from '../../views/parts/format.ts'
import { suggestions } from '../../views/rides/address-field.ts'
import { whyText } from '../../views/rides/busy.ts'
import { cancellationPage } from '../../views/rides/cancellation.ts'
import { NO_FILTER, rideListPage } from '../../views/rides/list.ts'
import { quotesPage } from '../../views/rides/quotes.ts'
import { receiptPage } from '../../views/rides/receipt.ts'
import { requestPage } from '../../views/rides/request.ts'
import { ridePage, rideStatus } from '../../views/rides/ride.ts'
import {
  cancellation,
  context,
  DROPOFF,
  endedRide,
  galleryPages,
  movingRide,
  NOW_MS,
  PICKUP,
  quotes,
  quotesBusy,
  receipt,
  request,
  rideRow,
  searchingRide,
  waitingForCar,
} from './cast.ts'

const ctx = context()
const text = (markup: { toString(): string }) => markup.toString().replaceAll(/<[^>]*>/g, '')

describe('the html tag', () => {
  test('escapes what a person typed, in text and in attributes', () => {
    const typed = `"><script>alert('x')</script>&`
    expect(html`<p title="${typed}">${typed}</p>`.toString()).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;</p>',
    )
  })

  test('lets its own markup through, joins lists, and leaves nothing where there is nothing', () => {
    const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`)
    expect(html`<ul>${items}${null}${undefined}${false}${0}</ul>`.toString()).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li>0</ul>',
    )
  })

  test('refuses an attribute without quotes, wherever the hole stands', () => {
    const name = 'x onfocus=alert(1)'
    expect(() => html`<input value=${name}>`).toThrow('quoted')
    expect(() => html`<a class="b" href= ${name}>`).toThrow('quoted')
  })

  test('takes a query inside a quoted address', () => {
    expect(html`<a href="/sign-in?next=${'/a'}&from=${'b'}">a = ${'b'}</a>`.toString()).toBe(
      '<a href="/sign-in?next=/a&from=b">a = b</a>',
    )
  })

  test('never lets a character of any text become markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const value: HtmlValue = text
        const inside = html`<p>${value}</p>`.toString().slice(3, -4)
        expect(inside).not.toMatch(/[<>"']/)
      }),
    )
  })
})

describe('figures', () => {
  test('money has its currency, and as many minor digits as that has', () => {
    expect(money(2480, 'USD')).toBe('$24.80')
    expect(money(1250, 'JPY')).toBe('¥1,250')
    expect(money(12_345, 'KWD').replace(/\s/u, ' ')).toBe('KWD 12.345')
    expect(money(0, 'USD')).toBe('$0.00')
  })

  test('a duration is never 0 min', () => {
    expect([0, 29, 30, 240, 3540, 3600, 3900].map(minutesText)).toEqual([
      'now',
      'now',
      '1 min',
      '4 min',
      '59 min',
      '1 h',
      '1 h 5 min',
    ])
  })

  test('clock and day are those of the region, across the change to winter time', () => {
    expect(clockText(ctx, Date.parse('2026-11-01T05:30:00Z'))).toBe('01:30')
    expect(clockText(ctx, Date.parse('2026-11-01T06:30:00Z'))).toBe('01:30')
    expect(clockText(ctx, Date.parse('2026-11-21T05:00:00Z'))).toBe('00:00')
    expect(dayText(ctx, Date.parse('2026-11-21T04:59:00Z'))).toBe('Fri 20 Nov 2026')
  })

  test('ages, distances and countdowns carry their unit', () => {
    expect([0, 59_999, 60_000, 3_600_000].map(ageText)).toEqual(['0 s', '59 s', '1 min', '1 h'])
    expect([0, 212, 994, 995, 1834, 9949, 9950].map(distanceText)).toEqual([
      '0 m',
      '210 m',
      '990 m',
      '1.0 km',
      '1.8 km',
      '9.9 km',
      '10 km',
    ])
    expect([-5, 1, 272_000].map(countdownText)).toEqual(['0:00', '0:01', '4:32'])
  })

  test('initials take the first and the last word of a name, in any script', () => {
    expect(['Ada Okafor', 'Bo', 'Ana María del Río', '  ', '李 小龙'].map(initials)).toEqual([
      'AO',
      'B',
      'AR',
      '',
      '李小',
    ])
  })

  test('a ring and an age are drawn from the server’s clock, so that a page without script is right too', () => {
    const ring = countdownRing({ untilMs: NOW_MS + 9000, nowMs: NOW_MS, totalMs: 15_000 }).toString()
    expect(ring).toContain('stroke-dashoffset="40.0"')
    expect(ring).toContain('<span>9</span>')
    expect(age({ seenAtMs: NOW_MS - 14_000, nowMs: NOW_MS }).toString()).toContain('data-age="warn"')
  })
})

describe('every page, in every state', () => {
  test.each(Object.entries(galleryPages))('%s', (_, draw) => {
    const markup = draw().toString()
    expect(markup.startsWith('<!doctype html>')).toBe(true)
    expect(markup.match(/<h1[\s>]/g)).toHaveLength(1)
    expect(markup.match(/<main[\s>]/g)).toHaveLength(1)
    expect(honeyButtons(markup)).toBeLessThanOrEqual(1)
    // A content security policy without 'unsafe-inline' would refuse all of these.
    expect(markup).not.toMatch(/<[^>]*\son[a-z]+=|<[^>]*\sstyle=|<script(?![^>]*\ssrc=)|javascript:|<style/i)
    for (const id of ids(markup))
      expect({ id, times: ids(markup).filter((other) => other === id).length }).toEqual({ id, times: 1 })
    for (const [, id] of markup.matchAll(/<label[^>]*\sfor="([^"]+)"/g)) expect(ids(markup)).toContain(id!)
    for (const [, list] of markup.matchAll(/aria-describedby="([^"]+)"/g))
      expect(ids(markup)).toContain(list!)
    for (const form of markup.matchAll(/<form method="post"[\s\S]*?<\/form>/g))
      expect(form[0]).toContain('name="csrf" value="token"')
    expect(markup).not.toContain('undefined')
    expect(markup).not.toContain('NaN')
  })

  test('pages that ask for something show exactly one honey button', () => {
    for (const name of [
      'landing',
      'sign-in',
      'request',
      'quotes',
      'completed',
      'unfulfilled',
      'rides',
      'problem',
    ])
      expect({ name, honey: honeyButtons(galleryPages[name]!().toString()) }).toEqual({ name, honey: 1 })
  })
})

function ids(markup: string): string[] {
  return [...markup.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!)
}

function honeyButtons(markup: string): number {
  return [...markup.matchAll(/<[^>]*class="[^"]*\bbutton-next\b[^>]*>/g)].filter(
    ([tag]) => !/\shidden\b/.test(tag),
  ).length
}

describe('what people typed stays text', () => {
  const nasty = `Bo"><img src=x onerror=alert(1)>'&<script>`
  const place = { label: nasty, area: nasty, point: PICKUP.point, distanceM: 1 }
  const driver = { name: nasty, callSign: nasty, vehicle: nasty, plate: nasty }
  const end = { label: nasty, area: nasty, point: PICKUP.point }
  const pages: [string, () => { toString(): string }][] = [
    [
      'the menu',
      () =>
        rideListPage(context({ viewer: { name: nasty, roles: ['rider'] } }), {
          rides: [],
          filter: NO_FILTER,
          olderBefore: null,
        }),
    ],
    ['sign-in', () => signInPage(ctx, { email: nasty, next: nasty, error: nasty, emailError: nasty })],
    [
      'request',
      () =>
        requestPage(
          ctx,
          request({ from: { text: nasty, point: null, error: nasty, choices: [place] }, error: nasty }),
        ),
    ],
    ['suggestions', () => suggestions({ field: 'to', query: nasty, places: [place] })],
    [
      'quotes',
      () => quotesPage(ctx, quotes({ from: end, to: end, note: nasty, accountName: nasty, error: nasty })),
    ],
    ['searching', () => ridePage(ctx, searchingRide({ pickup: end, dropoff: end, reference: nasty }))],
    ['on the way', () => ridePage(ctx, movingRide({ driver, pickup: end, dropoff: end, startCode: nasty }))],
    ['ended', () => ridePage(ctx, endedRide({ driver, pickup: end, dropoff: end, reference: nasty }))],
    [
      'cancellation',
      () => cancellationPage(ctx, cancellation({ driverName: nasty, pickupLabel: nasty, error: nasty })),
    ],
    [
      'receipt',
      () =>
        receiptPage(
          ctx,
          receipt({
            driver,
            riderName: nasty,
            companyName: nasty,
            accountName: nasty,
            payment: 'account',
            url: nasty,
          }),
        ),
    ],
    [
      'rides',
      () =>
        rideListPage(ctx, {
          rides: [rideRow({ way: { from: end, to: end, seats: 1, needs: [] } })],
          filter: { group: 'ended', from: nasty, until: nasty, text: nasty },
          olderBefore: nasty,
        }),
    ],
  ]
  test.each(pages)('%s', (_, draw) => {
    const markup = draw().toString()
    const broken = ['Bo"', '<img', '<script>'].filter((part) => markup.includes(part))
    expect({ escaped: markup.includes('Bo&quot;') || markup.includes('&lt;'), broken }).toEqual({
      escaped: true,
      broken: [],
    })
  })
})

describe('a ride, as its rider reads it', () => {
  test('the pushed fragment is the page’s own half, with the id it replaces', () => {
    const fragment = rideStatus(ctx, movingRide()).toString()
    expect(fragment).toStartWith('<div id="ride-status"')
    expect(ridePage(ctx, movingRide()).toString()).toContain(fragment)
  })

  test('minutes, clock, driver, plate and the price stand on it while the driver comes', () => {
    const text = rideStatus(ctx, movingRide()).toString()
    for (const part of [
      '4 min away',
      '18:09',
      'Bo L.',
      'Dark blue Camry',
      'T704182C',
      '$24.80',
      'free until',
    ])
      expect(text).toContain(part)
  })

  test('a driver who is almost there is never 0 min away', () => {
    expect(rideStatus(ctx, movingRide({ etaS: 10 })).toString()).toContain('Nearly there')
    expect(rideStatus(ctx, movingRide({ etaS: 10 })).toString()).not.toContain('0 min')
  })

  test('without a known ETA it says so by leaving it out', () => {
    const text = rideStatus(ctx, movingRide({ etaS: null, seenAtMs: null })).toString()
    expect(text).toContain('On the way')
    expect(text).not.toContain('min away')
    expect(text).not.toContain('Seen')
  })

  test('the start code is shown until the rider is on board', () => {
    expect(rideStatus(ctx, movingRide({ startCode: '4821' })).toString()).toContain('aria-label="4 8 2 1"')
    expect(rideStatus(ctx, movingRide({ startCode: '4821', state: 'in_progress' })).toString()).not.toContain(
      '4 8 2 1',
    )
  })

  test('a rider whose ride went to a nearer car reads so until it is there', () => {
    const words = 'a nearer car took over'
    expect(rideStatus(ctx, movingRide({ isNearerCar: true })).toString()).toContain(words)
    expect(rideStatus(ctx, movingRide()).toString()).not.toContain(words)
    const onBoard = movingRide({ isNearerCar: true, state: 'in_progress' })
    expect(rideStatus(ctx, onBoard).toString()).not.toContain(words)
  })

  test('on board there is nothing to cancel', () => {
    expect(rideStatus(ctx, movingRide({ state: 'in_progress', cancel: null })).toString()).not.toContain(
      'cancellation',
    )
  })

  test('the page asks again by itself without script, until the ride has ended', () => {
    expect(ridePage(ctx, searchingRide()).toString()).toContain(
      '<noscript><meta http-equiv="refresh" content="5"></noscript>',
    )
    expect(ridePage(ctx, endedRide()).toString()).not.toContain('http-equiv="refresh"')
  })

  test('a rider who waits for a car around the corner reads why nobody is asked, and when it may be there', () => {
    const markup = rideStatus(ctx, waitingForCar()).toString()
    expect(markup).toContain('A car nearby is finishing its ride, about <b>3 min</b> away')
    expect(markup).not.toContain('Asking a driver')
    expect(markup).toContain('Looking up to')
  })

  test.each([
    ['completed', 'as promised'],
    ['cancelled', 'Nothing was charged'],
    ['unfulfilled', 'No car came free in 30 min. Nothing was charged.'],
  ] as const)('an ended ride says what it cost: %s', (state, words) => {
    const chargedMinor = state === 'completed' ? 2480 : 0
    expect(rideStatus(ctx, endedRide({ state, chargedMinor })).toString()).toContain(words)
  })
})

describe('the honeycomb', () => {
  test('no free cars, no cells', () => {
    expect(honeycomb([])).toBeNull()
  })

  test('one car colours its own cell and, more faintly, the six around it', () => {
    const steps = honeycomb([PICKUP.point])!.cells.map(({ step }) => step)
    expect(steps.toSorted()).toEqual([0, 2, 2, 2, 2, 2, 2])
  })

  test('where most cars are free the honey is strongest, however many that are', () => {
    const here = honeycomb([...Array(50).fill(PICKUP.point), DROPOFF.point])!.cells.map(({ step }) => step)
    expect([Math.min(...here), Math.max(...here)]).toEqual([0, 4])
  })
})

describe('asking', () => {
  test('a price that is higher says so before it is confirmed, by how much for each class, and why in numbers', () => {
    const markup = text(quotesPage(ctx, quotesBusy()))
    for (const words of ['Busy here:', '+$3.00', '+$6.00', '+$9.00', 'until about'])
      expect(markup).toContain(words)
    expect(markup).toContain(
      'In the last five minutes 18 people asked for a car around Union Square, and 11 cars are free there.',
    )
    expect(text(quotesPage(ctx, quotes()))).not.toContain('Busy here')
    // Flat fares that surge does not touch: nothing to explain.
    const { busy } = quotesBusy()
    expect(text(quotesPage(ctx, quotes({ busy })))).not.toContain('Busy here')
  })

  test('the reason is told in words that count: one person, no car, no known place', () => {
    const one = { asking: 1, free: 0, place: null, overAtMs: null }
    expect(whyText(one)).toBe(
      'In the last five minutes 1 person asked for a car around here, and no car is free there.',
    )
    expect(whyText({ ...one, asking: 2, free: 1 })).toContain(
      '2 people asked for a car around here, and 1 car is',
    )
    expect(text(quotesPage(ctx, quotesBusy({ busy: one })))).not.toContain('until about')
  })

  test('a class without a free car cannot be chosen while another can', () => {
    const markup = quotesPage(ctx, quotes({ chosenQuoteId: '0193-accessible' })).toString()
    expect(markup).toMatch(/value="0193-accessible" required disabled/)
    expect(markup).toMatch(/value="0193-standard" required checked/)
  })

  test('when nothing is free near, one may ask all the same', () => {
    const markup = galleryPages['quotes-none-free']!().toString()
    expect(markup).not.toMatch(/<input type="radio"[^>]*disabled/)
    expect(markup).toContain('keep looking')
  })

  test('a price that ran out is not offered any more', () => {
    const markup = quotesPage(ctx, quotes({ heldUntilMs: NOW_MS })).toString()
    expect(markup).toMatch(/id="ask"[^>]* hidden/)
    expect(markup).toContain('See the price now')
  })

  test('a choice of "Did you mean" settles its end and keeps the other', () => {
    const markup = requestPage(
      ctx,
      request({
        from: {
          text: 'union',
          point: null,
          choices: [{ label: 'Union Square', area: null, point: PICKUP.point, distanceM: null }],
        },
        to: { text: DROPOFF.label, point: DROPOFF.point },
        seats: 2,
      }),
    ).toString()
    const href = /href="(\/request\?[^"]+)"/.exec(markup)?.[1]?.replaceAll('&amp;', '&')
    expect(Object.fromEntries(new URL(href!, 'http://localhost').searchParams)).toEqual({
      from: 'Union Square',
      from_lat: '40.7333',
      from_lng: '-73.991',
      to: '1071 Fifth Ave',
      to_lat: '40.7829',
      to_lng: '-73.959',
      seats: '2',
    })
  })

  test('suggestions show what was asked for in bold, part by part', () => {
    const markup = suggestions({
      field: 'to',
      query: 'GUGEN',
      places: [
        {
          label: 'The Gugenheim Café',
          area: 'Upper East Side',
          point: DROPOFF.point,
          distanceM: 5800,
          matchRanges: [
            [4, 9],
            [14, 16],
          ],
        },
      ],
    }).toString()
    expect(markup).toContain('The <b>Gugen</b>heim <b>Ca</b>fé')
    expect(markup).toContain('Upper East Side · 5.8 km')
  })
})

describe('what a rider’s page weighs, cold', () => {
  const assets = loadAssets()
  const GZIP = new Request('http://localhost/', { headers: { 'accept-encoding': 'gzip' } })
  const kB = (bytes: number) => Math.round(bytes / 100) / 10
  const pages = [
    'landing',
    'request',
    'quotes',
    'searching',
    'on-the-way',
    'receipt',
    'rides',
    'cancellation',
  ]
  const files = (markup: string, pattern: RegExp) => [...markup.matchAll(pattern)].map(([, name]) => name!)
  async function weigh(names: readonly string[]): Promise<number> {
    const answers = await Promise.all(
      names.map((name) => assets.respond(assets.named(name), GZIP).arrayBuffer()),
    )
    return answers.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  test.each(pages)('%s', async (name) => {
    const markup = String(galleryPages[name]!())
    const styles = files(markup, /<link rel="stylesheet" href="\/assets\/([^"]+)"/g)
    const scripts = files(markup, /<script src="\/assets\/([^"]+)"/g)
    const cities = files(markup, /data-city="\/assets\/([^"]+)"/g)
    const own = scripts.filter((file) => file !== 'leaflet.js')
    const hasMap = cities.length > 0
    expect(scripts.includes('leaflet.js')).toBe(hasMap)
    const weights = {
      name,
      page: kB(Bun.gzipSync(new TextEncoder().encode(markup)).byteLength),
      style: kB(await weigh(styles)),
      own: kB(await weigh(own)),
      all: kB(await weigh([...styles, ...scripts, ...cities])),
      requests: 1 + styles.length + scripts.length + cities.length,
    }
    process.stdout.write(`${JSON.stringify(weights)}\n`)
    expect(styles).toHaveLength(1)
    expect(weights.requests).toBeLessThanOrEqual(hasMap ? 6 : 3)
    expect(weights.page).toBeLessThanOrEqual(12)
    expect(weights.style).toBeLessThanOrEqual(20)
    expect(weights.own).toBeLessThanOrEqual(60)
    expect(weights.all).toBeLessThanOrEqual(hasMap ? 165 : 40)
  })
})

test('a price that was used is not offered again: the way on is the price now', () => {
  const markup = String(
    quotesPage(ctx, quotes({ error: 'You have asked at this price already.', isSpent: true })),
  )
  expect(markup).toMatch(/id="ask"[^>]* hidden/)
  expect(markup).not.toMatch(/id="price-over"[^>]* hidden/)
  expect(markup).not.toContain('That price held until')
})

test('what a search asks fades outwards on the map, and is gone once a driver is found', () => {
  const asked = /data-asked="([^"]*)"/.exec(String(rideStatus(ctx, searchingRide())))?.[1]
  const { scale, cells } = JSON.parse(asked!.replaceAll('&quot;', '"'))
  expect(scale).toBe('asked')
  expect(cells.filter(({ step }: { step: number }) => step === 0)).toHaveLength(1)
  expect(cells.filter(({ step }: { step: number }) => step === 1)).toHaveLength(6)
  expect(String(rideStatus(ctx, movingRide()))).not.toContain('data-asked')
})

test('what is not promised as a road is dotted; what was driven is drawn as it was', () => {
  const kinds = (markup: string) =>
    [...(/data-map="([^"]*)"/.exec(markup)?.[1] ?? '').matchAll(/kind&quot;:&quot;(\w+)/g)].map(
      ([, kind]) => kind,
    )
  const trail = [PICKUP.point, DROPOFF.point]
  const way = trail
  expect(kinds(String(galleryPages.quotes!()))).toEqual(['open'])
  expect(kinds(String(ridePage(ctx, movingRide())))).toEqual(['open'])
  expect(kinds(String(ridePage(ctx, movingRide({ state: 'in_progress' }), { trail, way: null })))).toEqual([
    'driven',
    'open',
  ])
  // Where the streets are known, they are drawn; the page's script cuts off what was driven.
  expect(kinds(String(ridePage(ctx, movingRide(), { trail: [], way })))).toEqual(['ahead'])
  expect(kinds(String(quotesPage(ctx, quotes({ way }))))).toEqual(['ahead'])
  expect(kinds(String(receiptPage(ctx, receipt({ trail }))))).toEqual(['ahead'])
  expect(kinds(String(receiptPage(ctx, receipt({ trail: [] }))))).toEqual(['open'])
})

test('a fee is named in the question and on the button, and the way back comes first', () => {
  const markup = galleryPages.cancellation!().toString()
  expect(markup).toContain('Cancel for $5.00?')
  expect(markup).toContain('name="fee_minor" value="500"')
  expect(markup.indexOf('Keep ride')).toBeLessThan(markup.indexOf('Cancel, pay $5.00'))
})

test('a refused sign-in keeps the e-mail, never the password, and blames neither half', () => {
  const markup = galleryPages['sign-in-refused']!().toString()
  expect(markup).toContain('value="ada@demo.honeycab"')
  expect(markup).toMatch(/name="password"[^>]*value=""|type="password" value=""/)
  expect(markup).toContain('do not belong together')
})

test('every problem says what happened and leads somewhere', () => {
  for (const status of [400, 401, 403, 404, 409, 413, 422, 429, 500, 503]) {
    const words = problemWords(status)
    expect(words.title.length).toBeGreaterThan(5)
    expect(words.action.href).toStartWith('/')
    expect(words.text + words.title).not.toMatch(/!|oops|please wait/i)
  }
})
