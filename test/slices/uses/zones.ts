/** Zones, drawn and kept in the back office. */
import { plain, type Use, type UsesOf } from './walk.ts'

let made = 0

export const uses: UsesOf = ({ canal }) => {
  const fields = (n: number) => ({
    ...{
      name: `Pier ${n}`,
      kind: 'area',
      hysteresis_m: '30',
      places_most: '8',
      on_decline: 'end',
    },
    area: `40.75, -73.99\n40.75, -73.98\n40.76, ${(-73.98 + n / 10_000).toFixed(4)}`,
  })
  const inRegion = `/admin/regions/${canal.regionId}/zones`
  async function zone(): Promise<string> {
    const answer = await canal.admin.client.form(inRegion, { ...fields(made++), key: crypto.randomUUID() })
    return answer.headers.get('location')!.split('?')[0]!
  }
  return {
    'GET /admin/zones': plain('/admin/zones', { by: 'admin' }),
    'GET /admin/regions/:id/zones/new': plain(`${inRegion}/new`, { by: 'admin' }),
    'POST /admin/regions/:id/zones': (): Use => ({
      path: inRegion,
      by: 'admin',
      body: fields(made++),
      status: 303,
    }),
    'GET /admin/zones/:id': async () => ({ path: await zone(), by: 'admin' }),
    'POST /admin/zones/:id': async () => {
      const path = await zone()
      const page = await (await canal.admin.client.get(path)).text()
      const seen = /name="seen" value="([^"]+)"/.exec(page)![1]!
      return { path, by: 'admin', body: { ...fields(made++), seen }, status: 303 }
    },
    'POST /admin/zones/:id/closing': async () => ({
      ...{ path: `${await zone()}/closing`, by: 'admin', body: { closed: 'yes' }, status: 303 },
    }),
  }
}
