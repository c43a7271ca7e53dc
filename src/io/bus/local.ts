/** The bus within one process, and the part of every bus that reaches this process's own handlers. */
import type { Bus, News, NewsHandler, NewsType, Unsubscribe } from '../bus.ts'
import type { Logger } from '../log.ts'

/** Handlers by kind of news; each is guarded, so that one that fails costs the others nothing. */
export interface Handlers {
  add<T extends NewsType>(type: T, handler: NewsHandler<T>): Unsubscribe
  deliver(news: News): void
  addGap(handler: () => void): Unsubscribe
  deliverGap(): void
  clear(): void
}

export function makeHandlers(log: Logger): Handlers {
  type AnyHandler = (news: News) => void | Promise<void>
  const byType = new Map<NewsType, Set<AnyHandler>>()
  const gapHandlers = new Set<() => void>()

  function guarded(about: string, run: () => void | Promise<void>): void {
    const failed = (error: unknown) => log.error({ error, about }, 'bus.handler_failed')
    try {
      const answer = run()
      if (answer instanceof Promise) answer.catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  return {
    add(type, handler) {
      const handlers = byType.get(type) ?? new Set()
      byType.set(type, handlers)
      // A wrapper of its own an entry: the same function may listen twice, and each ends by itself. The set it is
      // in holds only news of its type.
      const entry: AnyHandler = (news) => handler(news as Parameters<typeof handler>[0])
      handlers.add(entry)
      return () => void handlers.delete(entry)
    },
    deliver(news) {
      // A copy, so that handlers may come and go while they are called.
      for (const handler of [...(byType.get(news.type) ?? [])]) guarded(news.type, () => handler(news))
    },
    addGap(handler) {
      const entry = () => handler()
      gapHandlers.add(entry)
      return () => void gapHandlers.delete(entry)
    },
    deliverGap() {
      for (const handler of [...gapHandlers]) guarded('gap', handler)
    },
    clear() {
      byType.clear()
      gapHandlers.clear()
    },
  }
}

/** What several local buses share when one program plays several processes, as tests do. */
export type LocalBusHub = Set<Handlers>

/** The twin of one process; with a common `hub`, of several in one program. */
export function makeLocalBus(log: Logger, hub: LocalBusHub = new Set()): Bus {
  const handlers = makeHandlers(log)
  hub.add(handlers)
  return {
    publish(news) {
      if (!hub.has(handlers)) return
      handlers.deliver(news)
      for (const others of hub) if (others !== handlers) others.deliver(news)
    },
    on: handlers.add,
    onGap: handlers.addGap,
    async close() {
      hub.delete(handlers)
      handlers.clear()
    },
  }
}
