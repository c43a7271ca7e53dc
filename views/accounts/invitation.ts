/** What an invitation's link opens: for the person signed in, for one with an account, and for a newcomer. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { field, formKeys } from '../parts/field.ts'
import { cardPage } from './card.ts'
import { newPasswordField } from './new-password.ts'

export interface InvitationProps {
  readonly action: string
  readonly email: string
  readonly role: string
  readonly company: string
  readonly state: 'signed_in' | 'signed_out' | 'somebody_else' | 'newcomer'
  /** What was typed. */
  readonly name: string
  readonly errors: Readonly<Record<string, string | undefined>>
}

/** The pages each role opens. */
const DOES: Readonly<Record<string, string>> = {
  dispatcher: 'You will work at the live board: rides, drivers, and who drives whom.',
  operator: 'You will see what the company drives and earns.',
  admin: 'You will run the company here: its people, its licences, its board.',
}

/** Looking at it accepts nothing. */
export function invitationPage(ctx: PageContext, props: InvitationProps): Html {
  return cardPage(ctx, {
    title: `Join ${props.company}`,
    second: html`As ${props.role}, with <b class="break">${props.email}</b>.`,
    content: html`<p>${DOES[props.role] ?? null} This role asks for a second step at sign-in, such as an app on your phone.</p>${formFor(ctx, props)}`,
    scripts: props.state === 'newcomer' ? ['strength.js'] : [],
  })
}

function formFor(ctx: PageContext, props: InvitationProps): Html {
  const { state, action, errors } = props
  const wrong = (name: string) => (errors[name] === undefined ? {} : { error: errors[name] })
  if (state === 'somebody_else')
    return html`<p class="notice">${icon('info')}<span>You are signed in as somebody else. Sign out, then open the link in the letter again.</span></p>
<form method="post" action="/sign-out" class="stack">${formKeys({ csrf: ctx.csrf })}<button class="button button-next button-wide">Sign out</button></form>`
  if (state === 'newcomer')
    return html`<form method="post" action="${action}" class="stack">
${formKeys({ csrf: ctx.csrf })}<input type="hidden" name="email" value="${props.email}" autocomplete="username">
${field({ name: 'name', label: 'Your name', value: props.name, autocomplete: 'name', required: true, maxLength: 120, ...wrong('name') })}
${newPasswordField({ label: 'Choose a password', ...wrong('password') })}
<button class="button button-next button-wide" data-busy="Joining…">Create my account and join</button>
</form>`
  return html`<form method="post" action="${action}" class="stack">
${formKeys({ csrf: ctx.csrf })}<button class="button button-next button-wide" data-busy="Joining…">Join ${props.company}</button>
</form>${state === 'signed_out' ? html`<p class="second">Your account takes the role. Sign in afterwards.</p>` : null}`
}

export function joinedPage(
  ctx: PageContext,
  { company, role }: { readonly company: string; readonly role: string },
): Html {
  const [href, action] =
    ctx.viewer === null
      ? ['/sign-in', 'Sign in']
      : role === 'operator'
        ? ['/', 'Go on']
        : ['/board', 'Open the board']
  return cardPage(ctx, {
    title: `You are with ${company} now`,
    second: `As ${role}.`,
    content: html`<a class="button button-next button-wide" href="${href}">${action}</a>`,
  })
}
