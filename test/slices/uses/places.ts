/** The gazetteer, kept by those who run the installation. */
import { plain, type UsesOf } from './walk.ts'

let made = 0
const file = () => new Blob([`name,lat,lng\nWalk ${made++},1,2\n`], { type: 'text/csv' })

export const uses: UsesOf = ({ world }) => {
  async function sent(): Promise<string> {
    const fields = { dataset: `walk ${made}`, file: file(), key: crypto.randomUUID() }
    const answer = await world.platform.client.upload('/admin/places/imports', fields)
    return answer.headers.get('location')!
  }
  return {
    'GET /admin/places': plain('/admin/places?q=times', { by: 'platform' }),
    'POST /admin/places/imports': () => ({
      ...{ path: '/admin/places/imports', by: 'platform', status: 303 },
      ...{ body: { dataset: `walk ${made}` }, files: { file: file() } },
    }),
    'GET /admin/places/imports/:id': async () => ({ path: await sent(), by: 'platform' }),
    'POST /admin/places/removal': async () => {
      const dataset = `gone ${made++}`
      const row = { dataset, digest: '0'.repeat(64), place_count: 0 }
      await world.db.insertInto('place_imports').values(row).execute()
      return { path: '/admin/places/removal', by: 'platform', body: { dataset }, status: 303 }
    },
  }
}
