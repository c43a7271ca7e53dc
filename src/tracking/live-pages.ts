/** The pages that are open on this process, by what they show. */
import type { Stream } from '../io/stream.ts'

/** One page, open or away for a moment: its messages. */
export interface LivePage {
  readonly stream: Stream
}

/** Pages by key, such as a ride's or a driver's id. */
export interface LivePages<Key extends string, Page extends LivePage> {
  add(key: Key, page: Page): () => void
  of(key: Key): ReadonlySet<Page>
  keys(): Iterable<Key>
  all(): IterableIterator<Page>
  size(): number
}

const NOBODY: ReadonlySet<never> = new Set()

export function makeLivePages<Key extends string, Page extends LivePage>(): LivePages<Key, Page> {
  const pages = new Map<Key, Set<Page>>()
  let size = 0
  return {
    add(key, page) {
      const open = pages.get(key) ?? new Set()
      pages.set(key, open.add(page))
      size++
      return () => {
        if (open.delete(page)) size--
        if (open.size === 0 && pages.get(key) === open) pages.delete(key)
      }
    },
    of: (key) => pages.get(key) ?? NOBODY,
    keys: () => [...pages.keys()],
    *all() {
      for (const open of pages.values()) yield* open
    },
    size: () => size,
  }
}
