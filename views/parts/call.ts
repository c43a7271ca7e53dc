/** Calling the company: a link that the phone dials. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'

/** @param phone as the company wrote it; null where it has none */
export function callLink(
  phone: string | null | undefined,
  { className, word = 'Call' }: { className: string; word?: string },
): Html | null {
  const href = telHref(phone)
  return href === null
    ? null
    : html`<a class="${className}" href="${href}">${icon('phone')}<span>${word}</span></a>`
}

/** `tel:` with what a phone can dial (RFC 3966, visual separators left out); null where nothing of it can be. */
export function telHref(phone: string | null | undefined): string | null {
  const digits = phone?.replace(/[^\d+]/g, '').replace(/(?!^)\+/g, '') ?? ''
  return /\d{3}/.test(digits) ? `tel:${digits}` : null
}
