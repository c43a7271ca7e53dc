/** The desk by keyboard: finding and booking. */
import { askPrices } from '../../support/ride-steps.ts'
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal, rideOf }) => ({
  'GET /board/find': plain('/board/find?q=ada', { by: 'dispatcher' }),
  'GET /api/v1/board/find': plain('/api/v1/board/find?q=ada', { by: 'dispatcher' }),
  'GET /board/callers': plain('/board/callers?q=ada', { by: 'dispatcher' }),
  'GET /api/v1/board/callers': plain('/api/v1/board/callers?q=ada', { by: 'dispatcher' }),
  'POST /api/v1/board/bookings/:id': async () => {
    await rideOf(canal.rider)
    const { id, options } = await askPrices(canal.rider)
    return {
      ...{ path: `/api/v1/board/bookings/${id}`, by: 'dispatcher' as const, status: 201 },
      body: { quoteId: options[0]!.quoteId, payment: 'cash' },
    }
  },
})
