/** Prometheus figures: read from the parts when asked, except for what happens too often to look up. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Auth } from '../accounts/accounts.ts'
import type { Companies } from '../companies/companies.ts'
import type { ShadowSums } from '../dispatch/shadow.ts'
import type { TickFigures } from '../dispatch/tick.ts'
import type { Sockets } from '../io/sockets.ts'
import type { Streams } from '../io/streams.ts'
import type { Outside } from '../places/outside.ts'
import type { Fleet } from '../positions/fleet.ts'
import type { Positions } from '../positions/positions.ts'
import type { AskedKind, AskedOutcome } from '../roads/roads.ts'
import type { PingPasses } from '../tracking/ping-passes.ts'

export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  /** One tick of a region and how long it took. */
  ticked(regionSlug: string, figures: TickFigures, tookMs: number): void
  /** One tick of a region as its policy in shadow would have had it. */
  shadowed(regionSlug: string, tick: ShadowSums): void
  /** One question to the road engine, and what came of it. */
  askedRoads(kind: AskedKind, outcome: AskedOutcome): void
}

const TICK_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export function makeMetrics(deps: {
  positions: Positions
  passes: Pick<PingPasses, 'figures'>
  sockets: Sockets
  streams: Pick<Streams, 'figures'>
  fleet: Fleet
  companies: Companies
  /** How look-ups of sessions went, since the start. */
  lookups: Auth['lookups']
  /** The geocoder elsewhere, where there is one. */
  geocoder: Pick<Outside, 'state'> | null
}): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  new Gauge({
    name: 'honeycab_pings_refused',
    help: 'Pings that did not move a car, by reason, since the start',
    labelNames: ['reason'],
    registers,
    collect() {
      for (const [reason, count] of Object.entries(deps.positions.figures().refused))
        this.set({ reason }, count)
    },
  })
  new Gauge({
    name: 'honeycab_pings_accepted',
    help: 'Pings that moved a car, since the start',
    registers,
    collect() {
      this.set(deps.positions.figures().live)
    },
  })
  new Gauge({
    name: 'honeycab_ping_passes_used',
    help: 'Calls with pings that were taken at once on a pass, since the start',
    registers,
    collect() {
      this.set(deps.passes.figures().used)
    },
  })
  const { geocoder } = deps
  if (geocoder !== null)
    new Counter({
      name: 'honeycab_geocoder_total',
      help: 'Addresses looked up elsewhere: asked there, answered from what was kept, or why there was no answer',
      labelNames: ['outcome'],
      registers,
      collect() {
        this.reset()
        for (const [outcome, count] of Object.entries(geocoder.state().counts)) this.inc({ outcome }, count)
      },
    })
  new Counter({
    name: 'honeycab_session_lookups_total',
    help: 'Tokens looked up: kept in memory, read from the database, or of no session',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset()
      for (const [result, count] of Object.entries(deps.lookups())) this.inc({ result }, count)
    },
  })
  new Gauge({
    name: 'honeycab_sockets_open',
    help: 'Open WebSockets of this process',
    registers,
    collect() {
      this.set(deps.sockets.figures().open)
    },
  })
  new Gauge({
    name: 'honeycab_sockets_waiting_bytes',
    help: 'What waits in front of the sockets of this process for clients to take it',
    registers,
    collect() {
      this.set(deps.sockets.figures().waitingBytes)
    },
  })
  new Counter({
    name: 'honeycab_sockets_closed_total',
    help: 'Sockets that this process closed, by reason',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      const { closedTooFast, closedTooMany, closedSessionEnded, closedUnanswered } = deps.sockets.figures()
      this.inc({ reason: 'too_fast' }, closedTooFast)
      this.inc({ reason: 'too_many' }, closedTooMany)
      this.inc({ reason: 'session_ended' }, closedSessionEnded)
      this.inc({ reason: 'unanswered' }, closedUnanswered)
    },
  })
  new Gauge({
    name: 'honeycab_streams',
    help: 'Live pages of this process: with a socket, waiting in a poll, or gone and kept for a while',
    labelNames: ['line'],
    registers,
    collect() {
      const { open, polling, away } = deps.streams.figures()
      this.set({ line: 'socket' }, open)
      this.set({ line: 'poll' }, polling)
      this.set({ line: 'away' }, away)
    },
  })
  new Gauge({
    name: 'honeycab_stream_messages_unheard',
    help: 'Messages on their way to pages that have not said to have them',
    registers,
    collect() {
      this.set(deps.streams.figures().unheard)
    },
  })
  new Counter({
    name: 'honeycab_streams_total',
    help: 'Pages that came: back to their stream, to a new one, and of these because they were too far behind',
    labelNames: ['came'],
    registers,
    collect() {
      this.reset()
      const { resumed, begun, behind } = deps.streams.figures()
      this.inc({ came: 'back' }, resumed)
      this.inc({ came: 'anew' }, begun)
      this.inc({ came: 'behind' }, behind)
    },
  })
  new Gauge({
    name: 'honeycab_cars',
    help: 'Cars on shift, by region and state',
    labelNames: ['region', 'state'],
    registers,
    collect() {
      this.reset()
      for (const region of deps.companies.regions)
        for (const car of deps.fleet.cars(region.id))
          this.inc({ region: region.slug, state: deps.fleet.stateOf(car) })
    },
  })
  const tickSeconds = new Histogram({
    name: 'honeycab_tick_seconds',
    help: 'Duration of a tick',
    labelNames: ['region'],
    buckets: TICK_BUCKETS_S,
    registers,
  })
  const waiting = new Gauge({
    name: 'honeycab_requests_waiting',
    help: 'Requests without a live offer at the last tick',
    labelNames: ['region'],
    registers,
  })
  const outcomes = new Counter({
    name: 'honeycab_tick_outcomes_total',
    help: 'What ticks did',
    labelNames: ['region', 'outcome'],
    registers,
  })
  const shadowSums = new Counter({
    name: 'honeycab_shadow_total',
    help: 'Waiting rides and what the policy in force and the one in its shadow made of them, summed over ticks',
    labelNames: ['region', 'policy', 'figure'],
    registers,
  })
  const askedRoads = new Counter({
    name: 'honeycab_road_questions_total',
    help: 'Questions to the road engine: answered, late, failed, wrong, or not asked while it rests or is busy',
    labelNames: ['kind', 'outcome'],
    registers,
  })
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    ticked(region, figures, tookMs) {
      tickSeconds.observe({ region }, tookMs / 1000)
      waiting.set({ region }, figures.waiting)
      for (const outcome of ['offered', 'expired', 'unfulfilled', 'setOffline'] as const)
        if (figures[outcome] > 0) outcomes.inc({ region, outcome }, figures[outcome])
    },
    askedRoads: (kind, outcome) => askedRoads.inc({ kind, outcome }),
    shadowed(region, { waiting, changed, live, shadow, liveMs, shadowMs }) {
      shadowSums.inc({ region, policy: 'both', figure: 'waiting' }, waiting)
      shadowSums.inc({ region, policy: 'both', figure: 'changed' }, changed)
      for (const [policy, side, tookMs] of [
        ['live', live, liveMs],
        ['shadow', shadow, shadowMs],
      ] as const) {
        shadowSums.inc({ region, policy, figure: 'rides' }, side.rides)
        shadowSums.inc({ region, policy, figure: 'pickup_eta_seconds' }, side.etaS)
        shadowSums.inc({ region, policy, figure: 'cost_seconds' }, side.costS)
        shadowSums.inc({ region, policy, figure: 'decide_seconds' }, tookMs / 1000)
      }
    },
  }
}
