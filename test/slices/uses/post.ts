import { keptLetter } from '../../support/mail.ts'
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ world, canal }) => ({
  'GET /outbox': plain('/outbox'),
  'GET /outbox/:id': async () => ({ path: `/outbox/${await keptLetter(world)}` }),
  'GET /admin/mail': plain('/admin/mail', { by: 'admin' }),
  'POST /admin/mail/:id/retry': async () => {
    const id = await keptLetter(world)
    await world.db
      .updateTable('notices')
      .set({ state: 'dead', company_id: canal.companyId })
      .where('id', '=', id)
      .execute()
    return { path: `/admin/mail/${id}/retry`, by: 'admin', body: {}, status: 303 }
  },
})
