/** The receipt as a PDF: the same lines in the same order as the page, on as many pages as they need. */
import { fileURLToPath } from 'node:url'
import PDFDocument from 'pdfkit'
import type { ReceiptParts, ReceiptRow } from '../../views/rides/receipt-parts.ts'

/** Of the fonts of a PDF's own only Latin letters could be written: these have Greek, Cyrillic and Arabic as well. */
const FONTS = {
  body: fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')),
  bold: fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf')),
}
const POINTS_PER_MM = 72 / 25.4
/** As `@page` of receipt-print.css. */
const MARGIN_PT = 18 * POINTS_PER_MM
const MARK_PT = 8 * POINTS_PER_MM
const BODY_PT = 11
const SMALL_PT = 9
const GAP_PT = 8

export type PaperSize = 'A4' | 'LETTER'

/**
 * The file as bytes.
 * @param options.atMs goes into the file as when it was made: the payment's instant, so that one receipt is one file
 */
export function receiptPdf(
  parts: ReceiptParts,
  { size, atMs }: { readonly size: PaperSize; readonly atMs: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>()
  const made = new Date(atMs)
  const paper = new PDFDocument({
    ...{ size, margin: MARGIN_PT, bufferPages: true, lang: 'en' },
    info: { Title: parts.title, Author: parts.issuer[0] ?? '', CreationDate: made, ModDate: made },
  })
  const chunks: Uint8Array[] = []
  paper.on('data', (chunk: Uint8Array) => chunks.push(chunk))
  paper.on('error', reject)
  paper.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))))
  drawReceipt(paper, parts)
  paper.end()
  return promise
}

/** Draw it on a paper that has its first page. */
export function drawReceipt(paper: PDFKit.PDFDocument, parts: ReceiptParts): void {
  paper.registerFont('body', FONTS.body).registerFont('bold', FONTS.bold)
  head(paper, parts)
  write(paper, parts.total, { font: 'bold', size: 24 })
  write(paper, `${parts.standing} · ${parts.forWhom}`)
  space(paper)
  for (const { label, clock } of parts.places) row(paper, parts, { label, detail: null, amount: clock ?? '' })
  rule(paper)
  for (const line of parts.rows) row(paper, parts, line)
  rule(paper)
  row(paper, parts, parts.sum, 'bold')
  if (parts.tip !== null) row(paper, parts, parts.tip)
  if (parts.why !== null) {
    space(paper)
    keep(paper, parts, 60)
    write(paper, parts.why.title, { font: 'bold' })
    for (const line of parts.why.rows) row(paper, parts, line)
    rule(paper)
    row(paper, parts, parts.why.sum, 'bold')
  }
  space(paper)
  for (const line of [...parts.seen, ...(parts.driver === null ? [] : [parts.driver])]) {
    keep(paper, parts, 30)
    write(paper, line, { size: SMALL_PT })
  }
  rule(paper)
  row(paper, parts, { label: parts.payment, detail: null, amount: parts.foot }, 'bold')
  feet(paper, parts)
}

function head(paper: PDFKit.PDFDocument, { issuer, title }: ReceiptParts): void {
  const { left, top } = paper.page.margins
  const scale = MARK_PT / 32
  // The mark of views/parts/mark.ts, in black.
  paper.save().translate(left, top).scale(scale)
  paper.path('M16 1.5 28.6 8.75v14.5L16 30.5 3.4 23.25V8.75Z').fill('black')
  paper.path('m16 8.6 5.4 13.6L16 19.6l-5.4 2.6Z').fill('white').restore()
  const x = left + MARK_PT + GAP_PT
  const width = widthOf(paper) - MARK_PT - GAP_PT
  const [name = '', ...lines] = issuer
  paper.font('bold').fontSize(13).fillColor('black').text(name, x, top, { width })
  for (const line of lines) paper.font('body').fontSize(SMALL_PT).text(line, x, paper.y, { width })
  paper.y = Math.max(paper.y, top + MARK_PT) + GAP_PT
  write(paper, title, { font: 'bold', size: 13 })
  rule(paper)
}

/** A line with its amount at the end; both on one page. */
function row(
  paper: PDFKit.PDFDocument,
  parts: ReceiptParts,
  line: ReceiptRow,
  font: 'body' | 'bold' = 'body',
) {
  const { left } = paper.page.margins
  const width = widthOf(paper)
  const amountWidth = Math.min(width / 2, paper.font(font).fontSize(BODY_PT).widthOfString(line.amount) + 4)
  const labelWidth = width - amountWidth - GAP_PT
  const labelHeight = paper.heightOfString(line.label, { width: labelWidth })
  const detailHeight =
    line.detail === null
      ? 0
      : paper.font('body').fontSize(SMALL_PT).heightOfString(line.detail, { width: labelWidth })
  keep(paper, parts, labelHeight + detailHeight)
  const { y } = paper
  paper.font(font).fontSize(BODY_PT).text(line.label, left, y, { width: labelWidth })
  if (line.detail !== null)
    paper
      .font('body')
      .fontSize(SMALL_PT)
      .text(line.detail, left, y + labelHeight, { width: labelWidth })
  if (line.amount !== '')
    paper
      .font(font)
      .fontSize(BODY_PT)
      .text(line.amount, left + width - amountWidth, y, { width: amountWidth, align: 'right' })
  paper.x = left
  paper.y = y + labelHeight + detailHeight + 4
}

/** Where so much has no room any more a page begins, and says again what the total is. */
function keep(paper: PDFKit.PDFDocument, parts: ReceiptParts, heightPt: number): void {
  if (paper.y + heightPt <= paper.page.height - paper.page.margins.bottom) return
  paper.addPage()
  write(paper, `${parts.title}, continued · total ${parts.total}`, { font: 'bold' })
  rule(paper)
}

function write(
  paper: PDFKit.PDFDocument,
  text: string,
  { font = 'body', size = BODY_PT }: { font?: 'body' | 'bold'; size?: number } = {},
): void {
  paper
    .font(font)
    .fontSize(size)
    .text(text, paper.page.margins.left, paper.y, { width: widthOf(paper) })
}

function space(paper: PDFKit.PDFDocument): void {
  paper.y += GAP_PT
}

function rule(paper: PDFKit.PDFDocument): void {
  const { left } = paper.page.margins
  const y = paper.y + 4
  paper
    .moveTo(left, y)
    .lineTo(left + widthOf(paper), y)
    .lineWidth(0.5)
    .stroke('black')
  paper.y = y + GAP_PT
}

/** Under every page, once it is known how many there are. */
function feet(paper: PDFKit.PDFDocument, parts: ReceiptParts): void {
  const { count } = paper.bufferedPageRange()
  for (let page = 0; page < count; page++) {
    paper.switchToPage(page)
    const { margins, height } = paper.page
    const y = height - margins.bottom + GAP_PT
    // Below the margin a line would begin a page of its own.
    const { bottom } = margins
    margins.bottom = 0
    paper
      .font('body')
      .fontSize(8)
      .text(`${parts.url} · page ${page + 1} of ${count}`, margins.left, y, {
        ...{ width: widthOf(paper), align: 'center', lineBreak: false },
      })
    margins.bottom = bottom
  }
}

function widthOf({ page }: PDFKit.PDFDocument): number {
  return page.width - page.margins.left - page.margins.right
}
