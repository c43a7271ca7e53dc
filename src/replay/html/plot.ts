/** Plots as SVG: drawn for 360 × 240, coloured by the page, told apart by marks and dashes too, with a title for those who listen. */
import { type Html, html } from '../../../views/html.ts'

export const WIDTH = 360
export const HEIGHT = 240
const LEFT = 44
const RIGHT = 10
const TOP = 12
const BOTTOM = 34

/** Numbers to the place on the drawing, from `least` to `most`. */
export interface Scale {
  readonly least: number
  readonly most: number
  readonly ticks: readonly number[]
  at(value: number): number
}

/** A scale over the values with round ticks, about so many. */
export function scaleOver(
  values: readonly number[],
  span: { from: number; to: number; ticks?: number },
): Scale {
  const known = values.filter(Number.isFinite)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const step = roundStep((high - low || Math.abs(high) || 1) / (span.ticks ?? 4))
  const least = Math.floor(low / step + 1e-9) * step
  const most = Math.max(least + step, Math.ceil(high / step - 1e-9) * step)
  const ticks = Array.from({ length: Math.round((most - least) / step) + 1 }, (_, n) => least + n * step)
  return {
    least,
    most,
    ticks,
    at: (value) => span.from + ((value - least) / (most - least)) * (span.to - span.from),
  }
}

/** 1, 2 or 5 times a power of ten, at least `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return ([1, 2, 5, 10].find((times) => times * power >= rough - 1e-12) ?? 10) * power
}

export const plotLeft = LEFT
export const plotRight = WIDTH - RIGHT
export const plotTop = TOP
export const plotBottom = HEIGHT - BOTTOM

export function figure(of: { title: string; note?: string; unit: string; body: Html }): Html {
  return html`<figure class="plot"><figcaption><b>${of.title}</b>${of.note && html`<span>${of.note}</span>`}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`${of.title}. ${of.note ?? ''}`}"><text class="unit" x="2" y="10">${of.unit}</text>${of.body}</svg></figure>`
}

export function yAxis(scale: Scale, say: (value: number) => string): Html {
  return html`${scale.ticks.map((tick) => {
    const y = scale.at(tick).toFixed(1)
    return html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/><text class="tick" x="${LEFT - 6}" y="${y}" dy="4" text-anchor="end">${say(tick)}</text>`
  })}`
}

export function xAxis(marks: readonly { readonly x: number; readonly text: string }[], name: string): Html {
  return html`${marks.map(
    ({ x, text }) =>
      html`<text class="tick" x="${x.toFixed(1)}" y="${plotBottom + 15}" text-anchor="middle">${text}</text>`,
  )}<text class="tick" x="${(plotLeft + plotRight) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${name}</text>`
}

/** The mark of the n-th policy, about a point. */
export function markAt(series: number, x: number, y: number): Html {
  const [a, b] = [x.toFixed(1), y.toFixed(1)]
  const shapes = [
    html`<circle cx="${a}" cy="${b}" r="4"/>`,
    html`<rect x="${(x - 3.5).toFixed(1)}" y="${(y - 3.5).toFixed(1)}" width="7" height="7"/>`,
    html`<path d="M${a} ${(y - 5).toFixed(1)}l4.6 8.2h-9.2Z"/>`,
    html`<path d="M${a} ${(y - 5).toFixed(1)}l5 5-5 5-5-5Z"/>`,
    html`<path d="M${(x - 4).toFixed(1)} ${(y - 1.4).toFixed(1)}h8v2.8h-8Z"/>`,
  ]
  return html`<g class="mark s${series % shapes.length}">${shapes[series % shapes.length]}</g>`
}

export function lineThrough(series: number, points: readonly (readonly [x: number, y: number])[]): Html {
  const path = points.map(([x, y], n) => `${n === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
  return html`<path class="line s${series % 5}" d="${path}"/>`
}

export function legend(names: readonly string[]): Html {
  return html`<ul class="legend">${names.map(
    (name, n) =>
      html`<li><svg viewBox="0 0 34 12" aria-hidden="true">${lineThrough(n, [
        [1, 6],
        [33, 6],
      ])}${markAt(n, 17, 6)}</svg>${name}</li>`,
  )}</ul>`
}
