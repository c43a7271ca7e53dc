/** The frame of a person's own pages: what there is on the side (above, on phones), the chosen one beside it. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import { type PageContext, type PageOptions, page } from '../page.ts'
import { topBar } from '../parts/top.ts'

export type SettingsTab = 'profile' | 'places' | 'security' | 'devices' | 'notifications' | 'privacy'

const TABS: readonly { readonly tab: SettingsTab; readonly label: string; readonly icon: IconName }[] = [
  { tab: 'profile', label: 'Profile', icon: 'circle-user-round' },
  { tab: 'places', label: 'Places', icon: 'bookmark' },
  { tab: 'security', label: 'Sign-in and security', icon: 'shield-check' },
  { tab: 'devices', label: 'Devices', icon: 'monitor-smartphone' },
  { tab: 'notifications', label: 'Notifications', icon: 'bell' },
  { tab: 'privacy', label: 'Privacy and data', icon: 'lock' },
]

export interface SettingsProps extends Pick<PageOptions, 'styles' | 'scripts' | 'toasts'> {
  readonly tab: SettingsTab
  readonly title: string
  readonly content: Html
}

/** A page under `/account/`; `content` is a stack of `card` sections, each with its own h2. */
export function settingsPage(ctx: PageContext, props: SettingsProps): Html {
  const body = html`${topBar(ctx)}<div class="settings">
<nav class="settings-nav" aria-label="Account">${TABS.map(
    ({ tab, label, icon: name }) =>
      html`<a href="/account/${tab}"${tab === props.tab ? html` aria-current="page"` : null}>${icon(name)}<span>${label}</span></a>`,
  )}</nav>
<main id="main" class="settings-main" tabindex="-1"><h1>${props.title}</h1>${props.content}</main>
</div>`
  const { styles = [], scripts = [], toasts = [] } = props
  return page(ctx, { title: props.title, body, styles: ['settings.css', ...styles], scripts, toasts })
}
