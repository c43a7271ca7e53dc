/** The pages that are open on this process, by what they show. */

/** One open page: where its messages go. */
export interface LivePage {
  send(message: string): void
}

/** Pages by key, such as a ride's or a driver's id. */
export interface LivePages<Key extends string, Page extends LivePage> {
  add(key: Key, page: Page): () => void
  of(key: Key): ReadonlySet<Page>
  keys(): Iterable<Key>
  size(): number
}

const NOBODY: ReadonlySet<never> = new Set()

export function makeLivePages<Key extends string, Page extends LivePage>(): LivePages<Key, Page> {
  const pages = new Map<Key, Set<Page>>()
  return {
    add(key, page) {
      const open = pages.get(key) ?? new Set()
      pages.set(key, open.add(page))
      return () => {
        open.delete(page)
        if (open.size === 0 && pages.get(key) === open) pages.delete(key)
      }
    },
    of: (key) => pages.get(key) ?? NOBODY,
    keys: () => [...pages.keys()],
    size: () => [...pages.values()].reduce((total, open) => total + open.size, 0),
  }
}
