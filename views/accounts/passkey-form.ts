import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { formKeys } from '../parts/field.ts'

export interface PasskeyFormProps {
  readonly csrf: string
  readonly key?: string
  readonly action: string
  /** What the script asks the server for: which step it is, or what the signed-in person is about to do. */
  readonly ask: { readonly step: 'sign_in' | 'second' } | { readonly purpose: 'register' | 'prove' }
  readonly label: string
  readonly button: 'button-next' | 'button-plain'
  /** More fields of the form. */
  readonly fields?: Html
}

/** A form that only a script can fill in, so it stays hidden without one; `security.js` shows and fills it. */
export function passkeyForm(props: PasskeyFormProps): Html {
  const from = 'step' in props.ask ? '/api/v1/session/passkey-options' : '/api/v1/account/passkey-options'
  return html`<form method="post" action="${props.action}" class="stack" data-passkey="${from}" data-ask="${JSON.stringify(props.ask)}" hidden>
${formKeys({ csrf: props.csrf, ...(props.key === undefined ? {} : { key: props.key }) })}${props.fields}<input type="hidden" name="passkey" value="">
<button type="button" class="button ${props.button} button-wide" data-passkey-press>${icon('fingerprint')}${props.label}</button>
<p class="field-error" role="alert" data-passkey-error hidden></p>
</form>`
}
