/** The desk and one driver. */
import { api, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal, online }) => {
  const at = (tail: string) => `/board/drivers/${canal.driver.driverId}${tail}`
  const card = async (): Promise<Use> => ({ path: at(''), by: 'dispatcher' })
  const hold = async (): Promise<Use> => {
    await online()
    return { path: at('/hold'), by: 'dispatcher', body: { reason: 'the walk' }, status: 303 }
  }
  const takeBack = async (): Promise<Use> => ({
    ...{ path: at('/return'), by: 'dispatcher', body: {}, status: 303 },
  })
  return {
    'GET /board/drivers/:id': card,
    'GET /api/v1/board/drivers/:id': api(card),
    'POST /board/drivers/:id/hold': hold,
    'POST /api/v1/board/drivers/:id/hold': api(hold),
    'POST /board/drivers/:id/return': takeBack,
    'POST /api/v1/board/drivers/:id/return': api(takeBack),
  }
}
