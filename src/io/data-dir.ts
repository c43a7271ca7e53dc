/** The folder that holds everything we keep on this machine. */
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Make the folder where it is missing, and see that we may write to it.
 * @throws what the system says when we may not
 */
export function makeDataDir(dataDir: string): void {
  // As root the database may have to run as another user, who must get through; nobody else can look around.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  mkdirSync(dataDir, { recursive: true, mode })
  const probe = join(dataDir, `.write-${process.pid}`)
  closeSync(openSync(probe, 'w'))
  rmSync(probe)
}
