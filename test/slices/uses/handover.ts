/** Notes from one shift of the desk to the next, and who did what. */
import { api, plain, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal }) => {
  const note = async () =>
    (await canal.dispatcher.client.done<{ id: string }>('POST', '/api/v1/board/handover', { text: 'HC-1' }))
      .id
  const write = async (): Promise<Use> => ({
    ...{ path: '/board/handover', by: 'dispatcher', body: { text: 'Car 204 is at the garage' }, status: 303 },
  })
  const change = async (): Promise<Use> => ({
    ...{ path: `/board/handover/${await note()}`, by: 'dispatcher', body: { to: 'pin' }, status: 303 },
  })
  return {
    'GET /board/handover': plain('/board/handover', { by: 'dispatcher' }),
    'GET /api/v1/board/handover': plain('/api/v1/board/handover', { by: 'dispatcher' }),
    'POST /board/handover': write,
    'POST /api/v1/board/handover': async () => ({ ...(await api(write)()), status: 201 }),
    'POST /board/handover/taken': async () => ({
      ...{ path: '/board/handover/taken', by: 'dispatcher', body: { ids: await note() }, status: 303 },
    }),
    'POST /api/v1/board/handover/taken': async () => ({
      ...{ path: '/api/v1/board/handover/taken', by: 'dispatcher', body: { ids: [await note()] } },
    }),
    'POST /board/handover/:id': change,
    'POST /api/v1/board/handover/:id': api(change),
    'GET /board/past': plain('/board/past', { by: 'dispatcher' }),
    'GET /api/v1/board/past': plain('/api/v1/board/past?from=1795000000000&until=1795000060000', {
      by: 'dispatcher',
    }),
    'GET /board/now': plain('/board/now', { by: 'dispatcher' }),
    'GET /api/v1/board/now': plain('/api/v1/board/now', { by: 'dispatcher' }),
    'GET /board/deeds': plain('/board/deeds', { by: 'dispatcher' }),
    'GET /api/v1/board/deeds': plain('/api/v1/board/deeds', { by: 'dispatcher' }),
  }
}
