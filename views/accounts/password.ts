/** Changing one's password, from the page about signing in. */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { newPasswordField } from './new-password.ts'
import { settingsPage } from './settings.ts'

export interface PasswordProps {
  readonly email: string
  /** One-time key of the form. */
  readonly key: string
  readonly error?: string
}

export function passwordPage(ctx: PageContext, props: PasswordProps): Html {
  return settingsPage(ctx, {
    tab: 'security',
    title: 'Change your password',
    content: html`<section class="card" aria-label="New password"><p class="second">Your other devices have to sign in again; this one stays. A letter tells you that it was changed.</p>
<form method="post" action="/account/password" class="stack password-form">
${formKeys({ csrf: ctx.csrf, key: props.key })}<input type="hidden" name="email" value="${props.email}" autocomplete="username">
${newPasswordField({ label: 'New password', ...(props.error === undefined ? {} : { error: props.error }) })}
<button class="button button-next" data-busy="Changing…">Change password</button>
</form></section>`,
    scripts: ['strength.js'],
    styles: ['joining.css'],
  })
}
