/** What fails next and what waits for a decision, as a page for one thumb and for programs. */
import { Elysia } from 'elysia'
import { type ApprovalsProps, nowPage } from '../../views/board/now.ts'
import { listCases } from '../aftercare/cases.ts'
import { lowRatings } from '../aftercare/ratings.ts'
import { pageContext } from '../companies/page-context.ts'
import { openApplications } from '../drivers/applications.ts'
import { waitingLicences } from '../licences/review.ts'
import { htmlResponse, jsonResponse, requireViewer, type WebContext } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import { holds } from '../web/viewer.ts'
import { type Desk, deskOf, liveAddress } from './desk.ts'
import { readLanes } from './lanes.ts'
import type { RideDeskDeps } from './ride-desk.ts'

export interface NowRouteDeps extends RideDeskDeps {
  readonly shell: Shell
}

const PATH = '/board/now'

export function nowRoutes(deps: NowRouteDeps) {
  async function read(web: WebContext, { company, region }: Desk) {
    const nowMs = Math.floor(deps.clock.nowMs())
    const isOffice = holds(requireViewer(web), ['admin'], company.id)
    const [lanes, lost, reports, low, licences, applications] = await Promise.all([
      readLanes({ ...deps, db: web.db }, region),
      listCases(web.db, company.id, { kinds: ['lost_item'], nowMs }),
      isOffice ? listCases(web.db, company.id, { kinds: ['problem'], nowMs }) : null,
      lowRatings(web.db, company.id, nowMs),
      isOffice ? waitingLicences(web.db, [company.id]) : null,
      isOffice ? openApplications(web.db, [company.id]) : null,
    ])
    const open = (cases: typeof lost) => cases.filter(({ state }) => state === 'open').length
    const approvals: ApprovalsProps = {
      ...{ licences: licences?.length ?? null, applications: applications?.length ?? null },
      ...{ reports: reports && open(reports), lostItems: open(lost), lowRatings: low.length },
      ...{ answers: lanes.answers, notes: lanes.notes },
    }
    return { ...lanes, approvals }
  }

  return new Elysia({ name: 'board now' })
    .use(deps.shell)
    .get(PATH, async ({ request, web }) => {
      const desk = deskOf(deps, web)
      const { queue, safety, approvals } = await read(web, desk)
      const ctx = pageContext(deps, { request, web, place: desk, live: liveAddress(desk) })
      return htmlResponse(
        String(nowPage(ctx, { company: desk.company.name, ...{ queue, safety, approvals } })),
      )
    })
    .get(`/api/v1${PATH}`, async ({ web }) => {
      const { queue, safety, approvals } = await read(web, deskOf(deps, web))
      return jsonResponse({
        ...{ nowMs: queue.nowMs, total: queue.total, needs: queue.cards },
        ...{ safety: safety.cards, approvals },
      })
    })
}
