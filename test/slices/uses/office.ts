/** The back office. */
import { plain, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal }) => {
  const { companyId } = canal
  /** A form of the page of one of the company's people. */
  const person = (tail: string, body?: Record<string, unknown>) => (): Use => ({
    path: `/admin/people/${canal.otherDriver.identityId}${tail}`,
    by: 'admin',
    ...(body === undefined ? {} : { body, status: 303 }),
  })
  return {
    'GET /admin/people': plain('/admin/people', { by: 'admin' }),
    'GET /admin/people/:id': person(''),
    'POST /admin/people/:id/roles': person('/roles', { company: companyId, role: 'operator' }),
    'POST /admin/people/:id/roles/removal': person('/roles/removal', {
      company: companyId,
      role: 'operator',
    }),
    'POST /admin/people/:id/ban': person('/ban', { company: companyId, reason: 'a walk through all routes' }),
    'POST /admin/people/:id/ban/lift': person('/ban/lift', { company: companyId }),
    'POST /admin/people/:id/sessions/end': person('/sessions/end', { session: crypto.randomUUID() }),
    'POST /admin/people/:id/reset-letter': person('/reset-letter', {}),
    'POST /admin/people/:id/unlock': person('/unlock', {}),
    'POST /admin/people/:id/impersonation': person('/impersonation', {
      eyes_reason: 'a walk through all routes',
    }),
    // Nobody in the walk looks through another's eyes.
    'POST /impersonation/end': plain('/impersonation/end', { body: {}, status: 404 }),
    'GET /admin/audit': plain('/admin/audit', { by: 'admin' }),
    'GET /admin/audit/export': plain('/admin/audit/export?format=csv', { by: 'admin' }),
    'GET /api/v1/audit': plain('/api/v1/audit', { by: 'admin' }),
  }
}
