/** For what another process or server does in its own time: look again until it is so, fail after the deadline. */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  deadlineMs = 8_000,
): Promise<void> {
  const untilMs = performance.now() + deadlineMs
  while (!(await isSo())) {
    if (performance.now() > untilMs) throw new Error(`not so after ${deadlineMs} ms: ${what}`)
    await Bun.sleep(5)
  }
}
