/** Where uploaded files lie: a folder of this machine or a private bucket. Nobody but us reads either of them. */
import { assert } from '../engine/units.ts'
import type { Config } from './config.ts'
import { makeBucketFiles } from './files/bucket.ts'
import { makeFolderFiles } from './files/folder.ts'

export interface StoredFile {
  readonly key: string
  readonly bytes: number
}

/** Files under keys of our own. Each call throws OutsideError `files` when the folder or the bucket refuses. */
export interface FileStore {
  /** Keep a file whole or not at all; what lay under the key before is replaced. */
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>
  /** Null when nothing lies under the key. */
  get(key: string): Promise<Uint8Array<ArrayBuffer> | null>
  /** Take a file away; one that is not there is no mistake. */
  delete(key: string): Promise<void>
  /** Files whose key begins with `prefix`, by key, at most `limit` (up to 1000) of those after `after`. */
  list(prefix: string, page: { readonly limit: number; readonly after?: string }): Promise<StoredFile[]>
}

/** The folder within the data folder that stands in for a bucket. */
const FOLDER = 'uploads'

/** The bucket of the configuration, else a folder beside the data. */
export function openFiles(config: Pick<Config, 'bucket' | 'dataDir'>): FileStore {
  return config.bucket === null
    ? makeFolderFiles(`${config.dataDir}/${FOLDER}`)
    : makeBucketFiles(config.bucket)
}

const KEY = /^[a-z0-9_-]+(\/[a-z0-9_-]+)*(\.[a-z0-9]+)?$/
const PREFIX = /^([a-z0-9_-]+(\/[a-z0-9_-]+)*\/?)?$/

/** Keys are made by us, never by those who upload: no dots but the one before the ending, no way upwards. */
export function checkKey(key: string): void {
  assert(key.length <= 200 && KEY.test(key), 'a file lies under a key of our own making')
}

export function checkPrefix(prefix: string): void {
  assert(prefix.length <= 200 && PREFIX.test(prefix), 'files are listed by a prefix of our own making')
}
