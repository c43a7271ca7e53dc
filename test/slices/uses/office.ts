/** The back office. */
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = () => ({
  'GET /admin/audit': plain('/admin/audit', { by: 'admin' }),
  'GET /admin/audit/export': plain('/admin/audit/export?format=csv', { by: 'admin' }),
  'GET /api/v1/audit': plain('/api/v1/audit', { by: 'admin' }),
})
