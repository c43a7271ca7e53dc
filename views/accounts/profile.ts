/** A person's own profile: name, telephone, how pages look. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext, PageLanguage, PageTheme } from '../page.ts'
import { avatarForm } from '../parts/avatar.ts'
import { field, formKeys, segments } from '../parts/field.ts'
import { savedToast } from './saved.ts'
import { settingsPage } from './settings.ts'

/** A form that was refused: what was typed and what is wrong with it, by field. */
export interface Refused {
  readonly typed: Readonly<Record<string, string>>
  readonly errors: ReadonlyMap<string, string>
}

export interface ProfileProps {
  readonly name: string
  readonly avatarId: string | null
  readonly email: string
  readonly emailVerified: boolean
  readonly phone: string | null
  readonly theme: PageTheme | null
  readonly language: PageLanguage
  /** What was just saved, for the sentence that says so. */
  readonly saved?: string | undefined
  readonly refused?: Refused
  readonly key: () => string
}

/** The page `/account/profile`. */
export function profilePage(ctx: PageContext, props: ProfileProps): Html {
  return settingsPage(ctx, {
    tab: 'profile',
    title: 'Profile',
    toasts: savedToast(props.saved),
    content: html`${nameCard(ctx, props)}${avatarForm({ name: props.name, avatarId: props.avatarId, csrf: ctx.csrf, keys: [props.key(), props.key()] })}${contactCard(ctx, props)}${looksCard(ctx, props)}`,
  })
}

/** The value and mistake of a field: as typed when the form was refused, else as it is. */
function standing(props: ProfileProps, name: string, value: string) {
  const error = props.refused?.errors.get(name)
  return { name, value: props.refused?.typed[name] ?? value, ...(error === undefined ? {} : { error }) }
}

function nameCard(ctx: PageContext, props: ProfileProps): Html {
  return html`<section class="card" aria-labelledby="name-title"><h2 id="name-title">Name</h2>
<form method="post" action="/account/profile" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
${field({
  ...standing(props, 'name', props.name),
  label: 'Your name',
  autocomplete: 'name',
  required: true,
  maxLength: 120,
  hint: 'Drivers read your first name. On the privacy page you choose whether they read all of it.',
})}
<div><button class="button button-plain" data-busy="Saving…">Save name</button></div></form></section>`
}

function contactCard(ctx: PageContext, props: ProfileProps): Html {
  const state = props.emailVerified
    ? html`<span class="badge badge-ok">${icon('check')}Confirmed</span>`
    : html`<span class="badge badge-warn">${icon('triangle-alert')}Not confirmed yet</span>`
  return html`<section class="card" aria-labelledby="contact-title"><h2 id="contact-title">How to reach you</h2>
<dl class="facts-list"><div><dt>E-mail</dt><dd><bdi dir="ltr">${props.email}</bdi> ${state}</dd></div></dl>
<form method="post" action="/account/email" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
${field({
  ...standing(props, 'email', ''),
  label: 'New e-mail',
  type: 'email',
  autocomplete: 'email',
  required: true,
  maxLength: 254,
  hint: 'We send a link there; the change counts once you open it. The present address is told and can undo it for three days.',
})}
<div><button class="button button-plain" data-busy="Sending…">Send the link</button></div></form>
<hr class="hairline">
<form method="post" action="/account/phone" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
${field({
  ...standing(props, 'phone', props.phone ?? ''),
  label: 'Telephone',
  type: 'tel',
  autocomplete: 'tel',
  maxLength: 40,
  hint: 'With its country code, such as +1 212 555 0142. Empty takes it away. We write to your e-mail when it changes.',
})}
<div><button class="button button-plain" data-busy="Saving…">Save telephone</button></div></form></section>`
}

function looksCard(ctx: PageContext, props: ProfileProps): Html {
  return html`<section class="card" aria-labelledby="looks-title"><h2 id="looks-title">How pages look</h2>
<form method="post" action="/account/looks" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
<div class="field"><span class="field-label" aria-hidden="true">Theme</span>${segments({
    name: 'theme',
    label: 'Theme',
    chosen: props.theme ?? 'device',
    options: [
      { value: 'device', label: 'Device', icon: icon('smartphone') },
      { value: 'light', label: 'Light', icon: icon('sun') },
      { value: 'dark', label: 'Dark', icon: icon('moon') },
    ],
  })}</div>
<div class="field"><label class="field-label" for="field-language">Language</label><select class="input" id="field-language" name="language" aria-describedby="field-language-hint">${LANGUAGE_WORDS.map(
    ({ language, words }) =>
      html`<option value="${language}"${language === props.language ? html` selected` : null}>${words}</option>`,
  )}</select><p class="field-hint" id="field-language-hint">All words are English for now; the choice is how times and dates are written.</p></div>
<div><button class="button button-plain" data-busy="Saving…">Save looks</button></div></form></section>`
}

const LANGUAGE_WORDS: readonly { readonly language: PageLanguage; readonly words: string }[] = [
  { language: 'en', words: 'English: 18:12, Sat 21 Nov 2026' },
  { language: 'en-US', words: 'English (United States): 6:12 PM, Sat, Nov 21, 2026' },
]
