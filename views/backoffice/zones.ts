/** Zones: those of each region on its map, and one of them with the tool that draws it. */
import type { LatLng } from '../../src/engine/units.ts'
import { HYSTERESIS_MAX_M, type ZoneKind } from '../../src/engine/zone.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field, fieldNote, formKeys, segments } from '../parts/field.ts'
import { type MapZoneProps, mapAssets, mapBox } from '../parts/map.ts'
import { switchRow } from '../parts/switch.ts'
import type { ToastProps } from '../parts/toast.ts'
import { officePage } from './frame.ts'
import { select } from './parts.ts'

/** A region as the map shows it. */
export interface ZoneRegionProps {
  readonly id: string
  readonly name: string
  readonly center: LatLng
  readonly zoom: number
  /** Its border, and the zones that are not the one being drawn. */
  readonly outlines: readonly MapZoneProps[]
}

export interface ZoneRowProps {
  readonly id: string
  readonly name: string
  readonly kind: ZoneKind
  /** Corners, size and place in words. */
  readonly area: string
  readonly hasQueue: boolean
  readonly isClosed: boolean
}

export interface ZonesPageProps {
  readonly regions: readonly (ZoneRegionProps & {
    readonly company: string | null
    readonly zones: readonly ZoneRowProps[]
  })[]
  readonly toasts: readonly ToastProps[]
}

const KIND_WORDS: Record<ZoneKind, { word: string; hint: string }> = {
  rank: { word: 'Rank', hint: 'cars stand here and wait for riders' },
  airport: { word: 'Airport', hint: 'the same, at an airport' },
  area: { word: 'Area', hint: 'any other part of the region' },
}

export function zonesPage(ctx: PageContext, { regions, toasts }: ZonesPageProps): Html {
  const content = html`<p class="second">A zone is a part of a region that rules name: cars queue in ranks and airports, and prices may have a fee, a flat fare or a tax of their own there.</p>
${regions.length === 0 ? html`<section class="card" aria-label="Zones">${emptyState({ title: 'No region yet.', text: 'A company drives in regions, and zones are drawn in them.' })}</section>` : regions.map((region) => regionCard(ctx, region))}`
  return officePage(ctx, {
    ...{ part: 'zones', title: 'Zones', content, toasts },
    ...mapAssets({ styles: ['zones.css'] }),
  })
}

function regionCard(ctx: PageContext, region: ZonesPageProps['regions'][number]): Html {
  const open = region.zones.filter(({ isClosed }) => !isClosed)
  const closed = region.zones.filter(({ isClosed }) => isClosed)
  const { center, zoom, outlines } = region
  return html`<section class="card" aria-label="Zones of ${[region.name, region.company].filter((name) => name !== null).join(', ')}"><div class="head-row"><h2>${region.name}${region.company === null ? null : html` <span class="second">${region.company}</span>`}</h2><a class="button button-next button-compact" href="/admin/regions/${region.id}/zones/new">${icon('plus')}Draw a zone</a></div>
${open.length === 0 ? null : html`<div class="zone-picture">${mapBox(ctx, { label: `The zones of ${[region.name, region.company].filter((name) => name !== null).join(', ')} on the map`, center, zoom: zoom - 1, zones: outlines })}</div>`}
${
  open.length === 0
    ? emptyState({ title: 'No zone yet.', text: 'Draw an airport, a rank or any part of the region.' })
    : html`<ul class="plain-rows">${open.map(row)}</ul>`
}${closed.length === 0 ? null : html`<details class="menu-less"><summary>${closed.length === 1 ? 'One closed zone' : `${closed.length} closed zones`}</summary><ul class="plain-rows">${closed.map(row)}</ul></details>`}</section>`
}

function row({ id, name, kind, area, hasQueue, isClosed }: ZoneRowProps): Html {
  return html`<li><div><a href="/admin/zones/${id}"><b>${name}</b></a> <span class="badge">${KIND_WORDS[kind].word.toLowerCase()}</span>${isClosed ? html` <span class="badge badge-warn">closed</span>` : null}<p class="second">${area}${hasQueue ? ' · cars queue' : ''}</p></div></li>`
}

/** What was typed, or what the zone is. */
export interface ZoneFields {
  readonly name: string
  readonly kind: string
  /** Corners as lines, or GeoJSON. */
  readonly area: string
  readonly queue: string
  readonly hysteresis_m: string
  readonly places_most: string
  readonly on_decline: string
  readonly outside_rides: string
}

export interface ZonePageProps {
  readonly region: ZoneRegionProps
  /** Null while it is being drawn for the first time. */
  readonly zone: {
    readonly id: string
    readonly slug: string
    readonly name: string
    readonly isClosed: boolean
    /** Tells this state of it from later ones. */
    readonly seen: string
    /** Tariffs whose rules name it, each with a way to it. */
    readonly named: readonly { readonly href: string; readonly words: string }[]
  } | null
  readonly typed: ZoneFields
  readonly errors: Readonly<Record<string, string | undefined>>
  readonly key: () => string
  readonly toasts: readonly ToastProps[]
}

export function zonePage(ctx: PageContext, props: ZonePageProps): Html {
  const { region, zone, typed, errors } = props
  const wrong = (name: string) => (errors[name] === undefined ? {} : { error: errors[name] })
  const action = zone === null ? `/admin/regions/${region.id}/zones` : `/admin/zones/${zone.id}`
  const content = html`<p><a class="back-link" href="/admin/zones">${icon('arrow-left')}All zones</a></p>
<form method="post" action="${action}" class="stack" data-zone-editor>${formKeys({ csrf: ctx.csrf, key: props.key() })}${zone === null ? null : html`<input type="hidden" name="seen" value="${zone.seen}">`}
${errors.seen === undefined ? null : html`<p class="field-error" role="alert">${icon('triangle-alert')}<span>${errors.seen}</span></p>`}
${drawCard(ctx, props)}
<section class="card stack" aria-labelledby="about-heading"><h2 id="about-heading">What it is</h2>
${field({ name: 'name', label: 'Name', value: typed.name, required: true, maxLength: 120, hint: 'Riders read it on the price line of this zone.', ...wrong('name') })}
${segments({ name: 'kind', label: 'Kind', chosen: typed.kind, options: Object.entries(KIND_WORDS).map(([value, { word }]) => ({ value, label: word })) })}
<p class="field-hint">${Object.values(KIND_WORDS)
    .map(({ word, hint }) => `${word}: ${hint}`)
    .join('. ')}.</p></section>
<section class="card stack" aria-labelledby="queue-heading"><h2 id="queue-heading">Queue</h2>
${switchRow({ name: 'queue', label: 'Cars queue here', hint: 'Who came first is asked first. Off: it is for prices alone.', on: typed.queue === 'on' })}
<div class="filters filters-start">${field({ name: 'places_most', label: 'Places', type: 'number', value: typed.places_most, required: true, hint: 'Cars that may stand at once.', ...wrong('places_most') })}
${field({ name: 'hysteresis_m', label: 'Margin, metres', type: 'number', value: typed.hysteresis_m, required: true, hint: `How far outside a car keeps its place; at most ${HYSTERESIS_MAX_M}.`, ...wrong('hysteresis_m') })}
${select({
  ...{ name: 'on_decline', label: 'Who declines', chosen: typed.on_decline, error: errors.on_decline },
  options: [
    { value: 'end', label: 'goes to the end' },
    { value: 'keep', label: 'keeps the place' },
  ],
})}</div>
${switchRow({ name: 'outside_rides', label: 'Asked for other rides too', hint: 'Off: those in the queue are kept for rides from here.', on: typed.outside_rides === 'on' })}</section>
<div class="row-actions"><button class="button button-next" data-busy="Saving…">${zone === null ? 'Save the zone' : 'Save'}</button><a class="button button-plain" href="/admin/zones">Cancel</a></div>
</form>
${zone === null ? null : lifeCard(ctx, zone, props.key())}`
  return officePage(ctx, {
    ...{ part: 'zones', title: zone?.name ?? `A new zone in ${region.name}`, content, toasts: props.toasts },
    ...mapAssets({ styles: ['zones.css'], scripts: ['zone-shape.js', 'zone-editor.js'] }),
  })
}

/** Map and corners; without script the corners alone, as text. */
function drawCard(ctx: PageContext, { region, typed, errors }: ZonePageProps): Html {
  const { center, zoom, outlines } = region
  const wrong = errors.area === undefined ? null : html` aria-invalid="true"`
  return html`<section class="card stack" aria-labelledby="area-heading"><h2 id="area-heading">Where it is</h2>
<div class="zone-draw" data-zone-draw hidden>
<div class="zone-map">${mapBox(ctx, { label: 'The map to draw on. Arrow keys move it, Enter adds a corner in its middle.', center, zoom, zones: outlines })}</div>
<div class="zone-tools">
<p class="zone-says" role="status" data-zone-says></p>
<div class="row-actions"><button type="button" class="button button-plain button-compact" data-zone-do="add" aria-pressed="false">${icon('plus')}Add corners</button><button type="button" class="button button-plain button-compact" data-zone-do="undo">${icon('undo-2')}Undo</button></div>
<label class="field-label" for="zone-ring">Outline or hole</label><select class="input" id="zone-ring" data-zone-rings></select>
<div class="row-actions"><button type="button" class="button button-plain button-compact" data-zone-do="hole">New hole</button><button type="button" class="button button-plain button-compact" data-zone-do="part">New outline</button><button type="button" class="button button-plain button-compact" data-zone-do="drop">Take it away</button></div>
<label class="field-label" for="zone-corner">Corner</label><select class="input zone-corners" id="zone-corner" size="6" data-zone-corners></select>
<div class="zone-numbers"><div class="field"><label class="field-label" for="zone-lat">Latitude</label><input class="input" id="zone-lat" type="number" step="any" min="-90" max="90" data-zone-lat></div><div class="field"><label class="field-label" for="zone-lng">Longitude</label><input class="input" id="zone-lng" type="number" step="any" min="-180" max="180" data-zone-lng></div></div>
<div class="row-actions"><button type="button" class="button button-plain button-compact" data-zone-do="after">Corner after it</button><button type="button" class="button button-plain button-compact" data-zone-do="remove">Remove corner</button></div>
</div></div>
<details class="zone-text" data-zone-details open><summary>As coordinates or GeoJSON</summary>
<div class="field"><label class="field-label" for="field-area">Corners</label><textarea class="input" id="field-area" name="area" rows="8" spellcheck="false" dir="ltr" aria-describedby="field-area-hint${errors.area === undefined ? '' : ' field-area-error'}"${wrong}>${typed.area}</textarea><p class="field-hint" id="field-area-hint">A corner a line, latitude first: 40.71274, -74.00602. A line “hole” begins a hole, “part” another outline. GeoJSON can be pasted as it is.</p></div></details>
${errors.area === undefined ? null : fieldNote('field-area', { error: errors.area })}</section>`
}

function lifeCard(ctx: PageContext, zone: NonNullable<ZonePageProps['zone']>, key: string): Html {
  const { id, name, slug, isClosed, named } = zone
  return html`<section class="card" aria-labelledby="life-heading"><h2 id="life-heading">${isClosed ? 'It is closed' : 'Close it'}</h2>
${named.length === 0 ? null : html`<p class="second">Prices name it: ${named.map(({ href, words }, n) => html`${n === 0 ? null : ', '}<a href="${href}">${words}</a>`)}.</p>`}
<p class="second">${isClosed ? 'No car queues in it, and no price has a line for it.' : 'Whoever stands in its queue is told and free; prices have no line for it any more. It can be opened again.'} In a company file it is called <bdi dir="ltr"><code>${slug}</code></bdi>.</p>
<form method="post" action="/admin/zones/${id}/closing">${formKeys({ csrf: ctx.csrf, key })}<input type="hidden" name="closed" value="${isClosed ? 'no' : 'yes'}"><button class="button ${isClosed ? 'button-plain' : 'button-danger'} button-compact">${isClosed ? `Open ${name} again` : `Close ${name}`}</button></form></section>`
}
