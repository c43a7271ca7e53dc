/** Codes, made and closed in the back office. */
import { plain, type UsesOf } from './walk.ts'

let made = 0

export const uses: UsesOf = ({ world, canal }) => {
  const path = `/admin/companies/${canal.companyId}/promos`
  const fields = () => ({ letters: `WALK-${made++}`, off: 'sum', amount: '5.00' })
  return {
    'GET /admin/promos': plain('/admin/promos', { by: 'admin' }),
    'POST /admin/companies/:id/promos': () => ({ path, by: 'admin', body: fields(), status: 303 }),
    'POST /admin/promos/:id/closing': async () => {
      const { letters } = fields()
      await canal.admin.client.form(path, { ...fields(), letters, key: crypto.randomUUID() })
      const { id } = await world.db
        .selectFrom('promos')
        .select('id')
        .where('code', '=', letters)
        .executeTakeFirstOrThrow()
      return { path: `/admin/promos/${id}/closing`, by: 'admin', body: {}, status: 303 }
    },
  }
}
