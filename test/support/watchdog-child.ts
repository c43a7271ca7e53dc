/** A process under a watchdog of one second: busy for argument one in pieces, then hanging for argument two. */
import { startWatchdog } from '../../src/io/watchdog.ts'

const [pieces = 0, hangMs = 0] = process.argv.slice(2).map(Number)
startWatchdog({ stuckAfterMs: 1_000 })
const block = (ms: number) => {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}
// The thread needs a moment to come up.
await Bun.sleep(300)
for (let n = 0; n < pieces; n++) {
  block(300)
  await Bun.sleep(60)
}
process.stdout.write('busy but alive\n')
block(hangMs)
process.stdout.write('came through\n')
process.exit(0)
