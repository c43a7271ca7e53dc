/** Registering, the letter on its way, and the page that its link opens. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { field, formKeys, segments } from '../parts/field.ts'
import { withNext } from '../parts/next.ts'
import { cardPage } from './card.ts'
import { newPasswordField } from './new-password.ts'

export interface RegisterProps {
  readonly name: string
  readonly email: string
  readonly as: 'rider' | 'driver'
  /** Whom one would drive for; null where several companies share an address and none was chosen. */
  readonly companyName: string | null
  /** A path of ours they were on the way to; empty for none. */
  readonly next: string
  readonly error?: string
  /** By field. */
  readonly errors: Readonly<Record<string, string | undefined>>
}

/** After a mistake everything stays but the password. */
export function registerPage(ctx: PageContext, props: RegisterProps): Html {
  const { errors, companyName } = props
  const wrong = (name: string) => (errors[name] === undefined ? {} : { error: errors[name] })
  const content = html`<form method="post" action="/register" class="stack" data-captcha="/api/v1/captcha" data-captcha-worker="${ctx.asset('altcha-worker.js')}">
${formKeys({ csrf: ctx.csrf })}<input type="hidden" name="altcha" value=""><input type="hidden" name="next" value="${props.next}">
${companyName === null ? html`<input type="hidden" name="as" value="rider">` : asChoice(props.as, companyName)}
${field({ name: 'name', label: 'Name', value: props.name, autocomplete: 'name', required: true, maxLength: 120, ...wrong('name') })}
${field({ name: 'email', label: 'E-mail', type: 'email', value: props.email, autocomplete: 'username', required: true, maxLength: 254, hint: 'A letter with a link goes there.', ...wrong('email') })}
${newPasswordField({ label: 'Password', ...wrong('password') })}
<p class="field-hint">By creating an account you agree to ride and drive fairly, to pay for the rides you ask for, and that your name and the place you wait at are shown to the driver who comes.</p>
<p class="field-hint captcha-state" role="status" data-captcha-state></p>
<button class="button button-next button-wide" data-busy="Creating your account…">Create account</button>
</form>
<p class="second">Been here before? <a href="${withNext('/sign-in', props.next)}">Sign in</a></p>`
  return cardPage(ctx, {
    title: 'Create an account',
    ...(props.error === undefined ? {} : { error: props.error }),
    content,
    scripts: ['captcha.js', 'strength.js'],
  })
}

function asChoice(as: 'rider' | 'driver', companyName: string): Html {
  return html`<div class="field">${segments({
    name: 'as',
    label: 'What the account is for',
    chosen: as,
    options: [
      { value: 'rider', label: 'I ride' },
      { value: 'driver', label: 'I also drive' },
    ],
  })}<p class="field-hint">Drivers apply to ${companyName}. You can ride at once; you can drive when they have looked at your application and your licence.</p></div>`
}

export interface LetterSentProps {
  readonly email: string
  /** The campus whose domain the address has. */
  readonly campusName: string | null
  /** Said after the letter was asked for once more. */
  readonly again: boolean
  readonly next: string
}

/** The same whether the address is known or not. */
export function letterSentPage(ctx: PageContext, props: LetterSentProps): Html {
  const { email, campusName, next } = props
  const content = html`${
    campusName === null
      ? null
      : html`<p class="notice notice-info">${icon('graduation-cap')}<span>This is an address of ${campusName}. Once it is confirmed, you ride as one of its people.</span></p>`
  }<ol class="plain-steps"><li>Open the letter. It comes within a minute or two; look into the junk folder too.</li><li>Press the button behind its link, within 48 hours.</li><li>Sign in with the password you chose.</li></ol>
<form method="post" action="/verifications" class="stack">
${formKeys({ csrf: ctx.csrf })}<input type="hidden" name="email" value="${email}"><input type="hidden" name="next" value="${next}">
<button class="button button-plain button-wide" data-busy="Sending…">Send it again</button>
</form>
<p class="second">The wrong address? <a href="${withNext('/register', next)}">Register again</a></p>`
  return cardPage(ctx, {
    title: props.again ? 'If a letter is due, it is on its way again' : 'Look into your mail',
    second: html`We sent a letter to <b class="break">${email}</b>.`,
    content,
  })
}

export interface VerifyProps {
  /** Where the button posts to. */
  readonly action: string
  readonly email: string
  readonly campusName: string | null
  /** Whether they will drive for somebody. */
  readonly wantsToDrive: boolean
  readonly next: string
}

/** What a letter's link opens: looking at it confirms nothing, for programs look at links too. */
export function verifyPage(ctx: PageContext, props: VerifyProps): Html {
  const content = html`${
    props.campusName === null
      ? null
      : html`<p class="notice notice-info">${icon('graduation-cap')}<span>This is an address of ${props.campusName}.</span></p>`
  }${props.wantsToDrive ? html`<p>With it your application to drive goes to the company.</p>` : null}
<form method="post" action="${props.action}" class="stack">
${formKeys({ csrf: ctx.csrf })}<input type="hidden" name="next" value="${props.next}">
<button class="button button-next button-wide" data-busy="Confirming…">Confirm my address</button>
</form>
<p class="second">Not you? Close this page. Without the button nothing happens.</p>`
  return cardPage(ctx, {
    title: 'Is this your address?',
    second: html`<b class="break">${props.email}</b>`,
    content,
  })
}

export interface VerifiedProps {
  readonly email: string
  readonly applied: boolean
  readonly next: string
}

export function verifiedPage(ctx: PageContext, props: VerifiedProps): Html {
  const content = html`${
    props.applied
      ? html`<p>Your application to drive is with the company. You hear from them by mail; riding works at once.</p>`
      : null
  }${
    ctx.viewer === null
      ? html`<a class="button button-next button-wide" href="${withNext('/sign-in', props.next)}">Sign in</a>`
      : html`<a class="button button-next button-wide" href="${props.next || '/request'}">${props.next === '' ? 'Ask for a ride' : 'Go on'}</a>`
  }`
  return cardPage(ctx, {
    title: 'Your address is confirmed',
    second: html`<b class="break">${props.email}</b>`,
    content,
  })
}

export interface UnverifiedProps {
  readonly email: string
  readonly sent: boolean
  /** One-time key of the form. */
  readonly key: string
}

/** For somebody who is signed in with an address that nobody has confirmed. */
export function unverifiedPage(ctx: PageContext, props: UnverifiedProps): Html {
  const content = html`${
    props.sent
      ? html`<p class="notice notice-info" role="status">${icon('mail')}<span>The letter is on its way. Its link works for 48 hours.</span></p>`
      : null
  }<p>You can look around and ask for prices. To ask for a ride, open the link in our letter first, so that receipts and news of your ride reach you.</p>
<form method="post" action="/account/verification" class="stack">
${formKeys({ csrf: ctx.csrf, key: props.key })}
<button class="button button-next button-wide" data-busy="Sending…">${props.sent ? 'Send it again' : 'Send me the letter'}</button>
</form>
<p class="second"><a href="/request">Back to prices</a></p>`
  return cardPage(ctx, {
    title: 'Confirm your e-mail address first',
    second: html`<b class="break">${props.email}</b>`,
    content,
  })
}
