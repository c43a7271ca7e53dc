/** What our own track page shows, read off it, so that the peer shows the same. */
import type { Page } from 'playwright-core'
import { assert } from '../../src/engine/units.ts'
import type { Point, TrackState } from './page.tsx'

/** The map's data but for the city's. */
export type ShownState = Omit<TrackState, 'map'> & { readonly map: Omit<TrackState['map'], 'city'> }

interface OwnMap {
  readonly from: Point
  readonly to: Point
  readonly car?: Point
  readonly route: readonly { readonly points: readonly Point[] }[]
}

/** @throws when something of the page is missing */
export async function readTrack(page: Page): Promise<ShownState> {
  const word = async (selector: string) => {
    const text = (await page.locator(selector).first().textContent())?.trim() ?? ''
    assert(text !== '', `the track page has its ${selector}`)
    return text
  }
  const map = JSON.parse((await page.locator('.map').getAttribute('data-map')) ?? '') as OwnMap
  const steps = await page
    .locator('.timeline li')
    .evaluateAll((items) =>
      items.map((item) => ({ label: item.textContent ?? '', isCurrent: item.hasAttribute('aria-current') })),
    )
  return {
    ...{ headline: await word('h1'), second: await word('.status-second'), steps },
    driver: {
      name: await word('.driver-row b'),
      callSign: (await word('.driver-row .second-inline')).replace('car ', ''),
      vehicle: await word('.driver-row .second'),
      plate: await word('.driver-row .plate'),
    },
    ...{ to: await word('.to-row b'), toSecond: await word('.to-row .second') },
    ...{ cancelHref: '#', cancel: await word('.foot-row .second') },
    map: {
      ...{ from: map.from, to: map.to, car: map.car ?? null },
      ways: map.route.map(({ points }) => points),
    },
  }
}
