/** What makes the pages two apps for a phone's home screen: their manifests, the service worker, the page without network. */
import { Elysia } from 'elysia'
import { OFFLINE_FILES, offlinePage } from '../views/offline.ts'
import { pageFiles } from '../views/page.ts'
import { type PageDeps, visitedCompany } from './companies/page-context.ts'
import type { Assets } from './web/assets.ts'
import { htmlResponse, type ToPage } from './web/context.ts'
import type { Shell } from './web/shell.ts'

export interface InstallDeps extends PageDeps {
  readonly shell: Shell
  readonly toPage: ToPage
}

type App = 'rider' | 'driver'

const MANIFEST_TYPE = 'application/manifest+json; charset=utf-8'

const APPS = {
  rider: {
    start: '/',
    suffix: '',
    shortName: 'Honeycab',
    description: 'A price and a car in seconds.',
    colour: '#f7f6f2',
    shortcuts: [
      { name: 'See prices', url: '/' },
      { name: 'Your rides', url: '/rides' },
    ],
  },
  driver: {
    start: '/driver',
    suffix: ' driver',
    shortName: 'Driver',
    description: 'Offers, the way, and what you earn.',
    colour: '#0f0e0c',
    shortcuts: [
      { name: 'Drive', url: '/driver' },
      { name: 'Earnings', url: '/driver/earnings' },
    ],
  },
} as const

export function installRoutes(deps: InstallDeps) {
  const { assets, companies } = deps
  const worker = workerScript(assets)

  function manifest(app: App, request: Request): Response {
    const company = visitedCompany(companies, request)?.name ?? 'Honeycab'
    return new Response(JSON.stringify(manifestOf(app, company, assets)), {
      headers: { 'content-type': MANIFEST_TYPE },
    })
  }

  return new Elysia({ name: 'install' })
    .use(deps.shell)
    .get('/rider.webmanifest', ({ request }) => manifest('rider', request))
    .get('/driver.webmanifest', ({ request }) => manifest('driver', request))
    .get(
      '/worker.js',
      // Not stored, so it is looked at anew with every page: a worker of yesterday must not outlive its release.
      () => new Response(worker, { headers: { 'content-type': 'text/javascript; charset=utf-8' } }),
    )
    .get('/offline', ({ web, request }) => htmlResponse(String(offlinePage(deps.toPage(web, request)))))
}

/**
 * One app's manifest. Both apps live at one address and in one scope, since a driver rides too; their ids tell
 * them apart.
 */
export function manifestOf(app: App, company: string, assets: Pick<Assets, 'url'>) {
  const { start, suffix, shortName, description, colour, shortcuts } = APPS[app]
  const png = (name: string, size: number, purpose: 'any' | 'maskable') => ({
    src: assets.url(name),
    sizes: `${size}x${size}`,
    type: 'image/png',
    purpose,
  })
  return {
    id: start,
    name: `${company}${suffix}`,
    short_name: shortName,
    description,
    start_url: start,
    scope: '/',
    display: 'standalone',
    background_color: colour,
    theme_color: colour,
    icons: [
      png('icon-192.png', 192, 'any'),
      png('icon-512.png', 512, 'any'),
      png(`icon-${app}-maskable-512.png`, 512, 'maskable'),
    ],
    shortcuts: shortcuts.map((shortcut) => ({
      ...shortcut,
      icons: [png('icon-192.png', 192, 'any')],
    })),
  }
}

/** Files of the page without network, which has to open when nothing else does. */
function shellFiles(): string[] {
  const { style, scripts } = pageFiles(OFFLINE_FILES)
  return [style, ...scripts, 'mark.svg']
}

/** `public/worker.js` behind the addresses of this release, so that each release is another worker. */
export function workerScript(assets: Pick<Assets, 'named' | 'url' | 'urls'>): string {
  const text = new TextDecoder().decode(assets.named('worker.js').bytes)
  const shell = shellFiles().map((name) => assets.url(name))
  const files = [...assets.urls(), ...shell]
  return `self.HONEYCAB_SHELL = ${JSON.stringify(shell)}\nself.HONEYCAB_FILES = ${JSON.stringify(files)}\n${text}`
}
