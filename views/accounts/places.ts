/** A person's own places: home, work and others by name; and where they have been, to be saved by one press. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field, formKeys, segments } from '../parts/field.ts'
import { address } from '../parts/figures.ts'
import type { ToastProps } from '../parts/toast.ts'
import { addressField, type PlaceProps, placeDetail } from '../rides/address-field.ts'
import {
  type OwnPlacesProps,
  SAVED_ICONS,
  type SavedKind,
  type SavedPlaceProps,
} from '../rides/own-places.ts'
import type { RequestFieldProps } from '../rides/request.ts'
import { endQuery, type WayEndProps } from '../rides/way-query.ts'
import { settingsPage } from './settings.ts'

export interface PlaceFormProps {
  readonly kind: SavedKind
  readonly name: string
  readonly place: RequestFieldProps
  readonly nameError?: string
}

export interface PlacesPageProps extends OwnPlacesProps {
  readonly form: PlaceFormProps
  /** Makes a fresh one-time key, one a form. */
  readonly key: () => string
  readonly done?: 'saved' | 'renamed' | 'removed' | undefined
  readonly error?: string
}

const SAID: Readonly<Record<NonNullable<PlacesPageProps['done']>, ToastProps>> = {
  saved: { id: 'place', text: 'Saved. It is one press away when you ask for a ride.' },
  renamed: { id: 'place', text: 'It has its new name.' },
  removed: { id: 'place', text: 'Removed.' },
}

export const PLACE_NAME_MAX = 40

export function placesPage(ctx: PageContext, props: PlacesPageProps): Html {
  const content = html`<section class="card" aria-labelledby="saved-heading">
<div><h2 id="saved-heading">Saved places</h2><p class="second">Only you see them.</p></div>
${
  props.saved.length === 0
    ? emptyState({
        title: 'No saved places yet.',
        text: 'Save home and work, and a ride there is one press.',
      })
    : html`<ul class="place-list">${props.saved.map((place) => placeRow(ctx, props, place))}</ul>`
}
</section>
<section class="card" aria-labelledby="add-heading">
<h2 id="add-heading">Save a place</h2>
${props.error === undefined ? null : html`<p class="notice notice-danger" role="alert">${icon('triangle-alert')}${props.error}</p>`}${didYouMean(props.form)}${addForm(ctx, props)}
</section>${recentCard(props.recent)}`
  const toasts = props.done === undefined ? [] : [SAID[props.done]]
  return settingsPage(ctx, {
    ...{ tab: 'places', title: 'Places', content, toasts },
    ...{ styles: ['rider.css', 'asking.css'], scripts: ['request.js'] },
  })
}

function placeRow(ctx: PageContext, props: PlacesPageProps, place: SavedPlaceProps): Html {
  const { id, kind, name, label } = place
  return html`<li class="place"><span class="place-icon">${icon(SAVED_ICONS[kind])}</span><div class="place-words"><p><b>${address(name)}</b></p><p class="second">${address(label)}</p></div>
<a class="button button-soft button-compact" href="${rideHref(place)}">Ride there</a>
<details class="menu"><summary class="button button-quiet button-compact" aria-label="Change ${name}">${icon('pencil')}</summary><div class="menu-card card stack"><form method="post" action="/account/places/${id}" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}${field({ name: 'name', id: `name-${id}`, label: 'Name', value: name, maxLength: PLACE_NAME_MAX, required: true })}<button class="button button-plain" data-busy="Saving…">Rename</button></form><form method="post" action="/account/places/${id}/removal">${formKeys({ csrf: ctx.csrf, key: props.key() })}<button class="button button-danger button-wide" data-busy="Removing…">Remove ${name}</button></form></div></details></li>`
}

function rideHref(place: WayEndProps): string {
  return `/request?${queryOf(endQuery('to', place))}`
}

function queryOf(entries: readonly (readonly [string, string])[]): URLSearchParams {
  return new URLSearchParams(entries.map(([name, value]) => [name, value]))
}

function addForm(ctx: PageContext, { form, key }: PlacesPageProps): Html {
  const { text, point, error } = form.place
  return html`<form method="post" action="/account/places" class="stack" data-request>${formKeys({ csrf: ctx.csrf, key: key() })}
<div class="addresses">${addressField({ field: 'to', label: 'Where it is', value: text, point, ...(error === undefined ? {} : { error }) })}</div>
${segments({
  ...{ name: 'kind', label: 'What it is', chosen: form.kind },
  options: [
    { value: 'home', label: 'Home', icon: icon('house') },
    { value: 'work', label: 'Work', icon: icon('briefcase') },
    { value: 'other', label: 'Other', icon: icon('bookmark') },
  ],
})}
<div class="place-name">${field({ name: 'name', label: 'Name', value: form.name, maxLength: PLACE_NAME_MAX, hint: 'Such as “Grandma”.', ...(form.nameError === undefined ? {} : { error: form.nameError }) })}</div>
<button class="button button-next" data-busy="Saving…">Save place</button></form>`
}

/** Several places fit the words: each choice is this page with it filled in. */
function didYouMean({ kind, name, place }: PlaceFormProps): Html | null {
  const { text, choices = [] } = place
  if (choices.length === 0) return null
  return html`<div class="did-you-mean"><h3>Did you mean, for “${text}”</h3><ul class="rows">${choices.map(
    (choice: PlaceProps) =>
      html`<li><a class="row" href="${saveHref(choice, { kind, name })}">${icon('map-pin')}<span>${address(choice.label)}<small>${placeDetail(choice)}</small></span>${icon('chevron-right')}</a></li>`,
  )}</ul></div>`
}

function saveHref(place: WayEndProps, { kind, name }: { kind: SavedKind; name: string }): string {
  return `/account/places?${queryOf([...endQuery('to', place), ['kind', kind], ['name', name]])}#add-heading`
}

function recentCard(recent: readonly WayEndProps[]): Html | null {
  if (recent.length === 0) return null
  return html`<section class="card" aria-labelledby="recent-heading"><h2 id="recent-heading">Where you have been lately</h2><ul class="place-list">${recent.map(
    (place) =>
      html`<li class="place"><span class="place-icon">${icon('history')}</span><p class="place-words">${address(place.label)}</p><a class="button button-soft button-compact" href="${saveHref(place, { kind: 'other', name: '' })}" aria-label="Save ${place.label}">Save</a></li>`,
  )}</ul></section>`
}
