/** Ranks and airports with their queues: which cars stand there, in which order, since when. */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { clock } from '../parts/figures.ts'
import { type Marker, marker } from './marker.ts'
import type { ZoneCar, ZoneProps, ZonesProps } from './props.ts'

const STATE_WORDS: Record<ZoneCar['state'], string> = {
  free: 'free',
  offered: 'asked just now',
  break: 'paused',
  silent: 'silent',
}

/** `<section id="board-zones">`: replaced whole with the queue of requests; nothing where the region has no ranks. */
export function boardZones(ctx: PageContext, { zones, nowMs }: ZonesProps): Html {
  if (zones.length === 0) return html`<section id="board-zones" hidden></section>`
  return html`<section id="board-zones" class="board-zones" aria-labelledby="zones-title"><header class="part-head"><h2 id="zones-title">Ranks <span class="part-count numbers">${zones.length}</span></h2><span class="second">first in line, since</span></header><ul class="zones">${zones.map((zone) => zoneItem(ctx, zone, nowMs))}</ul></section>`
}

function zoneItem(ctx: PageContext, zone: ZoneProps, nowMs: number): Html {
  const points = JSON.stringify(zone.corners)
  const longest = zone.cars.length === 0 ? null : Math.min(...zone.cars.map(({ enteredAtMs }) => enteredAtMs))
  const waits = longest === null ? '' : ` · ${Math.max(0, Math.floor((nowMs - longest) / 60_000))} min`
  return html`<li class="zone"><p class="zone-head"><a class="zone-name" href="#board-map" data-shows="${points}">${zone.name}</a><span class="second numbers">${zone.cars.length === 0 ? 'nobody waits' : `${zone.standing} of ${zone.placesMost}${waits}`}</span></p>${zone.cars.length === 0 ? null : html`<ol class="zone-cars" aria-label="Cars at ${zone.name}, first in line first">${zone.cars.map((car, n) => zoneCar(ctx, car, n + 1))}</ol>`}${zone.standing > zone.cars.length ? html`<p class="second">and ${zone.standing - zone.cars.length} more behind them</p>` : null}</li>`
}

function zoneCar(ctx: PageContext, car: ZoneCar, rank: number): Html {
  return html`<li class="zone-car"><span class="muted numbers">${rank}</span>${marker(car.state satisfies Marker)}<b class="numbers">${car.callSign}<span class="screen-reader"> ${car.name}, ${STATE_WORDS[car.state]}, since</span></b><span class="second">${clock(ctx, car.enteredAtMs)}</span></li>`
}
