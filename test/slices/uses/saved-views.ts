/** The board's zones; and its saved views, a shared one, since what one keeps to oneself is nobody else's. */
import { api, plain, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal }) => {
  const unlike = () => crypto.randomUUID().slice(0, 30)
  /** A walk saves more than any desk keeps. */
  const emptied = async () => {
    const { client } = canal.dispatcher
    const { views } = await client.done<{ views: { id: string; version: number; isOwn: boolean }[] }>(
      'GET',
      '/api/v1/board/views',
    )
    for (const { id, version, isOwn } of views)
      if (isOwn) await client.done('POST', `/api/v1/board/views/${id}/deletion`, { version })
    return client
  }
  const view = async () => {
    const client = await emptied()
    const body = { name: unlike(), search: 'late=yes', shared: true }
    return (await client.done<{ id: string }>('POST', '/api/v1/board/views', body)).id
  }
  const save = async (): Promise<Use> => {
    await emptied()
    const body = { name: unlike(), search: 'show=booked' }
    return { path: '/board/views', by: 'dispatcher', status: 303, body }
  }
  const change = async (): Promise<Use> => ({
    ...{ path: `/board/views/${await view()}`, by: 'dispatcher', status: 303 },
    body: { name: unlike(), version: '1' },
  })
  const remove = async (): Promise<Use> => ({
    ...{
      path: `/board/views/${await view()}/deletion`,
      by: 'dispatcher',
      body: { version: '1' },
      status: 303,
    },
  })
  const asJson = (use: () => Promise<Use>) => async () => {
    const made = await api(use)()
    return { ...made, body: { ...made.body, version: 1 } }
  }
  return {
    'GET /board/zones': plain('/board/zones', { by: 'dispatcher' }),
    'GET /api/v1/board/zones': plain('/api/v1/board/zones', { by: 'dispatcher' }),
    'GET /board/views': plain('/board/views?late=yes', { by: 'dispatcher' }),
    'GET /api/v1/board/views': plain('/api/v1/board/views', { by: 'dispatcher' }),
    'POST /board/views': save,
    'POST /api/v1/board/views': async () => ({ ...(await api(save)()), status: 201 }),
    'POST /board/views/:id': change,
    'POST /api/v1/board/views/:id': asJson(change),
    'POST /board/views/:id/deletion': remove,
    'POST /api/v1/board/views/:id/deletion': asJson(remove),
  }
}
