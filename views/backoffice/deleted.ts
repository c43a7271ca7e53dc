/** What was deleted and can come back; a fleet; and the question before something is deleted. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field, formKeys } from '../parts/field.ts'
import { dayText } from '../parts/format.ts'
import type { ToastProps } from '../parts/toast.ts'
import { officePage } from './frame.ts'

type Kind = 'person' | 'driver' | 'vehicle' | 'company'

const KINDS: Readonly<Record<Kind, { readonly word: string; readonly icon: IconName }>> = {
  person: { word: 'Person', icon: 'user' },
  driver: { word: 'Driver', icon: 'id-card' },
  vehicle: { word: 'Car', icon: 'car-front' },
  company: { word: 'Company', icon: 'building-2' },
}

export interface DeletedProps {
  readonly things: readonly {
    readonly id: string
    readonly kind: Kind
    readonly name: string
    readonly more: string | null
    readonly companyName: string | null
    readonly by: string | null
    readonly bySelf: boolean
    readonly reason: string | null
    readonly deletedAtMs: number
    readonly purgeAtMs: number | null
  }[]
  readonly key: () => string
  readonly toasts: readonly ToastProps[]
}

/** The page `/admin/deleted`. */
export function deletedPage(ctx: PageContext, props: DeletedProps): Html {
  const content = html`<p class="second">What is deleted is hidden from all pages. People are removed for good after 30 days; drivers, cars and companies can be brought back at any time. <a href="/admin/fleet">Drivers and cars to delete</a></p>
<section class="card" aria-label="Deleted">${
    props.things.length === 0
      ? emptyState({ title: 'Nothing is deleted.', text: 'What you delete waits here to be brought back.' })
      : html`<ul class="plain-rows">${props.things.map((thing) => row(ctx, props, thing))}</ul>`
  }</section>`
  return officePage(ctx, { part: 'deleted', title: 'Deleted', content, toasts: props.toasts })
}

function row(ctx: PageContext, props: DeletedProps, thing: DeletedProps['things'][number]): Html {
  const kind = KINDS[thing.kind]
  const who = thing.bySelf ? 'by themselves' : thing.by === null ? '' : `by ${thing.by}`
  const until = thing.purgeAtMs === null ? null : `Removed for good on ${dayText(ctx, thing.purgeAtMs)}.`
  return html`<li><span class="person-words"><span><b><bdi>${thing.name}</bdi></b> <span class="badge">${icon(kind.icon)}${kind.word}</span></span><span class="second">${[thing.more, thing.companyName].filter((words) => words !== null && words !== '').join(' · ')}</span><span class="second">Deleted on ${dayText(ctx, thing.deletedAtMs)} ${who}${thing.reason === null ? null : html`: “${thing.reason}”`}. ${until}</span></span><form method="post" action="/admin/deleted/${thing.id}/restoration">${formKeys({ csrf: ctx.csrf, key: props.key() })}<button class="button button-plain button-compact" data-busy="Bringing back…">${icon('undo-2')}Bring back<span class="screen-reader"> ${thing.name}</span></button></form></li>`
}

export interface FleetProps {
  readonly fleets: readonly {
    readonly companyName: string
    readonly drivers: readonly { readonly id: string; readonly name: string; readonly callSign: string }[]
    readonly vehicles: readonly { readonly id: string; readonly plate: string; readonly words: string }[]
  }[]
}

/** The page `/admin/fleet`: drivers and cars, each with the way to take it off the fleet. */
export function fleetPage(ctx: PageContext, { fleets }: FleetProps): Html {
  // Under the page's own heading where there is no company's between.
  const heading = (words: string) => (fleets.length < 2 ? html`<h2>${words}</h2>` : html`<h3>${words}</h3>`)
  const content = html`${fleets.map(
    (
      fleet,
    ) => html`<section class="card" aria-label="${fleet.companyName}">${fleets.length < 2 ? null : html`<h2>${fleet.companyName}</h2>`}
${heading('Drivers')}${
  fleet.drivers.length === 0
    ? html`<p class="second">Nobody drives for this company yet.</p>`
    : html`<ul class="plain-rows">${fleet.drivers.map(({ id, name, callSign }) => line('driver', id, name, `Driver ${callSign}`))}</ul>`
}
${heading('Cars')}${
  fleet.vehicles.length === 0
    ? html`<p class="second">There is no car yet.</p>`
    : html`<ul class="plain-rows">${fleet.vehicles.map(({ id, plate, words }) => line('vehicle', id, plate, words, html`<a class="button button-plain button-compact" href="/admin/vehicles/${id}">What it has<span class="screen-reader">: ${plate}</span></a>`))}</ul>`
}</section>`,
  )}`
  return officePage(ctx, { part: 'fleet', title: 'Drivers and cars', content })
}

function line(kind: Kind, id: string, name: string, words: string, more: Html | null = null): Html {
  return html`<li><span class="person-words"><b><bdi>${name}</bdi></b><span class="second">${words}</span></span><span class="row-actions">${more}<a class="button button-quiet button-compact" href="/admin/deletion/${kind}/${id}">${icon('trash-2')}Delete…<span class="screen-reader"> ${name}</span></a></span></li>`
}

export interface DeleteProps {
  readonly kind: Exclude<Kind, 'company'>
  readonly id: string
  readonly name: string
  readonly more: string
  readonly key: string
  readonly refused?: { readonly reason: string; readonly error: string }
}

const EFFECTS: Readonly<Record<DeleteProps['kind'], string>> = {
  person:
    'They are signed out everywhere at once, and their name is gone from rides and lists. They get a letter with a link that brings the account back. After 30 days what is theirs is removed for good; the books stay, without their name.',
  driver:
    'Their shift ends, and they can no longer drive for the company. Their account stays, and so do the rides they drove. You can bring them back at any time.',
  vehicle:
    'Nobody can take it out any more. The rides it drove keep its plate. You can bring it back at any time.',
}

/** The question before something is deleted, with why. */
export function deletePage(ctx: PageContext, props: DeleteProps): Html {
  const { refused } = props
  const content = html`<section class="card" aria-labelledby="what-title"><h2 id="what-title"><bdi>${props.name}</bdi></h2><p class="second">${props.more}</p><p>${EFFECTS[props.kind]}</p>
<form method="post" action="/admin/deletion/${props.kind}/${props.id}" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key })}
${field({
  name: 'reason',
  label: 'Why',
  required: true,
  maxLength: 500,
  value: refused?.reason ?? '',
  hint: 'Stands in the audit trail and on the page of what was deleted.',
  ...(refused === undefined ? {} : { error: refused.error }),
})}
<div class="button-row"><a class="button button-plain" href="/admin/deleted">Keep it</a><button class="button button-danger" data-busy="Deleting…">Delete ${KINDS[props.kind].word.toLowerCase()}</button></div></form></section>`
  return officePage(ctx, {
    part: 'deleted',
    title: `Delete this ${KINDS[props.kind].word.toLowerCase()}?`,
    content,
  })
}
