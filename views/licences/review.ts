/** One licence handed in: its pictures beside its words, what the machine read otherwise, and the decision. */
import { officePage } from '../backoffice/frame.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { field, formKeys } from '../parts/field.ts'
import { clockText, dayText } from '../parts/format.ts'
import { countryName } from './countries.ts'
import { dayWords, type LicenceStateWord, licenceBadge } from './words.ts'

export interface ReviewWord {
  readonly label: string
  readonly value: string
  /** What the machine read, where it is something else; null where it agrees or read nothing. */
  readonly readAs: string | null
}

export interface ReviewProps {
  readonly id: string
  readonly state: LicenceStateWord
  /** The account. */
  readonly person: { readonly name: string; readonly email: string; readonly company: string }
  readonly driverId: string | null
  readonly frontId: string | null
  readonly backId: string | null
  readonly words: readonly ReviewWord[]
  readonly likeness: { readonly score: number; readonly words: string }
  readonly wasRead: boolean
  readonly submittedAtMs: number
  readonly approvedUntil: string | null
  readonly decided: {
    readonly by: string | null
    readonly atMs: number
    readonly reason: string | null
  } | null
  /** The day is over already where they drive, so it cannot be approved. */
  readonly ranOut: boolean
  readonly reasonError?: string
  readonly reason?: string
  readonly told?: string | undefined
  readonly keys: readonly [string, string]
}

const TOLD: Readonly<Record<string, string>> = {
  decided_already: 'Somebody else decided on this one before you. Your choice was not used.',
  withdrawn: 'The driver has handed in a newer one meanwhile. Look at that one; your choice was not used.',
  ran_out: 'This licence has run out already, so it was not approved.',
}

export function licenceReviewPage(ctx: PageContext, props: ReviewProps): Html {
  const told = props.told !== undefined && Object.hasOwn(TOLD, props.told) ? TOLD[props.told] : undefined
  return officePage(ctx, {
    part: 'licences',
    title: `Licence of ${props.person.name}`,
    styles: ['licences.css'],
    content: html`${told === undefined ? null : html`<p class="notice" role="alert">${icon('info')}<span>${told}</span></p>`}
<p><a class="back-link" href="/admin/licences">${icon('arrow-left')}All licences</a></p>
<div class="licence-review">
<section class="card stack" aria-label="Pictures">${picture('Front', props.frontId)}${picture('Back', props.backId)}</section>
<div class="stack-wide">${wordsCard(ctx, props)}${props.state === 'submitted' ? decisionCard(ctx, props) : outcomeCard(ctx, props)}</div>
</div>`,
  })
}

function picture(label: string, uploadId: string | null): Html {
  return uploadId === null
    ? html`<figure><figcaption class="field-label">${label}</figcaption><span class="licence-blank">${icon('id-card')}<span class="second">No picture</span></span></figure>`
    : html`<figure><figcaption class="field-label">${label}</figcaption><a href="/uploads/${uploadId}" target="_blank" rel="noopener"><img class="licence-picture" src="/uploads/${uploadId}" alt="${label} of the licence; opens in full size"></a></figure>`
}

/** From here on a name needs no second look. */
const NAME_NEAR = 80

function wordsCard(ctx: PageContext, props: ReviewProps): Html {
  const { person, likeness } = props
  const near = likeness.score >= NAME_NEAR
  return html`<section class="card stack" aria-labelledby="typed-title"><h2 id="typed-title">What the driver typed</h2>
<p class="notice ${near ? 'notice-info' : ''}">${icon(near ? 'check' : 'triangle-alert')}<span>Name: ${likeness.words} <span class="numbers">${likeness.score} of 100</span>, against “${person.name}” of the account.</span></p>
<dl class="licence-words">${props.words.map(
    ({ label, value, readAs }) =>
      html`<div><dt>${label}</dt><dd><b>${value === '' ? '–' : value}</b>${readAs === null ? null : html`<span class="licence-differs">${icon('triangle-alert')}<span>The machine read “${readAs}”</span></span>`}</dd></div>`,
  )}
<div><dt>Account</dt><dd>${props.driverId === null ? person.name : html`<a href="/admin/drivers/${props.driverId}">${person.name}</a>`}<br><span class="second">${person.email} · ${person.company}${props.driverId === null ? ' · wants to drive' : ''}</span></dd></div>
<div><dt>Handed in</dt><dd>${dayText(ctx, props.submittedAtMs)} ${clockText(ctx, props.submittedAtMs)}${props.approvedUntil === null ? null : html`<br><span class="second">The present one counts until ${dayWords(props.approvedUntil)}.</span>`}</dd></div></dl>
${props.wasRead ? null : html`<p class="second">The machine could not read this picture, so there is nothing to compare with.</p>`}</section>`
}

function decisionCard(ctx: PageContext, props: ReviewProps): Html {
  const { ranOut, keys } = props
  return html`<section class="card stack" aria-labelledby="decision-title"><h2 id="decision-title">Your decision</h2>
<p class="second">Compare every word with the picture. The machine’s reading is a hint and decides nothing.</p>
<div class="decision-forms">
${ranOut ? html`<p class="notice notice-danger">${icon('triangle-alert')}<span>Its last day is over, so it cannot be approved.</span></p>` : html`<form method="post" action="/admin/licences/${props.id}/decision">${formKeys({ csrf: ctx.csrf, key: keys[0] })}<input type="hidden" name="verdict" value="approved"><button class="button button-next button-wide" data-busy="Approving…">${icon('check')}Approve${props.driverId === null ? ', and make them a driver' : ''}</button></form>`}
<form method="post" action="/admin/licences/${props.id}/decision" class="stack">${formKeys({ csrf: ctx.csrf, key: keys[1] })}<input type="hidden" name="verdict" value="rejected">
${field({ name: 'reason', label: 'Why not? The driver reads this', value: props.reason ?? '', lines: 3, maxLength: 500, required: true, placeholder: 'The back is blurred. Take it again in daylight.', ...(props.reasonError === undefined ? {} : { error: props.reasonError }) })}
<button class="button button-danger button-wide" data-busy="Sending back…">Send back</button></form>
</div></section>`
}

function outcomeCard(ctx: PageContext, props: ReviewProps): Html {
  const { decided } = props
  return html`<section class="card stack" aria-labelledby="outcome-title"><h2 id="outcome-title">What became of it</h2><p>${licenceBadge(props.state)}</p>${
    decided === null
      ? null
      : html`<p class="second">${dayText(ctx, decided.atMs)} ${clockText(ctx, decided.atMs)}${decided.by === null ? null : html`, by ${decided.by}`}.${decided.reason === null ? null : html` ${decided.reason}`}</p>`
  }</section>`
}

/** The words of a licence with what was read beside them, in the order of the form. */
export function reviewWords(
  typed: Readonly<Record<ReviewKey, string | null>>,
  read: Readonly<Partial<Record<ReviewKey, string>>>,
): ReviewWord[] {
  return KEYS.map(([key, label]) => {
    const [value, other] = [typed[key] ?? '', read[key]]
    const same = other === undefined || plain(other) === plain(value)
    return { label, value: shown(key, value), readAs: same ? null : shown(key, other) }
  })
}

export type ReviewKey =
  | 'legalName'
  | 'number'
  | 'country'
  | 'issuingState'
  | 'classes'
  | 'issuedOn'
  | 'expiresOn'

const KEYS: readonly (readonly [ReviewKey, string])[] = [
  ['legalName', 'Name'],
  ['number', 'Number'],
  ['country', 'Country'],
  ['issuingState', 'State'],
  ['classes', 'Class'],
  ['issuedOn', 'Issued on'],
  ['expiresOn', 'Expires on'],
]

/** Spaces, hyphens and capitals are no difference. */
function plain(text: string): string {
  return text.toUpperCase().replace(/[\s.,/-]+/g, '')
}

function shown(key: ReviewKey, value: string): string {
  if (value === '') return ''
  if (key === 'country') return countryName(value)
  return key === 'issuedOn' || key === 'expiresOn' ? dayWords(value) : value
}
