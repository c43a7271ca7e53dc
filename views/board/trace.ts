/** Why a ride went to whom it did, or to nobody: each look at it, car by car, as it was at that second. */
import { destination } from '../../src/engine/geo.ts'
import { CLASS_WORDS } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { address, clockSeconds } from '../parts/figures.ts'
import { clockSecondsText, countdownText, dayText, distanceText } from '../parts/format.ts'
import { type MapCarProps, type MapProps, mapAssets, mapBox } from '../parts/map.ts'
import { rideBadge } from '../parts/ride-state.ts'
import { eventWords } from './events.ts'
import type { TraceLook, TraceMoment, TraceProps } from './trace-props.ts'
import { driverPanel, funnel, markerOf, traceLink, traceTable } from './trace-table.ts'
import { lookDetail, lookTitle, ticksText, whySentence } from './trace-words.ts'

/** While the ride waits and its newest look is shown, the page looks again. */
const AGAIN_S = 4
const RING_CORNERS = 48

export function tracePage(ctx: PageContext, props: TraceProps): Html {
  const { ride } = props
  return page(ctx, {
    title: `Why ${ride.reference} waited ${countdownText(props.waitedMs)}`,
    layout: 'trace-page compact',
    ...mapAssets({ styles: ['board.css', 'board-table.css', 'trace.css'], scripts: ['htmx.js', 'trace.js'] }),
    ...(props.isLive ? { refreshS: AGAIN_S } : {}),
    body: html`<main id="main" tabindex="-1">${tracePart(ctx, props)}</main>`,
  })
}

/** One element with an id; its map stays where it is while the rest is drawn anew, and is told what to show. */
function tracePart(ctx: PageContext, props: TraceProps): Html {
  const { look } = props
  const again = props.isLive
    ? html` hx-get="/board/rides/${encodeURIComponent(props.ride.id)}/trace" hx-trigger="every ${AGAIN_S}s" hx-select="#trace" hx-swap="outerMorph"`
    : null
  const shown =
    look === null
      ? null
      : html` data-scene="${JSON.stringify(scene(props, look))}" data-chosen="${props.chosen?.driverId ?? ''}"`
  return html`<div id="trace" class="trace-parts"${shown}${again}>
${head(ctx, props)}
<p class="trace-why" role="status">${whySentence(props)}</p>
${look === null ? nothingKept(props) : middle(ctx, props, look)}
${look === null ? null : html`<section id="trace-map" class="trace-map" aria-label="Map of that second">${mapBox(ctx, { ...scene(props, look), label: 'Cars as they were at that second' })}</section>${driverPanel(props, look)}`}
<section class="trace-line" aria-labelledby="line-title"><h2 id="line-title" class="part-title">What happened</h2><ol>${props.moments.map((moment) => momentRow(ctx, props, moment))}</ol></section>
</div>`
}

function head(ctx: PageContext, props: TraceProps): Html {
  const { ride } = props
  const waited = countdownText(props.waitedMs)
  const exports = `/board/rides/${encodeURIComponent(ride.id)}/trace/export`
  return html`<header class="trace-head"><a class="close" href="/board?ride=${encodeURIComponent(ride.id)}" aria-label="Back to ${ride.reference} on the board">${icon('arrow-left')}</a><h1>Why ${ride.reference} waited <span class="numbers">${waited}</span></h1>${rideBadge(ride.state)}<p class="second trace-way">${address(ride.from.label)} → ${address(ride.to.label)} · ${CLASS_WORDS[ride.class]}${ride.shared ? ' shared' : ''} · asked ${clockSeconds(ctx, ride.requestedAtMs)}, ${dayText(ctx, ride.requestedAtMs)}</p><details class="menu"><summary class="button button-plain">${icon('download')}Export</summary><div class="menu-card card"><a href="${exports}?format=csv">As a table (CSV)</a><a href="${exports}?format=json">As JSON</a></div></details></header>`
}

function nothingKept(props: TraceProps): Html {
  const text =
    props.ride.state === 'requested'
      ? 'The first look is written within seconds; this page shows it by itself.'
      : `No look at this ride is kept. Looks are kept for ${props.keptDays} days, and a ride that the desk gave at once has none.`
  return html`<section class="trace-middle trace-none"><p>${text}</p></section>`
}

function middle(ctx: PageContext, props: TraceProps, look: TraceLook): Html {
  const looks = props.moments.filter((moment) => moment.kind === 'look')
  const place = looks.findIndex(({ atMs }) => atMs === look.atMs)
  const [before, after] = [looks[place - 1], looks[place + 1]]
  const many = ticksText(look)
  return html`<section class="trace-middle" aria-label="The look at ${clockSecondsText(ctx, look.atMs)}"><nav class="trace-steps" aria-label="Looks">${before === undefined ? html`<span class="close" aria-hidden="true"></span>` : html`<a class="close" ${traceLink(props, { at: before.atMs })} aria-label="The look before">${icon('arrow-left')}</a>`}<p><b>As it was at <span class="numbers">${clockSecondsText(ctx, look.untilMs)}</span></b> <span class="second">look ${place + 1} of ${looks.length}${many === '' ? '' : ` · ${many}`}</span></p>${after === undefined ? html`<span class="close" aria-hidden="true"></span>` : html`<a class="close" ${traceLink(props, { at: after.atMs })} aria-label="The look after">${icon('arrow-right')}</a>`}</nav>${funnel(props, look)}<div class="table-scroll trace-scroll" tabindex="0" role="region" aria-label="Cars, scrolls">${traceTable(props, look)}</div></section>`
}

function momentRow(ctx: PageContext, props: TraceProps, moment: TraceMoment): Html {
  if (moment.kind === 'event') {
    const { title, detail } = eventWords(moment.event)
    return html`<li class="moment moment-${moment.event.kind}"><span class="moment-time">${clockSeconds(ctx, moment.event.atMs)}</span><span class="moment-dot" aria-hidden="true"></span><span><b>${title}</b>${detail === '' ? null : html`<span class="second">${detail}</span>`}</span></li>`
  }
  const isCurrent = props.look?.atMs === moment.atMs
  const many = ticksText(moment)
  const detail = lookDetail({ ...moment, kind: moment.outcome })
  return html`<li class="moment moment-look moment-${moment.outcome}"><a ${traceLink(props, { at: moment.atMs })}${isCurrent ? html` aria-current="true"` : null}><span class="moment-time">${clockSeconds(ctx, moment.atMs)}</span><span class="moment-dot" aria-hidden="true"></span><span><b>${lookTitle(moment.outcome, moment.callSign)}</b><span class="second">${detail}${many === '' ? '' : ` · ${many}`}</span></span></a></li>`
}

/** The map of a look: the pickup, how far it looked, every listed car, and the way of who was asked. */
function scene({ ride, chosen }: TraceProps, look: TraceLook): Omit<MapProps, 'label'> {
  const ring = Array.from({ length: RING_CORNERS }, (_, n): [number, number] => {
    const { lat, lng } = destination(ride.from, (360 * n) / RING_CORNERS, look.radiusM)
    return [lat, lng]
  })
  const way = chosen?.gate === 'chosen' ? [{ kind: 'approach' as const, points: [chosen.at, ride.from] }] : []
  return {
    from: { lat: ride.from.lat, lng: ride.from.lng },
    route: way,
    zones: [{ name: distanceText(look.radiusM), rings: [ring] }],
    cars: look.drivers.map(
      (driver): MapCarProps => [
        ...([driver.driverId, driver.callSign] as const),
        ...([Math.round(driver.at.lat * 1e6), Math.round(driver.at.lng * 1e6)] as const),
        ...([driver.headingDeg, markerOf(driver), driver.ageS] as const),
      ],
    ),
  }
}
