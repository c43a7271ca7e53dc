import { assert } from '../../../src/engine/units.ts'
import type { Uses, UsesOf, Walk } from './walk.ts'

/** The uses of every file in this folder, so that a new area is a new file and nothing else. */
export async function allUses(walk: Walk): Promise<Uses> {
  const uses: Uses = {}
  for (const file of [...new Bun.Glob('*.ts').scanSync(import.meta.dir)].toSorted()) {
    if (file === 'all.ts' || file === 'walk.ts') continue
    const area = (await import(`./${file}`)) as { uses: UsesOf }
    for (const [route, use] of Object.entries(area.uses(walk))) {
      assert(uses[route] === undefined, `${route} stands in two files of uses`)
      uses[route] = use
    }
  }
  return uses
}
