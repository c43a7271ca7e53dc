/** Amounts, shares and spans as people type them into forms, and as they are kept: whole minor units, points, seconds. */

/** How many decimals a currency has: two mostly, none for the yen, three for the dinar. */
export function minorDigits(currency: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  return format.resolvedOptions().maximumFractionDigits ?? 2
}

/** `3.50` -> 350; null for what is no amount of the currency. Exact: the digits are moved, nothing is multiplied. */
export function minorOf(text: string, currency: string): number | null {
  return scaled(text, minorDigits(currency))
}

/** 350 -> `3.50`. */
export function amountText(minor: number, currency: string): string {
  const digits = minorDigits(currency)
  return (minor / 10 ** digits).toFixed(digits)
}

/** `8.88` percent -> 888 hundredths of a percent; a minus where `signed`. */
export function basisPointsOf(text: string, signed = false): number | null {
  const isLess = signed && text.trim().startsWith('-')
  const points = scaled(isLess ? text.trim().slice(1) : text, 2)
  return points === null || !isLess ? points : 0 - points
}

/** 888 -> `8.88`. */
export function percentField(basisPoints: number): string {
  return String(basisPoints / 100)
}

/** `1.5` of a unit of so many seconds -> whole seconds; null where it is not a span. */
export function secondsOf(text: string, unitS: number): number | null {
  if (!/^\d{1,6}(\.\d{1,4})?$/.test(text.trim())) return null
  return Math.round(Number(text) * unitS)
}

/** 90 -> `1.5` minutes; what `secondsOf` reads back. */
export function spanField(seconds: number, unitS: number): string {
  return String(Number((seconds / unitS).toFixed(4)))
}

function scaled(text: string, digits: number): number | null {
  const found = /^(\d{1,9})(?:\.(\d+))?$/.exec(text.trim())
  const decimals = found?.[2] ?? ''
  if (found === null || decimals.length > digits) return null
  return Number(found[1] + decimals.padEnd(digits, '0'))
}
