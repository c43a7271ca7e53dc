/** Files in an S3-compatible bucket, by Bun's own client. No access list is sent: a bucket is private unless opened. */
import type { S3Client } from 'bun'
import type { BucketConfig } from '../config.ts'
import { checkKey, checkPrefix, type FileStore } from '../files.ts'
import { OutsideError } from '../outside.ts'

/** Far more than a few hundred kilobytes need; the client itself waits for ever. */
const DEADLINE_MS = 10_000

export function makeBucketFiles(config: BucketConfig, deadlineMs = DEADLINE_MS): FileStore {
  const client: S3Client = new Bun.S3Client({
    bucket: config.name,
    region: config.region,
    accessKeyId: config.accessKeyId,
    secretAccessKey: config.secretAccessKey,
    ...(config.endpoint === null ? {} : { endpoint: config.endpoint }),
  })

  async function tried<T>(what: string, work: () => Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${deadlineMs} ms`)), deadlineMs)
    })
    try {
      return await Promise.race([work(), tooLate])
    } catch (error) {
      throw new OutsideError('files', `The upload bucket could not ${what}`, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    put(key, bytes, contentType) {
      checkKey(key)
      return tried('write', async () => {
        await client.write(key, bytes, { type: contentType })
      })
    },
    get(key) {
      checkKey(key)
      return tried('read', async () => {
        try {
          return new Uint8Array(await client.file(key).arrayBuffer())
        } catch (error) {
          if ((error as { code?: unknown }).code === 'NoSuchKey') return null
          throw error
        }
      })
    },
    delete(key) {
      checkKey(key)
      return tried('delete', () => client.delete(key))
    },
    list(prefix, { limit, after }) {
      checkPrefix(prefix)
      return tried('list', async () => {
        const found = await client.list({
          prefix,
          maxKeys: limit,
          ...(after === undefined ? {} : { startAfter: after }),
        })
        return (found.contents ?? []).map(({ key, size }) => ({ key, bytes: size ?? 0 }))
      })
    },
  }
}
