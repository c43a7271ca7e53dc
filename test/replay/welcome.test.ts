/** What the demo says once it runs. */
import { expect, test } from 'bun:test'
import { welcome } from '../../src/demo.ts'

const SIGN_INS = [
  { role: 'rider', email: 'ada@demo.honeycab', password: 'a-b-c-1', page: '/' },
  { role: 'dispatcher', email: 'ines@demo.honeycab', password: 'd-e-f-2', page: '/board' },
] as const

test('who can sign in, with what and where to, and where letters are', () => {
  const said = welcome('http://localhost:4000', SIGN_INS, { letters: true, factors: false })
  expect(said).toContain('  dispatcher  ines@demo.honeycab  d-e-f-2   http://localhost:4000/board')
  expect(said.join()).toContain('http://localhost:4000/outbox')
  expect(said.join()).not.toContain('second factor')
})

test('where others can come in, it says that staff add a second factor before the board opens', () => {
  const said = welcome('https://demo.example', SIGN_INS, { letters: false, factors: true })
  expect(said.join()).toContain('Dispatcher and admin first add a second factor')
  expect(said.join()).not.toContain('outbox')
})
