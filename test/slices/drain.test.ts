import { expect, test } from 'bun:test'
import { sql } from 'kysely'
import { CLOSE } from '../../src/io/sockets.ts'
import { startApp } from '../support/app-world.ts'

test('a process whose regions cannot be handed over sends its sockets elsewhere all the same', async () => {
  const app = await startApp({ running: false })
  for (const dispatcher of app.dispatchers) await dispatcher.run()
  expect(app.dispatchers.every((dispatcher) => dispatcher.holdsLease())).toBe(true)
  const page = app.canal.driver.client.live('/live/driver?format=json')
  await page.next((message) => message.includes('driverId'))
  await sql`ALTER TABLE region_leases RENAME TO elsewhere`.execute(app.db)

  await app.drain()
  expect(await page.closed).toBe(CLOSE.restart)
  expect(app.lines.filter((line) => line.event === 'drain.incomplete')).toHaveLength(2)
  expect((await app.stranger.get('/health/ready')).status).toBe(503)
  await app.stop()
}, 60_000)
