/** What a driver earned: any week by day, how it adds up, and each ride behind it. Printed, it is a statement. */
import type { Day } from '../../src/engine/day.ts'
import { type Books, perHourMinor } from '../../src/engine/earnings.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { address, amount, clock } from '../parts/figures.ts'
import { dayText as dateText, money } from '../parts/format.ts'
import { mark } from '../parts/mark.ts'
import { starsShown } from '../parts/stars.ts'
import type { ToastProps } from '../parts/toast.ts'
import { DRIVER_STYLES, dayText, weekBars } from './parts.ts'

export interface EarningsProps {
  readonly monday: Day
  readonly sunday: Day
  /** The week before, and the one after where it has begun. */
  readonly before: Day
  readonly after: Day | null
  readonly days: readonly {
    readonly day: Day
    readonly books: Books
    readonly isToday: boolean
    readonly isToCome: boolean
  }[]
  readonly week: Books
  /** Only this day's rides and figures are shown; null: the week's. */
  readonly chosenDay: Day | null
  readonly currency: string
  /** The newest first. */
  readonly rides: readonly EarnedRideProps[]
  /** As the statement names them. */
  readonly driver: string
  readonly companyName: string
  readonly companyLines: readonly string[]
  readonly toasts?: readonly ToastProps[]
}

export interface EarnedRideProps {
  readonly id: string
  readonly day: Day
  readonly reference: string
  readonly endedAtMs: number
  readonly from: string
  readonly to: string
  readonly outcome: 'completed' | 'no_show' | 'cancelled'
  readonly chargedMinor: number
  readonly partMinor: number
  readonly tipMinor: number
  readonly payment: 'cash' | 'account'
  readonly ratedStars: number | null
}

export function earningsPage(ctx: PageContext, props: EarningsProps, options: { isNight: boolean }): Html {
  const { monday, chosenDay } = props
  const chosen = props.days.find(({ day }) => day === chosenDay)
  const books = chosen?.books ?? props.week
  const rides = chosen === undefined ? props.rides : props.rides.filter(({ day }) => day === chosen.day)
  const period = periodOf(monday, props.sunday)
  const title = chosen === undefined ? 'This is how it adds up' : `How ${dayName(chosen.day)} adds up`
  return page(ctx, {
    title: 'Earnings',
    layout: 'plain',
    styles: [...DRIVER_STYLES, 'rating.css', 'earnings-print.css'],
    theme: options.isNight ? 'dark' : undefined,
    toasts: props.toasts ?? [],
    body: html`<main id="main" class="earnings">
<header class="earnings-head no-print"><a class="pill pill-round" href="/driver">${icon('arrow-left')}<span class="screen-reader">Back to driving</span></a><h1>Earnings</h1><a class="pill earnings-door" href="/driver/ratings">${icon('star')}Ratings</a></header>
<div class="print-head">${mark()}<p><b>${props.companyName}</b>${props.companyLines.map((line) => html`<span>${line}</span>`)}</p><p class="print-title">Statement ${period}<br>${props.driver}</p></div>
<nav class="week-switch no-print" aria-label="Week"><a class="pill pill-round" href="/driver/earnings?week=${props.before}">${icon('chevron-left')}<span class="screen-reader">The week before</span></a><p class="numbers"><b>${period}</b></p>${props.after === null ? html`<span class="pill-round"></span>` : html`<a class="pill pill-round" href="/driver/earnings?week=${props.after}">${icon('chevron-right')}<span class="screen-reader">The week after</span></a>`}</nav>
<section class="card figures" aria-label="Earned"><div class="today"><h2 class="second">${chosen === undefined ? 'Earned this week, after fees' : `Earned on ${dayName(chosen.day)}, after fees`}</h2><p class="today-figure"><bdi dir="ltr">${money(books.earnedMinor, props.currency, ctx.lang)}</bdi></p><p class="second numbers">${figuresText(ctx, books, props.currency)}</p></div>${bars(ctx, props)}</section>
<section class="card" aria-labelledby="sum-title"><h2 id="sum-title" class="card-title">${title}</h2>${sums(ctx, books, props.currency)}</section>
<section aria-labelledby="days-title"><h2 id="days-title" class="card-title">By day</h2>${dayRows(ctx, props)}</section>
<section aria-labelledby="rides-title"><h2 id="rides-title" class="card-title">${chosen === undefined ? 'Rides of the week' : `Rides on ${dayName(chosen.day)}`}</h2>${rideList(ctx, rides, props)}</section>
<div class="earnings-doors no-print"><a class="button button-plain" href="/driver/cases">${icon('luggage')}Lost things</a><a class="button button-plain" href="/driver/earnings.csv?week=${monday}">${icon('download')}Table (CSV)</a><p class="second">${icon('printer')}<span>Printed, this page is a statement.</span></p></div>
</main>`,
  })
}

/** `Mon 16 Nov`. */
function dayName(day: Day): string {
  const atMs = Date.parse(`${day}T12:00:00Z`)
  return dateText({ lang: 'en', timeZone: 'UTC' }, atMs).replace(/ \d{4}$/, '')
}

/** `Mon 16 – Sun 22 Nov 2026`, with the first month where it is another one. */
function periodOf(monday: Day, sunday: Day): string {
  const isOneMonth = monday.slice(0, 7) === sunday.slice(0, 7)
  const from = isOneMonth ? dayName(monday).replace(/ \p{L}+$/u, '') : dayName(monday)
  return `${from} – ${dayName(sunday)} ${sunday.slice(0, 4)}`
}

function figuresText(ctx: PageContext, books: Books, currency: string): Html {
  const hourly = perHourMinor(books)
  return html`${dayText({ rides: books.rides, onlineS: Math.round(books.onlineMs / 1000) })}${hourly === null ? null : html` · <bdi dir="ltr">${money(hourly, currency, ctx.lang)}/h</bdi>`}`
}

function bars(ctx: PageContext, { days, currency, chosenDay }: EarningsProps): Html {
  const named = days.map(({ day, books, isToday }) => {
    const name = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(
      Date.parse(`${day}T12:00:00Z`),
    )
    const isLit = chosenDay === null ? isToday : day === chosenDay
    return { letter: name[0] ?? '', name, earnedMinor: books.earnedMinor, isToday: isLit }
  })
  return weekBars(ctx, { days: named, currency })
}

/** From the fares to what is still to be paid, line by line. */
function sums(ctx: PageContext, books: Books, currency: string): Html {
  const line = (label: string, detail: string | null, amountMinor: number, isSum = false) =>
    html`<div class="price-line${isSum ? ' price-sum' : ''}"><dt>${label}${detail === null ? null : html`<small>${detail}</small>`}</dt><dd>${amount(ctx, { amountMinor, currency })}</dd></div>`
  const owes = books.owedMinor < 0
  return html`<dl class="price-lines">${line('Fares', `${books.rides} ${books.rides === 1 ? 'ride' : 'rides'} to their end`, books.faresMinor)}${line('The company’s part', books.companyMinor < 0 ? 'it paid part of rides with a code' : 'with taxes and fees', -books.companyMinor)}${line('Tips', 'all yours', books.tipsMinor)}${line('Earned', null, books.earnedMinor, true)}${line('Cash you took', 'it is in your hands already', -books.cashMinor)}${line(owes ? 'You owe the company' : 'The company owes you', owes ? 'you took more than is yours' : null, Math.abs(books.owedMinor), true)}</dl>`
}

function dayRows(ctx: PageContext, { days, chosenDay, currency, monday }: EarningsProps): Html {
  return html`<ol class="rides day-rows">${days
    .filter(({ isToCome }) => !isToCome)
    .map(({ day, books, isToday }) => {
      const isChosen = day === chosenDay
      const href = isChosen ? `/driver/earnings?week=${monday}` : `/driver/earnings?day=${day}`
      return html`<li><a class="earned day-row" href="${href}"${isChosen ? html` aria-current="true"` : null}><span><b>${isToday ? 'Today' : dayName(day)}</b><span class="second numbers">${figuresText(ctx, books, currency)}</span></span><b>${amount(ctx, { amountMinor: books.earnedMinor, currency })}</b></a></li>`
    })}</ol>`
}

function rideList(ctx: PageContext, rides: readonly EarnedRideProps[], { currency }: EarningsProps): Html {
  if (rides.length === 0)
    return emptyState({
      title: 'No rides here.',
      text: 'Each ride appears on its day when it ends, with what it paid.',
    })
  return html`<ol class="rides">${rides.map((ride) => rideRow(ctx, ride, currency))}</ol>`
}

const OUTCOME_WORDS: Record<EarnedRideProps['outcome'], string> = {
  completed: '',
  no_show: ' · no-show',
  cancelled: ' · cancelled',
}

function rideRow(ctx: PageContext, ride: EarnedRideProps, currency: string): Html {
  const sum = (amountMinor: number) => amount(ctx, { amountMinor, currency })
  const rate =
    ride.outcome !== 'completed'
      ? null
      : ride.ratedStars !== null
        ? starsShown(ride.ratedStars)
        : html`<a class="no-print" href="/driver/rides/${ride.id}/rating" aria-label="Rate the rider of ${ride.reference}">Rate</a>`
  return html`<li class="earned"><div><p><b>${address(ride.from)} <span aria-label="to">→</span> ${address(ride.to)}</b></p><p class="second numbers">${dayName(ride.day)} ${clock(ctx, ride.endedAtMs)} · <span class="unbroken">${ride.reference}</span>${OUTCOME_WORDS[ride.outcome]} ${rate}</p></div><div class="earned-figures"><p><b>${sum(ride.partMinor + ride.tipMinor)}</b></p><p class="second">of ${sum(ride.chargedMinor)} ${ride.payment}</p>${ride.tipMinor === 0 ? null : html`<p class="second">with a tip of ${sum(ride.tipMinor)}</p>`}</div></li>`
}
