/** Avatars and other uploaded pictures. */
import type { Person } from '../../support/app-world.ts'
import { blob, jpeg } from '../../support/pictures.ts'
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ world, canal }) => {
  const withFace = async (person: Person): Promise<string> => {
    const picture = blob(await jpeg())
    const sent = await person.client.upload(
      '/account/avatar',
      { key: crypto.randomUUID(), picture },
      { accept: 'application/json' },
    )
    return ((await sent.json()) as { avatarId: string }).avatarId
  }
  return {
    'GET /account/avatar': plain('/account/avatar'),
    'POST /account/avatar': async () => ({
      ...{ path: '/account/avatar', files: { picture: blob(await jpeg()) }, status: 303 },
    }),
    'POST /account/avatar/removal': plain('/account/avatar/removal', { body: {}, status: 303 }),
    'DELETE /api/v1/account/avatar': plain('/api/v1/account/avatar', { body: {} }),
    'GET /avatars/:id': async () => {
      return { path: `/avatars/${await withFace(canal.dispatcher)}`, by: 'dispatcher' }
    },
    'GET /uploads/:id': async () => {
      const kept = await world.uploads.keep(
        { identityId: canal.rider.identityId, companyId: canal.companyId, kind: 'licence_front' },
        await jpeg(),
      )
      if (!kept.ok) throw new Error(kept.reason)
      await world.db.updateTable('uploads').set({ state: 'ready' }).where('id', '=', kept.value.id).execute()
      return { path: `/uploads/${kept.value.id}` }
    },
  }
}
