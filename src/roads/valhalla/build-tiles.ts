/** Routing tiles from an OpenStreetMap file, by the engine's own builder; whole or not at all. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { OutsideError } from '../../io/outside.ts'
import { valhallaConfig } from './config.ts'
import { isInstalled, PACKAGE, PACKAGE_VERSION } from './from-tiles.ts'

export const HOW_TO_INSTALL = `it needs the package ${PACKAGE}: bun add --no-save ${PACKAGE}@${PACKAGE_VERSION}`
const LAST_WORDS = 400

/**
 * Build tiles into a folder. The folder that is there is replaced once the new one is whole; a server reads the new one
 * from its next start.
 * @param osmFile in PBF, as download.geofabrik.de has them
 * @returns how many tiles there are
 * @throws OutsideError with one line: no package, no such file, or what the builder said last
 */
export async function buildTiles(osmFile: string, tilesDir: string): Promise<number> {
  if (!isInstalled()) throw new OutsideError('router', `Cannot build tiles: ${HOW_TO_INSTALL}`)
  if (!(await Bun.file(osmFile).exists())) throw new OutsideError('router', `There is no file ${osmFile}`)
  const target = resolve(tilesDir)
  const fresh = `${target}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  try {
    const config = join(fresh, 'build.json')
    writeFileSync(config, JSON.stringify(valhallaConfig(fresh)))
    // The builder leaves its notes where it stands.
    const child = Bun.spawn([builder(), '-c', config, resolve(osmFile)], {
      ...{ cwd: fresh, stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' },
    })
    const said = await new Response(child.stderr).text()
    const tiles = (await child.exited) === 0 ? await tilesIn(fresh) : 0
    if (tiles === 0)
      throw new OutsideError(
        'router',
        `No tiles came of ${osmFile}: ${said.trim().slice(-LAST_WORDS) || 'no roads in it'}`,
      )
    rmSync(target, { recursive: true, force: true })
    renameSync(fresh, target)
    return tiles
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

export async function tilesIn(dir: string): Promise<number> {
  const files = await readdir(dir, { recursive: true }).catch(() => [])
  return files.filter((name) => name.endsWith('.gph')).length
}

function builder(): string {
  return join(dirname(Bun.resolveSync(PACKAGE, import.meta.dir)), platform(), arch(), 'valhalla_build_tiles')
}
