/** Prices: the versions of each class of a region, one version, the page of a draft, and what a draft would change. */
import type { VehicleClass } from '../../src/engine/units.ts'
import { CLASS_WORDS } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { field, formKeys } from '../parts/field.ts'
import { amount, clock, day } from '../parts/figures.ts'
import { money } from '../parts/format.ts'
import type { ToastProps } from '../parts/toast.ts'
import { officePage } from './frame.ts'
import { facts } from './parts.ts'
import { type TariffFormProps, tariffForm } from './tariff-form.ts'
import { figureFacts, ruleSentences, type TariffFigureProps, type ZoneNames } from './tariff-words.ts'

export interface VersionProps {
  readonly id: string
  readonly version: number
  readonly effectiveFromMs: number
  /** Null where nobody of the office published it: a company file did. */
  readonly publishedBy: string | null
  readonly publishedAtMs: number | null
  readonly withdrawnBy: string | null
  readonly withdrawnAtMs: number | null
  readonly standing: 'in force' | 'to come' | 'past' | 'withdrawn'
  /** The figures that matter most, in a line. */
  readonly summary: string
}

export interface TariffsPageProps {
  readonly regions: readonly {
    readonly id: string
    readonly name: string
    readonly company: string | null
    readonly timeZone: string
    readonly classes: readonly {
      readonly class: VehicleClass
      readonly versions: readonly VersionProps[]
      readonly hasDraft: boolean
    }[]
  }[]
  readonly key: () => string
  readonly toasts: readonly ToastProps[]
}

const STYLES = { styles: ['tariffs.css'] }

export function tariffsPage(ctx: PageContext, { regions, key, toasts }: TariffsPageProps): Html {
  const content = html`<p class="second">A class of a region has one tariff in force. It is changed in a draft, which shows what it would have made of yesterday’s rides before it is published. What was published stays as it is: rides keep the version they were quoted by.</p>
${
  regions.length === 0
    ? html`<section class="card" aria-label="Prices">${emptyState({ title: 'No region yet.', text: 'A company drives in regions, and each has its prices.' })}</section>`
    : regions.map(({ id, name, company, timeZone, classes }) => {
        const local = { ...ctx, timeZone }
        return html`<section class="card" aria-label="Prices of ${[name, company].filter((part) => part !== null).join(', ')}"><h2>${name}${company === null ? null : html` <span class="second">${company}</span>`}</h2><p class="second">Times are those of ${timeZone.replaceAll('_', ' ')}.</p>${classes.map((one) => classPart(local, id, one, key))}</section>`
      })
}`
  return officePage(ctx, { part: 'tariffs', title: 'Prices', content, toasts, ...STYLES })
}

function classPart(
  ctx: PageContext,
  regionId: string,
  { class: vehicleClass, versions, hasDraft }: TariffsPageProps['regions'][number]['classes'][number],
  key: () => string,
): Html {
  const current = versions.filter(({ standing }) => standing === 'in force' || standing === 'to come')
  const rest = versions.filter((version) => !current.includes(version))
  const name = CLASS_WORDS[vehicleClass]
  const label = hasDraft
    ? 'Go on with the draft'
    : versions.length === 0
      ? 'Draft the first'
      : 'Draft a change'
  return html`<div class="stack-tight"><div class="head-row"><h3>${name}${hasDraft ? html` <span class="badge badge-requested">draft</span>` : null}</h3><a class="button button-plain button-compact" href="/admin/regions/${regionId}/tariffs/${vehicleClass}" aria-label="${label}: ${name}">${icon(hasDraft ? 'pencil' : 'plus')}${label}</a></div>
${current.length === 0 ? html`<p class="second">Nothing is in force: no price is given for this class.</p>` : html`<ul class="plain-rows">${current.map((version) => versionRow(ctx, version, name, key))}</ul>`}
${rest.length === 0 ? null : html`<details><summary>${rest.length === 1 ? 'One earlier version' : `${rest.length} earlier versions`}</summary><ul class="plain-rows">${rest.map((version) => versionRow(ctx, version, name, key))}</ul></details>`}</div>`
}

const STANDING_BADGES: Record<VersionProps['standing'], string> = {
  'in force': ' badge-ok',
  'to come': ' badge-requested',
  past: '',
  withdrawn: ' badge-warn',
}

function versionRow(ctx: PageContext, version: VersionProps, name: string, key: () => string): Html {
  const { id, standing } = version
  return html`<li><div><a href="/admin/tariffs/${id}"><b>Version ${version.version}</b></a> <span class="badge${STANDING_BADGES[standing]}">${standing}</span><p>${version.summary}</p><p class="second">${versionWords(ctx, version)}</p></div>${standing === 'to come' ? html`<form method="post" action="/admin/tariffs/${id}/withdrawal">${formKeys({ csrf: ctx.csrf, key: key() })}<button class="button button-danger button-compact" aria-label="Withdraw version ${version.version} of ${name}">Withdraw</button></form>` : null}</li>`
}

function versionWords(ctx: PageContext, version: VersionProps): Html {
  const { publishedBy, publishedAtMs, withdrawnAtMs, withdrawnBy } = version
  return html`From ${day(ctx, version.effectiveFromMs)}, ${clock(ctx, version.effectiveFromMs)} · published ${publishedBy === null ? 'by a company file' : html`by ${publishedBy}`}${publishedAtMs === null ? null : html` on ${day(ctx, publishedAtMs)}`}${withdrawnAtMs === null ? null : html` · withdrawn${withdrawnBy === null ? null : html` by ${withdrawnBy}`} on ${day(ctx, withdrawnAtMs)}`}`
}

const backLink = html`<p><a class="back-link" href="/admin/tariffs">${icon('arrow-left')}All prices</a></p>`

export interface TariffVersionPageProps {
  readonly regionId: string
  readonly region: string
  readonly class: VehicleClass
  readonly version: VersionProps
  readonly figures: TariffFigureProps
  readonly zones: ZoneNames
}

/** A published version: what it says, and a draft that begins with it. */
export function tariffVersionPage(ctx: PageContext, props: TariffVersionPageProps): Html {
  const { version, figures } = props
  const title = `${CLASS_WORDS[props.class]} in ${props.region}, version ${version.version}`
  const content = html`${backLink}<section class="card stack" aria-label="What it says"><p><span class="badge${STANDING_BADGES[version.standing]}">${version.standing}</span></p><p class="second">${versionWords(ctx, version)}</p>${tariffSays(figures, props.zones)}
<div><a class="button button-plain button-compact" href="/admin/regions/${props.regionId}/tariffs/${props.class}?from=${version.id}">Draft from this one</a></div></section>`
  return officePage(ctx, { part: 'tariffs', title, content, ...STYLES })
}

function tariffSays(figures: TariffFigureProps, zones: ZoneNames): Html {
  const rules = ruleSentences(figures, zones)
  return html`${facts(figureFacts(figures))}<h2>Rules</h2>${rules.length === 0 ? html`<p class="second">None beyond the figures.</p>` : html`<ul class="plain-list">${rules.map((rule) => html`<li>${rule}</li>`)}</ul>`}`
}

export interface TariffDraftPageProps {
  readonly region: string
  readonly class: VehicleClass
  readonly path: string
  readonly form: TariffFormProps
  /** Sentences: how the draft differs from what is in force; null where nothing is kept yet. */
  readonly differences: readonly string[] | null
  readonly key: () => string
  readonly toasts: readonly ToastProps[]
}

export function tariffDraftPage(ctx: PageContext, props: TariffDraftPageProps): Html {
  const title = `${CLASS_WORDS[props.class]} in ${props.region}: draft`
  const content = html`${backLink}${props.differences === null ? null : differencesCard(ctx, props, props.differences)}${tariffForm(ctx, props.form)}`
  return officePage(ctx, {
    ...{ part: 'tariffs', title, content, toasts: props.toasts, ...STYLES },
    scripts: ['tariff-editor.js'],
  })
}

function differencesCard(
  ctx: PageContext,
  props: TariffDraftPageProps,
  differences: readonly string[],
): Html {
  return html`<section class="card stack" aria-labelledby="kept-heading"><h2 id="kept-heading">The draft as it is kept</h2>${differenceList(differences)}
<div class="row-actions"><a class="button button-plain button-compact" href="${props.path}/preview">See what it changes, and publish</a><form method="post" action="${props.path}/discard">${formKeys({ csrf: ctx.csrf, key: props.key() })}<button class="button button-danger button-compact">Throw the draft away</button></form></div></section>`
}

function differenceList(differences: readonly string[]): Html {
  return differences.length === 0
    ? html`<p class="second">It says the same as what is in force.</p>`
    : html`<ul class="plain-list">${differences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`
}

export interface PreviewPageProps {
  readonly region: string
  readonly timeZone: string
  readonly class: VehicleClass
  readonly path: string
  readonly revision: number
  readonly currency: string
  readonly differences: readonly string[]
  readonly cover: { readonly gaps: string | null; readonly overlaps: readonly string[] }
  readonly rides: readonly {
    readonly href: string
    readonly reference: string
    readonly requestedAtMs: number
    readonly from: string
    readonly to: string
    readonly wasMinor: number
    readonly wouldMinor: number
    readonly changes: readonly { readonly label: string; readonly byMinor: number }[]
  }[]
  /** Of all rides that were priced; the list shows those that change most. */
  readonly sums: {
    readonly rides: number
    readonly dearer: number
    readonly cheaper: number
    readonly wasMinor: number
    readonly wouldMinor: number
  }
  readonly isLastDay: boolean
  readonly isCut: boolean
  readonly typed: Readonly<Record<string, string>>
  readonly errors: Readonly<Record<string, string | undefined>>
  readonly key: string
}

export function tariffPreviewPage(ctx: PageContext, props: PreviewPageProps): Html {
  const title = `${CLASS_WORDS[props.class]} in ${props.region}: what the draft changes`
  const content = html`<p><a class="back-link" href="${props.path}">${icon('arrow-left')}Back to the draft</a></p>
<section class="card stack" aria-labelledby="says-heading"><h2 id="says-heading">Against what is in force</h2>${differenceList(props.differences)}${props.cover.overlaps.map((sentence) => html`<p class="notice-line notice-warn">${icon('triangle-alert')}<span>${sentence}</span></p>`)}${props.cover.gaps === null ? null : html`<p class="notice-line">${icon('info')}<span>${props.cover.gaps}</span></p>`}</section>
${ridesCard(ctx, props)}${publishCard(ctx, props)}`
  return officePage(ctx, { part: 'tariffs', title, content, ...STYLES })
}

function ridesCard(ctx: PageContext, props: PreviewPageProps): Html {
  const { sums, currency } = props
  const heading = props.isLastDay ? 'The rides of the last 24 hours' : 'The latest rides'
  if (sums.rides === 0)
    return html`<section class="card stack" aria-labelledby="rides-heading"><h2 id="rides-heading">${heading}</h2>${emptyState({ title: 'Nobody has taken a ride of this class yet.', text: 'With the first rides, each is priced here with the draft.' })}</section>`
  const share =
    sums.wasMinor === 0 ? '' : ` (${signedPercent((sums.wouldMinor - sums.wasMinor) / sums.wasMinor)})`
  const figure = (label: string, value: Html | string) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`
  return html`<section class="card stack" aria-labelledby="rides-heading"><h2 id="rides-heading">${heading}</h2>
<dl class="preview-sums">${figure('Rides', String(sums.rides))}${figure('As promised then', amount(ctx, { amountMinor: sums.wasMinor, currency }))}${figure('With the draft', amount(ctx, { amountMinor: sums.wouldMinor, currency }))}${figure('Difference', html`<bdi dir="ltr">${signedMoney(sums.wouldMinor - sums.wasMinor, currency)}</bdi>`)}</dl>
<p class="second">${sums.dearer} dearer, ${sums.cheaper} cheaper, ${sums.rides - sums.dearer - sums.cheaper} the same${share}. Each with its own way, hour, demand and code, without waiting; tolls by the straight way.${props.isLastDay ? null : ' Nobody rode in the last 24 hours, so these are the latest before.'}${props.isCut ? ` Only the latest ${sums.rides} are priced.` : null}</p>
<ul class="plain-rows preview-rows">${props.rides.map(
    (ride) =>
      html`<li><div><a href="${ride.href}"><b>${ride.reference}</b></a> <span class="second">${day(ctx, ride.requestedAtMs)}, ${clock(ctx, ride.requestedAtMs)}</span><p class="second"><bdi>${ride.from}</bdi> → <bdi>${ride.to}</bdi></p>${ride.changes.length === 0 ? null : html`<p class="second">${ride.changes.map(({ label, byMinor }) => `${label} ${signedMoney(byMinor, currency)}`).join(' · ')}</p>`}</div><span class="numbers"><b>${signedMoney(ride.wouldMinor - ride.wasMinor, currency)}</b><br><span class="second">${money(ride.wasMinor, currency)} → ${money(ride.wouldMinor, currency)}</span></span></li>`,
  )}</ul>${sums.rides > props.rides.length ? html`<p class="second">The ${props.rides.length} that change most, of ${sums.rides}.</p>` : null}</section>`
}

function publishCard(ctx: PageContext, props: PreviewPageProps): Html {
  const { typed, errors } = props
  const wrong = (name: string) => (errors[name] === undefined ? {} : { error: errors[name] })
  const choice = (value: string, label: string) =>
    html`<label class="day-box"><input type="radio" name="when" value="${value}"${(typed.when ?? 'now') === value ? html` checked` : null}><span>${label}</span></label>`
  return html`<section class="card stack" aria-labelledby="publish-heading"><h2 id="publish-heading">Publish</h2>
<p class="second">From then on it cannot be changed, only followed by another version. Until it is in force it can be withdrawn.</p>
${errors.draft === undefined ? null : html`<p class="field-error" role="alert">${icon('triangle-alert')}<span>${errors.draft}</span></p>`}
<form method="post" action="${props.path}/publication" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key })}<input type="hidden" name="revision" value="${props.revision}">
<fieldset><legend class="screen-reader">From when on</legend><div class="day-boxes">${choice('now', 'At once')}${choice('later', 'From a day and time')}</div></fieldset>
<div class="when-fields">${field({ name: 'day', label: 'Day', type: 'date', value: typed.day ?? '', hint: `In ${props.timeZone.replaceAll('_', ' ')}.`, ...wrong('day') })}${field({ name: 'time', label: 'Time', type: 'time', value: typed.time ?? '', hint: 'Empty: midnight.', ...wrong('time') })}</div>
<div class="row-actions"><button class="button button-next" data-busy="Publishing…">Publish</button></div></form></section>`
}

/** `+$5.25`, `-$1.00`, `±$0.00`. */
function signedMoney(minor: number, currency: string): string {
  return `${minor > 0 ? '+' : minor < 0 ? '-' : '±'}${money(Math.abs(minor), currency)}`
}

function signedPercent(part: number): string {
  const text = Math.abs(part * 100).toFixed(1)
  return `${part > 0 ? '+' : part < 0 ? '-' : '±'}${text} %`
}
