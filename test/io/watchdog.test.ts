import { expect, test } from 'bun:test'
import { join } from 'node:path'

const CHILD = join(import.meta.dir, '..', 'support', 'watchdog-child.ts')

async function run(pieces: number, hangMs: number, during?: (child: Bun.Subprocess) => Promise<void>) {
  const child = Bun.spawn([process.execPath, CHILD, String(pieces), String(hangMs)], {
    stdout: 'pipe',
    stderr: 'pipe',
  })
  await during?.(child)
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  await child.exited
  return { signal: child.signalCode, out, err }
}

test('a process whose loop hangs ends itself and says why', async () => {
  expect(await run(0, 60_000)).toEqual({
    signal: 'SIGKILL',
    out: 'busy but alive\n',
    err: '{"level":"fatal","event":"watchdog.loop_stuck"}\n',
  })
}, 20_000)

test('one that is only busy goes on', async () => {
  expect(await run(8, 100)).toEqual({ signal: null, out: 'busy but alive\ncame through\n', err: '' })
}, 20_000)

test('one that was frozen whole has missed nothing', async () => {
  const frozen = await run(8, 100, async (child) => {
    await Bun.sleep(700)
    child.kill('SIGSTOP')
    await Bun.sleep(2_500)
    child.kill('SIGCONT')
  })
  expect(frozen).toEqual({ signal: null, out: 'busy but alive\ncame through\n', err: '' })
}, 20_000)
