/** The desk and drivers write to each other. */
import { api, plain, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal, online }) => {
  const { driverId } = canal.driver
  const at = (tail: string) => `/board/drivers/${driverId}/messages${tail}`
  const toAll = async (): Promise<Use> => {
    await online()
    return { path: '/board/messages', by: 'dispatcher', body: { to: 'all', text: 'rain' }, status: 303 }
  }
  const toAllByApi = async (): Promise<Use> => {
    await online()
    const body = { audience: { kind: 'all' }, text: 'rain' }
    return { path: '/api/v1/board/messages', by: 'dispatcher', body, status: 201 }
  }
  const toOne = async (): Promise<Use> => ({
    ...{ path: at(''), by: 'dispatcher', body: { text: 'call us' }, status: 303 },
  })
  const seen = async (): Promise<Use> => ({ path: at('/seen'), by: 'dispatcher', body: {}, status: 303 })
  const driving = (tail: string, body: Record<string, unknown>) => async (): Promise<Use> => ({
    ...{ path: `/driver/messages${tail}`, by: 'driver', body, status: 303 },
  })
  return {
    'GET /board/messages': plain('/board/messages', { by: 'dispatcher' }),
    'POST /board/messages': toAll,
    'GET /api/v1/board/messages': plain('/api/v1/board/messages', { by: 'dispatcher' }),
    'POST /api/v1/board/messages': toAllByApi,
    'POST /board/drivers/:id/messages': toOne,
    'GET /api/v1/board/drivers/:id/messages': plain(`/api/v1${at('')}`, { by: 'dispatcher' }),
    'POST /api/v1/board/drivers/:id/messages': async () => ({ ...(await api(toOne)()), status: 201 }),
    'POST /board/drivers/:id/messages/seen': seen,
    'POST /api/v1/board/drivers/:id/messages/seen': api(seen),
    'GET /driver/messages': plain('/driver/messages', { by: 'driver' }),
    'POST /driver/messages': driving('', { text: 'on my way' }),
    'POST /driver/messages/read': driving('/read', { ids: '' }),
    'POST /driver/messages/delivered': driving('/delivered', { ids: '' }),
    'GET /api/v1/driver/messages': plain('/api/v1/driver/messages', { by: 'driver' }),
    'POST /api/v1/driver/messages': async () => ({
      ...(await api(driving('', { text: 'on my way' }))()),
      status: 201,
    }),
    'POST /api/v1/driver/messages/read': api(driving('/read', {})),
    'POST /api/v1/driver/messages/delivered': api(driving('/delivered', { ids: [] })),
  }
}
