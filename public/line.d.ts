/** Types of the page's line, for the scripts that use it. */
interface LineOptions {
  /** Such as `/live/driver`. */
  readonly path: string
  readonly makeSocket: (path: string) => WebSocket
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>
  readonly clock: { nowMs(): number; after(ms: number, call: () => void): () => void }
  /** Random, 0 to 1. */
  readonly fraction: () => number
  /** Markup as text, JSON as what it says, bytes as they are. */
  /** False for what does not fit to what came before: then all of it is asked for anew. */
  readonly onMessage: (message: string | Record<string, unknown> | ArrayBuffer) => boolean
  /** `final`: it will not come back by itself. `silentMs`: since when nothing came. */
  readonly onState: (state: {
    readonly live: boolean
    readonly final: boolean
    readonly silentMs: number
  }) => void
  /** What part of its subject the page shows, where it shows one; said with each line, and again by `viewed`. */
  readonly view?: () => string | null
  /** Another stream begins: all there is follows. */
  readonly onBegin?: () => void
}

interface HoneycabLine {
  send(message: string | ArrayBuffer): boolean
  now(): void
  cut(): void
  look(): void
  /** What `view` answers is another part now. */
  viewed(): void
}

declare var HoneycabLine: { openLine(options: LineOptions): HoneycabLine }
