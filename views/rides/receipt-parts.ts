/** What a receipt says, in the order it says it: the page, the paper, the PDF and the letter are drawn from this alone. */
import type { PageContext } from '../page.ts'
import { clockText, dayText, distanceText, minutesText, money } from '../parts/format.ts'
import type { PriceLine } from '../parts/price-lines.ts'
import { agreedLines } from './agreed-ways.ts'
import type { ReceiptProps } from './receipt.ts'

type Zone = Pick<PageContext, 'lang' | 'timeZone'>

/** A label, the working under it, the amount at the end. */
export interface ReceiptRow {
  readonly label: string
  readonly detail: string | null
  readonly amount: string
}

export interface ReceiptParts {
  readonly title: string
  /** The company: name, then address, numbers. */
  readonly issuer: readonly string[]
  /** All that was or is to be paid, the tip included. */
  readonly total: string
  readonly standing: 'Paid' | 'To be paid'
  readonly forWhom: string
  /** Where it went, in order, each with its clock. */
  readonly places: readonly { readonly label: string; readonly clock: string | null }[]
  readonly rows: readonly ReceiptRow[]
  readonly sum: ReceiptRow
  readonly tip: ReceiptRow | null
  /** Why it is not what was promised; null where it is. */
  readonly why: {
    readonly title: string
    readonly rows: readonly ReceiptRow[]
    readonly sum: ReceiptRow
  } | null
  /** What the figures rest on. */
  readonly seen: readonly string[]
  readonly driver: string | null
  readonly payment: string
  /** When it was paid, and the ride's name. */
  readonly foot: string
  readonly url: string
}

export function receiptParts(zone: Zone, props: ReceiptProps): ReceiptParts {
  const { currency } = props
  const sum = (minor: number) => money(minor, currency, zone.lang)
  const row = (line: PriceLine): ReceiptRow => ({
    ...{ label: line.label, detail: line.detail, amount: sum(line.amountMinor) },
  })
  const tipMinor = props.tip?.givenMinor ?? null
  const { driver, changes } = props
  return {
    title: `Receipt ${props.reference}`,
    issuer: [props.companyName, ...(props.companyLines ?? [])],
    total: sum(props.totalMinor + (tipMinor ?? 0)),
    standing: props.paid ? 'Paid' : 'To be paid',
    forWhom: `${props.kind === 'fare' ? 'Thank you, ' : ''}${props.riderName} · ${dayText(zone, props.paidAtMs ?? props.promisedAtMs)}`,
    places: [props.pickup, props.dropoff].map(({ label, atMs }) => ({
      ...{ label, clock: atMs === null ? null : clockText(zone, atMs) },
    })),
    rows: props.lines.map(row),
    sum: { label: sumLabel(zone, props), detail: null, amount: sum(props.totalMinor) },
    tip:
      tipMinor === null || driver === null
        ? null
        : { label: `Tip for ${driver.name}`, detail: 'on your account', amount: sum(tipMinor) },
    why:
      changes == null || changes.reasons.length === 0
        ? null
        : {
            title: `Why it is not what was promised at ${clockText(zone, props.promisedAtMs)}`,
            rows: [
              { label: 'Promised', detail: null, amount: sum(changes.promisedMinor) },
              ...changes.reasons.map(row),
            ],
            sum: { label: 'Fare', detail: null, amount: sum(props.totalMinor) },
          },
    seen: [...agreedLines(zone, props.agreed ?? [], currency), ...seenOf(zone, props)],
    driver:
      driver === null ? null : `${driver.name} · ${props.className}, ${driver.vehicle}, ${driver.plate}`,
    payment: props.payment === 'cash' ? 'Cash' : (props.accountName ?? 'Company account'),
    foot: `${props.paidAtMs === null ? '' : `${clockText(zone, props.paidAtMs)} · `}${props.reference}`,
    url: props.url,
  }
}

function sumLabel(zone: Zone, props: ReceiptProps): string {
  if (props.changes != null && props.changes.reasons.length > 0) return 'Fare'
  if (props.kind === 'fare') return `Fare, as promised at ${clockText(zone, props.promisedAtMs)}`
  return props.kind === 'no_show_fee' ? 'Fee, the driver waited in vain' : 'Fee for cancelling'
}

function seenOf(zone: Zone, { evidence }: ReceiptProps): string[] {
  if (evidence == null) return []
  const { gpsArrivedAtMs, gpsAwayM, boardedAtMs, waitedS } = evidence
  const atLeastAMinute = (durationS: number) => minutesText(Math.max(60, durationS))
  const aboard = boardedAtMs === null ? '' : `, on board at ${clockText(zone, boardedAtMs)}`
  const waited = waitedS === null || waitedS < 60 ? '' : `: waited ${minutesText(waitedS)}`
  return [
    ...(gpsArrivedAtMs === null
      ? []
      : [
          `The car was seen ${distanceText(gpsAwayM ?? 0)} from the pickup at ${clockText(zone, gpsArrivedAtMs)}${aboard}${waited}`,
        ]),
    `Driven ${distanceText(evidence.drivenM)} in ${atLeastAMinute(evidence.drivenS)}; promised were ${distanceText(evidence.promisedM)} in ${atLeastAMinute(evidence.promisedS)}`,
  ]
}
