import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { wordsOf } from '../../src/notices/post.ts'
import { letterHtml, letterText } from '../../views/notices/letter.ts'
import { type Letter, NOTICE_KINDS } from '../../views/notices/words.ts'

const ORIGIN = 'https://cabs.example.org'
const AT_MS = Date.UTC(2026, 10, 21, 23, 12)
/** Everything any kind asks for. */
const DATA = {
  name: 'Ada Okafor',
  link: '/verify/abc',
  hours: 24,
  minutes: 60,
  days: 7,
  inviter: 'Ursa Wharf',
  company: 'Canal Street Cars',
  role: 'driver',
  roles: 'driver, dispatcher',
  reason: 'the photo is blurred',
  untilMs: AT_MS,
  atMs: AT_MS,
  timeZone: 'America/New_York',
  address: '203.0.113.7',
  device: 'Firefox on Windows',
  what: 'app_added',
  newEmail: 'ada@y.example',
  phone: '+12125550142',
  expiresOn: '2027-04-30',
  reference: 'HC-20001',
  pickupAtMs: AT_MS,
  from: 'Times Square',
  to: 'Wall Street',
  fareMinor: 2480,
  currency: 'USD',
  cancelFeeMinor: 0,
  freeUntilMs: AT_MS,
  laterFeeMinor: 500,
  why: 'called_off',
  changes: ['The driver waited for you: $2.00'],
  topic: 'phone',
  text: 'It is a black one.',
  case: 'lost_item',
  step: 'found',
  by: 'driver',
  total: '$29.80',
  forWhom: 'Thank you, Ada',
  payment: 'Cash, Paid',
  places: [
    ['18:13', '828 Broadway'],
    ['', '1071 Fifth Ave'],
  ],
  lines: [['Distance (5.8 km × $1.60)', '$9.28']],
  class: 'black',
  etaS: 240,
}

const letter = (kind: string, data: Record<string, unknown> = DATA): Letter => {
  const words = wordsOf({ kind, data })
  if (words === null) throw new Error(`no words for ${kind}`)
  return words
}

describe('every kind of letter', () => {
  for (const kind of NOTICE_KINDS) {
    test(`${kind} says the same as text and as HTML, with nothing left open`, () => {
      const words = letter(kind)
      const text = letterText(words, ORIGIN)
      const html = letterHtml(words, ORIGIN)
      for (const part of [text, html]) {
        expect(part).not.toMatch(/undefined|null|NaN|Invalid|\[object/)
        if (words.action !== undefined) expect(part).toContain(`${ORIGIN}${words.action.path}`)
      }
      for (const line of words.lines) expect(text).toContain(line)
      expect(words.subject.length).toBeLessThan(70)
    })
  }

  test('shows times in the zone it is given, and in UTC, said, without one', () => {
    const { timeZone: _, ...noZone } = DATA
    expect(letter('password_changed').lines.join()).toContain('18:12 GMT-5 on Sat 21 Nov 2026')
    expect(letter('password_changed', noZone).lines.join()).toContain('23:12 UTC on Sat 21 Nov 2026')
  })
})

describe('names of people', () => {
  const NASTY = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    'Ada\r\nBcc: everybody@x.example',
    'Ada\u202Egro.live',
    'Ada\u0000\u0007',
    "O'Neil & Söhne “GmbH”",
  ]
  test.each(NASTY)('%j stands as text in every letter', (name) => {
    for (const kind of NOTICE_KINDS) {
      const words = letter(kind, { ...DATA, name, company: name, inviter: name, reason: name, device: name })
      const html = letterHtml(words, ORIGIN)
      expect(html).not.toMatch(/<script|<img|onerror=[^&]*>/)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
      expect(words.subject).not.toMatch(/[\r\n\u0000-\u001f\u202e]/)
      expect(letterText(words, ORIGIN)).not.toContain('\r')
    }
  })

  test.each([
    'Win at http://evil.example/now',
    'evil.example',
    'ada@evil.example',
    'see //evil',
    'www.evil.example',
  ])('that read like an address (%s) are left out, so that no letter of ours advertises it', (name) => {
    for (const kind of NOTICE_KINDS) expect(letter(kind, { ...DATA, name }).lines[0]).not.toContain('evil')
  })

  test('whatever they are, subject and greeting stay one line of bounded length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (name) => {
        const words = letter('invitation', { ...DATA, company: name, inviter: name })
        expect(words.subject).not.toMatch(/[\r\n]/)
        expect(words.subject.length).toBeLessThan(700)
      }),
    )
  })
})

test('a letter about a ride names whom to call, as a number that a phone dials; one about an account does not', () => {
  const from = { company_name: 'Canal <Street> Cars', company_phone: '+1 (212) 555-0142' }
  for (const kind of NOTICE_KINDS) {
    const words = wordsOf({ kind, data: DATA, ...from })!
    const [text, html] = [letterText(words, ORIGIN), letterHtml(words, ORIGIN)]
    const isAboutRide = /^(ride_|booking_|receipt|case_|lost_)/.test(kind)
    expect(text.includes('call Canal <Street> Cars: +1 (212) 555-0142')).toBe(isAboutRide)
    expect(html.includes('href="tel:+12125550142"')).toBe(isAboutRide)
    expect(html).not.toContain('<Street>')
  }
  const none = wordsOf({
    kind: 'receipt',
    data: DATA,
    company_name: 'Canal Street Cars',
    company_phone: null,
  })
  expect(letterHtml(none!, ORIGIN)).not.toContain('tel:')
  const odd = wordsOf({ kind: 'receipt', data: DATA, company_name: 'Canal', company_phone: 'ask inside' })
  expect(letterHtml(odd!, ORIGIN)).toContain('call Canal: ask inside')
})

test('a letter leads to paths of ours only', () => {
  const words: Letter = { subject: 'x', lines: [], action: { label: 'Go', path: '//evil.example' } }
  expect(() => letterText(words, ORIGIN)).toThrow()
  expect(() =>
    letterHtml({ ...words, action: { label: 'Go', path: 'https://evil.example' } }, ORIGIN),
  ).toThrow()
})

test('a kind or data we do not know is no letter', () => {
  expect(wordsOf({ kind: 'constructor', data: DATA })).toBeNull()
  expect(wordsOf({ kind: 'second_factor_changed', data: { atMs: 'soon' } })).toBeNull()
})
