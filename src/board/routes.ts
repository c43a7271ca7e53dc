/** The dispatcher's desk: the board, its parts, and what stands on it; what the desk does is in act-routes.ts. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { boardCounts, boardPage } from '../../views/board/board.ts'
import { TABLE_SHOWS } from '../../views/board/props.ts'
import { boardQueue } from '../../views/board/queue.ts'
import { boardSafety } from '../../views/board/safety.ts'
import { boardTable } from '../../views/board/table.ts'
import { boardWatch } from '../../views/board/watch.ts'
import { newAnswers } from '../chat/desk-messages.ts'
import { pageContext } from '../companies/page-context.ts'
import { offersOfRide } from '../dispatch/offers.ts'
import type { DriverId, RideId } from '../engine/units.ts'
import type { SurgeNow } from '../fares/surge.ts'
import type { Logger } from '../io/log.ts'
import type { Walled } from '../io/walls.ts'
import { rideParams } from '../rides/shapes.ts'
import type { Tracking } from '../tracking/push.ts'
import type { ActDeps } from '../web/act.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import { readBookedLane } from './booked.ts'
import { deskOf } from './desk.ts'
import { readDriverCard } from './driver-card.ts'
import { untakenNotes } from './handover.ts'
import { type BoardLive, makeBoardLive } from './live.ts'
import type { RecentPings } from './pings.ts'
import { candidatesFor, readBoard, readPane, readTable } from './read.ts'
import { makeRideDesk, type RideDeskDeps } from './ride-desk.ts'
import { readSafetyLane } from './safety.ts'
import { readUndo } from './undo-props.ts'
import { readZones } from './zones.ts'

export interface BoardRouteDeps extends RideDeskDeps, ActDeps {
  readonly walled: Walled
  readonly shell: Shell
  readonly log: Logger
  readonly tracking: Tracking
  readonly surge: SurgeNow
  readonly pings: RecentPings
}

const boardQuery = z.object({
  show: z.enum(TABLE_SHOWS).default('live'),
  q: z.string().trim().max(80).default(''),
  ride: z.uuid().optional(),
  /** An outcome that the pane says first, for pages without scripts. */
  told: z.string().max(40).optional(),
  driver: z.uuid().optional(),
})
const tableQuery = boardQuery.omit({ ride: true, told: true, driver: true })

export function boardRoutes(deps: BoardRouteDeps): { plugin: ReturnType<typeof mount>; live: BoardLive } {
  const live = makeBoardLive(deps)
  return { plugin: mount(deps), live }
}

function mount(deps: BoardRouteDeps) {
  const { rideOf, seeRide, paneMarkup, noticeOf } = makeRideDesk(deps)
  /** What reads the board, for this request. */
  const on = (web: WebContext) => ({ ...deps, db: web.db })

  async function boardMarkup(
    request: Request,
    web: WebContext,
    query: z.infer<typeof boardQuery>,
  ): Promise<string> {
    const { company, region } = deskOf(deps, web)
    const selectedRideId = (query.ride ?? null) as RideId | null
    const board = await readBoard(on(web), region, selectedRideId)
    const table = await readTable(on(web), region, {
      show: query.show,
      query: query.q,
      ...{ open: board.open, alarms: board.alarms },
      selectedRideId,
    })
    const notice = selectedRideId === null ? undefined : await noticeOf(web, selectedRideId, query.told)
    const pane = selectedRideId === null ? null : await readPane(on(web), region, selectedRideId, notice)
    const others = seeRide(web, pane?.ride.id ?? null, 'looking')
    const ctx = pageContext(deps, { request, web, place: { company, region }, live: '/live/board' })
    return String(
      boardPage(ctx, {
        company: company.name,
        region: { name: region.name, center: region.center, zoom: region.zoom },
        nowMs: Math.floor(deps.clock.nowMs()),
        counts: board.counts,
        queue: board.queue,
        safety: await readSafetyLane(on(web), region),
        watch: board.watch,
        booked: await readBookedLane(on(web), region),
        zones: await readZones(on(web), region),
        table,
        undo: await readUndo(on(web), web, region),
        pane: pane === null ? null : { ...pane, others },
        answers: (await newAnswers(web.db, { companyId: company.id, regionId: region.id })).length,
        notes: await untakenNotes(web.db, { companyId: company.id, regionId: region.id }),
        driver:
          query.driver === undefined
            ? null
            : await readDriverCard(on(web), { company, region }, query.driver as DriverId),
      }),
    )
  }

  return new Elysia({ name: 'board' })
    .use(deps.shell)
    .get('/board', async ({ request, web, query }) => htmlResponse(await boardMarkup(request, web, query)), {
      query: boardQuery,
    })
    .get('/board/queue', async ({ request, web }) => {
      const { company, region } = deskOf(deps, web)
      const board = await readBoard(on(web), region, null)
      const ctx = pageContext(deps, { request, web, place: { company, region } })
      return htmlResponse(
        `${boardCounts(board.counts)}${boardSafety(await readSafetyLane(on(web), region))}${boardQueue(ctx, board.queue)}${boardWatch(ctx, board.watch)}`,
      )
    })
    .get(
      '/board/table',
      async ({ request, web, query }) => {
        const { company, region } = deskOf(deps, web)
        const board = await readBoard(on(web), region, null)
        const { open, alarms } = board
        const asked = { show: query.show, query: query.q, open, alarms, selectedRideId: null }
        const ctx = pageContext(deps, { request, web, place: { company, region } })
        return htmlResponse(String(boardTable(ctx, await readTable(on(web), region, asked))))
      },
      { query: tableQuery },
    )
    .get(
      '/board/rides/:id',
      async ({ request, web, params }) => htmlResponse(await paneMarkup(request, web, params.id)),
      { params: rideParams },
    )
    .get(
      '/api/v1/board/rides',
      async ({ request, web, query }) => {
        const { region } = deskOf(deps, web)
        const board = await readBoard(on(web), region, null)
        const { open, alarms } = board
        const asked = { show: query.show, query: query.q, open, alarms, selectedRideId: null }
        const { rows, counts, hasMore } = await readTable(on(web), region, asked)
        return jsonResponse({ rides: rows, counts, more: hasMore, cars: board.counts })
      },
      { query: tableQuery },
    )
    .get(
      '/api/v1/board/rides/:id/candidates',
      async ({ web, params }) => {
        const desk = deskOf(deps, web)
        const ride = await rideOf(web.db, web, params.id)
        const offers = await offersOfRide(web.db, ride.company_id, ride.id)
        return jsonResponse(candidatesFor(on(web), desk.region, ride, offers))
      },
      { params: rideParams },
    )
}
