/** Pieces that several states of the driver's page share. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { money } from '../parts/format.ts'
import type { DayFigures, WeekDay } from './props.ts'
import { hoursText, ridesText } from './words.ts'

/** In order: what makes room on narrow screens overrules the rest. */
export const DRIVER_STYLES = [
  'driver.css',
  'driver-work.css',
  'driver-shift.css',
  'driver-pool.css',
  'way.css',
  'driver-earnings.css',
  'chat.css',
  'driver-code.css',
  'ride-tiles.css',
  'driver-desk.css',
  'driver-narrow.css',
]

/**
 * How a form of this page is sent with script: the answer's own `#driver` takes the place of this one, so page, push
 * and answer are one component. Without script the same form posts and is answered by a redirect.
 */
export function sentBy(action: string): Html {
  return html`method="post" action="${action}" hx-post="${action}" hx-target="#driver" hx-select="#driver" hx-select-oob="#toasts" hx-swap="outerMorph" hx-status:5xx="swap:none"`
}

/** The permanent pill about the driver's position; `driver.js` writes it, and it says so until then. */
export function gpsPill(): Html {
  return html`<p id="gps" class="pill gps" role="status" data-tone="quiet" hx-morph-skip>${icon('locate-fixed')}<span>Finding your location…</span></p>`
}

/** The one big button of a screen: a verb, and under it what the press does. */
export function bigButton(props: {
  verb: string
  does: Html | string
  name?: string
  value?: string
  busy: string
}): Html {
  const field = props.name === undefined ? null : html` name="${props.name}" value="${props.value ?? ''}"`
  return html`<button class="big button-next"${field} data-busy="${props.busy}"><b>${props.verb}</b><span>${props.does}</span></button>`
}

export function hiddenKeys(ctx: PageContext, key: string): Html {
  return formKeys({ csrf: ctx.csrf, key })
}

/** Today's figure with what it is made of. */
export function todayFigure(ctx: PageContext, today: DayFigures): Html {
  const perHourMinor = today.onlineS < 600 ? null : Math.round((today.earnedMinor * 3600) / today.onlineS)
  return html`<div class="today"><p class="second">Today, after fees</p><p class="today-figure"><bdi dir="ltr">${money(today.earnedMinor, today.currency, ctx.lang)}</bdi></p><p class="second numbers">${dayText(today)}${perHourMinor === null ? null : html` · <bdi dir="ltr">${money(perHourMinor, today.currency, ctx.lang)}/h</bdi>`}</p></div>`
}

/** What the day's figure is made of; a day that has not begun has nothing to count. */
export function dayText({ rides, onlineS }: Pick<DayFigures, 'rides' | 'onlineS'>): string {
  if (onlineS < 60) return rides === 0 ? 'No rides yet' : ridesText(rides)
  return `${ridesText(rides)} · ${hoursText(onlineS)}`
}

const BAR_HEIGHT = 56

/** A week of earnings as seven bars, today's in honey; the figures are in its description. */
export function weekBars(ctx: PageContext, props: { days: readonly WeekDay[]; currency: string }): Html {
  const { days, currency } = props
  const mostMinor = Math.max(1, ...days.map((day) => day.earnedMinor))
  const words = days.map((day) => `${day.name} ${money(day.earnedMinor, currency, ctx.lang)}`).join(', ')
  return html`<svg class="week" viewBox="0 0 154 80" role="img" aria-label="This week: ${words}">${days.map(
    (day, i) => {
      const height = Math.max(3, (day.earnedMinor / mostMinor) * BAR_HEIGHT)
      return html`<rect class="${day.isToday ? 'week-bar week-today' : 'week-bar'}" x="${i * 22 + 4}" y="${(BAR_HEIGHT - height).toFixed(1)}" width="14" height="${height.toFixed(1)}" rx="3"/><text x="${i * 22 + 11}" y="75">${day.letter}</text>`
    },
  )}</svg>`
}

/** A link that opens a list: icon over a word. */
export function tileLink(props: { href: string; icon: Html; word: string }): Html {
  return html`<a class="tile-button" href="${props.href}">${props.icon}<span>${props.word}</span></a>`
}

export function earningsTile(): Html {
  return tileLink({ href: '/driver/earnings', icon: icon('history'), word: 'Rides' })
}

export function papersTile(): Html {
  return tileLink({ href: '/driver/papers', icon: icon('id-card'), word: 'Papers' })
}

export function settingsTile(): Html {
  return tileLink({ href: '/driver/settings', icon: icon('settings'), word: 'Settings' })
}

/** A press that is no more than its word: a tile that is a form. */
export function tileForm(
  ctx: PageContext,
  props: { action: string; key: string; icon: Html; word: string; busy: string },
): Html {
  return html`<form ${sentBy(props.action)}>${hiddenKeys(ctx, props.key)}<button class="tile-button" data-busy="${props.busy}">${props.icon}<span>${props.word}</span></button></form>`
}
