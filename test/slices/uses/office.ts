/** The back office. */
import { plain, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal, rideOf }) => {
  const { companyId, regionId } = canal
  const duty = `/admin/regions/${regionId}/duty`
  const car = `/admin/vehicles/${canal.otherDriver.vehicleId}`
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
    'GET /admin': plain('/admin', { by: 'admin' }),
    'GET /admin/companies': plain('/admin/companies', { by: 'admin', status: 303 }),
    'GET /admin/companies/new': plain('/admin/companies/new', { by: 'platform' }),
    'POST /admin/companies': plain('/admin/companies', { by: 'platform', body: {}, status: 422 }),
    'POST /admin/companies/file': plain('/admin/companies/file', {
      ...{ by: 'platform', body: { file: '{' }, status: 422 },
    }),
    'GET /admin/companies/:id': plain(`/admin/companies/${companyId}`, { by: 'admin' }),
    'POST /admin/companies/:id': plain(`/admin/companies/${companyId}`, {
      ...{ by: 'admin', body: { name: 'Canal Street Cars', locale: 'en-US' }, status: 303 },
    }),
    'POST /admin/companies/:id/flags': plain(`/admin/companies/${companyId}/flags`, {
      ...{ by: 'admin', body: { flag: 'visitor_prices', on: 'yes' }, status: 303 },
    }),
    // Rides are under way there, so it stays.
    'POST /admin/companies/:id/deletion': async () => {
      await rideOf()
      return {
        ...{ path: `/admin/companies/${companyId}/deletion`, by: 'platform' },
        ...{ body: { reason: 'a walk through all routes' }, status: 409 },
      }
    },
    'GET /admin/regions/:id/duty': plain(duty, { by: 'admin' }),
    'POST /admin/regions/:id/duty': plain(duty, {
      ...{
        by: 'admin',
        body: { drive_limit_hours: '', rest_hours: '8', emergency_number: '112' },
        status: 303,
      },
    }),
    'GET /admin/vehicles/:id': plain(car, { by: 'admin' }),
    'POST /admin/vehicles/:id': plain(car, { by: 'admin', body: { child_seat: 'on' }, status: 303 }),
    'GET /admin/audit': plain('/admin/audit', { by: 'admin' }),
    'GET /admin/audit/export': plain('/admin/audit/export?format=csv', { by: 'admin' }),
    'GET /api/v1/audit': plain('/api/v1/audit', { by: 'admin' }),
  }
}
