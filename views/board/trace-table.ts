/** The funnel of one look, the cars it filters, and one car's cost in full. */
import { cameThrough, funnelOf, type Gate, STEPS, type Step } from '../../src/engine/trace-gates.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { ageText, countdownText, distanceText } from '../parts/format.ts'
import type { MapCarProps } from '../parts/map.ts'
import { marker } from './marker.ts'
import type { TraceDriver, TraceLook, TraceProps } from './trace-props.ts'
import { answerText, GATE_WORDS, STEP_WORDS, stoppedText } from './trace-words.ts'

/** Bars are drawn in these units. */
const BAR_HEIGHT = 44
const COST_WIDTH = 150

/** A link within the page: its part with script, the whole page without. */
export function traceLink(props: TraceProps, to: { at?: number; step?: Step | null; driver?: string }): Html {
  const at = to.at ?? props.look?.atMs
  const step = to.step === undefined ? props.step : to.step
  const query = new URLSearchParams({
    ...(at === undefined ? {} : { at: String(at) }),
    ...(step === null ? {} : { step }),
    ...(to.driver === undefined ? {} : { driver: to.driver }),
  })
  const address = `/board/rides/${encodeURIComponent(props.ride.id)}/trace?${query}`
  return html`href="${address}" hx-get="${address}" hx-target="#trace" hx-select="#trace" hx-swap="outerMorph" hx-push-url="true"`
}

/** Each step a bar as high as its share of the cars near, and a link that shows whom it let through. */
export function funnel(props: TraceProps, look: TraceLook): Html {
  const counts = funnelOf(look.gates)
  const most = Math.max(1, counts.near)
  return html`<ol class="funnel" aria-label="Cars, step by step">${STEPS.map((step) => {
    const height = Math.max(counts[step] === 0 ? 0 : 2, (BAR_HEIGHT * counts[step]) / most)
    const before = STEPS[STEPS.indexOf(step) - 1]
    const under = before !== undefined && counts[before] === 0 ? 'nobody left' : stepNote(step, look)
    const isShown = props.step === step
    return html`<li><a class="funnel-step funnel-${step}" ${traceLink(props, { step: isShown ? null : step })}${isShown ? html` aria-current="true"` : null}><svg class="funnel-bar" viewBox="0 0 100 ${BAR_HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><rect x="0" y="${(BAR_HEIGHT - height).toFixed(1)}" width="100" height="${height.toFixed(1)}" rx="3"/></svg><span class="funnel-word"><b class="numbers">${counts[step]}</b> ${STEP_WORDS[step].word}</span><span class="second">${under}</span></a></li>`
  })}</ol>`
}

function stepNote(step: Step, look: TraceLook): string {
  const stopped = stoppedText(step, look.gates)
  if (step === 'near') return `within ${distanceText(look.radiusM)}${stopped === '' ? '' : `, ${stopped}`}`
  return stopped === '' ? 'nobody dropped' : stopped
}

/** Who is listed: everybody, or who came through the step. */
export function shownDrivers({ look, step }: Pick<TraceProps, 'look' | 'step'>): readonly TraceDriver[] {
  const drivers = look?.drivers ?? []
  return step === null ? drivers : drivers.filter(({ gate }) => cameThrough(gate, step))
}

export function traceTable(props: TraceProps, look: TraceLook): Html {
  const drivers = shownDrivers(props)
  const seen = Object.values(look.gates).reduce((sum, cars) => sum + cars, 0)
  const dearest = Math.max(1, ...look.drivers.map(({ costS }) => costS ?? 0))
  const left = seen - look.drivers.length
  const note = `${left > 0 ? `${left} more, farther away, are counted and not listed. ` : ''}Each row says the first gate that dropped the driver. Kept for ${props.keptDays} days.`
  if (drivers.length === 0)
    return html`<p class="trace-none">${props.step === null ? 'No car was in sight.' : `Nobody came through “${STEP_WORDS[props.step].word}”.`}</p><p class="second trace-note">${note}</p>`
  return html`<table class="table trace-table"><thead><tr><th scope="col">Driver</th><th scope="col" class="number">Pin</th><th scope="col" class="number">Away</th><th scope="col" class="number">ETA</th><th scope="col">Gate</th><th scope="col"><span class="cost-key cost-way">pickup</span> <span class="cost-key cost-long">long</span> <span class="cost-key cost-more">busy</span></th><th scope="col" class="number">Cost</th><th scope="col">Answer</th></tr></thead><tbody>${drivers.map((driver) => row(props, driver, dearest))}</tbody></table><p class="second trace-note">${note}</p>`
}

function row(props: TraceProps, driver: TraceDriver, dearestS: number): Html {
  const isCurrent = props.chosen?.driverId === driver.driverId
  const answer = answerText(driver, props.nowMs)
  return html`<tr class="trace-row trace-${toneOf(driver.gate)}"><td class="trace-who"><a class="row-link" data-car="${driver.driverId}" ${traceLink(props, { driver: driver.driverId })}${isCurrent ? html` aria-current="true"` : null}>${marker(markerOf(driver))}<b class="numbers">${driver.callSign}</b> <bdi>${driver.name}</bdi></a></td><td class="number" data-label="Pin">${ageText(driver.ageS * 1000)}</td><td class="number" data-label="Away">${distanceText(driver.distanceM)}</td><td class="number" data-label="ETA">${driver.etaS === null ? '' : countdownText(driver.etaS * 1000)}</td><td class="trace-gate">${gateBadge(driver)}</td><td class="trace-bars">${costBar(driver, dearestS)}</td><td class="number" data-label="Cost">${driver.costS === null ? '' : html`<b>${Math.round(driver.costS)}</b>`}</td><td class="trace-answer">${answer === '' ? null : answer}</td></tr>`
}

export function gateBadge({ gate, isSoonFree, otherRide, answer }: TraceDriver): Html {
  return html`<span class="badge gate-${toneOf(gate)}">${gateText({ gate, isSoonFree, otherRide, answer })}</span>`
}

function gateText({
  gate,
  isSoonFree,
  otherRide,
  answer,
}: Pick<TraceDriver, 'gate' | 'isSoonFree' | 'otherRide' | 'answer'>): string {
  if (gate === 'promised' && otherRide !== null) return `promised ${otherRide}`
  if (gate === 'asked_before' && answer !== null)
    return answer.kind === 'declined'
      ? 'declined this ride'
      : answer.kind === 'lapsed'
        ? 'let it lapse'
        : 'had it before'
  if (isSoonFree && (gate === 'passed' || gate === 'chosen')) return `${GATE_WORDS[gate].badge}, soon free`
  return GATE_WORDS[gate].badge
}

/** `ok` came through, `no` said no or was refused, `quiet` never was in question. */
function toneOf(gate: Gate): 'chosen' | 'ok' | 'no' | 'quiet' {
  if (gate === 'chosen') return 'chosen'
  if (gate === 'passed') return 'ok'
  return gate === 'asked_before' ? 'no' : 'quiet'
}

/** The same mark in the table and on the map. */
export function markerOf({ gate, state }: Pick<TraceDriver, 'gate' | 'state'>): MapCarProps[5] {
  if (gate === 'chosen' && state === 'free') return 'offered'
  return state === 'paused' ? 'break' : state
}

/** The terms as lengths beside each other; what idling takes off shows as a shorter bar and in the panel. */
function costBar({ costS, etaS, pickupCostS }: TraceDriver, dearestS: number): Html | null {
  if (costS === null || etaS === null || pickupCostS === null) return null
  const scale = (COST_WIDTH - 4) / dearestS
  const widths = [
    ['way', Math.min(etaS, Math.max(0, costS))],
    ['long', Math.max(0, Math.min(pickupCostS, costS) - etaS)],
    ['more', Math.max(0, costS - pickupCostS)],
  ] as const
  let x = 0
  return html`<svg class="cost-bar" viewBox="0 0 ${COST_WIDTH} 10" aria-hidden="true">${widths.map(
    ([name, seconds]) => {
      const width = seconds * scale
      const bar = html`<rect class="cost-${name}" x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="10" rx="2"/>`
      x += width > 0 ? width + 1 : 0
      return width > 0 ? bar : null
    },
  )}</svg>`
}

/** One driver in full, under the map. */
export function driverPanel(props: TraceProps, look: TraceLook): Html {
  const { chosen } = props
  const decided = html`<p class="notice notice-info">${icon('info')}<span>Decided in ${look.decidedMs < 1 ? 'under 1' : Math.round(look.decidedMs)} ms with ${look.waiting} ${look.waiting === 1 ? 'ride' : 'rides'} waiting and ${look.cars} ${look.cars === 1 ? 'car' : 'cars'} on shift, by the policy “${look.policy.replace('_', ' ')}”.</span></p>`
  if (chosen === null)
    return html`<section class="trace-panel" aria-label="How it was decided">${decided}</section>`
  const { callSign, costS, pickupCostS, etaS, gate } = chosen
  const title =
    costS === null
      ? html`<h2>${callSign}</h2>`
      : html`<h2>${callSign}, cost <span class="numbers">${Math.round(costS)}</span></h2>`
  const lines: { label: string; seconds: number; isSum?: true }[] =
    costS === null || pickupCostS === null || etaS === null
      ? []
      : [
          { label: `Pickup, ${countdownText(etaS * 1000)} away`, seconds: etaS },
          ...(Math.round(pickupCostS - etaS) === 0
            ? []
            : [{ label: 'Long pickups count more', seconds: pickupCostS - etaS }]),
          ...(Math.round(costS - pickupCostS) === 0
            ? []
            : [
                {
                  label: costS < pickupCostS ? 'Has waited long for a ride' : 'Has a ride to finish first',
                  seconds: costS - pickupCostS,
                },
              ]),
          { label: 'Sum, in seconds', seconds: costS, isSum: true as const },
        ]
  const answer = answerText(chosen, props.nowMs)
  return html`<section class="trace-panel" aria-label="Driver ${callSign}">${title}<p class="second"><bdi>${chosen.name}</bdi> ${GATE_WORDS[gate].sentence}${answer === '' ? null : html` Answer: ${answer}.`}</p>${lines.length === 0 ? null : html`<dl class="cost-lines">${lines.map(({ label, seconds, isSum }) => html`<div${isSum ? html` class="cost-sum"` : null}><dt>${label}</dt><dd class="numbers">${signed(seconds, isSum === true || label.startsWith('Pickup'))}</dd></div>`)}</dl>`}${decided}</section>`
}

function signed(seconds: number, isPlain: boolean): string {
  const whole = Math.round(seconds)
  if (whole < 0) return `−${-whole}`
  return isPlain ? String(whole) : `+${whole}`
}
