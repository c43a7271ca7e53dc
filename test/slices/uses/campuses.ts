/** Campuses, kept by those who run the installation. */
import { plain, type Use, type UsesOf } from './walk.ts'

let made = 0

export const uses: UsesOf = ({ world }) => {
  const details = (n: number) => ({ name: `Campus ${n}`, city: 'New York', time_zone: 'America/New_York' })
  async function campus(): Promise<string> {
    const n = made++
    const fields = { ...details(n), domain: `campus${n}.example`, key: crypto.randomUUID() }
    const answer = await world.platform.client.form('/admin/campuses', fields)
    return answer.headers.get('location')!.split('?')[0]!
  }
  const on = (tail: string, body: () => Record<string, unknown>) => async (): Promise<Use> => ({
    ...{ path: `${await campus()}${tail}`, by: 'platform', body: body(), status: 303 },
  })
  return {
    'GET /admin/campuses': plain('/admin/campuses', { by: 'platform' }),
    'POST /admin/campuses': () => {
      const n = made++
      const body = { ...details(n), domain: `campus${n}.example` }
      return { path: '/admin/campuses', by: 'platform', body, status: 303 }
    },
    'GET /admin/campuses/:id': async () => ({ path: await campus(), by: 'platform' }),
    'POST /admin/campuses/:id': on('', () => details(made++)),
    'POST /admin/campuses/:id/removal': on('/removal', () => ({})),
    'POST /admin/campuses/:id/domains': on('/domains', () => ({ domain: `more${made++}.example` })),
    'POST /admin/campuses/:id/domains/removal': on('/domains/removal', () => ({
      domain: `campus${made - 1}.example`,
    })),
  }
}
