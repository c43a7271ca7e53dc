/** A report as one HTML file that needs nothing else: no network, no script. */
import { basename, join } from 'node:path'
import { type Html, html, raw } from '../../../views/html.ts'
import { mark } from '../../../views/parts/mark.ts'
import type { ReplayFlags } from '../flags.ts'
import type { Mean } from '../intervals.ts'
import type { Row } from '../rows.ts'
import type { BoundResult, RunResult } from '../runs.ts'
import type { Series } from '../series.ts'
import { byTheClock, byTheWait, dotPlot, percent } from './charts.ts'
import { frameOf, hexMap, worstOf } from './hex-map.ts'
import { legend } from './plot.ts'
import { CAVEAT, PUBLISHED } from './published.ts'

export interface ReportInput {
  readonly flags: ReplayFlags
  readonly results: readonly RunResult[]
  readonly rows: readonly Row[]
  readonly bounds: readonly BoundResult[]
  readonly remarks: readonly string[]
}

const PUBLIC = join(import.meta.dir, '..', '..', '..', 'public')

/** @returns the whole document; its colours are those of every page */
export async function reportPage(input: ReportInput): Promise<string> {
  const styles = await Promise.all(
    [join(PUBLIC, 'tokens.css'), join(import.meta.dir, 'report.css')].map((path) => Bun.file(path).text()),
  )
  // Over all days where there are several: the last row of each kind.
  const whole = input.rows.filter(({ day }) => day === null || input.rows.every((row) => row.day === day))
  const policies = [...new Set(whole.map(({ policy }) => policy))]
  const { flags } = input
  const title = `Replay of ${basename(flags.trips)}`
  return `<!doctype html>
${html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title} · Honeycab</title><style>${raw(styles.join('\n'))}</style></head>
<body><header>${mark()}<h1>${title}</h1></header>
<main>${facts(input)}
${sideBySide(input)}
${plots(whole, policies, input)}
${fleets(input, policies)}
${causes(input.rows)}
${published()}
<h2>Read this beside it</h2><ul class="notes">${input.remarks.map((remark) => html`<li>${remark}</li>`)}
${flags.seeds.length > 1 && html`<li>Means over seeds; ± and the whiskers are the 95 % interval (Student's t, ${flags.seeds.length} seeds).</li>`}
<li>Requests in order; nothing decided by what came later; the whole window counts, warm-up included.</li>
<li>Empty kilometres are those to pickups and of repositioning, as a share of all.</li></ul></main>
<footer>Made by honeycab replay. ${flags.roads !== null && 'Roads © OpenStreetMap contributors.'}</footer></body></html>`}
`
}

function facts({ flags, results }: ReportInput): Html {
  const of: [string, string][] = [
    ['Requests', count(results[0]!.figures.requests)],
    ['Longest wait', `${flags.maxWaitS} s`],
    [
      'Cars drive',
      flags.roads === null ? 'straight lines × 1.3, 0.20 s a metre' : 'the quickest way by road',
    ],
    ['People', flags.behaviour === 'people' ? 'decline and leave, as assumed' : 'take what they get'],
    ['Seeds', flags.seeds.join(', ')],
  ]
  if (flags.scenario !== null) of.unshift(['Scenario', flags.scenario])
  if (flags.days !== null)
    of.push(['Days', flags.days === 'each' ? 'each of the file' : flags.days.join(', ')])
  return html`<dl class="facts">${of.map(([term, what]) => html`<div><dt>${term}</dt><dd>${what}</dd></div>`)}</dl>`
}

function sideBySide({ rows, bounds }: ReportInput): Html {
  const hasDays = rows.some(({ day }) => day !== null)
  const best = (row: Row) =>
    rows.every(
      (other) =>
        other.fleet !== row.fleet ||
        other.day !== row.day ||
        other.served_share.mean <= row.served_share.mean,
    )
  const lines = rows.map(
    (
      row,
    ) => html`<tr class="${best(row) ? 'best' : ''}"><th scope="row">${count(row.fleet)} · ${row.policy}${hasDays && html` · ${row.day ?? 'all days'}`}</th>
<td>${share(row.served_share)}</td><td>${row.served_share_by_length_quartile.map(({ mean }) => Math.round(100 * mean)).join(' · ')}</td>
<td>${seconds(row.wait_mean_s)}</td><td>${Math.round(row.wait_p50_s.mean)} / ${Math.round(row.wait_p95_s.mean)} s</td>
<td>${share(row.empty_km_share)}</td><td>${count(row.repositioning_km.mean)} km</td><td>${share(row.occupied_time_share)}</td>
<td>${row.rides_per_car.mean.toFixed(1)}</td><td>${row.tick_p50_ms.mean.toFixed(1)} / ${row.tick_p99_ms.mean.toFixed(1)} ms</td></tr>`,
  )
  const limits = bounds.map(
    ({ spec, served_share_at_most }) =>
      html`<tr><th scope="row">${count(spec.fleet)} · bound${spec.day && html` · ${spec.day}`}</th><td>${(100 * served_share_at_most).toFixed(1)} %</td>${Array.from({ length: 8 }, () => html`<td></td>`)}</tr>`,
  )
  return html`<h2>Policies side by side</h2><p class="muted">Cars and policy, one line each; of one fleet the largest served share is bold.</p>
<div class="card scroll" tabindex="0" role="region" aria-label="Policies side by side"><table><thead><tr><th scope="col" class="text">Cars · policy</th><th scope="col">Served</th><th scope="col">By length, %</th><th scope="col">Wait, mean</th><th scope="col">Half / 95 of 100 under</th><th scope="col">Empty km</th><th scope="col">Repositioning</th><th scope="col">Time occupied</th><th scope="col">Rides a car</th><th scope="col">Tick p50 / p99</th></tr></thead><tbody>${lines}${limits}</tbody></table></div>
<p class="muted">By length: served share of the shortest, short, long and longest quarter of the rides.${bounds.length > 0 && ' Bound: whatever they knew, nobody could serve more with one party a car; it is no policy.'}</p>`
}

function plots(whole: readonly Row[], policies: readonly string[], { bounds, flags }: ReportInput): Html {
  const groups = flags.fleets.map((fleet) => count(fleet))
  const values = (read: (row: Row) => Mean) =>
    policies.map((policy) =>
      flags.fleets.map((fleet) => {
        const row = whole.find((each) => each.policy === policy && each.fleet === fleet)
        return row ? read(row) : null
      }),
    )
  const limits = flags.fleets.map((fleet) => {
    const own = bounds.filter(({ spec }) => spec.fleet === fleet)
    return own.length === 0
      ? null
      : own.reduce((sum, bound) => sum + bound.served_share_at_most, 0) / own.length
  })
  const by = { groups, groupsAre: 'cars' }
  const whole100 = { unit: '%', say: percent, most: 1 }
  const inSeconds = { unit: 's', say: (value: number) => String(Math.round(value)) }
  return html`<h2>With more cars</h2>${legend(policies)}<div class="plots">
${dotPlot({ ...by, ...whole100, title: 'Served', note: bounds.length > 0 ? 'Dashed: nobody could serve more, one party a car' : 'Share of all requests', values: values((row) => row.served_share), bounds: limits })}
${dotPlot({ ...by, ...inSeconds, title: 'Mean wait', note: 'Of those picked up', values: values((row) => row.wait_mean_s) })}
${dotPlot({ ...by, ...whole100, title: 'Empty kilometres', note: 'Share of all kilometres', values: values((row) => row.empty_km_share) })}</div>`
}

/** For each fleet: when, how long, whom and where. */
function fleets({ flags, results, rows }: ReportInput, policies: readonly string[]): Html {
  return html`<h2>When, how soon, whom and where</h2>${legend(policies)}${flags.fleets.map((fleet, n) => {
    const merged = policies.map((policy) =>
      mergeSeries(results.filter(({ spec }) => spec.fleet === fleet && spec.policy === policy)),
    )
    const requests = merged[0]!.clock.requests.reduce((sum, asked) => sum + asked, 0)
    const frame = frameOf(merged[0]!.cells)
    const worst = worstOf(merged.map(({ cells }) => cells))
    const quarters = policies.map(
      (policy) =>
        rows.findLast((row) => row.fleet === fleet && row.policy === policy)!.served_share_by_length_quartile,
    )
    return html`<details ${n === 0 && raw('open')}><summary>${count(fleet)} cars</summary><div class="plots">
${byTheClock(merged.map(({ clock }) => clock))}${byTheWait(
  merged.map(({ waits }) => waits),
  requests,
)}
${dotPlot({ title: 'Served by length of the ride', note: 'Quarters of all rides', unit: '%', say: percent, most: 1, groups: ['shortest', 'short', 'long', 'longest'], groupsAre: 'a quarter of the rides each', values: quarters })}</div>
<p class="muted">Maps: hexagons of about 0.1 km², darker the more riders asked there; dots where they were not served, the largest for ${Math.round(worst)}.${frame.leftOut >= 1 && ` ${count(frame.leftOut)} pickups lie outside the picture.`}</p>
<div class="maps">${policies.map((policy, each) => hexMap(policy, merged[each]!.cells, frame, worst))}</div></details>`
  })}`
}

/** Of several seeds and days the mean of a run; of days that began at other times, those like the first. */
function mergeSeries(results: readonly RunResult[]): Series {
  const first = results[0]!.series
  const alike = results
    .map(({ series }) => series)
    .filter(
      ({ clock }) =>
        clock.fromS === first.clock.fromS && clock.requests.length === first.clock.requests.length,
    )
  const mean = (read: (series: Series) => readonly number[]) =>
    read(first).map((_, n) => alike.reduce((sum, series) => sum + read(series)[n]!, 0) / alike.length)
  const cells = new Map<string, [asked: number, missed: number]>()
  for (const series of alike)
    for (const [cell, asked, missed] of series.cells) {
      const known = cells.get(cell) ?? [0, 0]
      cells.set(cell, [known[0] + asked / alike.length, known[1] + missed / alike.length])
    }
  return {
    clock: {
      ...first.clock,
      requests: mean(({ clock }) => clock.requests),
      served: mean(({ clock }) => clock.served),
    },
    waits: { ...first.waits, counts: mean(({ waits }) => waits.counts) },
    cells: [...cells].map(([cell, [asked, missed]]) => [cell, asked, missed] as const),
  }
}

function causes(rows: readonly Row[]): Html | null {
  const names = [...new Set(rows.flatMap(({ cancels }) => Object.keys(cancels)))]
  if (names.length < 2) return null
  return html`<h2>Why riders were not served</h2><div class="card scroll" tabindex="0" role="region" aria-label="Why riders were not served"><table><thead><tr><th scope="col" class="text">Cars · policy</th>${names.map((name) => html`<th scope="col">${name.replaceAll('_', ' ')}</th>`)}<th scope="col">offers declined</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${count(row.fleet)} · ${row.policy}${row.day && html` · ${row.day}`}</th>${names.map((name) => html`<td>${count(row.cancels[name]?.mean ?? 0)}</td>`)}<td>${count(row.declines.mean)}</td></tr>`,
  )}</tbody></table></div>`
}

function published(): Html {
  return html`<h2>What others published</h2><p>${CAVEAT}</p><div class="card scroll" tabindex="0" role="region" aria-label="What others published"><table><thead><tr><th scope="col" class="text">Who</th><th scope="col">Cars</th><th scope="col">Served</th><th scope="col">Wait, mean</th><th scope="col" class="text">How</th></tr></thead><tbody>${PUBLISHED.map(
    (row) =>
      html`<tr><th scope="row">${row.who}</th><td>${row.cars}</td><td>${row.served}</td><td>${row.wait}</td><td class="text">${row.note}</td></tr>`,
  )}</tbody></table></div>`
}

function share({ mean, pm }: Mean): Html {
  return html`${(100 * mean).toFixed(1)} %${pm !== null && html` <small>±${(100 * pm).toFixed(1)}</small>`}`
}

function seconds({ mean, pm }: Mean): Html {
  return html`${Math.round(mean)} s${pm !== null && html` <small>±${pm.toFixed(0)}</small>`}`
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}
