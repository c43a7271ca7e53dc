import { expect, test } from 'bun:test'
import { makePasswords } from '../../src/accounts/passwords.ts'
import { HttpProblem } from '../../src/web/problem.ts'

test('passwords are checked a few at a time, with a bounded number waiting, and all who wait get an answer', async () => {
  const passwords = makePasswords()
  const attempts = await Promise.allSettled(Array.from({ length: 80 }, () => passwords.hash('larks')))
  const refused = attempts.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
  // Two are being done and 64 wait.
  expect(refused.length).toBe(80 - 66)
  for (const { reason } of refused) {
    expect(reason).toBeInstanceOf(HttpProblem)
    expect((reason as HttpProblem).status).toBe(503)
    expect((reason as HttpProblem).headers['retry-after']).toBe('3')
  }
  const done = attempts.find(({ status }) => status === 'fulfilled') as PromiseFulfilledResult<string>
  expect(await passwords.verify('larks', done.value)).toBe(true)
  expect(await passwords.verify('Larks', done.value)).toBe(false)
}, 20_000)

test('all of a long password counts', async () => {
  const passwords = makePasswords()
  const long = 'é'.repeat(1_000)
  const hash = await passwords.hash(`${long}a`)
  expect(await passwords.verify(`${long}b`, hash)).toBe(false)
  expect(await passwords.verify(`${long}a`, hash)).toBe(true)
})
