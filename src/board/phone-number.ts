/** Telephone numbers as they are dialled where the company is, and as they are kept: E.164. */
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js'
import type { Company } from '../companies/companies.ts'

/** The number that was typed, home or foreign, or null where it is none that exists. @param text with spaces and brackets as people write them */
export function phoneNumberOf(text: string, company: Pick<Company, 'locale'>): string | null {
  const trimmed = text.trim().replace(/^00/, '+')
  if (!/^[+\d(]/.test(trimmed)) return null
  const number = parsePhoneNumberFromString(trimmed, homeOf(company))
  return number?.isPossible() === true ? number.number : null
}

/** What is said to who typed none. */
export const NO_NUMBER = 'Type their number, with the country code if it is a foreign one.'

/** A kept number as it is read out: `+1 212 555 0142`. */
export function spoken(phone: string): string {
  return parsePhoneNumberFromString(phone)?.formatInternational() ?? phone
}

function homeOf({ locale }: Pick<Company, 'locale'>): CountryCode | undefined {
  const region = new Intl.Locale(locale).maximize().region ?? ''
  return isSupportedCountry(region) ? region : undefined
}
