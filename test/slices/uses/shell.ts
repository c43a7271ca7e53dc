/** Files, health, figures, and the first page. */
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ world }) => ({
  'GET /': plain('/'),
  'GET /at/:slug': plain('/at/canal-street', { status: 303 }),
  'GET /assets/:hash/:name': async () => {
    const page = await (await world.stranger.get('/')).text()
    return { path: /\/assets\/\w+\/tokens\.css[^"]*/.exec(page)![0] }
  },
  'GET /favicon.ico': plain('/favicon.ico'),
  'GET /rider.webmanifest': plain('/rider.webmanifest'),
  'GET /driver.webmanifest': plain('/driver.webmanifest'),
  'GET /worker.js': plain('/worker.js'),
  'GET /design': plain('/design', { by: 'dispatcher' }),
  'GET /offline': plain('/offline'),
  'GET /health/live': plain('/health/live'),
  'GET /health/ready': plain('/health/ready'),
  'GET /metrics': plain('/metrics'),
  'GET /api/docs/openapi.json': plain('/api/docs/openapi.json'),
})
