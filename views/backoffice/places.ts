/** The gazetteer, for who runs the installation: what is in it, files brought in, and a geocoder elsewhere. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field, fieldNote, formKeys } from '../parts/field.ts'
import { clock, day } from '../parts/figures.ts'
import { distanceText } from '../parts/format.ts'
import { officePage } from './frame.ts'
import { facts } from './parts.ts'
import { type ImportRunProps, runBadge } from './place-import.ts'

export interface DatasetProps {
  readonly name: string
  readonly places: number
  readonly importedAtMs: number
  /** One-time key of its form. */
  readonly key: string
}

export interface GeocoderProps {
  readonly name: string
  readonly host: string
  readonly askedToday: number
  readonly perDay: number | null
  /** Since this process started. */
  readonly counts: readonly (readonly [what: string, count: number])[]
  /** A sentence; null while it is asked as usual. */
  readonly trouble: string | null
}

export interface TriedProps {
  readonly query: string
  readonly places: readonly {
    readonly name: string
    readonly kind: string
    readonly detail: string
    readonly distanceM: number | null
    readonly isGuess: boolean
  }[]
  /** Where our own list stood in. */
  readonly note: string | null
}

export interface PlacesProps {
  readonly datasets: readonly DatasetProps[]
  readonly runs: readonly ImportRunProps[]
  readonly geocoder: GeocoderProps | null
  readonly tried: TriedProps | null
  readonly typed: { readonly dataset: string; readonly skipBad: boolean }
  readonly errors: Readonly<Record<string, string | undefined>>
  readonly key: string
  readonly done: string | undefined
}

const DONE: Readonly<Record<string, string>> = {
  removed: 'The places are removed. Nobody finds them any more.',
}

export function placesPage(ctx: PageContext, props: PlacesProps): Html {
  const { done } = props
  const text = done !== undefined && Object.hasOwn(DONE, done) ? DONE[done] : undefined
  const content = html`${datasets(ctx, props.datasets)}
${importForm(ctx, props)}
${props.runs.length === 0 ? null : runs(ctx, props.runs)}
${trySearch(props.tried)}
${geocoder(props.geocoder)}`
  const toasts = text === undefined ? [] : [{ id: 'done', text }]
  // A box to tick looks as it does at the sign-in.
  return officePage(ctx, { part: 'places', title: 'Places', content, toasts, styles: ['security.css'] })
}

function datasets(ctx: PageContext, list: readonly DatasetProps[]): Html {
  return html`<section class="card" aria-labelledby="lists-title"><h2 id="lists-title">The list</h2>
<p class="second">One list for all companies: what riders and the desk find by name.</p>${
    list.length === 0
      ? emptyState({
          title: 'No places yet.',
          text: 'Until there are some, people pick the map instead of typing. Bring in a file below.',
        })
      : html`<ul class="plain-rows">${list.map((one) => datasetRow(ctx, one))}</ul>`
  }</section>`
}

function datasetRow(ctx: PageContext, { name, places, importedAtMs, key }: DatasetProps): Html {
  return html`<li><div><b>${name}</b><p class="second"><span class="numbers">${placesText(places)}</span> · since ${day(ctx, importedAtMs)} ${clock(ctx, importedAtMs)}</p></div>
<details class="removal"><summary class="button button-plain button-compact" aria-label="Remove ${name}…">Remove…</summary>
<form method="post" action="/admin/places/removal" class="stack">${formKeys({ csrf: ctx.csrf, key })}<input type="hidden" name="dataset" value="${name}"><p class="notice">${icon('triangle-alert')}<span>Nobody finds its ${placesText(places)} any more. Rides keep the names they have.</span></p><div><button class="button button-danger button-compact" data-busy="Removing…">Remove ${name}</button></div></form></details></li>`
}

function importForm(ctx: PageContext, { typed, errors, key }: PlacesProps): Html {
  const hint = 'CSV with the columns name, lat and lng, or GeoJSON; packed with gzip or not, 8 MB at most.'
  const more = errors.file === undefined ? { hint } : { error: errors.file }
  const described = errors.file === undefined ? 'field-file-hint' : 'field-file-error'
  const named = errors.dataset === undefined ? { hint: DATASET_HINT } : { error: errors.dataset }
  return html`<section class="card" aria-labelledby="import-title"><h2 id="import-title">Bring in a file</h2>
<form method="post" action="/admin/places/imports" enctype="multipart/form-data" class="stack">${formKeys({ csrf: ctx.csrf, key })}
<div class="field"><label class="field-label" for="field-file">File</label><input class="input input-file" id="field-file" name="file" type="file" accept=".csv,.tsv,.txt,.json,.geojson,.geojsonl,.gz,text/csv,application/json,application/geo+json" required aria-describedby="${described}"${errors.file === undefined ? null : html` aria-invalid="true"`}>${fieldNote('field-file', more)}</div>
${field({ name: 'dataset', label: 'Name of this list', value: typed.dataset, required: true, maxLength: 80, ...named })}
<label class="check"><input type="checkbox" name="skip_bad" value="on"${typed.skipBad ? html` checked` : null}><span>Leave out rows that are no places, instead of refusing the file</span></label>
<div class="row-actions"><button class="button button-next" name="what" value="import" data-busy="Sending…">Bring it in</button><button class="button button-plain" name="what" value="check">Only look at it</button></div>
</form></section>`
}

const DATASET_HINT = 'A file of the same name takes the place of the last one.'

function runs(ctx: PageContext, list: readonly ImportRunProps[]): Html {
  return html`<section class="card" aria-labelledby="runs-title"><h2 id="runs-title">Files of the last 30 days</h2><ul class="plain-rows">${list.map(
    (run) =>
      html`<li><div><a href="/admin/places/imports/${run.id}"><b>${run.dataset}</b></a><p class="second">${run.dryRun ? 'Looked at' : 'Sent'} ${day(ctx, run.askedAtMs)} ${clock(ctx, run.askedAtMs)}</p></div>${runBadge(run)}</li>`,
  )}</ul></section>`
}

function trySearch(tried: TriedProps | null): Html {
  const found =
    tried === null
      ? null
      : html`${tried.note === null ? null : html`<p class="notice">${icon('info')}<span>${tried.note}</span></p>`}${
          tried.places.length === 0
            ? html`<p class="second">Nothing is found for “${tried.query}”.</p>`
            : html`<ol class="plain-rows">${tried.places.map(
                (place) =>
                  html`<li><div><b>${place.name}</b><p class="second">${[place.kind, place.detail].filter((part) => part !== '').join(' · ')}</p></div><span class="numbers second">${place.isGuess ? 'a guess' : place.distanceM === null ? null : distanceText(place.distanceM)}</span></li>`,
              )}</ol>`
        }`
  return html`<section class="card" aria-labelledby="try-title" id="try"><h2 id="try-title">Try the search</h2>
<form method="get" action="/admin/places#try" role="search" class="stack">${field({ name: 'q', label: 'What somebody types', value: tried?.query ?? '', required: true, maxLength: 120 })}<div><button class="button button-plain">Search</button></div></form>${found}</section>`
}

function geocoder(props: GeocoderProps | null): Html {
  return html`<section class="card" aria-labelledby="outside-title"><h2 id="outside-title">Addresses beyond the list</h2>${
    props === null
      ? html`<p class="second">No geocoder is set up: what is not in the list is not found, and nothing anybody types leaves this server. <code>GEOCODER</code> names one.</p>`
      : html`${props.trouble === null ? html`<p class="second">${props.name} is asked for what the list lacks.</p>` : html`<p class="notice">${icon('triangle-alert')}<span>${props.trouble}</span></p>`}${facts(
          [
            ['Where', html`<bdi dir="ltr">${props.host}</bdi>`],
            [
              'Asked today',
              `${count(props.askedToday)}${props.perDay === null ? '' : ` of ${count(props.perDay)}`}`,
            ],
            ...props.counts.map(([what, times]) => [what, count(times)] as const),
          ],
        )}`
  }</section>`
}

function placesText(places: number): string {
  return places === 1 ? '1 place' : `${count(places)} places`
}

function count(number: number): string {
  return number.toLocaleString('en')
}
