/** Three buttons for how pages look, for who has no settings yet. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from './field.ts'

const CHOICES: readonly { readonly theme: string; readonly label: string; readonly icon: IconName }[] = [
  { theme: 'device', label: 'Device', icon: 'smartphone' },
  { theme: 'light', label: 'Light', icon: 'sun' },
  { theme: 'dark', label: 'Dark', icon: 'moon' },
]

/** The foot of a page with the theme's buttons; the chosen one is pressed. */
export function themeChoice(ctx: PageContext): Html {
  return html`<footer class="theme-choice"><form method="post" action="/theme">${formKeys({ csrf: ctx.csrf })}<input type="hidden" name="next" value="${ctx.path}"><span id="theme-label">Look</span><div role="group" aria-labelledby="theme-label">${CHOICES.map(
    ({ theme, label, icon: name }) =>
      html`<button class="button button-quiet button-compact" name="theme" value="${theme}" aria-pressed="${theme === (ctx.theme ?? 'device') ? 'true' : 'false'}">${icon(name)}${label}</button>`,
  )}</div></form></footer>`
}
