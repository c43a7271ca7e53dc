/** Client files; a hash that is not the file's own leads nowhere, so nothing stale is ever kept for a year. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type Assets, NAME_MAX } from './assets.ts'
import { notThere } from './problem.ts'
import type { Shell } from './shell.ts'

export function assetRoutes({ shell, assets }: { shell: Shell; assets: Assets }) {
  return new Elysia({ name: 'assets' })
    .use(shell)
    .get(
      '/assets/:hash/:name',
      ({ params, request }) => {
        const asset = assets.find(params.hash, params.name)
        if (asset === undefined) throw notThere()
        return assets.respond(asset, request)
      },
      { params: z.object({ hash: z.string().max(64), name: z.string().max(NAME_MAX) }) },
    )
    .get('/favicon.ico', ({ request }) => {
      const asset = assets.named('mark.svg')
      return assets.respond(asset, request)
    })
}
