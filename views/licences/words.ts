/** How licences are spoken of. */
import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'

export type LicenceStateWord =
  | 'draft'
  | 'submitted'
  | 'approved'
  | 'rejected'
  | 'withdrawn'
  | 'replaced'
  | 'expired'

const STATES: Record<
  LicenceStateWord,
  { readonly word: string; readonly look: string; readonly icon: IconName }
> = {
  draft: { word: 'Not handed in', look: '', icon: 'file-text' },
  submitted: { word: 'Waiting for review', look: 'badge-requested', icon: 'clock' },
  approved: { word: 'Approved', look: 'badge-ok', icon: 'check' },
  rejected: { word: 'Not approved', look: 'badge-danger', icon: 'x' },
  withdrawn: { word: 'Replaced before review', look: '', icon: 'history' },
  replaced: { word: 'Replaced', look: '', icon: 'history' },
  expired: { word: 'Run out', look: 'badge-danger', icon: 'clock' },
}

export function licenceBadge(state: LicenceStateWord): Html {
  const { word, look, icon: name } = STATES[state]
  return html`<span class="badge ${look}">${icon(name)}${word}</span>`
}

/** `2027-04-30` as `30 Apr 2027`. */
export function dayWords(day: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' },
  } as const).format(Date.parse(`${day}T00:00:00Z`))
}

/** How far away a day is. */
export function daysAheadWords(days: number): string {
  if (days < 0) return days === -1 ? 'since yesterday' : `${-days} days ago`
  // Beyond two months nobody counts days.
  if (days > 730) return `in ${Math.floor(days / 365)} years`
  if (days > 60) return `in ${Math.floor(days / 30)} months`
  return days === 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${days} days`
}
