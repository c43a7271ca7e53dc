/** A call for help as the desk sees it: where the car is and was, who is in it, and what to say about it. */
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { address, clockSeconds, plate } from '../parts/figures.ts'
import { ageText } from '../parts/format.ts'
import { mapAssets, mapBox } from '../parts/map.ts'
import { topBar } from '../parts/top.ts'

interface Done {
  readonly atMs: number
  readonly by: string
}

export interface DeskSafetyProps {
  readonly nowMs: number
  readonly rideId: string
  readonly reference: string
  readonly riderName: string
  readonly driver: { readonly name: string; readonly callSign: string } | null
  readonly vehicle: { readonly words: string; readonly plate: string } | null
  readonly pickup: { readonly label: string; readonly point: LatLng }
  readonly dropoff: { readonly label: string; readonly point: LatLng }
  readonly emergencyNumber: string
  /** The last five minutes before the newest call, in order. */
  readonly track: readonly (LatLng & { readonly atMs: number })[]
  readonly car: (LatLng & { readonly headingDeg: number; readonly ageMs: number }) | null
  /** The newest first. */
  readonly alerts: readonly {
    readonly id: string
    readonly side: 'rider' | 'driver'
    readonly raisedAtMs: number
    readonly seen: Done | null
    readonly closed: (Done & { readonly words: string }) | null
  }[]
  readonly key: () => string
}

/** Its changing part: where the car is, and each call with what can be said about it; root id `safety-now`. */
export function deskSafetyNow(ctx: PageContext, props: DeskSafetyProps): Html {
  const { track, car } = props
  const last = car ?? track.at(-1) ?? null
  return html`<div id="safety-now"><p class="second">${last === null ? 'No position is known.' : html`${car === null ? 'Last known' : `Now, ${ageText(car.ageMs)} old`}: <bdi dir="ltr" class="numbers">${last.lat.toFixed(5)}, ${last.lng.toFixed(5)}</bdi>.`} ${track.length === 0 ? 'The car was not heard in the five minutes before.' : html`${track.length} positions from ${clockSeconds(ctx, track[0]!.atMs)} to ${clockSeconds(ctx, track.at(-1)!.atMs)}.`} The local number for help is <b><bdi dir="ltr">${props.emergencyNumber}</bdi></b>. <a href="/board/rides/${props.rideId}/safety">Look again</a></p>
<ol class="safety-alerts">${props.alerts.map((alert) => alertItem(ctx, props, alert))}</ol></div>`
}

export function deskSafetyPage(ctx: PageContext, props: DeskSafetyProps): Html {
  const { track, car, driver, vehicle } = props
  const points = track.map(({ lat, lng }) => ({ lat, lng }))
  const body = html`${topBar(ctx)}<main id="main" class="narrow safety-desk" tabindex="-1">
<h1>Call for help · <span class="numbers">${props.reference}</span></h1>
<p><b>${props.riderName}</b>, rider${driver === null ? null : html` · <b>${driver.name}</b>, car ${driver.callSign}`}${vehicle === null ? null : html` · ${vehicle.words} ${plate(vehicle.plate)}`}</p>
<p>${address(props.pickup.label)} to ${address(props.dropoff.label)}</p>
<div class="safety-map">${mapBox(ctx, {
    label: 'Where the car is and was',
    from: props.pickup.point,
    to: props.dropoff.point,
    ...(points.length > 1 ? { route: [{ kind: 'driven' as const, points }] } : {}),
    ...(car === null ? {} : { car }),
  })}</div>
${deskSafetyNow(ctx, props)}
<p><a class="button button-plain" href="/board?ride=${props.rideId}">${icon('arrow-left')}To the ride on the board</a></p>
</main>`
  return page(ctx, {
    title: `Help, ${props.reference}`,
    body,
    ...mapAssets({ styles: ['safety.css'], scripts: [] }),
  })
}

function alertItem(ctx: PageContext, props: DeskSafetyProps, alert: DeskSafetyProps['alerts'][number]): Html {
  const home = `/board/rides/${props.rideId}/safety/${alert.id}`
  const seen =
    alert.seen === null
      ? html`<form method="post" action="${home}/seen">${formKeys({ csrf: ctx.csrf, key: props.key() })}<button class="button button-next" data-busy="Telling them…">I have it in hand</button></form>`
      : html`<p>${icon('check')} Seen by ${alert.seen.by} at ${clockSeconds(ctx, alert.seen.atMs)}; they read that.</p>`
  const closing =
    alert.closed === null
      ? html`<form class="safety-close" method="post" action="${home}/closing">${formKeys({ csrf: ctx.csrf, key: props.key() })}<label class="field"><span class="field-label">How did it end?</span><input class="input" name="words" required maxlength="300" autocomplete="off"></label><button class="button button-danger" data-busy="Closing…">Close the call</button></form>`
      : html`<p>${icon('check')} Closed by ${alert.closed.by} at ${clockSeconds(ctx, alert.closed.atMs)}: “${alert.closed.words}”</p>`
  return html`<li class="card" id="call-${alert.id}"><h2>${icon('shield-alert')}<span>The ${alert.side} asked for help at ${clockSeconds(ctx, alert.raisedAtMs)}</span></h2>${seen}${closing}</li>`
}
