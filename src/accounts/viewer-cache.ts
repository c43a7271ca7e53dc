import type { Viewer } from '../web/viewer.ts'

/** Within this, an ended session or a changed role may still count in another process (quality bar: 1 s). */
const KEPT_MS = 1_000
const MOST_KEPT = 10_000

export interface ViewerCache {
  /** The viewer under `key`, kept or loaded; who is not signed in is never kept. */
  get(key: string, nowMs: number, load: () => Promise<Viewer | null>): Promise<Viewer | null>
  /** A session has ended: forget it now. */
  drop(sessionId: string): void
  clear(): void
}

/** Spares the database a look-up for each of the requests one page makes. */
export function makeViewerCache(): ViewerCache {
  const kept = new Map<string, { viewer: Viewer; readAtMs: number }>()
  // Counts endings, so that a look-up under way while a session ends is not kept.
  let endings = 0
  return {
    get: async (key, nowMs, load) => {
      const known = kept.get(key)
      // The distance both ways: a clock that was set back must not keep anybody for longer.
      if (known !== undefined && Math.abs(nowMs - known.readAtMs) < KEPT_MS) return known.viewer
      const endingsBefore = endings
      const viewer = await load()
      kept.delete(key)
      if (viewer !== null && endings === endingsBefore) {
        const oldest = kept.size >= MOST_KEPT ? kept.keys().next().value : undefined
        if (oldest !== undefined) kept.delete(oldest)
        kept.set(key, { viewer, readAtMs: nowMs })
      }
      return viewer
    },
    drop: (sessionId) => {
      endings++
      for (const [key, { viewer }] of kept) if (viewer.sessionId === sessionId) kept.delete(key)
    },
    clear: () => {
      endings++
      kept.clear()
    },
  }
}
