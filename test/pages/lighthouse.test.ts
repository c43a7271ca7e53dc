/** What Lighthouse says of the rider's pages, but for speed: that is `bun run bench pages`. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { BROWSER_TIMEOUT_MS } from '../support/chromium.ts'
import { type Category, type Judge, launchJudge, scoreOf, shortOf } from '../support/lighthouse.ts'
import { askPrices, askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'
import { describeWith } from '../support/servers.ts'

const CATEGORIES: readonly Category[] = ['accessibility', 'best-practices']

describeWith('chromium', 'Lighthouse finds nothing to mend', () => {
  let world: AppWorld
  let lighthouse: Judge
  /** By page name. */
  const paths: Record<string, string> = {}

  beforeAll(async () => {
    world = await startApp({ places: true })
    lighthouse = await launchJudge()
    const { canal } = world
    const { rider, driver } = canal
    await goOnline(world, driver)
    const done = await askRide(rider)
    await assign(canal, done.id)
    await takeSteps(driver, done.id, 4)
    const ride = await askRide(rider)
    await assign(canal, ride.id)
    await takeSteps(driver, ride.id, 1)
    const { id } = await askPrices(rider)
    Object.assign(paths, {
      ...{ track: `/rides/${ride.id}`, request: '/request' },
      ...{ quotes: `/quotes/${id}`, receipt: `/rides/${done.id}/receipt` },
    })
    const { cookie } = await world.auth.mintSession(rider.identityId)
    const [name = '', value = ''] = cookie.split(/=(.*)/s)
    const url = rider.client.origin
    await lighthouse.context.addCookies([{ name, value, url, httpOnly: true, sameSite: 'Lax' }])
  }, BROWSER_TIMEOUT_MS)
  afterAll(async () => {
    await lighthouse?.close()
    await world?.stop()
  })

  test.each(['track', 'request', 'quotes', 'receipt'])(
    '%s: accessibility and best practices',
    async (page) => {
      const seen = await lighthouse.judge(`${world.canal.rider.client.origin}${paths[page]}`, CATEGORIES)
      for (const category of CATEGORIES) {
        const [score, short] = [scoreOf(seen, category), shortOf(seen, category)]
        expect({ category, score, short }).toEqual({ category, score: 100, short: [] })
      }
      expect(world.lines).toEqual([])
    },
    90_000,
  )
})
