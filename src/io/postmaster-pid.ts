/** What a Postgres server leaves in its folder, and whether somebody still stands behind it. */
import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const POLL_MS = 25

/** The process id that the folder's lock file names, if that process lives and is no zombie. */
export function postmasterPid(folder: string): number | null {
  const pid = lockedPid(folder)
  return pid !== null && isPostgres(pid) ? pid : null
}

/**
 * Make way for a new server. Where nothing reaps dead processes (a container without an init) a killed
 * server stays a zombie, and after a container restart its number may belong to somebody else; Postgres
 * takes both for a living one and refuses to start.
 * @param deadlineMs by performance.now(), for backends of the dead server to go
 * @returns false while a living server holds the folder
 */
export async function clearStalePostmaster(
  folder: string,
  socketDir: string,
  deadlineMs: number,
): Promise<boolean> {
  const pid = lockedPid(folder)
  if (pid === null) return true
  if (isPostgres(pid)) return false
  // The lock file also guards against backends that outlive their parent and may still write.
  while (hasBackends(folder)) {
    if (performance.now() > deadlineMs) return false
    await Bun.sleep(POLL_MS)
  }
  if (lockedPid(folder) !== pid) return false
  rmSync(join(folder, 'postmaster.pid'), { force: true })
  rmSync(join(socketDir, '.s.PGSQL.5432.lock'), { force: true })
  rmSync(join(socketDir, '.s.PGSQL.5432'), { force: true })
  return true
}

function lockedPid(folder: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(join(folder, 'postmaster.pid'), 'utf8'), 10)
    return Number.isInteger(pid) && pid > 0 ? pid : null
  } catch {
    return null
  }
}

function isPostgres(pid: number): boolean {
  if (process.platform !== 'linux') return isAlive(pid)
  try {
    // "pid (name) state …"; a name may hold spaces and brackets, so the last bracket ends it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    const state = stat[stat.lastIndexOf(')') + 2]
    return name === 'postgres' && state !== 'Z' && state !== 'X'
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Every Postgres process works in its cluster's folder, so the folder finds them. */
function hasBackends(folder: string): boolean {
  if (process.platform !== 'linux') return false
  const place = realpathSync(folder)
  return readdirSync('/proc').some((entry) => {
    if (!/^\d+$/.test(entry) || !isPostgres(Number(entry))) return false
    try {
      return readlinkSync(`/proc/${entry}/cwd`) === place
    } catch {
      return false
    }
  })
}
