/** A file store in a folder that goes with the test. */
import { type FileStore, openFiles } from '../../src/io/files.ts'
import { makeTempDir, removeDir } from './servers.ts'

export interface TestFiles {
  readonly files: FileStore
  readonly dir: string
  remove(): void
}

export function testFiles(): TestFiles {
  const dir = makeTempDir('files')
  return { files: openFiles({ bucket: null, dataDir: dir }), dir, remove: () => removeDir(dir) }
}
