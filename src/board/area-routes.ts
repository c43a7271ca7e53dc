/** The region's parts as a grid: in place of the map, as a page, and as JSON. */
import { Elysia } from 'elysia'
import { areasPage, boardAreas } from '../../views/board/areas.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import { type AreaDeps, readAreas } from './areas.ts'
import { deskOf } from './desk.ts'

export interface AreaRouteDeps extends Omit<AreaDeps, 'db'>, PageDeps {
  readonly shell: Shell
  readonly companies: AreaDeps['companies']
}

const PATH = '/board/zones'

export function areaRoutes(deps: AreaRouteDeps) {
  const read = (web: WebContext) => readAreas({ ...deps, db: web.db }, deskOf(deps, web).region)

  return new Elysia({ name: 'board-areas' })
    .use(deps.shell)
    .get(PATH, async ({ request, web }) => {
      const props = await read(web)
      if (request.headers.get('hx-request') === 'true') return htmlResponse(String(boardAreas(props)))
      const ctx = pageContext(deps, { request, web, place: deskOf(deps, web) })
      return htmlResponse(String(areasPage(ctx, props)))
    })
    .get(`/api/v1${PATH}`, async ({ web }) => {
      const { nowMs, areas } = await read(web)
      return jsonResponse({ nowMs, zones: areas })
    })
}
