/** World, and the app that lives in it: every slice mounted, every part wired; tests and the living city call it too. */
import { type AnyElysia, Elysia } from 'elysia'
import packageJson from '../package.json'
import { problemPage, problemWords } from '../views/errors.ts'
import { makeAuth } from './accounts/accounts.ts'
import { makeCaptcha } from './accounts/captcha.ts'
import { changePasswordRoutes } from './accounts/change-password.ts'
import { confirmRoutes } from './accounts/confirm-routes.ts'
import { driveRoutes } from './accounts/drive-routes.ts'
import { emailRoutes } from './accounts/email-routes.ts'
import { makeFactors } from './accounts/factors.ts'
import { invitationRoutes } from './accounts/invitation-routes.ts'
import { makeJoining } from './accounts/joining.ts'
import { joiningRoutes } from './accounts/joining-routes.ts'
import { passwordRoutes } from './accounts/password-routes.ts'
import { loadPasswordLists } from './accounts/password-rules.ts'
import { makeProfilePage, profileRoutes } from './accounts/profile-routes.ts'
import { accountRoutes } from './accounts/routes.ts'
import { securityRoutes } from './accounts/security-routes.ts'
import { sessionRoutes } from './accounts/session-routes.ts'
import { signInRoutes } from './accounts/sign-in-routes.ts'
import { aftercareRoutes } from './aftercare/routes.ts'
import { recordBorrowed } from './backoffice/impersonation.ts'
import { officeRoutes } from './backoffice/routes.ts'
import { deskActRoutes } from './board/act-routes.ts'
import { areaRoutes } from './board/area-routes.ts'
import { bookingPriceRoutes } from './board/booking-prices.ts'
import { deskBookingRoutes } from './board/booking-routes.ts'
import { bulkRoutes } from './board/bulk-routes.ts'
import { deedRoutes } from './board/deed-routes.ts'
import { driverRoutes } from './board/driver-routes.ts'
import { editRoutes } from './board/edit-routes.ts'
import { editWordsRoutes } from './board/edit-words-routes.ts'
import { findRoutes } from './board/find-routes.ts'
import { handoverRoutes } from './board/handover-routes.ts'
import { boardLiveRoutes } from './board/live-routes.ts'
import { mergeRoutes } from './board/merge-routes.ts'
import { messageRoutes } from './board/message-routes.ts'
import { nowRoutes } from './board/now-routes.ts'
import { pastRoutes } from './board/past-routes.ts'
import { keepRecentPings } from './board/pings.ts'
import { makePresence } from './board/presence.ts'
import { boardReadRoutes } from './board/read-routes.ts'
import { boardRoutes } from './board/routes.ts'
import { savedViewRoutes } from './board/saved-view-routes.ts'
import { traceRoutes } from './board/trace-routes.ts'
import { chatRoutes } from './chat/routes.ts'
import { campusNameOf } from './companies/campuses.ts'
import { loadCompanies } from './companies/companies.ts'
import { loadFlags } from './companies/flags.ts'
import { companyAt, makeToPage, visitedCompany } from './companies/page-context.ts'
import { designRoutes } from './design.ts'
import { breakRoutes } from './dispatch/break-routes.ts'
import { makeHints } from './dispatch/hints.ts'
import { makeOutlook } from './dispatch/outlook.ts'
import { dispatchRoutes } from './dispatch/routes.ts'
import { makeDispatcher, type RegionDispatcher } from './dispatch/tick.ts'
import { makeTraceKeeper, type TraceKeeper } from './dispatch/trace-keeper.ts'
import { makeUsualWait } from './dispatch/usual-wait.ts'
import { travel } from './engine/eta.ts'
import { assert, type RegionId } from './engine/units.ts'
import { freeWaitRoutes } from './fares/free-wait-routes.ts'
import type { CarWanted } from './fares/quotes.ts'
import { fareRoutes } from './fares/routes.ts'
import { makeSurge } from './fares/surge.ts'
import { driverHexes } from './fares/surge-map.ts'
import { homeRoutes } from './home.ts'
import { installRoutes } from './install.ts'
import type { Bus } from './io/bus.ts'
import type { Clock } from './io/clock.ts'
import type { Config } from './io/config.ts'
import type { FileStore } from './io/files.ts'
import { makeLimits } from './io/limits.ts'
import type { Logger } from './io/log.ts'
import { smtpMailer } from './io/mail.ts'
import type { Outgoing } from './io/outgoing.ts'
import type { Db } from './io/postgres.ts'
import type { Random } from './io/random.ts'
import { CLOSE, makeSockets, websocketOptions } from './io/sockets.ts'
import { makeStreams } from './io/streams.ts'
import { topicsOf } from './io/topics.ts'
import type { Walled } from './io/walls.ts'
import { makeTextReader } from './licences/ocr.ts'
import { licenceRoutes } from './licences/routes.ts'
import { hasOutbox, outboxRoutes } from './notices/outbox.ts'
import { makePost } from './notices/post.ts'
import { healthRoutes } from './ops/health.ts'
import { makeKeeper } from './ops/keeper.ts'
import { makeMetrics } from './ops/metrics.ts'
import { type DescribedRoute, openapiRoutes } from './ops/openapi.ts'
import { makeGeocoding } from './places/geocoding.ts'
import { placeRoutes } from './places/routes.ts'
import { makePingDoor } from './positions/door.ts'
import { makeFleet } from './positions/fleet.ts'
import { makeHandles } from './positions/handles.ts'
import { makePositions, type PositionStore } from './positions/positions.ts'
import { privacyRoutes } from './privacy/routes.ts'
import { bookingRoutes } from './rides/booking-routes.ts'
import { historyRoutes } from './rides/history-routes.ts'
import { insteadRoutes } from './rides/instead-routes.ts'
import { ownPlacesRoutes } from './rides/own-places-routes.ts'
import { rideRoutes } from './rides/routes.ts'
import { makeTrailKeeper } from './rides/trail.ts'
import { wayRoutes } from './rides/way-routes.ts'
import { makeRoads, type RoutingProvider } from './roads/roads.ts'
import { safetyRoutes } from './safety/routes.ts'
import { keepSafetyTracks } from './safety/track-keeper.ts'
import { deskMessageRoutes } from './tracking/desk-message-routes.ts'
import { driverPageRoutes } from './tracking/driver-pages.ts'
import { makeDriverStars } from './tracking/driver-stars.ts'
import { pageFollowers } from './tracking/followers.ts'
import { liveRoutes } from './tracking/live-routes.ts'
import { makePingPasses, PINGS_PATH } from './tracking/ping-passes.ts'
import { makeTracking } from './tracking/push.ts'
import { trackingRoutes } from './tracking/routes.ts'
import { shareRoutes } from './tracking/share-routes.ts'
import { makeImages } from './uploads/images.ts'
import { uploadRoutes } from './uploads/routes.ts'
import { makeUploads } from './uploads/uploads.ts'
import { assetRoutes } from './web/asset-routes.ts'
import { loadAssets } from './web/assets.ts'
import { permissionGaps } from './web/permissions.ts'
import { makeShell } from './web/shell.ts'

/** Everything that is not ours to decide: handed in by main, by a test, or by a simulation. */
export interface World {
  readonly config: Config
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Sees every row: for the system's own work. */
  readonly db: Db
  /** For requests. */
  readonly walled: Walled
  readonly bus: Bus
  readonly store: PositionStore
  readonly files: FileStore
  /** Real roads; left out or null, times are learned from rides alone. */
  readonly routing?: RoutingProvider | null
  /** The only way to ask other servers over HTTP. */
  readonly outgoing: Outgoing
  /** For limits shared by all processes; without it each counts for itself. */
  readonly redis?: Parameters<typeof makeLimits>[0]['redis']
}

/** A rider is told of cars this far away at most; beyond, "none free near you" is the honest answer. */
const QUOTE_REACH_M = 8_000

/**
 * Build the app: read who is on duty, follow the positions, mount the slices. Nothing listens and nothing ticks
 * until `start`.
 */
export async function createApp(world: World) {
  const { config, clock, random, log, db, bus } = world
  const assets = loadAssets()
  const companies = await loadCompanies(db)
  const flags = await loadFlags({ db, bus, log })
  const handles = makeHandles()
  const roads = makeRoads({
    ...{ db, bus, clock, log, regions: () => companies.regions, provider: world.routing ?? null },
    onAsked: (kind, outcome) => metrics.askedRoads(kind, outcome),
  })
  const travelOf = (regionId: RegionId) => {
    const region = companies.region(regionId)
    return region && roads.model(region)
  }
  const fleet = makeFleet({ db, clock, handles, travelOf })
  const outlook = makeOutlook({ bus, clock })
  const hints = makeHints({ bus, clock })
  const surge = makeSurge({ bus, clock, rulesOf: (regionId) => companies.region(regionId)?.surge ?? null })
  const positions = makePositions({ store: world.store, clock, log, handles })
  const door = makePingDoor({ fleet, positions, handles, clock })
  const sockets = makeSockets({ bus, clock, log })
  const streams = makeStreams({ bus, clock, random, sockets })
  const limits = makeLimits({
    log,
    exempt: config.rateLimitExempt,
    ...(world.redis && { redis: world.redis }),
  })
  const passes = makePingPasses({ door, bus, clock, random, log, limits, config })
  const auth = makeAuth({ db, bus, config, clock, random, log })
  const factors = makeFactors({ db, bus, clock, random, config, auth })
  const joining = makeJoining({ db, bus, clock, random, passwords: auth.passwords })
  const usualWait = makeUsualWait({ db, clock })
  const driverStars = makeDriverStars({ db, clock })
  const geocoding = makeGeocoding(
    { db, clock, log, outgoing: world.outgoing, publicUrl: config.publicUrl },
    config.geocoder,
  )
  const metrics = makeMetrics({
    positions,
    passes,
    sockets,
    streams,
    fleet,
    companies,
    lookups: auth.lookups,
    geocoder: geocoding.outside,
  })
  const hexesOf = (regionId: RegionId) => {
    const region = companies.region(regionId)
    const currency = region && companies.company(region.companyId)?.currency
    const counted = surge.counted(regionId)
    return counted === null ? null : driverHexes(counted, currency ?? 'USD')
  }
  const tracking = makeTracking({ bus, clock, log, fleet, hints, surge, hexesOf })
  const trail = makeTrailKeeper({ db, clock, log, fleet })
  const pages = { assets, config, companies }
  const toPage = makeToPage(pages)
  const shell = makeShell({
    config,
    log,
    clock,
    random,
    auth,
    walled: world.walled,
    limits,
    companyAt: (request) => companyAt(companies, request),
    onBorrowedEyes: recordBorrowed({ db, random, clock }),
    problemPage: (web, problem, request) => {
      const words = problemWords(problem.status)
      const text = problem.status < 500 ? problem.detail : words.text
      return String(problemPage(toPage(web, request), { ...words, text, reference: problem.reference }))
    },
  })

  const pings = keepRecentPings({ bus, handles })
  positions.onLive((regionId, position, driver) => {
    fleet.moved(regionId, position, driver)
    pings.moved(position, driver)
    tracking.moved(driver)
  })
  positions.onTrail(trail.add)
  positions.onTrail(keepSafetyTracks({ db, bus, clock, log, fleet, handles }).add)
  bus.on('shift.changed', (news) => {
    if (news.state === 'off') positions.forget(news.regionId, news.driverId)
  })
  /** Sockets of sessions that ended unheard: by time, or while news could not come. */
  async function closeEndedSessions(): Promise<void> {
    const open = new Set([...streams.sessions(), ...passes.sessions()])
    for (const sessionId of await auth.endedOf([...open])) {
      sockets.closeSession(sessionId)
      streams.endSession(sessionId)
      passes.closeSession(sessionId)
    }
  }
  bus.onGap(() => {
    for (const look of [fleet.reload(), closeEndedSessions()])
      look.catch((error: unknown) => log.warn({ error }, 'gap.look_failed'))
  })
  await fleet.reload()
  const holder = random.uuid()
  const dispatchers: RegionDispatcher[] = []
  const traces: TraceKeeper[] = []
  const opened = new Set<string>()
  let isRunning = false
  /** Follow and dispatch every region that is not yet. */
  async function openRegions(): Promise<void> {
    for (const region of companies.regions) {
      if (opened.has(region.id)) continue
      opened.add(region.id)
      await positions.follow(region.id)
      const trace = makeTraceKeeper({ db, clock, log, fleet }, region)
      traces.push(trace)
      const dispatcher = makeDispatcher(
        {
          ...{ db, bus, clock, random, log, fleet, roads, outlook, hints, surge, holder },
          isOffering: () => flags.isOn(region.companyId, 'automatic_offers'),
          isWatching: () => flags.isOn(region.companyId, 'pickup_watchdog'),
          queueZones: () => companies.queueZones(region.id),
          regionNow: () => companies.region(region.id) ?? region,
          hearingSinceMs: world.store.hearingSinceMs,
          onShadow: (tick) => metrics.shadowed(region.slug, tick),
          trace,
          onTick: (figures, tookMs) => metrics.ticked(region.slug, figures, tookMs),
        },
        region,
      )
      dispatchers.push(dispatcher)
      if (isRunning) dispatcher.start()
    }
  }
  await openRegions()
  const rereadCompanies = () =>
    companies
      .reload()
      .then(openRegions)
      // What cars have and how long may be driven stands in the copy of the fleet.
      .then(() => fleet.reload())
      .catch((error: unknown) => log.warn({ error }, 'companies.reload_failed'))
  bus.on('company.changed', rereadCompanies)
  bus.onGap(rereadCompanies)
  const textReader = makeTextReader({ clock, log })
  const uploads = makeUploads({ db, files: world.files, images: makeImages(), clock, random })
  if (config.smtpUrl === null && !hasOutbox(config))
    log.warn('mail.off: letters are kept and not sent, because SMTP_URL is not set')
  const post = makePost({
    ...{ db, clock, log, limits, publicUrl: config.publicUrl },
    mailer: config.smtpUrl === null ? null : smtpMailer({ smtpUrl: config.smtpUrl, from: config.mailFrom }),
    keepLinks: hasOutbox(config),
  })
  const keeper = makeKeeper({
    ...{ db, bus, clock, log, random, fleet, post, uploads, roads, closeEndedSessions, companies },
    auditRetentionDays: config.auditRetentionDays,
  })
  let draining = false

  const quoting = {
    secret: config.sessionSecrets[0]!,
    pickupEtaS: (regionId: RegionId, at: Parameters<typeof fleet.nearestFree>[1], wanted: CarWanted) => {
      const car = fleet.nearestFree(regionId, at, { ...wanted, maxM: QUOTE_REACH_M })
      return car === null ? null : travel(car, at, travelOf(regionId)).durationS
    },
  }
  // Without the handle that sees everything: what serves a request reads with the request's own.
  const base = {
    ...{
      shell,
      walled: world.walled,
      bus,
      clock,
      random,
      log,
      limits,
      fleet,
      roads,
      outlook,
      hints,
      surge,
      usualWait,
      driverStars,
      flags,
      toPage,
      geocoding,
    },
    ...pages,
  }
  const joins = {
    // With it: who comes in is nobody yet.
    ...{ ...base, db, joining, captcha: makeCaptcha({ secrets: config.sessionSecrets, random }) },
    passwords: auth.passwords,
    visited: (request: Request) => visitedCompany(companies, request) ?? null,
    campusNameOf: (email: string) => campusNameOf(db, email),
  }
  const desk = { ...base, presence: makePresence({ bus, clock }) }
  const topics = topicsOf(() => elysia.server)
  const board = boardRoutes({ ...desk, tracking, topics })
  const lines = { sockets, streams, ...pageFollowers({ tracking, clock }) }
  const follow = { ...base, door, passes, tracking, hexesOf }
  const profile = makeProfilePage({ random, toPage })
  // The server's own router asks for a pass before the framework begins; without one the call goes the whole way.
  const takePings = (request: Request) => passes.answer(request, elysia.fetch)
  const elysia: AnyElysia = new Elysia({
    websocket: websocketOptions,
    serve: { routes: { [PINGS_PATH]: { POST: takePings } } },
  })
    .use(shell)
    .use(assetRoutes({ shell, assets }))
    .use(installRoutes(base))
    .use(healthRoutes({ ...base, db, metrics, isDraining: () => draining }))
    .use(
      openapiRoutes({
        shell,
        publicUrl: config.publicUrl,
        version: packageJson.version,
        routes: () => elysia.routes as readonly DescribedRoute[],
      }),
    )
    .use(accountRoutes({ shell, auth }))
    .use(signInRoutes({ ...base, auth, factors, config }))
    .use(confirmRoutes({ ...base, factors }))
    .use(securityRoutes({ ...base, factors, companyName: (id) => companies.company(id)?.name }))
    .use(joiningRoutes(joins))
    .use(passwordRoutes(joins))
    .use(changePasswordRoutes(joins))
    .use(invitationRoutes(joins))
    .use(driveRoutes(joins))
    .use(sessionRoutes({ ...base, auth, toPage }))
    .use(uploadRoutes({ ...base, uploads, toPage }))
    .use(profileRoutes({ ...base, toPage, profile }))
    .use(emailRoutes({ ...base, db, profile }))
    .use(privacyRoutes({ ...base, db, uploads, auth }))
    .use(outboxRoutes({ shell, db, config, toPage }))
    .use(licenceRoutes({ ...base, uploads, textReader }))
    .use(homeRoutes(base))
    .use(designRoutes({ shell, toPage }))
    .use(placeRoutes(base))
    .use(fareRoutes({ ...base, ...quoting }))
    .use(freeWaitRoutes({ ...base, ...quoting }))
    .use(rideRoutes(base))
    .use(bookingRoutes(base))
    .use(wayRoutes(base))
    .use(insteadRoutes(base))
    .use(historyRoutes(base))
    .use(ownPlacesRoutes(base))
    .use(dispatchRoutes(base))
    .use(breakRoutes(base))
    .use(chatRoutes(base))
    .use(safetyRoutes({ ...base, lines }))
    .use(driverPageRoutes(base))
    .use(deskMessageRoutes(base))
    .use(trackingRoutes(follow))
    .use(liveRoutes({ ...follow, sockets, streams }))
    .use(shareRoutes({ ...follow, db, sockets, streams }))
    .use(aftercareRoutes({ ...base, system: db, lines }))
    .use(boardReadRoutes({ ...desk, pings, system: db }))
    .use(board.plugin)
    .use(boardLiveRoutes({ ...base, sockets, streams, live: board.live }))
    .use(deskActRoutes(desk))
    .use(bulkRoutes(desk))
    .use(mergeRoutes(desk))
    .use(editRoutes({ ...desk, ...quoting }))
    .use(editWordsRoutes(desk))
    .use(driverRoutes({ ...base, pings }))
    .use(messageRoutes(base))
    .use(findRoutes({ ...base, system: db }))
    .use(handoverRoutes(base))
    .use(savedViewRoutes(base))
    .use(areaRoutes(desk))
    .use(deedRoutes(base))
    .use(nowRoutes(desk))
    .use(pastRoutes(base))
    .use(deskBookingRoutes({ ...base, ...quoting, system: db }))
    .use(bookingPriceRoutes({ ...base, ...quoting, system: db }))
    .use(traceRoutes(base))
    .use(officeRoutes({ ...base, system: db, auth, joining }))
  const gaps = permissionGaps(elysia.routes)
  assert(gaps.length === 0, `routes and permission table are one: ${gaps.join('; ')}`)

  return {
    elysia,
    limits,
    passes,
    auth,
    factors,
    joining,
    companies,
    flags,
    fleet,
    positions,
    sockets,
    streams,
    tracking,
    dispatchers,
    traces,
    keeper,
    post,
    trail,
    roads,
    uploads,
    /** Let the regions tick and the pages move. */
    start(): void {
      loadPasswordLists()
      sockets.start()
      tracking.start()
      keeper.start()
      trail.start()
      board.live.start()
      roads.refresh().catch((error: unknown) => log.warn({ error }, 'roads.refresh_failed'))
      isRunning = true
      for (const dispatcher of dispatchers) dispatcher.start()
    },
    /** Say that no traffic should come any more, and go on serving what comes. */
    turnUnready(): void {
      draining = true
    },
    /**
     * Leave in order: unready first, then sockets sent elsewhere, no more ticks, what is in memory written down.
     * What fails on the way is logged and holds up nothing. The server itself is stopped by who started it.
     */
    async drain(): Promise<void> {
      draining = true
      isRunning = false
      keeper.stop()
      tracking.stop()
      board.live.stop()
      trail.stop()
      sockets.stop()
      sockets.closeAll(CLOSE.restart)
      streams.endAll()
      const parts = [...dispatchers.map((dispatcher) => dispatcher.stop()), trail.flush(), post.stop()]
      for (const part of await Promise.allSettled(parts))
        if (part.status === 'rejected') log.warn({ error: part.reason }, 'drain.failed')
      positions.close()
      await textReader.stop()
      await roads.close()
    },
  }
}
export type App = Awaited<ReturnType<typeof createApp>>
