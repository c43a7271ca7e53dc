/** A driver's licence: where it stands, the pictures, the words to correct, and what happens next. Made for one thumb. */
import { cardPage } from '../accounts/card.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { type FieldProps, field, fieldNote, formKeys } from '../parts/field.ts'
import { dayText } from '../parts/format.ts'
import { COUNTRIES } from './countries.ts'
import { daysAheadWords, dayWords, type LicenceStateWord, licenceBadge } from './words.ts'

export type LicenceField =
  | 'legal_name'
  | 'number'
  | 'country'
  | 'issuing_state'
  | 'classes'
  | 'issued_on'
  | 'expires_on'

export interface LicencePageProps {
  readonly company: string
  /** The account's, for the hint at the legal name. */
  readonly name: string
  /** Whether the licences of this company's drivers are looked at. */
  readonly checked: boolean
  /** They asked to drive and do not yet. */
  readonly applicant: boolean
  readonly approved: { readonly expiresOn: string; readonly daysLeft: number } | null
  readonly submittedAtMs: number | null
  /** The newest decision, when it was a no. */
  readonly rejected: { readonly reason: string } | null
  readonly expired: { readonly expiresOn: string } | null
  readonly draft: {
    readonly frontId: string | null
    readonly backId: string | null
    /** Fields the machine filled in, to be looked at. */
    readonly read: readonly LicenceField[]
  } | null
  readonly values: Readonly<Record<LicenceField, string>>
  readonly errors: ReadonlyMap<string, string>
  readonly driving: 'on' | 'stopped' | 'disabled' | null
  readonly disabledReason: string | null
  readonly earlier: readonly {
    readonly state: LicenceStateWord
    readonly expiresOn: string | null
    readonly reason: string | null
  }[]
  readonly saved?: string | undefined
  readonly key: () => string
}

const SAVED: Readonly<Record<string, string>> = {
  pictures: 'Your pictures are here. Check what we read off them.',
  submitted: 'Handed in. You hear from us by mail.',
  stopped: 'Driving is off. No rides come to you.',
  resumed: 'Driving is on again.',
}

export function licencePage(ctx: PageContext, props: LicencePageProps, options: { isNight: boolean }): Html {
  const saved =
    props.saved === undefined || !Object.hasOwn(SAVED, props.saved) ? undefined : SAVED[props.saved]
  const home = props.applicant ? '/' : '/driver'
  return page(ctx, {
    title: 'Your licence',
    styles: ['licences.css'],
    theme: options.isNight ? 'dark' : undefined,
    toasts: saved === undefined ? [] : [{ id: 'saved', text: saved }],
    body: html`<main id="main" class="licence" tabindex="-1">
<header class="licence-head"><a class="pill pill-round" href="${home}">${icon('arrow-left')}<span class="screen-reader">Back</span></a><h1>Your licence</h1></header>
${standing(ctx, props)}
${entry(ctx, props)}
${earlier(props)}
${drivingCard(ctx, props)}
</main>`,
  })
}

/** For somebody who neither drives nor asked to. */
export function noDriverPage(ctx: PageContext): Html {
  return cardPage(ctx, {
    title: 'You do not drive here',
    second: 'Licences are for drivers, and for those who asked a company to drive for it.',
    content: html`<a class="button button-next button-wide" href="/drive">Apply to drive</a>`,
  })
}

/* Where it stands. */

function standing(ctx: PageContext, props: LicencePageProps): Html {
  const lines = standingLines(ctx, props)
  return html`<section class="card stack" aria-label="Where it stands">${lines}</section>`
}

function standingLines(ctx: PageContext, props: LicencePageProps): Html {
  const { approved, submittedAtMs, rejected, expired, company } = props
  if (submittedAtMs !== null)
    return html`<p>${licenceBadge('submitted')}</p><p>Handed in on ${dayText(ctx, submittedAtMs)}. ${company} looks at it; you hear by mail, mostly within a day.${approved === null ? (props.applicant ? ' Once it is approved you are a driver.' : ' You can go online as soon as it is approved.') : html` Until then your present one counts: it is good until ${dayWords(approved.expiresOn)}.`}</p>`
  if (approved !== null) {
    const soon = approved.daysLeft <= 7
    return html`<p>${licenceBadge('approved')}</p><p>Good until <b>${dayWords(approved.expiresOn)}</b>, ${daysAheadWords(approved.daysLeft)}.</p>${soon ? html`<p class="notice">${icon('clock')}<span>Hand in the new one now, and nothing changes for you. After that day no rides come to you.</span></p>` : null}`
  }
  if (rejected !== null)
    return html`<p>${licenceBadge('rejected')}</p><p>${rejected.reason}</p><p class="second">Take new pictures or correct the words, then hand it in again.</p>`
  if (expired !== null)
    return html`<p>${licenceBadge('expired')}</p><p>It was good until ${dayWords(expired.expiresOn)}. Hand in the new one to drive again.</p>`
  if (!props.checked)
    return html`<p><b>${company} does not check licences here.</b></p><p class="second">You can drive without handing one in. If you do, it is kept for the day they ask.</p>`
  return html`<p><b>Three steps, about two minutes.</b></p><ol class="licence-steps"><li>Take a picture of the front and the back.</li><li>Check what we read off it.</li><li>${company} looks at it. You hear by mail.</li></ol>`
}

/* Entering one. */

function entry(ctx: PageContext, props: LicencePageProps): Html {
  const { draft } = props
  const complete = draft?.frontId != null && draft.backId != null
  const isOpen =
    draft !== null || props.errors.size > 0 || (props.approved === null && props.submittedAtMs === null)
  const content = html`${picturesCard(ctx, props)}${complete ? wordsCard(ctx, props) : null}`
  if (isOpen) return content
  const title = props.submittedAtMs === null ? 'Hand in a new licence' : 'Hand in another one instead'
  return html`<details class="licence-again"><summary class="button button-plain button-wide">${icon('camera')}${title}</summary><div class="stack-wide">${content}</div></details>`
}

function picturesCard(ctx: PageContext, props: LicencePageProps): Html {
  const { frontId = null, backId = null } = props.draft ?? {}
  const complete = frontId !== null && backId !== null
  return html`<section class="card stack" aria-labelledby="pictures-title"><h2 id="pictures-title">1 Pictures</h2>
<p class="second">The whole card, flat, without glare. JPEG, PNG or WebP, together up to 8 MB. Only you and those who check it see them.</p>
<form method="post" action="/driver/licence/pictures" enctype="multipart/form-data" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
<div class="licence-sides">${side(props, 'front', 'Front', frontId)}${side(props, 'back', 'Back', backId)}</div>
<button class="button ${complete ? 'button-plain' : 'button-next'} button-wide" data-busy="Reading the pictures…">${complete ? 'Replace pictures' : 'Send pictures'}</button>
</form></section>`
}

function side(props: LicencePageProps, name: 'front' | 'back', label: string, uploadId: string | null): Html {
  const id = `field-${name}`
  const error = props.errors.get(name)
  return html`<div class="field licence-side"><label class="field-label" for="${id}">${label}</label>${
    uploadId === null
      ? html`<span class="licence-blank" aria-hidden="true">${icon('id-card')}</span>`
      : html`<img class="licence-picture" src="/uploads/${uploadId}" alt="${label} of your licence, as sent">`
  }<input class="input input-file" id="${id}" name="${name}" type="file" accept="image/jpeg,image/png,image/webp" capture="environment"${uploadId === null ? html` required` : null}${error === undefined ? null : html` aria-invalid="true" aria-describedby="${id}-error"`}>${fieldNote(id, error === undefined ? {} : { error })}</div>`
}

function wordsCard(ctx: PageContext, props: LicencePageProps): Html {
  const read = props.draft?.read ?? []
  return html`<section class="card stack" aria-labelledby="words-title"><h2 id="words-title">2 What it says</h2>
<p class="second">${read.length > 0 ? html`We filled in what we could read off the picture: ${read.length} of 7. Compare each with your card and correct it; machines misread.` : 'We could not read the picture this time. Type what stands on your card.'}</p>
<form method="post" action="/driver/licence" class="stack">${formKeys({ csrf: ctx.csrf, key: props.key() })}
${wordField(props, 'legal_name', { label: 'Name, as on the licence', maxLength: 120, hint: `Your account says ${props.name}.` })}
${wordField(props, 'number', { label: 'Licence number', maxLength: 40 })}
${countryField(props)}
${wordField(props, 'issuing_state', { label: 'State or province', maxLength: 60, hint: 'If yours was issued by one.', required: false })}
${wordField(props, 'classes', { label: 'Class', maxLength: 60, placeholder: 'D' })}
${dateField(props, 'issued_on', 'Issued on')}
${dateField(props, 'expires_on', 'Expires on')}
<button class="button button-next button-wide" data-busy="Handing in…">Hand in for review</button>
<p class="second">${props.approved === null ? null : html`Your present licence counts until the new one is approved. `}By handing it in you say that it is yours and valid.</p>
</form></section>`
}

function wordField(
  props: LicencePageProps,
  name: LicenceField,
  more: Omit<FieldProps, 'name' | 'value' | 'error'>,
): Html {
  const error = props.errors.get(name)
  return field({
    ...{ name, required: true, autocomplete: 'off', value: props.values[name], ...more },
    ...(error === undefined ? {} : { error }),
  })
}

function countryField(props: LicencePageProps): Html {
  const error = props.errors.get('country')
  const chosen = props.values.country
  return html`<div class="field"><label class="field-label" for="field-country">Country</label><select class="input" id="field-country" name="country" required${error === undefined ? null : html` aria-invalid="true" aria-describedby="field-country-error"`}><option value="">Choose…</option>${COUNTRIES.map(({ code, name }) => html`<option value="${code}"${code === chosen ? html` selected` : null}>${name}</option>`)}</select>${fieldNote('field-country', error === undefined ? {} : { error })}</div>`
}

function dateField(props: LicencePageProps, name: 'issued_on' | 'expires_on', label: string): Html {
  const error = props.errors.get(name)
  const id = `field-${name}`
  return html`<div class="field"><label class="field-label" for="${id}">${label}</label><input class="input" id="${id}" name="${name}" type="date" value="${props.values[name]}" required${error === undefined ? null : html` aria-invalid="true" aria-describedby="${id}-error"`}>${fieldNote(id, error === undefined ? {} : { error })}</div>`
}

/* What was before, and driving at all. */

function earlier({ earlier: rows }: LicencePageProps): Html | null {
  if (rows.length === 0) return null
  return html`<details class="card"><summary><b>Earlier ones</b> <span class="second">${rows.length}</span></summary><ul class="licence-earlier">${rows.map(
    ({ state, expiresOn, reason }) =>
      html`<li>${licenceBadge(state)}<span class="second">${expiresOn === null ? null : html`good until ${dayWords(expiresOn)}`}${reason === null ? null : html` · ${reason}`}</span></li>`,
  )}</ul></details>`
}

function drivingCard(ctx: PageContext, props: LicencePageProps): Html | null {
  if (props.driving === null) return null
  if (props.driving === 'disabled')
    return html`<section class="card stack" aria-labelledby="driving-title"><h2 id="driving-title">Driving</h2><p class="notice notice-danger">${icon('ban')}<span>${props.company} has turned driving off for you: ${props.disabledReason}. Ask them about it.</span></p></section>`
  const stopped = props.driving === 'stopped'
  return html`<section class="card stack" aria-labelledby="driving-title"><h2 id="driving-title">Driving</h2>
<p class="second">${stopped ? 'You have turned driving off. Turn it on again before you go online.' : 'Away for long, or done with driving? Turn it off: no rides come to you, whoever has your phone. A ride under way you can finish.'}</p>
<form method="post" action="/driver/capability">${formKeys({ csrf: ctx.csrf, key: props.key() })}<input type="hidden" name="able" value="${stopped ? 'on' : 'off'}"><button class="button ${stopped ? 'button-next' : 'button-plain'} button-wide">${stopped ? 'Turn driving on' : 'Turn driving off'}</button></form></section>`
}
