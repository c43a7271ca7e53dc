/** The watching side of watchdog.ts, in a thread of its own. */
import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import type { Watched } from './watchdog.ts'

const { beats, everyMs, misses } = workerData as Watched
const count = new Int32Array(beats)
let last = Atomics.load(count, 0)
let missed = 0
// Looks are counted and not time: a process that was frozen whole, or a machine that slept, has missed nothing.
setInterval(() => {
  const now = Atomics.load(count, 0)
  missed = now === last ? missed + 1 : 0
  last = now
  if (missed < misses) return
  writeSync(2, '{"level":"fatal","event":"watchdog.loop_stuck"}\n')
  // Not exit: that waits for the thread that hangs.
  process.kill(process.pid, 'SIGKILL')
}, everyMs)
