/** The plots of a report. */
import { type Html, html } from '../../../views/html.ts'
import type { Mean } from '../intervals.ts'
import type { Series } from '../series.ts'
import {
  figure,
  lineThrough,
  markAt,
  plotBottom,
  plotLeft,
  plotRight,
  plotTop,
  type Scale,
  scaleOver,
  xAxis,
  yAxis,
} from './plot.ts'

export interface Dots {
  readonly title: string
  readonly note?: string
  readonly unit: string
  readonly say: (value: number) => string
  /** The names along the axis, and of the axis. */
  readonly groups: readonly string[]
  readonly groupsAre: string
  /** By policy, then by group. */
  readonly values: readonly (readonly (Mean | null)[])[]
  /** What nothing can be more than: a share's interval ends at the whole. */
  readonly most?: number
  /** A line over each group that nothing can be above. */
  readonly bounds?: readonly (number | null)[]
}

/** Means with their intervals, policies beside each other in each group. */
export function dotPlot({ groups, values, bounds = [], most = Number.POSITIVE_INFINITY, ...of }: Dots): Html {
  const low = ({ mean, pm }: Mean) => Math.max(0, mean - (pm ?? 0))
  const high = ({ mean, pm }: Mean) => Math.min(most, mean + (pm ?? 0))
  const ends = values.flat().flatMap((value) => (value ? [low(value), high(value)] : []))
  const y = scaleOver([...ends, ...bounds.filter((bound) => bound !== null)], {
    from: plotBottom,
    to: plotTop,
  })
  const wide = (plotRight - plotLeft) / groups.length
  const xOf = (group: number, policy: number) =>
    plotLeft +
    wide * (group + 0.5) +
    (policy - (values.length - 1) / 2) * Math.min(16, wide / (values.length + 1))
  const dots = values.map((ofPolicy, policy) =>
    ofPolicy.map((value, group) => {
      if (value === null) return null
      const x = xOf(group, policy)
      const [from, to] = [y.at(low(value)), y.at(high(value))].map((at) => at.toFixed(1))
      return html`<line class="whisker s${policy % 5}" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${from}" y2="${to}"/>${markAt(policy, x, y.at(value.mean))}`
    }),
  )
  const limits = bounds.map((bound, group) => {
    if (bound === null) return null
    const at = y.at(bound).toFixed(1)
    return html`<line class="bound" x1="${(plotLeft + wide * group + 4).toFixed(1)}" x2="${(plotLeft + wide * (group + 1) - 4).toFixed(1)}" y1="${at}" y2="${at}"/>`
  })
  const names = groups.map((text, group) => ({ x: plotLeft + wide * (group + 0.5), text }))
  return figure({ ...of, body: html`${yAxis(y, of.say)}${limits}${dots}${xAxis(names, of.groupsAre)}` })
}

/** Served share by when riders asked, over how many asked. */
export function byTheClock(clocks: readonly Series['clock'][]): Html {
  const [{ requests, fromS, slotS }] = clocks as [Series['clock']]
  const split = plotBottom - 52
  const y = scaleOver([...clocks.flatMap(shares), 1], { from: split - 8, to: plotTop })
  const most = Math.max(...requests)
  const wide = (plotRight - plotLeft) / requests.length
  const bars = requests.map((asked, slot) => {
    const tall = (44 * asked) / most
    return html`<rect class="bar" x="${(plotLeft + slot * wide + 0.5).toFixed(1)}" y="${(plotBottom - tall).toFixed(1)}" width="${Math.max(0.5, wide - 1).toFixed(1)}" height="${tall.toFixed(1)}"/>`
  })
  const lines = clocks.map((clock, policy) =>
    lineThrough(
      policy,
      shares(clock).flatMap((share, slot) =>
        Number.isFinite(share) ? [[plotLeft + (slot + 0.5) * wide, y.at(share)] as const] : [],
      ),
    ),
  )
  const every = Math.max(1, Math.ceil(requests.length / 6))
  const names = requests.flatMap((_, slot) =>
    slot % every === 0 ? [{ x: plotLeft + slot * wide, text: timeOfDay(fromS + slot * slotS) }] : [],
  )
  return figure({
    title: 'Served by when they asked',
    note: `Bars: requests, at most ${Math.round(most)} in ${slotS / 60} minutes`,
    unit: '%',
    body: html`${yAxis(y, percent)}${bars}${lines}${xAxis(names, 'local time')}`,
  })
}

function shares({ requests, served }: Series['clock']): number[] {
  return requests.map((asked, slot) => (asked === 0 ? Number.NaN : served[slot]! / asked))
}

function timeOfDay(seconds: number): string {
  const minutes = Math.floor(seconds / 60) % 1_440
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** Of all requests, the share that was picked up within a time: high early is good, and the end is the served share. */
export function byTheWait(waits: readonly Series['waits'][], requests: number): Html {
  const [{ slotS, counts }] = waits as [Series['waits']]
  const y: Scale = scaleOver([0, 1], { from: plotBottom, to: plotTop })
  const x = scaleOver([0, slotS * counts.length], { from: plotLeft, to: plotRight, ticks: 5 })
  const lines = waits.map((wait, policy) => {
    let sum = 0
    const points = wait.counts.map((count, slot) => {
      sum += count
      return [x.at((slot + 1) * slotS), y.at(sum / requests)] as const
    })
    return lineThrough(policy, [[x.at(0), y.at(0)], ...points])
  })
  const names = x.ticks.map((tick) => ({ x: x.at(tick), text: String(tick) }))
  return figure({
    title: 'Picked up within',
    note: 'Share of all requests; those not served never',
    unit: '%',
    body: html`${yAxis(y, percent)}${lines}${xAxis(names, 'seconds after asking')}`,
  })
}

export function percent(value: number): string {
  return String(Math.round(1_000 * value) / 10)
}
