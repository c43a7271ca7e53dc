import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { field, formKeys } from '../parts/field.ts'
import { wordmark } from '../parts/mark.ts'

export interface SignInProps {
  readonly email: string
  /** Where to go afterwards: a path of ours, checked by whoever fills it in. */
  readonly next: string
  /** One sentence that does not say which half was wrong. */
  readonly error?: string
  readonly emailError?: string
}

/** What a wrong e-mail and a wrong password both get to read. */
export const SIGN_IN_REFUSED = 'That e-mail and password do not belong together. Check both and try again.'

/** Why somebody was sent here, by where they go back to. */
function reasonOf(next: string): string | null {
  if (next.startsWith('/quotes/')) return 'You come straight back to your prices.'
  if (next.startsWith('/rides')) return 'To see your rides and receipts.'
  if (next.startsWith('/driver')) return 'For drivers: shifts, offers and earnings.'
  if (next.startsWith('/board')) return 'For the desk: the live board.'
  return null
}

/** The sign-in page; after a mistake the e-mail stays, the password does not. */
export function signInPage(ctx: PageContext, props: SignInProps): Html {
  const reason = reasonOf(props.next)
  const body = html`<main id="main" class="sign-in" tabindex="-1"><div class="card sign-in-card">
${wordmark()}
<div><h1>Sign in</h1>${reason === null ? null : html`<p class="second">${reason}</p>`}</div>
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}<span>${props.error}</span></p>`}
<form method="post" action="/sign-in" class="stack">
${formKeys({ csrf: ctx.csrf })}<input type="hidden" name="next" value="${props.next}">
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
${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', required: true, maxLength: 1024 })}
<button class="button button-next button-wide" data-busy="Signing in…">Sign in</button>
</form>
<p class="second two-links"><a href="/forgot-password">Forgot your password?</a><a href="/register">Create an account</a></p>
</div></main>`
  return page(ctx, { title: 'Sign in', body })
}
