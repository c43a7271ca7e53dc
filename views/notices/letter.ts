/** How a letter looks: as plain text, and as a mail programs of every age can draw. */
import { assert } from '../../src/engine/units.ts'
import { html } from '../html.ts'
import { telHref } from '../parts/call.ts'
import type { Letter } from './words.ts'

/** What stands under every letter. */
const FOOT = 'Sent by Honeycab, because it concerns your account. Nobody reads answers to this address.'

/**
 * The letter as plain text.
 * @param origin put in front of its path, such as `https://cabs.example.org`
 */
export function letterText(letter: Letter, origin: string): string {
  const facts = letter.facts?.map(([label, value]) => `${label}: ${value}`) ?? []
  const parts = [
    ...letter.lines,
    ...(facts.length === 0 ? [] : [facts.join('\n')]),
    ...(letter.action === undefined
      ? []
      : [`${letter.action.label}:\n${addressOf(origin, letter.action.path)}`]),
    ...(letter.after ?? []),
    ...(letter.call === undefined ? [] : [`${callWords(letter.call)}: ${letter.call.phone}`]),
    `-- \n${FOOT}`,
  ]
  return `${parts.join('\n\n')}\n`
}

/** The letter as a mail's HTML: a table and styles on the elements, because mail programs drop everything else. */
export function letterHtml(letter: Letter, origin: string): string {
  const facts =
    letter.facts === undefined || letter.facts.length === 0
      ? null
      : html`<table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 16px">${letter.facts.map(
          ([label, value]) =>
            html`<tr><td style="padding:4px 16px 4px 0;color:#5f5850;vertical-align:top">${label}</td><td style="padding:4px 0;font-weight:600;word-break:break-word">${value}</td></tr>`,
        )}</table>`
  const action =
    letter.action === undefined
      ? null
      : html`<p style="margin:8px 0 24px"><a href="${addressOf(origin, letter.action.path)}" style="display:inline-block;padding:14px 24px;border-radius:12px;background:#fab91c;color:#221709;font-weight:600;text-decoration:none">${letter.action.label}</a></p>`
  const call = letter.call === undefined ? null : callLine(letter.call)
  return String(html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light"><title>${letter.subject}</title></head>
<body style="margin:0;padding:24px 12px;background:#f7f6f2;color:#1d1914;font:16px/24px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:520px;background:#ffffff;border:1px solid #e2dfda;border-radius:16px"><tr><td style="padding:28px 28px 20px">
<p style="margin:0 0 20px;font-weight:700;font-size:18px;letter-spacing:-0.02em"><span style="color:#fab91c">&#x2B22;</span> Honeycab</p>
<h1 style="margin:0 0 16px;font-size:22px;line-height:28px;letter-spacing:-0.02em">${letter.subject}</h1>
${letter.lines.map((line) => html`<p style="margin:0 0 16px">${line}</p>`)}
${facts}${action}
${(letter.after ?? []).map((line) => html`<p style="margin:0 0 12px;font-size:14px;line-height:20px;color:#5f5850">${line}</p>`)}
${call}</td></tr></table>
<p style="max-width:520px;margin:16px auto 0;font-size:12px;line-height:16px;color:#6e6860">${FOOT}</p>
</td></tr></table>
</body></html>
`)
}

function callWords({ who }: NonNullable<Letter['call']>): string {
  return `If it cannot wait, call ${who}`
}

/** As a number that a phone dials where it can be one. */
function callLine(call: NonNullable<Letter['call']>) {
  const href = telHref(call.phone)
  const number =
    href === null
      ? call.phone
      : html`<a href="${href}" dir="ltr" style="color:#1d1914;white-space:nowrap">${call.phone}</a>`
  return html`<p style="margin:0 0 12px;font-size:14px;line-height:20px;color:#5f5850">${callWords(call)}: ${number}</p>`
}

function addressOf(origin: string, path: string): string {
  assert(/^\/(?!\/)/.test(path), 'a letter leads to a path of ours')
  return `${origin}${path}`
}
