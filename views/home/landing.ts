/** The first page: say where, and three doors for those who drive, run a fleet, or have ridden before. */
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { minutesText } from '../parts/format.ts'
import { type MapHexesProps, mapAssets, mapBox } from '../parts/map.ts'
import { themeChoice } from '../parts/theme.ts'
import { topBar } from '../parts/top.ts'
import { addressField } from '../rides/address-field.ts'
import { type WhenProps, whenFields } from '../rides/when.ts'

export interface LandingProps {
  readonly regionName: string
  readonly mapCenter: LatLng
  /** Cars free in the region now; null while unknown. */
  readonly carsFree: number | null
  /** Where cars are free now; null leaves the map bare. */
  readonly honeycomb: MapHexesProps | null
  /** Null while nobody asked lately. */
  readonly usualWaitS: number | null
  /** Now or later; null where nothing can be booked ahead. */
  readonly when: WhenProps | null
  /** One-time key of the form. */
  readonly key: string
}

/** The landing page. */
export function landingPage(ctx: PageContext, props: LandingProps): Html {
  const body = html`<div class="landing">${topBar(ctx)}<main id="main" tabindex="-1">
<section class="hero">
<h1 class="hero-title">A price and a car, in seconds.</h1>
<p class="hero-text">Say where. See the price before you ask, and the car all the way to your door.</p>
<form method="post" action="/quotes" class="hero-card" data-request>
${formKeys({ csrf: ctx.csrf, key: props.key })}
<div class="addresses">${addressField({ field: 'from', value: '', point: null })}${addressField({ field: 'to', value: '', point: null })}</div>${props.when === null ? null : whenFields(props.when)}
<button class="button button-next button-wide" data-busy="Looking up prices…">See prices</button>
</form>
${facts(props)}
</section>
<div class="hero-map">${mapBox(ctx, { label: `Map of ${props.regionName}`, center: props.mapCenter, zoom: 12.5, interactive: false, hexes: props.honeycomb })}</div>
<section class="doors" aria-label="More">
${door({ icon: 'navigation', title: 'Drive with us', text: 'Your pay, the way there and the area, before you accept.', href: '/drive', action: 'Start driving' })}
${door({ icon: 'layers', title: 'Run a fleet', text: 'A live board for the desk. Each decision explained.', href: '/board', action: 'See the board' })}
${door({ icon: 'receipt-text', title: 'Been here before', text: 'Follow the car that is coming, and find every receipt.', href: '/rides', action: 'Your rides' })}
</section>
<p class="credit">Map data © <a href="https://www.openstreetmap.org/copyright" rel="noopener">OpenStreetMap contributors</a></p>
</main>${themeChoice(ctx)}</div>`
  return page(ctx, {
    title: 'A price and a car, in seconds',
    body,
    layout: 'layout-landing',
    ...mapAssets({ styles: ['rider.css', 'landing.css'], scripts: ['request.js'] }),
  })
}

function facts(props: LandingProps): Html | null {
  const cars =
    props.carsFree === null
      ? null
      : html`<li>${icon('car-front')}<span><b class="numbers">${props.carsFree} ${props.carsFree === 1 ? 'car' : 'cars'}</b> free in ${props.regionName}</span></li>`
  const wait =
    props.usualWaitS === null
      ? null
      : html`<li>${icon('timer')}<span><b class="numbers">${minutesText(Math.max(60, props.usualWaitS))}</b> usual wait now</span></li>`
  return cars === null && wait === null ? null : html`<ul class="facts">${cars}${wait}</ul>`
}

interface DoorProps {
  readonly icon: IconName
  readonly title: string
  readonly text: string
  readonly href: string
  readonly action: string
}

function door(props: DoorProps): Html {
  return html`<div class="door"><span class="door-icon"><svg viewBox="0 0 48 48" aria-hidden="true"><path d="M24 2 43 13v22L24 46 5 35V13Z"/></svg>${icon(props.icon)}</span><div><h2>${props.title}</h2><p class="second">${props.text}</p><a class="door-link" href="${props.href}">${props.action} ${icon('arrow-right')}</a></div></div>`
}
