/** Signing in: the password or a passkey, then the second step. */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { field, formKeys } from '../parts/field.ts'
import { withNext } from '../parts/next.ts'
import { cardPage } from './card.ts'
import { passkeyForm } from './passkey-form.ts'

export interface SignInProps {
  readonly email: string
  /** Where to go afterwards: a path of ours, checked by whoever fills it in. */
  readonly next: string
  readonly remember?: boolean
  /** One sentence that does not say which half was wrong. */
  readonly error?: string
  readonly emailError?: string
}

/** What a wrong password, an unknown address and a locked account all get to read. */
export const SIGN_IN_REFUSED =
  'That e-mail and password do not belong together. Check both and try again; after five wrong tries signing in by password rests for half an hour.'
/** A passkey of somewhere else, or one that was removed. */
export const PASSKEY_REFUSED =
  'That passkey does not open an account here. Sign in with your password instead.'
/** After too many wrong codes, to somebody who knew the password. */
export const SECOND_STEP_LOCKED =
  'Those were too many wrong codes. Signing in by password rests for half an hour; a passkey works at once.'
export const SECOND_STEP_GONE = 'That took too long, or was done already. Sign in once more.'

/** Why somebody was sent here, by where they go back to. */
function reasonOf(next: string): string | null {
  if (next.startsWith('/quotes/')) return 'You come straight back to your prices.'
  if (next.startsWith('/rides')) return 'To see your rides and receipts.'
  if (next.startsWith('/driver')) return 'For drivers: shifts, offers and earnings.'
  if (next.startsWith('/board')) return 'For the desk: the live board.'
  if (next.startsWith('/account')) return 'To see your account.'
  return null
}

/** The sign-in page; after a mistake the e-mail stays, the password does not. */
export function signInPage(ctx: PageContext, props: SignInProps): Html {
  const content = html`<form method="post" action="/sign-in" class="stack">
${formKeys({ csrf: ctx.csrf })}<input type="hidden" name="next" value="${props.next}">
${field({
  name: 'email',
  label: 'E-mail',
  type: 'email',
  value: props.email,
  autocomplete: 'username webauthn',
  required: true,
  maxLength: 254,
  ...(props.emailError === undefined ? {} : { error: props.emailError }),
})}
<div class="with-show">${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', required: true, maxLength: 1024 })}<button type="button" class="link-button" data-show="field-password" aria-pressed="false" hidden>Show</button></div>
<label class="check"><input type="checkbox" name="remember" value="on"${props.remember === true ? html` checked` : null}><span>Stay signed in on this device</span></label>
<button class="button button-next button-wide" data-busy="Signing in…">Sign in</button>
</form>
${passkeyForm({
  csrf: ctx.csrf,
  action: '/sign-in/passkey',
  ask: { step: 'sign_in' },
  label: 'Use a passkey',
  button: 'button-plain',
  fields: html`<input type="hidden" name="next" value="${props.next}"><input type="hidden" name="remember" value="" data-remember>`,
})}
<p class="second two-links"><a href="/forgot-password">Forgot your password?</a><a href="${withNext('/register', props.next)}">Create an account</a></p>${
    props.error === undefined
      ? null
      : html`<p class="second">Just registered? Open the link in our letter first.</p>`
  }`
  const second = reasonOf(props.next)
  return cardPage(ctx, {
    ...SIGN_IN_EXTRAS,
    title: 'Sign in',
    content,
    ...(second === null ? {} : { second }),
    ...(props.error === undefined ? {} : { error: props.error }),
  })
}

export interface SecondStepProps {
  readonly name: string
  readonly methods: readonly ('totp' | 'passkey' | 'backup_code')[]
  /** How many tries are left after a wrong one. */
  readonly triesLeft?: number
  readonly passkeyError?: boolean
}

/** The password was right; one more thing, that only its owner has. */
export function secondStepPage(ctx: PageContext, props: SecondStepProps): Html {
  const { methods, triesLeft } = props
  const hasApp = methods.includes('totp')
  const hasCodes = methods.includes('backup_code')
  const hint = hasApp
    ? hasCodes
      ? 'Six digits from your authenticator app, or one of your backup codes.'
      : 'Six digits from your authenticator app.'
    : 'One of the codes you kept when you added your passkey.'
  const left = triesLeft === 1 ? 'There is one try left.' : `There are ${triesLeft} tries left.`
  const codeForm = html`<form method="post" action="/sign-in/second" class="stack">
${formKeys({ csrf: ctx.csrf })}
${field({
  name: 'code',
  label: hasApp ? 'Code' : 'Backup code',
  autocomplete: 'one-time-code',
  required: true,
  maxLength: 20,
  ...(triesLeft === undefined || props.passkeyError === true
    ? { hint }
    : { error: `That code is not right, or was used before. Type the newest one. ${left}` }),
})}
<button class="button ${hasApp || !methods.includes('passkey') ? 'button-next' : 'button-plain'} button-wide" data-busy="Checking…">Go on</button>
</form>`
  const withPasskey = methods.includes('passkey')
    ? passkeyForm({
        csrf: ctx.csrf,
        action: '/sign-in/second',
        ask: { step: 'second' },
        label: 'Use your passkey',
        button: hasApp ? 'button-plain' : 'button-next',
      })
    : null
  const withCode = hasApp || hasCodes ? codeForm : null
  const content = html`${hasApp ? [withCode, withPasskey] : [withPasskey, withCode]}
<p class="second">Lost your phone and your codes? Ask who runs this site; they can take the second step away once they are sure of you.</p>
<p class="second"><a href="/sign-in">Sign in as somebody else</a></p>`
  return cardPage(ctx, {
    ...SIGN_IN_EXTRAS,
    title: 'One more step',
    second: `Hello ${props.name}. Show that it is really you.`,
    ...(props.passkeyError === true
      ? { error: 'That passkey did not answer as it should. Try once more.' }
      : {}),
    content,
  })
}

/** What the pages of signing in and confirming bring along. */
export const SIGN_IN_EXTRAS = { styles: ['security.css'], scripts: ['security.js'] } as const
