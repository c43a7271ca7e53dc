/** What merging marked rides would mean: beside the bar of the table, as a page without scripts, and for programs. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { boardBulk } from '../../views/board/bulk.ts'
import { mergePreviewPage } from '../../views/board/merge-preview.ts'
import { boardUndo } from '../../views/board/undo.ts'
import { pageContext } from '../companies/page-context.ts'
import type { RideId } from '../engine/units.ts'
import { htmlResponse, jsonResponse, requireViewer, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import type { Meant } from './acts.ts'
import { BULK_MOST } from './bulk.ts'
import { deskOf } from './desk.ts'
import { previewMerge } from './merge-preview.ts'
import type { RideDeskDeps } from './ride-desk.ts'
import { readUndo } from './undo-props.ts'

export interface MergeRouteDeps extends RideDeskDeps {
  readonly shell: Shell
}

const RIDES = 'Name the rides, with commas between, each with the version that was looked at: ID:3,ID:7.'
const mergeQuery = z.object({
  rides: z
    .string({ error: RIDES })
    .max(5_000)
    .transform((text) => text.split(','))
    .pipe(
      z
        .array(z.string().regex(/^[\da-f-]{36}(:\d{1,9})?$/, { error: RIDES }))
        .min(1)
        .max(BULK_MOST),
    )
    .transform((list) =>
      list.map((text): Meant => {
        const version = text.slice(37)
        return { rideId: text.slice(0, 36) as RideId, ...(version !== '' && { version: Number(version) }) }
      }),
    )
    .refine((list) => list.every(({ rideId }) => z.uuid().safeParse(rideId).success), { error: RIDES }),
})

/** Where the bar's button leads to. */
export function mergeAddress(
  rides: readonly { readonly id: string; readonly version?: number | undefined }[],
): string {
  const named = rides.map(({ id, version }) => (version === undefined ? id : `${id}:${version}`))
  return `/board/merges?rides=${[...new Set(named)].join(',')}`
}

export function mergeRoutes(deps: MergeRouteDeps) {
  async function read(web: WebContext, rides: readonly Meant[]) {
    const each = [...new Map(rides.map((ride) => [ride.rideId, ride])).values()]
    const viewerId = requireViewer(web).identityId
    const preview = await previewMerge({ ...deps, db: web.db }, deskOf(deps, web).region, {
      meant: each,
      viewerId,
    })
    if (preview === null) throw notThere()
    return preview
  }

  return new Elysia({ name: 'board-merges' })
    .use(deps.shell)
    .get(
      '/board/merges',
      async ({ request, web, query }) => {
        const key = () => deps.random.uuid()
        const preview = { ...(await read(web, query.rides)), key }
        const place = deskOf(deps, web)
        const ctx = pageContext(deps, { request, web, place })
        if (request.headers.get('hx-request') !== 'true')
          return htmlResponse(String(mergePreviewPage(ctx, preview)))
        const undo = await readUndo({ ...deps, db: web.db }, web, place.region)
        return htmlResponse(`${boardBulk(ctx, { result: null, preview, key })}${boardUndo(ctx, undo)}`)
      },
      { query: mergeQuery },
    )
    .get('/api/v1/board/merges', async ({ web, query }) => jsonResponse(await read(web, query.rides)), {
      query: mergeQuery,
    })
}
