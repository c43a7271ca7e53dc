/**
 * Who at the desk has which ride open, and who is changing it: in the memory of every process, told by the bus, gone by
 * itself. It decides nothing (the ride's version does); it only spares two people the same work.
 */
import type { CompanyId, IdentityId, RegionId, RideId } from '../engine/units.ts'
import type { Bus, DeskPresence } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'

/** An open pane asks for itself every 15 to 20 s; two of these missed, and nobody is there. */
const GONE_AFTER_MS = 45_000
/** Others forget whom they do not hear of. */
const SAY_AGAIN_MS = 12_000

export interface Present {
  readonly identityId: IdentityId
  readonly name: string
  readonly isEditing: boolean
}

export interface Presence {
  /** A session's desk shows this ride now, or none. One of its boards counts, the one that asked last. */
  see(seen: {
    readonly companyId: CompanyId
    readonly regionId: RegionId
    readonly sessionId: string
    readonly identityId: IdentityId
    readonly name: string
    readonly rideId: RideId | null
    readonly doing: DeskPresence['doing']
  }): void
  /** Who else has the ride open, by name. */
  others(rideId: RideId, viewerId: IdentityId): Present[]
}

export function makePresence({ bus, clock }: { bus: Bus; clock: Clock }): Presence {
  const bySession = new Map<string, { news: DeskPresence; atMs: number }>()
  bus.on('desk.presence', (news) => {
    if (news.rideId === null) bySession.delete(news.sessionId)
    else bySession.set(news.sessionId, { news, atMs: clock.nowMs() })
  })
  bus.on('session.ended', ({ sessionId }) => void bySession.delete(sessionId))

  function isHere({ atMs }: { atMs: number }): boolean {
    return clock.nowMs() - atMs < GONE_AFTER_MS
  }

  return {
    see(seen) {
      for (const [sessionId, entry] of bySession) if (!isHere(entry)) bySession.delete(sessionId)
      const before = bySession.get(seen.sessionId)
      const isNew =
        (before?.news.rideId ?? null) !== seen.rideId || (before?.news.doing ?? 'looking') !== seen.doing
      if (!isNew && (before === undefined || clock.nowMs() - before.atMs < SAY_AGAIN_MS)) return
      bus.publish({ type: 'desk.presence', ...seen, isNew })
    },
    others(rideId, viewerId) {
      const found = new Map<IdentityId, Present>()
      for (const entry of bySession.values()) {
        const { identityId, name, doing } = entry.news
        if (entry.news.rideId !== rideId || identityId === viewerId || !isHere(entry)) continue
        const isEditing = doing === 'editing' || found.get(identityId)?.isEditing === true
        found.set(identityId, { identityId, name, isEditing })
      }
      return [...found.values()].toSorted((a, b) => a.name.localeCompare(b.name))
    },
  }
}
