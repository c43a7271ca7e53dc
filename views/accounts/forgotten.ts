/** A forgotten password: asking for the letter, and choosing a new one behind its link. */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { field, formKeys } from '../parts/field.ts'
import { cardPage } from './card.ts'
import { newPasswordField } from './new-password.ts'

export function forgotPage(
  ctx: PageContext,
  props: { readonly email: string; readonly emailError?: string },
): Html {
  return cardPage(ctx, {
    title: 'Forgot your password?',
    second: 'Type your address. If it has an account, we send a link to choose a new password.',
    content: html`<form method="post" action="/forgot-password" class="stack">
${formKeys({ csrf: ctx.csrf })}
${field({
  name: 'email',
  label: 'E-mail',
  type: 'email',
  value: props.email,
  autocomplete: 'username',
  required: true,
  maxLength: 254,
  ...(props.emailError === undefined ? {} : { error: props.emailError }),
})}
<button class="button button-next button-wide" data-busy="Sending…">Send the link</button>
</form>
<p class="second"><a href="/sign-in">Back to sign-in</a></p>`,
  })
}

/** The same whether the address is known or not. */
export function forgotSentPage(ctx: PageContext, props: { readonly email: string }): Html {
  return cardPage(ctx, {
    title: 'Look into your mail',
    second: html`If <b class="break">${props.email}</b> has an account, a letter is on its way.`,
    content: html`<p>Its link works once, for an hour. No letter after a few minutes? Look into the junk folder, or check the spelling of the address.</p>
<a class="button button-plain button-wide" href="/forgot-password">Try another address</a>
<p class="second"><a href="/sign-in">Back to sign-in</a></p>`,
  })
}

export interface ResetProps {
  /** Where the form posts to. */
  readonly action: string
  readonly email: string
  readonly passwordError?: string
}

export function resetPage(ctx: PageContext, props: ResetProps): Html {
  return cardPage(ctx, {
    title: 'Choose a new password',
    second: html`For <b class="break">${props.email}</b>. Every device has to sign in again afterwards.`,
    content: html`<form method="post" action="${props.action}" class="stack">
${formKeys({ csrf: ctx.csrf })}<input type="hidden" name="email" value="${props.email}" autocomplete="username" data-strength-email>
${newPasswordField({ label: 'New password', ...(props.passwordError === undefined ? {} : { error: props.passwordError }) })}
<button class="button button-next button-wide" data-busy="Changing…">Change password</button>
</form>`,
    scripts: ['strength.js'],
  })
}

export function resetDonePage(ctx: PageContext): Html {
  return cardPage(ctx, {
    title: 'Your password is changed',
    second:
      'Every device was signed out. Sign in with the new password, and with your second step if you have one.',
    content: html`<a class="button button-next button-wide" href="/sign-in">Sign in</a>`,
  })
}
