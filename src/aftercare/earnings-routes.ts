/** A driver's books as a page that prints as a statement, and as a table to take along. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { earningsPage } from '../../views/drivers/earnings.ts'
import { pageContext } from '../companies/page-context.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { addDays, isDay } from '../engine/day.ts'
import { isNight } from '../engine/sun.ts'
import { csvLine } from '../io/csv-write.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { readWeek, type WeekOfBooks } from './earnings.ts'
import { placeOfDriver } from './places.ts'
import { companyLinesOf } from './receipt.ts'
import type { AftercareDeps } from './routes.ts'

/** An unreadable day shows the week that is now, as an old link does. */
const day = z.string().refine(isDay).optional().catch(undefined)
const weekQuery = z.object({ week: day })
const pageQuery = z.object({ week: day, day, done: z.enum(['rated']).optional().catch(undefined) })

export function earningsRoutes(deps: AftercareDeps) {
  async function booksOf(web: WebContext, of: string | undefined) {
    const driver = await requireDriver(web.db, web)
    const place = placeOfDriver(deps, driver)
    const week = await readWeek(web.db, {
      ...{ companyId: driver.company_id, driverId: driver.id, of },
      ...{ timeZone: place.region.timeZone, nowMs: Math.floor(deps.clock.nowMs()) },
    })
    return { driver, place, week }
  }

  return new Elysia({ name: 'earnings' })
    .use(deps.shell)
    .get(
      '/driver/earnings',
      async ({ request, web, query }) => {
        const { driver, place, week } = await booksOf(web, query.day ?? query.week)
        const ctx = pageContext(deps, { request, web, place })
        const { monday, thisMonday } = week
        const next = addDays(monday, 7)
        const props = {
          ...week,
          ...{ currency: place.company.currency, chosenDay: query.day ?? null },
          ...{ before: addDays(monday, -7), after: next <= thisMonday ? next : null },
          ...{ driver: `${driver.call_sign} ${driver.name}`, companyName: place.company.name },
          companyLines: await companyLinesOf(web.db, driver.company_id),
          toasts:
            query.done === undefined ? [] : [{ id: 'rated', text: 'Thank you. Only the desk reads it.' }],
        }
        const night = isNight(place.region.center, deps.clock.nowMs())
        return htmlResponse(String(earningsPage(ctx, props, { isNight: night })))
      },
      { query: pageQuery },
    )
    .get(
      '/driver/earnings.csv',
      async ({ web, query }) => {
        const { place, week } = await booksOf(web, query.week)
        const { currency } = place.company
        return new Response(csvOf(week, { currency, timeZone: place.region.timeZone }), {
          headers: {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="earnings-${week.monday}-${week.sunday}.csv"`,
          },
        })
      },
      { query: weekQuery },
    )
    .get(
      '/api/v1/driver/earnings',
      async ({ web, query }) => {
        const { place, week } = await booksOf(web, query.week)
        return jsonResponse({
          ...{ from: week.monday, to: week.sunday, currency: place.company.currency, week: week.week },
          days: week.days.map(({ day: of, books }) => ({ day: of, ...books })),
        })
      },
      { query: weekQuery },
    )
}

const COLUMNS = [
  ...['day', 'ended_at', 'ride', 'from', 'to', 'outcome', 'payment', 'fare', 'company_part', 'tip', 'earned'],
  ...['cash_taken', 'currency'],
]

/** One line a ride, the oldest first; amounts in the currency's own unit, as tables reckon with them. */
function csvOf(
  { rides }: WeekOfBooks,
  { currency, timeZone }: { readonly currency: string; readonly timeZone: string },
): string {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  const major = (minor: number) => (minor / 10 ** digits).toFixed(digits)
  const clock = new Intl.DateTimeFormat('en-GB', {
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone },
  })
  const lines = rides.toReversed().map((ride) => {
    const fareMinor = ride.isCompleted ? ride.chargedMinor : 0
    return csvLine([
      ...[ride.day, clock.format(ride.endedAtMs), ride.reference, ride.from, ride.to, ride.outcome],
      ...[ride.payment, major(fareMinor), major(fareMinor - ride.partMinor), major(ride.tipMinor)],
      ...[major(ride.partMinor + ride.tipMinor), major(ride.isCash ? fareMinor : 0), currency],
    ])
  })
  return [csvLine(COLUMNS), ...lines].join('')
}
