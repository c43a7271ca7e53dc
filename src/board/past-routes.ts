/** The last hours on the map: a page at an instant, and what its script plays. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type PastProps, pastPage } from '../../views/board/past.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { rideAt } from '../engine/past.ts'
import { isEnded } from '../engine/ride.ts'
import type { Clock } from '../io/clock.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import { type Desk, deskOf } from './desk.ts'
import { FRAME_EVERY_MS, keptOf, PAST_KEPT_MS, PAST_SPAN_MS, pastJson, readPast } from './past.ts'

export interface PastRouteDeps extends PageDeps {
  readonly shell: Shell
  readonly clock: Clock
}

/** Epoch ms; what cannot be read is the newest moment. */
const instant = z.coerce.number().int().positive().optional().catch(undefined)
const pageQuery = z.object({ at: instant })
const spanQuery = z.object({
  from: z.coerce.number().int().positive(),
  until: z.coerce.number().int().positive(),
})

/** How far back a page begins that was opened without an instant. */
const BEGINS_BACK_MS = 10 * 60_000

export function pastRoutes(deps: PastRouteDeps) {
  async function propsAt(web: WebContext, { region }: Desk, at: number | undefined): Promise<PastProps> {
    const nowMs = Math.floor(deps.clock.nowMs())
    const wanted = Math.min(nowMs, Math.max(nowMs - PAST_KEPT_MS, at ?? nowMs - BEGINS_BACK_MS))
    // Who names no instant sees something, if there is anything.
    const first = at === undefined ? (await keptOf(web.db, region))?.fromMs : undefined
    const atMs = Math.max(wanted, Math.min(nowMs, first ?? wanted))
    const past = await readPast(web.db, region, { fromMs: atMs, untilMs: atMs })
    const frame = past.frames.findLast((one) => one.atMs <= atMs && atMs - one.atMs <= 4 * FRAME_EVERY_MS)
    const rides = past.rides.flatMap(({ id, reference, riderName, from, to, moments }) => {
      const moment = rideAt(moments, atMs)
      if (moment === null || isEnded(moment.state) || moment.state === 'scheduled') return []
      const driver = moment.driverId === null ? undefined : past.drivers.get(moment.driverId)
      return [
        {
          ...{ id, reference, riderName, state: moment.state, from: from.label, to: to.label },
          driver: driver === undefined ? null : `${driver.callSign} · ${driver.name}`,
          sinceMs: moment.atMs,
        },
      ]
    })
    return {
      ...{
        atMs,
        nowMs,
        kept: past.kept,
        keptMs: PAST_KEPT_MS,
        everyMs: FRAME_EVERY_MS,
        spanMs: PAST_SPAN_MS,
      },
      region: { center: region.center, zoom: region.zoom },
      frameAtMs: frame?.atMs ?? null,
      cars: (frame?.cars ?? []).map((car) => ({
        ...{ ...car, callSign: past.drivers.get(car.driverId)?.callSign ?? '' },
      })),
      rides,
    }
  }

  return new Elysia({ name: 'past' })
    .use(deps.shell)
    .get(
      '/board/past',
      async ({ request, web, query: { at } }) => {
        const desk = deskOf(deps, web)
        const props = await propsAt(web, desk, at)
        return htmlResponse(String(pastPage(pageContext(deps, { request, web, place: desk }), props)))
      },
      { query: pageQuery },
    )
    .get(
      '/api/v1/board/past',
      async ({ web, query: { from, until } }) =>
        jsonResponse(
          pastJson(
            await readPast(web.db, deskOf(deps, web).region, {
              fromMs: from,
              untilMs: Math.max(from, until),
            }),
          ),
        ),
      { query: spanQuery },
    )
}
