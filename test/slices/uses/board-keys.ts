/** The desk by keyboard: finding and booking. */
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = () => ({
  'GET /board/find': plain('/board/find?q=ada', { by: 'dispatcher' }),
  'GET /api/v1/board/find': plain('/api/v1/board/find?q=ada', { by: 'dispatcher' }),
})
