/** How long drivers of a region may drive, and whom to call for help there. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { field, formKeys } from '../parts/field.ts'
import type { ToastProps } from '../parts/toast.ts'
import { officePage } from './frame.ts'
import { type ChangeWords, type HistoryProps, historyCard } from './history.ts'

export const DUTY_FIELDS = ['drive_limit_hours', 'rest_hours', 'emergency_number'] as const
export type DutyFields = Readonly<Record<(typeof DUTY_FIELDS)[number], string>>

export interface DutyPageProps {
  readonly region: { readonly id: string; readonly name: string; readonly companyId: string }
  /** As it stands. */
  readonly fields: DutyFields
  /** A form that was not taken, with what was typed. */
  readonly refused: {
    readonly typed: Readonly<Record<string, string>>
    readonly errors: ReadonlyMap<string, string>
  } | null
  readonly history: HistoryProps
  readonly key: string
  readonly toasts: readonly ToastProps[]
}

const hoursText = (value: unknown) => (typeof value === 'number' ? `${value / 3_600} h` : 'no limit')
const WORDS: ChangeWords = {
  drive_limit_s: { label: 'Driving time', text: hoursText },
  rest_s: { label: 'Rest', text: hoursText },
  emergency_number: { label: 'Emergency number', text: String },
}

export function regionDutyPage(ctx: PageContext, props: DutyPageProps): Html {
  const { region, fields, refused } = props
  const box = (name: keyof DutyFields, label: string, hint: string) => {
    const error = refused?.errors.get(name)
    return field({
      ...{ name, label, hint, value: refused?.typed[name] ?? fields[name] },
      ...(name === 'drive_limit_hours' ? {} : { required: true }),
      ...(error === undefined ? {} : { error }),
    })
  }
  const content = html`<p><a class="back-link" href="/admin/companies/${region.companyId}">${icon('arrow-left')}The company</a></p>
<form method="post" action="/admin/regions/${region.id}/duty" class="card stack" aria-labelledby="duty-heading">${formKeys({ csrf: ctx.csrf, key: props.key })}<h2 id="duty-heading">Hours</h2>
${box('drive_limit_hours', 'Driving time, hours', 'Between two rests, breaks not counted. Empty: nobody counts. Who has none left drives the ride under way to its end and gets no more.')}
${box('rest_hours', 'Rest, hours', 'So long off duty in one go, and the time counts anew.')}
<h2>In danger</h2>
${box('emergency_number', 'Emergency number', 'Riders and drivers are told to call it first, as it is dialled there.')}
<div class="row-actions"><button class="button button-next button-compact" data-busy="Saving…">Save</button></div></form>
${historyCard(ctx, props.history, WORDS)}`
  return officePage(ctx, {
    ...{ part: 'companies', title: `Hours and safety in ${region.name}`, content, toasts: props.toasts },
  })
}
