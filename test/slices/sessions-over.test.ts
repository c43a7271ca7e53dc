import { afterAll, beforeAll, expect, test } from 'bun:test'
import { CLOSE, type LiveSocket } from '../../src/io/sockets.ts'
import { closeEnded } from '../../src/ops/keeper.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'

let app: AppWorld
beforeAll(async () => {
  app = await startApp({ running: false })
}, 60_000)
afterAll(() => app.stop())

function openSocket(sessionId: string): number[] {
  const closed: number[] = []
  const socket: LiveSocket = { raw: {}, close: (code) => void closed.push(code), subscribe: () => {} }
  app.sockets.add(socket, { identityId: app.canal.rider.identityId, sessionId, topics: [] })
  return closed
}

async function newSession(): Promise<string> {
  const before = await app.db.selectFrom('sessions').select('id').execute()
  await app.auth.mintSession(app.canal.rider.identityId)
  const known = new Set(before.map(({ id }) => id))
  const after = await app.db.selectFrom('sessions').select('id').execute()
  return after.find(({ id }) => !known.has(id))!.id
}

test('a socket goes with its session, also when the session ran out or the news of its end was lost', async () => {
  const [going, deleted, expired, idle] = [
    await newSession(),
    await newSession(),
    await newSession(),
    await newSession(),
  ]
  const sockets = { going, deleted, expired, idle }
  const closed = Object.fromEntries(Object.entries(sockets).map(([name, id]) => [name, openSocket(id)]))
  const long = new Date(app.clock.nowMs() - 30 * 86_400_000)
  await app.db.deleteFrom('sessions').where('id', '=', deleted).execute()
  await app.db.updateTable('sessions').set({ expires_at: long }).where('id', '=', expired).execute()
  await app.db.updateTable('sessions').set({ updated_at: long }).where('id', '=', idle).execute()

  const { db, clock } = app
  expect(await closeEnded({ db, clock, sockets: app.sockets })).toBe(3)
  const ended = [CLOSE.sessionEnded]
  expect(closed).toEqual({ going: [], deleted: ended, expired: ended, idle: ended })
  expect(await closeEnded({ db, clock, sockets: app.sockets })).toBe(0)
})
