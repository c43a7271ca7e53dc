/** What somebody sees who was sent a link to a ride: the car, never a person. A line keeps it new, `watch.js` its map. */
import type { RideState } from '../../src/engine/ride.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { address, age, clock, plate } from '../parts/figures.ts'
import { minutesText } from '../parts/format.ts'
import { mapAssets, mapBox } from '../parts/map.ts'
import { timeline } from '../parts/ride-state.ts'

/** Without script the page asks again this often. */
const REFRESH_S = 10

export interface SharedRideProps {
  /** Of a ride that has not ended. */
  readonly state: RideState
  readonly nowMs: number
  /** Neighbourhoods; null where none is known. */
  readonly fromArea: string | null
  readonly toArea: string | null
  /** To the pickup, or to the drop-off once on board; null while unknown. */
  readonly etaS: number | null
  readonly car: (LatLng & { readonly headingDeg: number; readonly seenAtMs: number }) | null
  readonly vehicle: { readonly words: string; readonly plate: string } | null
  /** Of the region, for a map without a car. */
  readonly center: LatLng
}

export function sharedRidePage(ctx: PageContext, props: SharedRideProps): Html {
  const { car } = props
  const at =
    car === null
      ? { center: props.center }
      : { car: { lat: car.lat, lng: car.lng, headingDeg: car.headingDeg, ageMs: props.nowMs - car.seenAtMs } }
  const body = html`<main id="main" class="split" tabindex="-1">
${sharedRideStatus(ctx, props)}
<div class="split-map">${mapBox(ctx, { label: 'Map with the car', ...at, padding: { top: 72, bottom: 40 } })}</div>
</main>`
  return page(ctx, {
    ...{ title: headline(props), body, layout: 'layout-map', refreshS: REFRESH_S },
    ...mapAssets({ styles: ['rider.css', 'share.css'], scripts: ['watch.js'] }),
  })
}

/** Its changing half; root id `shared-ride`. */
export function sharedRideStatus(ctx: PageContext, props: SharedRideProps): Html {
  const { car, vehicle, nowMs } = props
  const pill =
    car === null
      ? null
      : html`<p class="pill map-pill" id="car-age">${age({ seenAtMs: car.seenAtMs, nowMs })}</p>`
  return html`<div id="shared-ride" class="split-sheet ride" data-state="${props.state}">${pill}<section class="sheet">
<div class="status-head"><div role="status"><h1 class="headline">${headline(props)}</h1><p class="status-second">${second(ctx, props)}</p></div></div>
${timeline(props.state)}${vehicle === null ? null : html`<div class="driver-row">${icon('car-front')}<p><b>${vehicle.words}</b><span class="second">The car and its plate</span></p>${plate(vehicle.plate)}</div>`}
<p class="second">Somebody shares this ride with you. The link ends with the ride.</p></section></div>`
}

function headline({ state, etaS }: SharedRideProps): string {
  switch (state) {
    case 'arrived':
      return 'The car is at the pickup'
    case 'in_progress':
      return etaS === null ? 'On board' : soon(etaS, 'Nearly there', 'There in')
    case 'assigned':
    case 'en_route':
      return etaS === null ? 'On the way to the pickup' : soon(etaS, 'Nearly at the pickup', 'Pickup in')
    default:
      return 'Finding a car'
  }
}

function soon(etaS: number, now: string, within: string): string {
  const minutes = minutesText(etaS)
  return minutes === 'now' ? now : `${within} ${minutes}`
}

/** By when, and roughly from where to where. */
function second(ctx: PageContext, { state, etaS, nowMs, fromArea, toArea }: SharedRideProps): Html {
  const by =
    state === 'in_progress' && etaS !== null ? html`There by ${clock(ctx, nowMs + etaS * 1000)}. ` : null
  const from = fromArea === null ? null : html`From ${address(fromArea)} `
  const to = toArea === null ? null : html`${from === null ? 'To' : 'to'} ${address(toArea)}`
  return html`${by}${from}${to}`
}

/** The same whatever was behind the link. */
export function shareEndedPage(ctx: PageContext): Html {
  const body = html`<main id="main" class="narrow" tabindex="-1"><section class="card problem">
<span class="problem-icon">${icon('clock')}</span>
<h1>This link has ended</h1>
<p>The ride is over, or who rides stopped sharing it. If you still wait, ask them for a new link.</p>
<a class="button button-next" href="/">Go to the start</a>
</section></main>`
  return page(ctx, { title: 'This link has ended', body })
}
