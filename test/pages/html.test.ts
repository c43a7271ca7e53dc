import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { boardTable, forgetRows } from '../../views/board/table.ts'
import { type HtmlValue, html } from '../../views/html.ts'
import { clockText, money } from '../../views/parts/format.ts'
import { boardContext, rows, tableProps } from './board-cases.ts'

/** What the template promises, word by word. */
function plainly(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return ''
  if (Array.isArray(value)) return value.map(plainly).join('')
  return String(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;')
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom('&', '<', '>', '"', "'", '</script>', 'a', '🚕', '\u0000', '&amp;'))
    .map((parts) => parts.join('')),
)
const { value } = fc.letrec<{ value: HtmlValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.double(),
    fc.bigInt(),
    fc.constantFrom(null, undefined, false as const),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
}))

describe('a template', () => {
  test('escapes whatever it is given, in text and in attributes, however many and however nested', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 11, maxLength: 11 }), (values) => {
        const [a, b, c, d, e, f, g, h, i, j, k] = values
        const [A, B, C, D, E, F, G, H, I, J, K] = values.map(plainly)
        expect(`${html`<p>${a}</p>`}`).toBe(`<p>${A}</p>`)
        expect(`${html`${a}${b}<b title="${c}">${d}</b>`}`).toBe(`${A}${B}<b title="${C}">${D}</b>`)
        expect(`${html`${a}-${b}-${c}-${d}-${e}`}`).toBe(`${A}-${B}-${C}-${D}-${E}`)
        expect(`${html`<${'p'} a="${a}" b='${b}' ${c}>${d}${e}${f}${g}${h}${i}${j}${k}</p>`}`).toBe(
          `<p a="${A}" b='${B}' ${C}>${D}${E}${F}${G}${H}${I}${J}${K}</p>`,
        )
        expect(`${html`<ul>${[html`<li>${a}</li>`, b, [html`<li title="${c}"></li>`]]}</ul>`}`).toBe(
          `<ul><li>${A}</li>${B}<li title="${C}"></li></ul>`,
        )
      }),
    )
  })

  test('with an attribute that has no quotes is a mistake of ours, each time it is used', () => {
    const wrong = () => html`<a href=${'x onclick=y'}>no</a>`
    expect(wrong).toThrow('quoted')
    expect(`${html`<p>${1}</p>`}`).toBe('<p>1</p>')
    expect(wrong).toThrow('quoted')
  })
})

describe('a row of the table', () => {
  const one = rows[4]!
  const draw = (row: typeof one) =>
    String(boardTable(boardContext, { ...tableProps, selectedRideId: null, rows: [row] }))

  test('is drawn anew when anything it says has changed, whatever was kept of it', () => {
    const other = {
      version: 9,
      driverId: 'driver-999',
      state: 'arrived',
      reference: 'HC-1',
      riderName: 'A. N. Other',
      from: 'Elsewhere',
      to: 'Nowhere',
      driver: { callSign: '999', name: 'Nobody' },
      etaAtMs: one.etaAtMs! + 600_000,
      lateS: 3_600,
      fareMinor: 1,
      currency: 'EUR',
      shared: true,
      note: 'late',
    }
    expect(Object.keys(other).toSorted()).toEqual(
      Object.keys(one)
        .filter((key) => key !== 'rideId')
        .toSorted(),
    )
    for (const [field, changed] of Object.entries(other)) {
      forgetRows()
      draw(one)
      const kept = draw({ ...one, [field]: changed })
      forgetRows()
      expect(draw({ ...one, [field]: changed }), field).toBe(kept)
    }
    forgetRows()
    draw(one)
    const renamed = { ...one, driver: { ...one.driver!, name: 'Nobody' } }
    expect(draw(renamed)).toContain('Nobody')
  })

  test('in another language or zone has its own words', () => {
    draw(one)
    const elsewhere = { ...boardContext, lang: 'en-US', timeZone: 'Asia/Tokyo' } as const
    const there = String(boardTable(elsewhere, { ...tableProps, rows: [one] }))
    expect(there).toContain(clockText(elsewhere, one.etaAtMs!))
    expect(draw(one)).toContain(clockText(boardContext, one.etaAtMs!))
  })
})

describe('figures that are kept', () => {
  test('say what the formatters say, minute by minute and cent by cent', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe', 'UTC'),
        fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) }),
        (timeZone, atMs) => {
          const fresh = new Intl.DateTimeFormat('en-GB', {
            ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
            timeZone,
          })
          expect(clockText({ lang: 'en', timeZone }, atMs)).toBe(fresh.format(atMs))
        },
      ),
    )
    for (const [amountMinor, currency, text] of [
      [2_480, 'USD', '$24.80'],
      [2_480, 'JPY', '¥2,480'],
      [2_480, 'KWD', 'KWD 2.480'],
      [-5, 'USD', '-$0.05'],
    ] as const)
      for (const _again of [1, 2]) expect(money(amountMinor, currency).replaceAll('\u00a0', ' ')).toBe(text)
  })
})
