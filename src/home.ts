/** The first page, the door to one company's pages where several share an address, and the two facts on it that are true right now. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { honeycomb } from '../views/home/honeycomb.ts'
import { landingPage } from '../views/home/landing.ts'
import { COMPANY_COOKIE, type PageDeps, pageContext, placeOf } from './companies/page-context.ts'
import type { UsualWait } from './dispatch/usual-wait.ts'
import { whenProps } from './fares/when.ts'
import type { Clock } from './io/clock.ts'
import type { Random } from './io/random.ts'
import type { Fleet } from './positions/fleet.ts'
import { htmlResponse, ownPath, seeOther } from './web/context.ts'
import { cookieLine } from './web/cookies.ts'
import { notThere } from './web/problem.ts'
import type { Shell } from './web/shell.ts'

/** A year: who rides with a company comes back to it. */
const KEPT_S = 365 * 86_400

export interface HomeDeps extends PageDeps {
  readonly shell: Shell
  readonly fleet: Fleet
  readonly usualWait: UsualWait
  readonly random: Random
  readonly clock: Clock
}

export function homeRoutes(deps: HomeDeps) {
  return new Elysia({ name: 'home' })
    .use(deps.shell)
    .get(
      '/at/:slug',
      ({ web, params, query }) => {
        const company = deps.companies.all.find(({ slug }) => slug === params.slug)
        if (company === undefined) throw notThere()
        const secure = deps.config.publicUrl.startsWith('https:')
        web.setCookie(cookieLine(COMPANY_COOKIE, company.slug, { secure, maxAgeS: KEPT_S }))
        return seeOther(ownPath(query.next, '/'))
      },
      {
        params: z.object({ slug: z.string().max(40) }),
        query: z.object({ next: z.string().max(200).optional() }),
      },
    )
    .get('/', async ({ request, web }) => {
      const place = placeOf(deps.companies, request)
      const { company, region } = place
      const cars = [...deps.fleet.cars(region.id)]
      const free = cars.filter((car) => deps.fleet.stateOf(car) === 'free')
      return htmlResponse(
        String(
          landingPage(pageContext(deps, { request, web, place }), {
            regionName: region.name,
            mapCenter: region.center,
            carsFree: cars.length === 0 ? null : free.length,
            honeycomb: honeycomb(free.flatMap((car) => car.position ?? [])),
            usualWaitS: await deps.usualWait(company.id, region.id),
            key: deps.random.uuid(),
            when: whenProps({}, region, deps.clock.nowMs()),
          }),
        ),
      )
    })
}
