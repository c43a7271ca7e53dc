/** The board as it is read: the whole page, its lanes, its table, and the same for programs. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { boardPage } from '../../views/board/board.ts'
import { type LanesProps, pushedLanes } from '../../views/board/lanes.ts'
import { boardList, type ListProps } from '../../views/board/list.ts'
import { pageContext } from '../companies/page-context.ts'
import type { DriverId, RideId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'
import { htmlResponse, jsonResponse, requireViewer, type WebContext } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import { readCars } from './cars-list.ts'
import { deskOf, liveAddress } from './desk.ts'
import { type DriverCardDeps, readDriverCard } from './driver-card.ts'
import {
  type CarFilters,
  carFiltersOf,
  carQuery,
  filtersOf,
  type ListQuery,
  listQuery,
  type TableQuery,
  tableQuery,
} from './filters.ts'
import { readLanes } from './lanes.ts'
import { readBoard, readPane } from './read.ts'
import { makeRideDesk, type RideDeskDeps } from './ride-desk.ts'
import { listOfSearch, saysList } from './saved-search.ts'
import { firstSearch, savedViews } from './saved-views.ts'
import { readTable } from './table.ts'
import { readUndo } from './undo-props.ts'

export interface BoardReadDeps extends RideDeskDeps, Omit<DriverCardDeps, 'db'> {
  readonly shell: Shell
  /** Sees every row: it finds ids by letters, and nothing else here uses it. */
  readonly system: Db
}

const pageShape = {
  ride: z.uuid().optional(),
  /** An outcome that the pane says first, for pages without scripts. */
  told: z.string().max(40).optional(),
  driver: z.uuid().optional(),
}
const boardQuery = listQuery.and(z.object(pageShape))
type BoardQuery = z.infer<typeof boardQuery>

export function boardReadRoutes(deps: BoardReadDeps) {
  const { noticeOf, seeRide } = makeRideDesk(deps)
  /** What reads the board, for this request. */
  const on = (web: WebContext) => ({ ...deps, db: web.db })

  async function boardMarkup(request: Request, web: WebContext, query: BoardQuery): Promise<string> {
    const { company, region } = deskOf(deps, web)
    const selectedRideId = (query.ride ?? null) as RideId | null
    const notice = selectedRideId === null ? undefined : await noticeOf(web, selectedRideId, query.told)
    const [lanes, list, pane, driver, undo] = await Promise.all([
      readLanes(on(web), region, selectedRideId),
      listOf(web, query, selectedRideId),
      selectedRideId === null ? null : readPane(on(web), region, selectedRideId, notice),
      query.driver === undefined
        ? null
        : readDriverCard(on(web), { company, region }, query.driver as DriverId),
      readUndo(on(web), web, region),
    ])
    const others = seeRide(web, pane?.ride.id ?? null, 'looking')
    const ctx = pageContext(deps, {
      request,
      web,
      place: { company, region },
      live: liveAddress({ company }),
    })
    return String(
      boardPage(ctx, {
        company: company.name,
        region: { name: region.name, center: region.center, zoom: region.zoom },
        nowMs: Math.floor(deps.clock.nowMs()),
        key: () => deps.random.uuid(),
        ...{
          ...narrowed(lanes, query.zone),
          list,
          driver,
          undo,
          pane: pane === null ? null : { ...pane, others },
        },
      }),
    )
  }

  /** What stands in the table's place: rides, or cars. */
  async function listOf(
    web: WebContext,
    query: ListQuery,
    selectedRideId: RideId | null = null,
  ): Promise<ListProps> {
    const [views, list] = await Promise.all([
      savedViews(web.db, { companyId: deskOf(deps, web).company.id, byId: requireViewer(web).identityId }),
      query.show === 'cars'
        ? carsOf(web, query).then((cars) => ({ cars }))
        : tableOf(web, query, selectedRideId).then((rides) => ({ rides })),
    ])
    return 'cars' in list ? { cars: { ...list.cars, views } } : { rides: { ...list.rides, views } }
  }

  function carsOf(web: WebContext, query: CarFilters) {
    return readCars(on(web), deskOf(deps, web).region, carFiltersOf(query))
  }

  /** A board whose address says nothing of its table begins with the view that the viewer chose for that. */
  async function beginning(request: Request, web: WebContext, query: BoardQuery): Promise<BoardQuery> {
    if (saysList(new URL(request.url).searchParams)) return query
    const { company } = deskOf(deps, web)
    const search = await firstSearch(web.db, { companyId: company.id, byId: requireViewer(web).identityId })
    const first = search === null ? null : listOfSearch(search)
    return first === null ? query : { ride: query.ride, told: query.told, driver: query.driver, ...first }
  }

  function tableOf(web: WebContext, query: TableQuery, selectedRideId: RideId | null = null) {
    const { region } = deskOf(deps, web)
    return readTable(on(web), region, { show: query.show, filters: filtersOf(query), selectedRideId })
  }

  /** The queue of the part of the region that the table shows; scripts go on narrowing what comes later. */
  function narrowed(lanes: LanesProps, zone: string | undefined): LanesProps {
    if (zone === undefined) return lanes
    const cards = lanes.queue.cards.filter(({ area }) => area === zone)
    return { ...lanes, queue: { ...lanes.queue, cards, total: cards.length } }
  }

  return new Elysia({ name: 'board read' })
    .use(deps.shell)
    .get(
      '/board',
      async ({ request, web, query }) =>
        htmlResponse(await boardMarkup(request, web, await beginning(request, web, query))),
      { query: boardQuery },
    )
    .get('/board/queue', async ({ request, web }) => {
      const { company, region } = deskOf(deps, web)
      const ctx = pageContext(deps, { request, web, place: { company, region } })
      return htmlResponse(String(pushedLanes(ctx, await readLanes(on(web), region))))
    })
    .get(
      '/board/table',
      async ({ request, web, query }) => {
        const { company, region } = deskOf(deps, web)
        const ctx = pageContext(deps, { request, web, place: { company, region } })
        return htmlResponse(String(boardList(ctx, await listOf(web, query))))
      },
      { query: listQuery },
    )
    .get(
      '/api/v1/board/rides',
      async ({ web, query }) => {
        const { rows, counts, hasMore, total } = await tableOf(web, query)
        const board = await readBoard(on(web), deskOf(deps, web).region, null)
        return jsonResponse({ rides: rows, counts, more: hasMore, total, cars: board.counts })
      },
      { query: tableQuery },
    )
    .get(
      '/api/v1/board/cars',
      async ({ web, query }) => {
        const { rows, total, hasMore, nowMs } = await carsOf(web, query)
        return jsonResponse({ nowMs, total, more: hasMore, cars: rows })
      },
      { query: carQuery },
    )
    .get('/api/v1/board/needs', async ({ web }) => {
      const { queue } = await readBoard(on(web), deskOf(deps, web).region, null)
      return jsonResponse({ nowMs: queue.nowMs, total: queue.total, needs: queue.cards })
    })
}
