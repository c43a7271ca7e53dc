import { expect, test } from 'bun:test'
import { correlated, createLog } from '../../src/io/log.ts'

function linesOf(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = []
  write(createLog('info', { write: (line) => lines.push(line) }))
  return lines.map((line) => JSON.parse(line))
}

test('an event is one line of JSON with its time, level and name', () => {
  const [line] = linesOf((log) => log.info({ rideId: 'r1' }, 'ride.requested'))
  expect(line).toEqual({ level: 'info', time: expect.any(String), rideId: 'r1', event: 'ride.requested' })
})

test('what one request logs carries one correlation id', () => {
  const [line] = linesOf((log) => correlated(log, 'c1').warn('offer.lapsed'))
  expect(line).toMatchObject({ correlationId: 'c1', event: 'offer.lapsed' })
})

test('secrets are removed where they usually lie', () => {
  const lines = linesOf((log) => {
    log.info({ password: 'pw-1', body: { password: 'pw-2', csrf: 'pw-3' } }, 'a')
    log.info(
      { request: { headers: { cookie: 'pw-4', authorization: 'pw-5', 'x-session-token': 'pw-6' } } },
      'b',
    )
    log.info({ config: { sessionSecrets: ['pw-7'], databaseUrl: 'pw-8' } }, 'c')
    log.info({ tries: [{ address: 'x', token: 'pw-9' }, 1] }, 'd')
    log.error({ error: Object.assign(new Error('no'), { secret: 'pw-10', inner: { cookie: 'pw-11' } }) }, 'e')
  })
  expect(JSON.stringify(lines)).not.toContain('pw-')
  expect(lines[3]).toMatchObject({ tries: [{ address: 'x', token: '[removed]' }, 1] })
})

test('what is removed from a line stays in the object that was logged', () => {
  const facts = { body: { password: 'pw', name: 'Ada' }, list: [{ csrf: 'x' }] }
  linesOf((log) => log.info(facts, 'a'))
  expect(facts).toEqual({ body: { password: 'pw', name: 'Ada' }, list: [{ csrf: 'x' }] })
})

test('an error keeps its message and the database code', () => {
  const error = Object.assign(new Error('no'), { code: '23505' })
  const [line] = linesOf((log) => log.error({ error }, 'a'))
  expect(line).toMatchObject({ error: { message: 'no', code: '23505' } })
})
