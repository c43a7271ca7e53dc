/** The first page, and the two facts on it that are true right now. */
import { Elysia } from 'elysia'
import { honeycomb } from '../views/home/honeycomb.ts'
import { landingPage } from '../views/home/landing.ts'
import { type PageDeps, pageContext, placeOf } from './companies/page-context.ts'
import type { UsualWait } from './dispatch/usual-wait.ts'
import type { Fleet } from './positions/fleet.ts'
import { htmlResponse } from './web/context.ts'
import type { Shell } from './web/shell.ts'

export interface HomeDeps extends PageDeps {
  readonly shell: Shell
  readonly fleet: Fleet
  readonly usualWait: UsualWait
}

export function homeRoutes(deps: HomeDeps) {
  return new Elysia({ name: 'home' }).use(deps.shell).get('/', async ({ request, web }) => {
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
        }),
      ),
    )
  })
}
