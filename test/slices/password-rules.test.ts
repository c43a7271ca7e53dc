import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { judgePassword, SHORTEST_PASSWORD } from '../../src/accounts/password-rules.ts'
import { LONGEST_PASSWORD } from '../../src/accounts/passwords.ts'

const ADA = { name: 'Ada Okafor', email: 'ada.okafor@campus.example', companies: ['Canal Street Cars'] }
const faultOf = (password: string) => judgePassword(password, ADA).fault

describe('a password is taken', () => {
  test.each([
    'larks above the canal',
    'kp7-zzq-04m-xx1',
    'correct horse battery staple',
    '中文密码测试一二三四',
    'пять тихих гаваней',
    '🐝🍯🚕🌃🗽🎷🥨🦉🪻🧭 night',
    `${'a long walk along the river '.repeat(36)}home`,
    'with\0zero and\ttab characters',
  ])('%s', (password) => {
    expect(judgePassword(password, ADA)).toMatchObject({ fault: null })
  })
})

describe('a password is refused', () => {
  test.each([
    ['too_short', 'kp7-zzq-0'],
    ['too_short', '🐝🍯🚕🌃🗽🎷🥨🦉🪻'],
    ['too_long', 'x'.repeat(LONGEST_PASSWORD + 1)],
    ['common', 'password123!'],
    ['common', 'qwertyuiop1'],
    ['common', '1234567890'],
    ['product', 'Honeycab2026!'],
    ['product', 'h0neyc4b rides'],
    ['product', 'CanalStreetCars1'],
    ['own', 'Ada Okafor 1987'],
    ['own', 'rofakO!!2026'],
    ['own', 'ada.okafor@campus.example'],
    ['easy', 'aaaaaaaaaaaaaaaa'],
    ['easy', 'x'.repeat(LONGEST_PASSWORD)],
  ])('as %s: %s', (fault, password) => {
    expect(faultOf(password)).toBe(fault as never)
  })

  test('built on their own name or ours with a few digits and signs, however written', () => {
    const known = fc.constantFrom(
      'honeycab',
      'Honeycab',
      'HONEYCAB',
      'okafor',
      'Ada Okafor',
      'canal street cars',
    )
    const beginning = fc.stringMatching(/^[0-9!.]{0,1}$/)
    const ending = fc.stringMatching(/^[0-9!.]{0,5}$/)
    fc.assert(
      fc.property(beginning, known, ending, (before, word, after) => {
        expect(faultOf(`${before}${word}${after}`)).not.toBeNull()
      }),
    )
  })

  test('when it is short, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-composite', maxLength: 300 }), (text) => {
        const characters = [...text].slice(0, SHORTEST_PASSWORD - 1).join('')
        expect(faultOf(characters)).toBe('too_short')
      }),
    )
  })
})

test('whatever is typed gets a verdict with words, and refused is never shown as strong', () => {
  const texts = fc.oneof(fc.string({ maxLength: 1_100 }), fc.string({ unit: 'binary', maxLength: 200 }))
  fc.assert(
    fc.property(
      texts,
      fc.string({ maxLength: 200 }),
      fc.string({ maxLength: 254 }),
      (password, name, email) => {
        const { fault, score, words } = judgePassword(password, { name, email })
        expect(words.length).toBeGreaterThan(10)
        expect(fault === null).toBe(score >= 3)
      },
    ),
    { numRuns: 200 },
  )
})

test('no part of a password is cut off: longer by one character is another password', async () => {
  const long = `${'a long walk along the river '.repeat(36)}home`
  const hash = await Bun.password.hash(long, { algorithm: 'argon2id', memoryCost: 1024, timeCost: 1 })
  expect(long.length).toBeGreaterThan(1_000)
  expect(await Bun.password.verify(long.slice(0, -1), hash)).toBe(false)
})
