import { type Html, html } from '../html.ts'
import { type IconName, icon } from '../icon.ts'

export interface ToastProps {
  readonly id: string
  readonly text: string
  /** Danger stays until it is closed, the others leave after six seconds. */
  readonly tone?: 'ok' | 'warn' | 'danger'
}

const ICONS: Record<NonNullable<ToastProps['tone']>, IconName> = {
  ok: 'check',
  warn: 'info',
  danger: 'triangle-alert',
}

/** Where toasts appear; a fragment with this id replaces all of them. */
export function toastRegion(toasts: readonly ToastProps[] = []): Html {
  return html`<div id="toasts" class="toasts" role="status">${toasts.map(toast)}</div>`
}

/** One sentence about something that just happened. */
export function toast(props: ToastProps): Html {
  const tone = props.tone ?? 'ok'
  return html`<div class="toast toast-${tone}" id="toast-${props.id}" data-toast="${tone}">${icon(ICONS[tone])}<p>${props.text}</p></div>`
}
