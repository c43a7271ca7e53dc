/** A driver's pages beside the driving: what is set for the work, and the papers. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { NAVIGATORS } from '../../views/drivers/navigate.ts'
import { papersPage } from '../../views/drivers/papers.ts'
import { driverSettingsPage } from '../../views/drivers/settings.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { capabilityOf } from '../drivers/capability.ts'
import { type LoadedDriver, openShift, vehiclesOfDriver } from '../drivers/drivers.ts'
import { workingHours } from '../drivers/hours.ts'
import { chooseNavigation } from '../drivers/navigation.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { daysBetween, localDay } from '../engine/day.ts'
import { isNight } from '../engine/sun.ts'
import { wordsFor } from '../rides/refusals.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import { hoursProps, vehicleProps } from './driver-props.ts'
import { type FollowDeps, regionOfDriver } from './pages.ts'

const settingsForm = z.strictObject({
  navigates_by: z.enum(NAVIGATORS),
  key: z.string().max(128).optional(),
})
const doneQuery = z.object({ done: z.string().max(20).optional() })

export function driverPageRoutes(
  deps: Omit<FollowDeps, 'db'> & PageDeps & ActDeps & { readonly shell: Shell },
) {
  /** The page around it, dark after sunset where they drive. */
  function frameOf(request: Request, web: WebContext, driver: LoadedDriver) {
    const company = deps.companies.company(driver.company_id)
    if (company === undefined) throw notThere()
    const region = regionOfDriver(deps, driver)
    const ctx = pageContext(deps, { request, web, place: { company, region } })
    return { ctx, company, region, options: { isNight: isNight(region.center, deps.clock.nowMs()) } }
  }

  return new Elysia({ name: 'driver-pages' })
    .use(deps.shell)
    .get(
      '/driver/settings',
      async ({ request, web, query }) => {
        const driver = await requireDriver(web.db, web)
        const { ctx, options } = frameOf(request, web, driver)
        const props = {
          navigator: driver.navigates_by,
          saved: query.done === 'saved',
          key: deps.random.uuid(),
        }
        return htmlResponse(String(driverSettingsPage(ctx, props, options)))
      },
      { query: doneQuery },
    )
    .post(
      '/driver/settings',
      ({ request, web, body }) =>
        act(deps, { request, web, body, route: 'POST /driver/settings' }, async (unit) => {
          const { company_id: companyId, id: driverId } = await requireDriver(unit.db, web)
          await chooseNavigation(unit, { companyId, driverId, by: body.navigates_by })
          return { location: '/driver/settings?done=saved', json: { navigatesBy: body.navigates_by } }
        }),
      { body: settingsForm },
    )
    .get('/driver/papers', async ({ request, web }) => {
      const driver = await requireDriver(web.db, web)
      const { ctx, company, region, options } = frameOf(request, web, driver)
      const nowMs = Math.floor(deps.clock.nowMs())
      const of = { companyId: driver.company_id, driverId: driver.id, nowMs }
      const capability = await capabilityOf(web.db, of)
      if (capability === undefined) throw notThere()
      const { hours } = await workingHours(web.db, { ...of, regionId: region.id })
      const shift = await openShift(web.db, driver.company_id, driver.id)
      const vehicles = await vehiclesOfDriver(web.db, driver.company_id, driver.id)
      const { expires_on: expiresOn, hindrance } = capability
      const props = {
        nowMs,
        company: company.name,
        hindrance: hindrance === null ? null : wordsFor(hindrance),
        licence: {
          checked: capability.licence_check !== 'not_checked',
          expiresOn,
          daysLeft: expiresOn === null ? null : daysBetween(localDay(nowMs, region.timeZone), expiresOn),
          isWaiting: hindrance === 'licence_waiting',
        },
        vehicles: vehicles.map((vehicle) => ({
          ...vehicleProps(vehicle),
          isOut: vehicle.id === shift?.vehicle_id,
        })),
        hours: hoursProps(hours),
      }
      return htmlResponse(String(papersPage(ctx, props, options)))
    })
}
