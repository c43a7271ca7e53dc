/** The document around every page: head, styles, scripts, and the places where live parts land. */
import { type Html, html } from './html.ts'
import { borrowedBar } from './parts/borrowed.ts'
import { liveState } from './parts/live-state.ts'
import { type ToastProps, toastRegion } from './parts/toast.ts'

/** Who is looking at the page. */
export interface ViewerProps {
  readonly name: string
  readonly roles: readonly ('rider' | 'driver' | 'dispatcher' | 'admin' | 'platform')[]
  /** Somebody of the back office looks through this person's eyes. */
  readonly borrowed?: boolean
}

export type PageLanguage = 'en' | 'en-US'
export type PageTheme = 'light' | 'dark'

/** What every page needs to know about the request it answers; passed first to each page function. */
export interface PageContext {
  /** The hashed, immutable address of a file of `public/`, of htmx or of Leaflet; of several as one, joined by `+`. */
  asset(name: string): string
  /** The nonce of this response's content security policy. */
  readonly nonce: string
  readonly csrf: string
  /** `en` counts hours to 24; `en-US` writes times and dates as they are written there. */
  readonly lang: PageLanguage
  /** Unset follows the device. */
  readonly theme?: PageTheme
  /** IANA name, the region's. */
  readonly timeZone: string
  /** ISO 4217, the region's. */
  readonly currency: string
  /** The path and query of this page, for coming back to it. */
  readonly path: string
  readonly map: MapContext
  readonly viewer: ViewerProps | null
  /** The company at whose desk the page is; none for riders and drivers. */
  readonly desk?: { readonly id: string; readonly name: string; readonly slug: string }
  /** Address of the page's socket, such as `/live/rides/…`; none: the page stays as it was drawn. */
  readonly live?: string
}

export interface MapContext {
  /** Leaflet template of the raster tiles drawn over our own map; null draws ours alone. */
  readonly tilesUrl: string | null
  readonly attribution: string
}

export interface PageOptions {
  readonly title: string
  readonly body: Html
  /** Assets beyond the shared four, in order. */
  readonly styles?: readonly string[]
  /** Assets beyond those of every page, in order; all deferred. */
  readonly scripts?: readonly string[]
  /** For who has chosen none; unset follows the device. */
  readonly theme?: PageTheme
  readonly dir?: 'ltr' | 'rtl'
  /** Class of the body, for a page's own layout. */
  readonly layout?: string
  /** Which of the two apps a phone installs from this page; the rider's unless said. */
  readonly app?: 'rider' | 'driver'
  /** Seconds after which a page without script asks again; for pages that change by themselves. */
  readonly refreshS?: number
  /** What this page says about the press that led here. */
  readonly toasts?: readonly ToastProps[]
}

/**
 * A whole document. Everything works with scripts off; where `refreshS` is given such a page loads itself again.
 * @returns the document with its doctype
 */
export function page(ctx: PageContext, options: PageOptions): Html {
  const files = pageFiles({
    ...options,
    scripts: [
      ...(options.scripts ?? []),
      ...(ctx.desk === undefined ? [] : ['desk-of.js']),
      ...(ctx.live === undefined ? [] : ['line.js']),
    ],
  })
  const chosen = ctx.theme ?? options.theme
  const theme = chosen === undefined ? null : html` data-theme="${chosen}"`
  const app = options.app ?? 'rider'
  const live = ctx.live === undefined ? null : html` data-live="${ctx.live}"`
  const desk =
    ctx.desk === undefined
      ? null
      : html` data-desk="${ctx.desk.id}" data-desk-name="${ctx.desk.name}" data-desk-slug="${ctx.desk.slug}"`
  return html`<!doctype html>
<html lang="${ctx.lang}" dir="${options.dir ?? 'ltr'}"${theme}>
<head>
<meta charset="utf-8">
<title>${options.title} · Honeycab</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
${themeMetas(chosen)}
<meta name="csrf" content="${ctx.csrf}">
<meta name="htmx-config" content='{"includeIndicatorCSS":false,"morphIgnore":["data-htmx-powered","open"]}'>
${options.refreshS === undefined ? null : html`<noscript><meta http-equiv="refresh" content="${options.refreshS}"></noscript>`}
<link rel="icon" type="image/svg+xml" href="${ctx.asset('mark.svg')}">
<link rel="manifest" href="/${app}.webmanifest">
<link rel="apple-touch-icon" href="${ctx.asset(`icon-${app}-180.png`)}">
<link rel="stylesheet" href="${ctx.asset(files.style)}">
${files.scripts.map((name) => html`<script src="${ctx.asset(name)}" nonce="${ctx.nonce}" defer></script>\n`)}
</head>
<body class="${options.layout ?? 'plain'}" data-time-zone="${ctx.timeZone}"${live}${desk}${ctx.viewer?.borrowed === true ? html` data-borrowed` : null}>
<a class="skip" href="#main">Skip to content</a>
${liveState()}
${ctx.viewer?.borrowed === true ? borrowedBar(ctx.csrf, ctx.viewer.name) : null}
${options.body}
${toastRegion(options.toasts)}
</body>
</html>
`
}

/**
 * What a page asks for, names joined by `+`: one style sheet, since nothing is painted before the last of them has come;
 * and few scripts, with what many pages share apart, so that it is fetched once for all of them.
 */
export function pageFiles(options: Pick<PageOptions, 'styles' | 'scripts'>): {
  readonly style: string
  readonly scripts: readonly string[]
} {
  const styles = new Set(['tokens.css', 'app.css', 'parts.css', 'layout.css', ...(options.styles ?? [])])
  const scripts = new Set([...(options.scripts ?? []), 'press.js', 'live.js', 'pending.js', 'counters.js'])
  const joined: string[][] = []
  let last = ''
  for (const name of scripts) {
    const shared = sharedBy(name)
    if (shared === last) joined.at(-1)!.push(name)
    else joined.push([name])
    last = shared
  }
  return { style: [...styles].join('+'), scripts: joined.map((names) => names.join('+')) }
}

/** Packages stay whole and change seldom; the map is the same on every page that has one. */
function sharedBy(script: string): string {
  if (script === 'leaflet.js' || script === 'htmx.js') return script
  return /^map\b/.test(script) ? 'map' : 'own'
}

/** The browser's own parts in the page's colours: of the device, or of the theme that was chosen. */
const GROUND: Record<PageTheme, string> = { light: '#f7f6f2', dark: '#0f0e0c' }

function themeMetas(theme: PageTheme | undefined): Html {
  if (theme !== undefined)
    return html`<meta name="color-scheme" content="${theme}">
<meta name="theme-color" content="${GROUND[theme]}">`
  return html`<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="${GROUND.light}">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="${GROUND.dark}">`
}
