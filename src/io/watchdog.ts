/**
 * A process whose event loop hangs answers nothing, not even its health check, and nobody restarts it for that. A
 * thread beside it listens to its heartbeat and ends it, so that whoever runs it starts a new one.
 */

import { Worker } from 'node:worker_threads'

export interface WatchdogOptions {
  /** So long without a heartbeat is not a pause any more. */
  readonly stuckAfterMs?: number
}

/** What the thread is told when it starts. */
export interface Watched {
  readonly beats: SharedArrayBuffer
  readonly everyMs: number
  /** So many looks in a row without a beat. */
  readonly misses: number
}

const STUCK_AFTER_MS = 30_000
const LOOKS = 30

/**
 * Watch this process.
 * @returns a function that stops watching
 */
export function startWatchdog({ stuckAfterMs = STUCK_AFTER_MS }: WatchdogOptions = {}): () => void {
  // Somebody at a breakpoint is no hang.
  if (process.execArgv.some((flag) => flag.startsWith('--inspect'))) return () => {}
  const beats = new SharedArrayBuffer(4)
  const count = new Int32Array(beats)
  const everyMs = stuckAfterMs / LOOKS
  const heartbeat = setInterval(() => Atomics.add(count, 0, 1), everyMs / 2)
  heartbeat.unref()
  const workerData: Watched = { beats, everyMs, misses: LOOKS }
  const worker = new Worker(new URL('./watchdog-worker.ts', import.meta.url), { workerData })
  worker.unref()
  return () => {
    clearInterval(heartbeat)
    void worker.terminate()
  }
}
