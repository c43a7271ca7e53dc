/** Drivers' licences, handed in and looked at. */

import { handIn, LICENCE_WORDS, sendSides } from '../../support/licences.ts'
import { blob, jpeg } from '../../support/pictures.ts'
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal }) => {
  const { driver, otherDriver } = canal
  // Reading is not what this is about, and takes its time.
  const onlyBack = async () => ({ back: blob(await jpeg()) })
  return {
    'GET /driver/licence': plain('/driver/licence', { by: 'driver' }),
    'POST /driver/licence/pictures': async () => ({
      ...{ path: '/driver/licence/pictures', by: 'driver', files: await onlyBack(), status: 303 },
    }),
    'POST /driver/licence': async () => {
      await sendSides(driver)
      return { path: '/driver/licence', by: 'driver', body: LICENCE_WORDS, status: 303 }
    },
    'POST /driver/capability': plain('/driver/capability', {
      by: 'driver',
      body: { able: 'on' },
      status: 303,
    }),
    'GET /admin/licences': plain('/admin/licences', { by: 'admin' }),
    'GET /admin/licences/:id': async () => ({
      ...{ path: `/admin/licences/${await handIn(otherDriver)}`, by: 'admin' },
    }),
    'POST /admin/licences/:id/decision': async () => ({
      ...{ path: `/admin/licences/${await handIn(otherDriver)}/decision`, by: 'admin' },
      ...{ body: { verdict: 'approved' }, status: 303 },
    }),
    'GET /admin/drivers/:id': plain(`/admin/drivers/${otherDriver.driverId}`, { by: 'admin' }),
    'POST /admin/drivers/:id/capability': plain(`/admin/drivers/${otherDriver.driverId}/capability`, {
      ...{ by: 'admin', body: { able: 'on' }, status: 303 },
    }),
  }
}
