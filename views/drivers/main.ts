/** The driver's page: one `<main>` whose content follows the driver's state; pages, answers and pushes all draw it here. */
import { type LatLng, never } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { mapAssets, mapBox } from '../parts/map.ts'
import { mark } from '../parts/mark.ts'
import { fromDesk } from './from-desk.ts'
import { heldNotice } from './held.ts'
import { breakSheet } from './hours.ts'
import { laterSheets } from './later.ts'
import { nextPlace, nextPlaceAttributes } from './next-place.ts'
import { offSheet } from './off.ts'
import { offerSheet } from './offer.ts'
import { otherPhoneNotice } from './other-phone.ts'
import { DRIVER_STYLES, gpsPill } from './parts.ts'
import type { DriverMainProps } from './props.ts'
import { instructionBar, navigateLink, rideSheet } from './ride.ts'
import { breakTiles, waitingSheet } from './waiting.ts'

/** Scripts of the driver's page after the map's, in order. */
const SCRIPTS = [
  'htmx.js',
  'phone-clock.js',
  'driver-tabs.js',
  'ping-store.js',
  'ping-frame.js',
  'ping.js',
  'driver.js',
  'driver-sound.js',
  'driver-work.js',
  'driver-next.js',
  'driver-checks.js',
  'driver-hexes.js',
  'step-queue.js',
  'driver-steps.js',
  'driver-scan.js',
  'driver-desk.js',
  'chat.js',
  'kept.js',
]

/**
 * The driver's whole page. After sunset it is dark whatever the phone prefers: a bright screen blinds at night.
 * @param options.isNight after sunset in the region
 */
export function driverPage(ctx: PageContext, props: DriverMainProps, options: { isNight: boolean }): Html {
  return page(ctx, {
    title: TITLES[props.state],
    layout: 'driver-page',
    app: 'driver',
    ...mapAssets({ styles: DRIVER_STYLES, scripts: SCRIPTS }),
    theme: options.isNight ? 'dark' : undefined,
    refreshS: REFRESH_S[props.state],
    // Outside of what a push draws anew: the socket's first fragment comes a moment after the page.
    toasts: props.notice === undefined ? [] : [{ id: 'told', text: props.notice, tone: 'warn' }],
    body: html`<div id="main" tabindex="-1">${driverMain(ctx, props)}</div><div id="ask"></div>${laterSheets(ctx, props, driverMain)}`,
  })
}

/** How often a page without script asks again; an offer stays still, so that its button does not move under the thumb. */
const REFRESH_S: Record<DriverMainProps['state'], number | undefined> = {
  off: undefined,
  waiting: 5,
  break: 60,
  offer: undefined,
  ride: 15,
}

const TITLES: Record<DriverMainProps['state'], string> = {
  off: 'Off shift',
  waiting: 'Online',
  break: 'On a break',
  offer: 'A ride for you',
  ride: 'Your ride',
}

/** `<main id="driver">` in the driver's present state; as a fragment it replaces the one on the page. */
export function driverMain(ctx: PageContext, props: DriverMainProps): Html {
  const { state, scene } = props
  const ride = state === 'ride' ? props.ride : null
  return html`<main id="driver" class="driver driver-${state}" data-state="${state}" data-shift="${state === 'off' ? 'off' : 'on'}" data-driver="${props.driver.id}" data-now="${props.nowMs}"${props.otherPhoneSinceMs === undefined ? null : html` data-other-phone`} data-scene="${JSON.stringify(scene)}" data-focus="${JSON.stringify(focusOf(props))}"${props.state === 'ride' ? nextPlaceAttributes(props) : null}>
${ride === null ? null : instructionBar(ride)}
<div id="driver-stage" class="stage">${mapBox(ctx, { label: 'Map of the city with your car', center: scene.center, zoom: 15, ...(props.ranks === undefined ? {} : { zones: props.ranks }) })}<div class="pills">${topPills(props)}</div>${hexLegend()}${ride === null ? null : navigateLink(ride, props.navigator)}</div>
<div id="driver-sheet" class="sheet">${props.otherPhoneSinceMs === undefined ? null : otherPhoneNotice(ctx, props.otherPhoneSinceMs, props.key())}${props.held === undefined ? null : heldNotice(ctx, props.held, state === 'ride')}${fromDesk(ctx, props)}${sheet(ctx, props)}</div>
</main>`
}

/** What the cells on the map mean; `driver-hexes.js` fills it in and hides it while there are none. */
function hexLegend(): Html {
  return html`<div id="driver-hexes" class="driver-hexes" hidden hx-morph-skip><b data-title></b><p class="hex-swatches" aria-hidden="true">${[1, 2, 3, 4, 5, 6].map((step) => html`<svg class="hex-swatch hex-seq-${step}" viewBox="0 0 14 16"><path d="M7 .6 13.4 4.3v7.4L7 15.4.6 11.7V4.3Z"/></svg>`)}</p><p class="hex-ends numbers"><span data-low></span><span data-high></span></p></div>`
}

/** The stops the map has to show beside the car: both while asked, then only the next. */
function focusOf(props: DriverMainProps): readonly LatLng[] {
  const { from, to } = props.scene
  if (props.state !== 'ride') return [from, to].filter((point) => point !== undefined)
  const { lat, lng } = nextPlace(props.ride)
  return [{ lat, lng }]
}

function sheet(ctx: PageContext, props: DriverMainProps): Html {
  switch (props.state) {
    case 'off':
      return offSheet(ctx, props)
    case 'waiting':
      return waitingSheet(ctx, props)
    case 'break':
      return breakSheet(ctx, props, breakTiles(ctx, props))
    case 'offer':
      return offerSheet(ctx, props)
    case 'ride':
      return rideSheet(ctx, props)
    default:
      return never(props)
  }
}

/** What floats on the map: who is driving and how the position goes; what the phone itself knows joins by script. */
function topPills(props: DriverMainProps): Html {
  return html`${whoPill(props)}${gpsPill()}<p id="awake" class="pill awake" hidden hx-morph-skip>Screen stays on</p><p id="hidden-notice" class="notice hidden-notice" role="status" hidden hx-morph-skip></p>`
}

/** During a ride the instruction bar says enough, and the map keeps the room. */
function whoPill(props: DriverMainProps): Html | null {
  if (props.state === 'ride') return null
  if (props.state === 'off')
    return html`<p class="pill call-sign">${mark()}<b class="numbers">${props.driver.callSign}</b></p>`
  if (props.state === 'break') return html`<p class="pill">${icon('coffee')}Break</p>`
  return html`<p class="pill"><span class="dot"></span>Online</p>`
}
