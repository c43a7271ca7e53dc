/** What busy places add, in the back office. */
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal }) => {
  const path = `/admin/regions/${canal.regionId}/surge`
  return {
    'GET /admin/regions/:id/surge': plain(path, { by: 'admin' }),
    'POST /admin/regions/:id/surge': plain(path, { by: 'admin', body: { kind: 'off' }, status: 303 }),
  }
}
