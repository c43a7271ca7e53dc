/** A desk's request: whose desk it is, which ride it is about, and how its pane answers a form. */
import { boardRide } from '../../views/board/pane.ts'
import { boardUndo } from '../../views/board/undo.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { travel } from '../engine/eta.ts'
import type { DriverId, RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import { RefusalProblem, refusalProblem, wordsFor } from '../rides/refusals.ts'
import { desksThing, findRide, type LoadedRide } from '../rides/rides.ts'
import { travelIn } from '../roads/roads.ts'
import { htmlResponse, requireViewer, seeOther, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import type { ActRefusal, Hand } from './acts.ts'
import { deskOf } from './desk.ts'
import type { MergeRefusal } from './merge.ts'
import type { Presence, Present } from './presence.ts'
import { type BoardDeps, readPane } from './read.ts'
import { travelSIn } from './shared-cars.ts'
import { whatHappened } from './stale.ts'
import type { UndoRefusal } from './undo.ts'
import { readUndo } from './undo-props.ts'

export interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

/** Reasons that are told by what happened to the ride, and what follows from it. */
const SO: ReadonlyMap<string, string> = new Map([
  ['stale_ride', 'Your choice was not used.'],
  ['not_allowed_now', 'Your choice was not used.'],
  ['undo_overtaken', 'So it cannot be taken back any more.'],
])

/** Where the answer to a form of the pane is seen: the pane itself, or the board with it where scripts are off. */
export function paneAddress(request: Request, rideId: string): string {
  return request.headers.get('hx-request') === 'true' ? `/board/rides/${rideId}` : `/board?ride=${rideId}`
}

export interface RideDeskDeps extends Omit<BoardDeps, 'db'>, PageDeps {
  readonly presence: Presence
}

export function makeRideDesk(deps: RideDeskDeps) {
  const placeOf = (web: WebContext) => deskOf(deps, web)

  function handOf(web: WebContext, batchId?: string): Hand {
    const { company, region } = placeOf(web)
    return {
      ...{ companyId: company.id, region, random: deps.random, secrets: deps.config.sessionSecrets },
      pickupEtaS: (driverId: DriverId, ride: LoadedRide) => {
        const position = deps.fleet.car(driverId)?.position
        const pickup = { lat: ride.pickup_lat, lng: ride.pickup_lng }
        return position == null ? null : travel(position, pickup, travelIn(deps, region)).durationS
      },
      car: deps.fleet.car,
      travelS: travelSIn(deps, region),
      by: {
        actorId: requireViewer(web).identityId,
        ...(web.address === undefined ? {} : { address: web.address }),
        requestId: web.requestId,
      },
      ...(batchId === undefined ? {} : { batchId }),
    }
  }

  /** This desk has the ride open, or none; who else has it. Whoever looks through another's eyes is not there. */
  function seeRide(web: WebContext, rideId: string | null, doing: 'looking' | 'editing'): Present[] {
    const { company, region } = placeOf(web)
    const viewer = requireViewer(web)
    const { sessionId, identityId, name } = viewer
    const of = { companyId: company.id, regionId: region.id, rideId: rideId as RideId | null }
    if (viewer.impersonatorId === null) deps.presence.see({ ...of, sessionId, identityId, name, doing })
    return rideId === null ? [] : deps.presence.others(rideId as RideId, identityId)
  }

  /** The desk's own ride, of its company and region. */
  async function rideOf(reader: Db | Work['db'], web: WebContext, rideId: string): Promise<LoadedRide> {
    const { region } = placeOf(web)
    const ride = await findRide(reader, region.companyId, rideId as RideId)
    if (ride === undefined || ride.region_id !== region.id || !mayReach(web, desksThing(ride)))
      throw notThere()
    return ride
  }

  async function paneMarkup(
    request: Request,
    web: WebContext,
    rideId: string,
    notice?: string,
  ): Promise<string> {
    const { company, region } = placeOf(web)
    const on = { ...deps, db: web.db }
    const pane = await readPane(on, region, rideId as RideId, notice)
    if (pane === null) throw notThere()
    const others = seeRide(web, rideId, 'looking')
    const ctx = pageContext(deps, { request, web, place: { company, region } })
    return `${boardRide(ctx, { ...pane, others })}${boardUndo(ctx, await readUndo(on, web, region))}`
  }

  /**
   * A refusal as the desk is told it: of an act on an older picture, who did what meanwhile. It is looked up in the unit
   * that holds the ride, so it is what stood in the way.
   */
  async function refusalOf(
    unit: Work,
    web: WebContext,
    rideId: string,
    reason: ActRefusal | MergeRefusal | UndoRefusal,
  ): Promise<Error> {
    const about = { company_id: placeOf(web).company.id, id: rideId as RideId }
    const words = await noticeWords(unit.db, web, about, reason)
    return words === null ? refusalProblem(reason) : new RefusalProblem(reason, undefined, words)
  }

  /**
   * Done, or the pane again with what did not work and why.
   * @param elsewhere reasons that are told in another place, and thrown on
   */
  async function onPane(
    asked: Asked,
    rideId: string,
    done: Promise<Response>,
    elsewhere: ReadonlySet<string> = new Set(),
  ): Promise<Response> {
    try {
      return await done
    } catch (error) {
      if (asked.web.wantsJson || !(error instanceof RefusalProblem) || elsewhere.has(error.reason))
        throw error
      if (asked.request.headers.get('hx-request') !== 'true')
        return seeOther(`/board?ride=${rideId}&told=${encodeURIComponent(error.reason)}`)
      return htmlResponse(await paneMarkup(asked.request, asked.web, rideId, error.detail), 409)
    }
  }

  /** What a page without scripts says first of the refusal that led to it; undefined without one. */
  async function noticeOf(
    web: WebContext,
    rideId: string,
    told: string | undefined,
  ): Promise<string | undefined> {
    if (told === undefined) return undefined
    const about = { company_id: placeOf(web).company.id, id: rideId as RideId }
    return (await noticeWords(web.db, web, about, told)) ?? wordsFor(told)
  }

  /** Null for reasons that have words of their own. */
  async function noticeWords(
    reader: Db | Work['db'],
    web: WebContext,
    about: Pick<LoadedRide, 'company_id' | 'id'>,
    reason: string,
  ): Promise<string | null> {
    const so = SO.get(reason)
    if (so === undefined) return null
    const viewerId = requireViewer(web).identityId
    return `${await whatHappened(reader, about, { viewerId, nowMs: deps.clock.nowMs() })} ${so}`
  }

  return { handOf, seeRide, rideOf, paneMarkup, noticeOf, refusalOf, onPane }
}

export type RideDesk = ReturnType<typeof makeRideDesk>
