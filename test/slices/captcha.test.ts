import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Challenge, solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { CHALLENGE_LASTS_MS, forgetOldSolutions, makeCaptcha } from '../../src/accounts/captcha.ts'
import { manualClock } from '../../src/io/clock.ts'
import { systemRandom } from '../../src/io/random.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const SECRET = 'a secret of the tests that is long enough to sign with'
const clock = manualClock(Date.UTC(2026, 10, 21, 9, 0, 0))
const random = systemRandom(clock)
const captcha = makeCaptcha({ secrets: [SECRET], random })
let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
async function solve(challenge: Challenge) {
  return { challenge, solution: (await solveChallenge({ challenge, deriveKey }))! }
}
const solved = async () => solve(await captcha.challenge(clock.nowMs()))
const spend = (text: string, by = captcha) =>
  database.db.transaction().execute((db) => by.spend({ db, atMs: clock.nowMs() }, text))

describe('a proof of work', () => {
  test('counts once', async () => {
    const proof = encode(await solved())
    expect(await spend(proof)).toBeNull()
    expect(await spend(proof)).toBe('used')
  })

  test('counts once also when fifty come with it at the same time', async () => {
    const proof = encode(await solved())
    const answers = await Promise.all(Array.from({ length: 50 }, () => spend(proof)))
    expect(answers.filter((fault) => fault === null)).toHaveLength(1)
    expect(answers.filter((fault) => fault === 'used')).toHaveLength(49)
  })

  test('counts once however it is written', async () => {
    const { challenge, solution } = await solved()
    expect(await spend(encode({ challenge, solution }))).toBeNull()
    for (const again of [
      { solution: { ...solution, counter: solution.counter + 1 }, challenge },
      { solution: { ...solution, time: 7 }, challenge: { ...challenge, more: 1 } },
    ])
      expect(await spend(encode(again))).toBe('used')
  })

  test('runs out', async () => {
    const proof = encode(await solved())
    clock.advance(CHALLENGE_LASTS_MS)
    expect(await spend(proof)).toBe('expired')
  })

  test('is forgotten when it could not come again anyway', async () => {
    expect(await spend(encode(await solved()))).toBeNull()
    await forgetOldSolutions(database.db, clock.nowMs())
    expect(await forgetOldSolutions(database.db, clock.nowMs())).toBe(0)
    clock.advance(CHALLENGE_LASTS_MS)
    expect(await forgetOldSolutions(database.db, clock.nowMs())).toBeGreaterThan(0)
  })

  test('made with the secret before the newest still counts', async () => {
    const rotated = makeCaptcha({ secrets: ['another secret, newer and just as long', SECRET], random })
    expect(await spend(encode(await solved()), rotated)).toBeNull()
  })
})

describe('a forged proof is refused', () => {
  test('with its challenge changed, or of somebody else’s making', async () => {
    const { challenge, solution } = await solved()
    const { parameters } = challenge
    const foreign = makeCaptcha({ secrets: ['a secret that somebody else has made up'], random })
    const forged: unknown[] = [
      {
        challenge: { ...challenge, parameters: { ...parameters, data: { untilMs: clock.nowMs() + 1e9 } } },
        solution,
      },
      { challenge: { ...challenge, parameters: { ...parameters, keyPrefix: '00' } }, solution },
      { challenge: { ...challenge, signature: '00'.repeat(32) }, solution },
      { challenge: { parameters }, solution },
      { challenge, solution: { ...solution, derivedKey: '00'.repeat(32) } },
      { challenge, solution: { ...solution, derivedKey: `${parameters.keyPrefix}${'0'.repeat(32)}` } },
      { challenge: (await solved()).challenge, solution },
      await solve(await foreign.challenge(clock.nowMs())),
    ]
    for (const proof of forged) expect(await spend(encode(proof)), JSON.stringify(proof)).toBe('wrong')
  })

  test('when it is no proof at all', async () => {
    for (const text of ['', 'x', '{}', encode(null), encode([]), encode({}), 'A'.repeat(5_000), '\u0000'])
      expect(await spend(text)).toBe('wrong')
  })
})
