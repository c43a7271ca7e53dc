/** Files in a folder of this machine: written beside their place and moved there, so that none is ever half there. */
import { constants } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkKey, checkPrefix, type FileStore, type StoredFile } from '../files.ts'
import { OutsideError } from '../outside.ts'

/** Not a part of any key, so what is being written is never listed or read. */
const UNFINISHED = '.unfinished'
const MODE = { file: 0o600, folder: 0o700 }

export function makeFolderFiles(folder: string): FileStore {
  let written = 0

  const placeOf = (key: string) => {
    checkKey(key)
    return join(folder, key)
  }

  return {
    put: (key, bytes) =>
      tried('write', async () => {
        const place = placeOf(key)
        const unfinished = join(folder, `${process.pid}-${++written}${UNFINISHED}`)
        await mkdir(dirname(place), { recursive: true, mode: MODE.folder })
        try {
          const file = await open(
            unfinished,
            constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY,
            MODE.file,
          )
          try {
            await file.writeFile(bytes)
            await file.sync()
          } finally {
            await file.close()
          }
          await rename(unfinished, place)
        } catch (error) {
          await rm(unfinished, { force: true })
          throw error
        }
        await syncFolder(dirname(place))
      }),
    get: (key) =>
      tried('read', async () => {
        const place = placeOf(key)
        try {
          return new Uint8Array(await readFile(place))
        } catch (error) {
          if (isMissing(error)) return null
          throw error
        }
      }),
    delete: (key) => tried('delete', () => rm(placeOf(key), { force: true })),
    list: (prefix, { limit, after = '' }) =>
      tried('list', async () => {
        checkPrefix(prefix)
        const within = prefix.includes('/') ? dirname(`${prefix}x`) : ''
        const keys = await keysUnder(folder, within)
        const found: StoredFile[] = []
        for (const key of keys.sort()) {
          if (found.length >= limit) break
          if (!key.startsWith(prefix) || key <= after) continue
          const { size } = await stat(join(folder, key))
          found.push({ key, bytes: size })
        }
        return found
      }),
  }
}

async function keysUnder(folder: string, within: string): Promise<string[]> {
  try {
    const entries = await readdir(join(folder, within), { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith(UNFINISHED))
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** The new name itself is only safe once its folder is; where folders cannot be synced the system has to do. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await folder.close()
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

async function tried<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    throw new OutsideError('files', `The upload folder could not ${what}`, { cause: error })
  }
}
