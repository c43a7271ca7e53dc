/** Within this, an ended session or a changed role may still count in another process (quality bar: 1 s). */
const KEPT_MS = 1_000
const MOST_KEPT = 10_000

/** How look-ups went: kept here, read from the database and found, or not there at all. */
export type LookupResult = 'hit' | 'miss' | 'unknown'

export interface ViewerCache<T extends { readonly viewer: { readonly sessionId: string } }> {
  /** What is under `key`, kept or loaded; who is not signed in is never kept. */
  get(key: string, nowMs: number, load: () => Promise<T | null>): Promise<T | null>
  /** A session has ended or changed: forget what was read of it now. */
  drop(sessionId: string): void
  clear(): void
  figures(): Readonly<Record<LookupResult, number>>
}

/** Spares the database a look-up for each of the requests one page makes. */
export function makeViewerCache<
  T extends { readonly viewer: { readonly sessionId: string } },
>(): ViewerCache<T> {
  const kept = new Map<string, { found: T; readAtMs: number }>()
  const counts = { hit: 0, miss: 0, unknown: 0 }
  // Counts endings, so that a look-up under way while a session ends is not kept.
  let endings = 0
  return {
    get: async (key, nowMs, load) => {
      const known = kept.get(key)
      // The distance both ways: a clock that was set back must not keep anybody for longer.
      if (known !== undefined && Math.abs(nowMs - known.readAtMs) < KEPT_MS) {
        counts.hit++
        return known.found
      }
      const endingsBefore = endings
      const found = await load()
      counts[found === null ? 'unknown' : 'miss']++
      kept.delete(key)
      if (found !== null && endings === endingsBefore) {
        const oldest = kept.size >= MOST_KEPT ? kept.keys().next().value : undefined
        if (oldest !== undefined) kept.delete(oldest)
        kept.set(key, { found, readAtMs: nowMs })
      }
      return found
    },
    drop: (sessionId) => {
      endings++
      for (const [key, { found }] of kept) if (found.viewer.sessionId === sessionId) kept.delete(key)
    },
    clear: () => {
      endings++
      kept.clear()
    },
    figures: () => ({ ...counts }),
  }
}
