/** A receipt on the page, on paper, as a PDF: one text, whichever way it leaves. */
import { describe, expect, test } from 'bun:test'
import PDFDocument from 'pdfkit'
import { drawReceipt, receiptPdf } from '../../src/aftercare/receipt-pdf.ts'
import { receiptPage } from '../../views/rides/receipt.ts'
import { type ReceiptParts, receiptParts } from '../../views/rides/receipt-parts.ts'
import { context, receipt } from './cast.ts'

const ctx = context()
const EVIDENCE = {
  ...{ gpsArrivedAtMs: 1_763_766_000_000, gpsAwayM: 14, boardedAtMs: 1_763_766_300_000, waitedS: 300 },
  ...{ drivenM: 6_210, drivenS: 1_140, promisedM: 5_800, promisedS: 1_080 },
}
const whole = receiptParts(
  ctx,
  receipt({
    companyLines: ['12 Canal Street, New York', 'Tax number 12-345'],
    changes: {
      promisedMinor: 2280,
      reasons: [{ label: 'The driver waited for you', detail: '5 min at the pickup', amountMinor: 200 }],
    },
    evidence: EVIDENCE,
    tip: { givenMinor: 500, choicesMinor: [], key: '0193-tip' },
  }),
)

/** What is written on the paper, line by line, and on which page. */
function written(parts: ReceiptParts): { text: string; page: number; y: number }[] {
  const paper = new PDFDocument({ size: 'A4', margin: 51, bufferPages: true })
  const lines: { text: string; page: number; y: number }[] = []
  let page = 0
  const write = paper.text.bind(paper) as (text: string, ...rest: unknown[]) => PDFKit.PDFDocument
  paper.on('pageAdded', () => page++)
  const goTo = paper.switchToPage.bind(paper)
  paper.switchToPage = (n: number) => {
    page = n
    return goTo(n)
  }
  paper.text = ((text: string, ...rest: unknown[]) => {
    lines.push({ text, page, y: typeof rest[1] === 'number' ? rest[1] : paper.y })
    return write(text, ...rest)
  }) as typeof paper.text
  drawReceipt(paper, parts)
  paper.end()
  return lines
}

/** The page's own words, in order, without its marks. */
function textOf(markup: string): string {
  return markup
    .replace(/<svg[\s\S]*?<\/svg>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', '’')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
}

describe('page and PDF', () => {
  test('say the same lines in the same order', () => {
    const props = receipt({
      changes: {
        promisedMinor: 2280,
        reasons: [{ label: 'The driver waited for you', detail: '5 min at the pickup', amountMinor: 200 }],
      },
      evidence: EVIDENCE,
      tip: { givenMinor: 500, choicesMinor: [], key: '0193-tip' },
    })
    const page = textOf(String(receiptPage(ctx, props)))
    const body = page.slice(page.indexOf('$29.80'))
    const parts = receiptParts(ctx, props)
    const lines = written(parts).map(({ text }) => text)
    const from = lines.indexOf('$29.80')
    expect(from).toBeGreaterThan(0)
    let at = 0
    for (const line of lines.slice(from, -1)) {
      for (const word of line === `${parts.standing} · ${parts.forWhom}`
        ? [parts.standing, parts.forWhom]
        : [line]) {
        const found = body.indexOf(word, at)
        expect([word, found >= at]).toEqual([word, true])
        at = found
      }
    }
  })

  test('the sum is the lines, and the large figure what was paid with the tip', () => {
    const minor = (text: string) => Math.round(Number(text.replace(/[^0-9.-]/g, '')) * 100)
    expect(whole.rows.reduce((sum, row) => sum + minor(row.amount), 0)).toBe(minor(whole.sum.amount))
    expect(minor(whole.total)).toBe(minor(whole.sum.amount) + 500)
    expect(whole.tip).toMatchObject({ label: 'Tip for Bo L.', amount: '$5.00' })
  })
})

describe('the PDF', () => {
  test('is a file, the same bytes for the same receipt, with letters of any alphabet', async () => {
    const made = () => receiptPdf({ ...whole, forWhom: 'Łukasz Жуков علي' }, { size: 'LETTER', atMs: 1_000 })
    const [one, other] = await Promise.all([made(), made()])
    expect(Buffer.from(one.slice(0, 5)).toString()).toBe('%PDF-')
    expect(Buffer.from(one).equals(Buffer.from(other))).toBe(true)
    expect(Buffer.from(one).toString('latin1')).toContain('DejaVu')
  })

  test('of many lines goes on over pages: no line parts from its amount, each page says the total and its number', () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({
      ...{
        label: `Line ${i} ${'of a long name '.repeat(i % 9)}`,
        detail: i % 2 === 0 ? 'with its working' : null,
      },
      amount: `$${i}.77`,
    }))
    const lines = written({ ...whole, rows })
    const pages = Math.max(...lines.map(({ page }) => page)) + 1
    expect(pages).toBeGreaterThan(2)
    for (const row of rows) {
      const label = lines.find(({ text }) => text === row.label)!
      const amount = lines.find(({ text }) => text === row.amount)!
      expect([row.label, amount.page, amount.y]).toEqual([row.label, label.page, label.y])
    }
    for (let page = 0; page < pages; page++) {
      const own = lines.filter((line) => line.page === page).map(({ text }) => text)
      expect(own.some((text) => text.includes(whole.total))).toBe(true)
      expect(own.at(-1)).toContain(`page ${page + 1} of ${pages}`)
    }
  })
})
