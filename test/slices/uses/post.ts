import { keptLetter } from '../../support/mail.ts'
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ world }) => ({
  'GET /outbox': plain('/outbox'),
  'GET /outbox/:id': async () => ({ path: `/outbox/${await keptLetter(world)}` }),
})
