/** The frame of the back office: its parts on the side (above, on phones), the chosen one beside it. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import { type PageContext, type PageOptions, page } from '../page.ts'
import { topBar } from '../parts/top.ts'

export type OfficePart =
  | 'start'
  | 'people'
  | 'licences'
  | 'companies'
  | 'zones'
  | 'tariffs'
  | 'promos'
  | 'campuses'
  | 'places'
  | 'audit'
  | 'fleet'
  | 'deleted'
  | 'mail'

interface Part {
  readonly part: OfficePart
  readonly label: string
  readonly icon: IconName
  /** Only for who runs the installation. */
  readonly platform?: true
}

const PARTS: readonly Part[] = [
  { part: 'start', label: 'What waits', icon: 'list' },
  { part: 'people', label: 'People', icon: 'users-round' },
  { part: 'licences', label: 'Licences', icon: 'id-card' },
  { part: 'fleet', label: 'Drivers and cars', icon: 'car-front' },
  { part: 'companies', label: 'Companies', icon: 'building-2' },
  { part: 'zones', label: 'Zones', icon: 'map' },
  { part: 'tariffs', label: 'Prices', icon: 'banknote' },
  { part: 'promos', label: 'Codes', icon: 'receipt-text' },
  { part: 'campuses', label: 'Campuses', icon: 'graduation-cap', platform: true },
  { part: 'places', label: 'Places', icon: 'map-pin', platform: true },
  { part: 'audit', label: 'Audit', icon: 'scroll-text' },
  { part: 'deleted', label: 'Deleted', icon: 'trash-2' },
  { part: 'mail', label: 'Mail', icon: 'mail' },
]

export interface OfficeProps extends Pick<PageOptions, 'scripts' | 'toasts' | 'styles'> {
  readonly part: OfficePart
  readonly title: string
  readonly content: Html
}

/** A page under `/admin/`. */
export function officePage(ctx: PageContext, props: OfficeProps): Html {
  const body = html`${topBar(ctx)}<div class="settings settings-wide">
<nav class="settings-nav" aria-label="Back office">${PARTS.filter(
    ({ platform }) => platform !== true || ctx.viewer?.roles.includes('platform') === true,
  ).map(
    ({ part, label, icon: name }) =>
      html`<a href="${part === 'start' ? '/admin' : `/admin/${part}`}"${part === props.part ? html` aria-current="page"` : null}>${icon(name)}<span>${label}</span></a>`,
  )}</nav>
<main id="main" class="settings-main" tabindex="-1"><h1>${props.title}</h1>${props.content}</main>
</div>`
  const { scripts = [], toasts = [], styles = [] } = props
  return page(ctx, {
    title: props.title,
    body,
    styles: ['settings.css', 'office.css', ...styles],
    scripts,
    toasts,
  })
}
