/** One act of the desk on many rides. */
import { api, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal, rideOf }) => {
  const held = async () => {
    const id = await rideOf()
    const { batchId } = await canal.dispatcher.client.done<{ batchId: string }>(
      'POST',
      '/api/v1/board/batches',
      { act: 'hold', rides: [{ id }], minutes: 5 },
    )
    return { id, batchId }
  }
  const undone = async (): Promise<Use> => ({
    ...{ path: `/board/batches/${(await held()).batchId}/undo`, by: 'dispatcher', body: {}, status: 303 },
  })
  const looked = async (): Promise<Use> => ({
    ...{ path: `/board/merges?rides=${await rideOf()}`, by: 'dispatcher' },
  })
  return {
    'GET /board/merges': looked,
    'GET /api/v1/board/merges': api(looked),
    'POST /board/batches': async () => ({
      ...{ path: '/board/batches', by: 'dispatcher', status: 303 },
      body: { act: 'hold', minutes: '5', ride: `${await rideOf()}:1` },
    }),
    'POST /api/v1/board/batches': async () => ({
      ...{ path: '/api/v1/board/batches', by: 'dispatcher', status: 200 },
      body: { act: 'hold', minutes: 5, rides: [{ id: await rideOf() }] },
    }),
    'GET /board/batches/:id': async () => {
      const { id, batchId } = await held()
      return { path: `/board/batches/${batchId}?act=hold&rows=${id}.done`, by: 'dispatcher' }
    },
    'POST /board/batches/:id/undo': undone,
    'POST /api/v1/board/batches/:id/undo': api(undone),
  }
}
