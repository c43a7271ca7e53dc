/** Asked before a sensitive change, of somebody who is signed in. */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { field, formKeys } from '../parts/field.ts'
import { cardPage } from './card.ts'
import { passkeyForm } from './passkey-form.ts'
import { SIGN_IN_EXTRAS } from './sign-in.ts'

export interface ConfirmProps {
  readonly next: string
  readonly error: string | undefined
  readonly password: boolean
  readonly totp: boolean
  readonly passkeys: number
  readonly backupCodes: number
}

/** What the person has is what they are asked for; one of it is enough. */
export function confirmPage(ctx: PageContext, props: ConfirmProps): Html {
  const { next, password, totp, passkeys, backupCodes } = props
  const keep = html`${formKeys({ csrf: ctx.csrf })}<input type="hidden" name="next" value="${next}">`
  const code = totp || backupCodes > 0
  const ways: Html[] = []
  if (password)
    ways.push(html`<form method="post" action="/confirm" class="stack">${keep}
<div class="with-show">${field({ name: 'password', label: 'Your password', type: 'password', autocomplete: 'current-password', required: true, maxLength: 1024 })}<button type="button" class="link-button" data-show="field-password" aria-pressed="false" hidden>Show</button></div>
<button class="button button-next button-wide" data-busy="Checking…">Confirm</button></form>`)
  if (code)
    ways.push(html`<form method="post" action="/confirm" class="stack">${keep}
${field({
  name: 'code',
  label: totp ? 'A code from your app' : 'A backup code',
  autocomplete: 'one-time-code',
  required: true,
  maxLength: 20,
  hint: totp ? 'Six digits, or one of your backup codes.' : 'One of the codes you kept.',
})}
<button class="button ${password ? 'button-plain' : 'button-next'} button-wide" data-busy="Checking…">Confirm with a code</button></form>`)
  if (passkeys > 0)
    ways.push(
      passkeyForm({
        csrf: ctx.csrf,
        action: '/confirm',
        ask: { purpose: 'prove' },
        label: 'Confirm with a passkey',
        button: ways.length > 0 ? 'button-plain' : 'button-next',
        fields: html`<input type="hidden" name="next" value="${next}">`,
      }),
    )
  const content =
    ways.length > 0
      ? html`${ways.map((way, n) => (n === 0 ? way : html`<hr class="hairline">${way}`))}`
      : html`<p>You have no password yet. Choose one first; a letter leads you there.</p><a class="button button-next button-wide" href="/forgot-password">Choose a password</a>`
  return cardPage(ctx, {
    ...SIGN_IN_EXTRAS,
    title: 'Is it you?',
    second:
      'You are about to change something important. Show once more that it is you; it counts for ten minutes.',
    ...(props.error === undefined ? {} : { error: props.error }),
    content: html`${content}<p class="second"><a href="/account/security">Not now</a></p>`,
  })
}
