import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeBucketFiles } from '../../src/io/files/bucket.ts'
import { makeFolderFiles } from '../../src/io/files/folder.ts'
import { type FileStore, openFiles } from '../../src/io/files.ts'
import { OutsideError } from '../../src/io/outside.ts'
import { startBucket, type TestBucket } from '../support/s3.ts'
import { makeTempDir, removeDir } from '../support/servers.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (content: Uint8Array | null) => content && new TextDecoder().decode(content)
const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

function tempDir(): string {
  const dir = makeTempDir('files')
  cleanUps.push(() => removeDir(dir))
  return dir
}

function bucket(): TestBucket {
  const made = startBucket()
  cleanUps.push(made.stop)
  return made
}

function filesContract(open: () => FileStore): void {
  test('what was put is what is got, byte for byte, and a second put replaces it', async () => {
    const files = open()
    const every = Uint8Array.from({ length: 256 * 300 }, (_, n) => n % 256)
    await files.put('uploads/avatar/one/512.webp', every, 'image/webp')
    expect(await files.get('uploads/avatar/one/512.webp')).toEqual(every)
    await files.put('uploads/avatar/one/512.webp', bytes('other'), 'image/webp')
    expect(text(await files.get('uploads/avatar/one/512.webp'))).toBe('other')
  })

  test('what is not there is null, and deleting it is no mistake', async () => {
    const files = open()
    expect(await files.get('uploads/nothing.jpg')).toBeNull()
    await files.delete('uploads/nothing.jpg')
    await files.put('uploads/a.jpg', bytes('a'), 'image/jpeg')
    await files.delete('uploads/a.jpg')
    await files.delete('uploads/a.jpg')
    expect(await files.get('uploads/a.jpg')).toBeNull()
    expect(await files.list('uploads/', { limit: 10 })).toEqual([])
  })

  test('files are listed by prefix, in the order of their keys, page by page', async () => {
    const files = open()
    expect(await files.list('', { limit: 10 })).toEqual([])
    for (const key of ['uploads/b/2.jpg', 'uploads/a/1.jpg', 'uploads/b/1.jpg', 'other/x.jpg'])
      await files.put(key, bytes(key), 'image/jpeg')
    const keys = async (prefix: string, page: { limit: number; after?: string }) =>
      (await files.list(prefix, page)).map(({ key }) => key)
    expect(await keys('uploads/', { limit: 10 })).toEqual([
      'uploads/a/1.jpg',
      'uploads/b/1.jpg',
      'uploads/b/2.jpg',
    ])
    expect(await keys('uploads/b/', { limit: 10 })).toEqual(['uploads/b/1.jpg', 'uploads/b/2.jpg'])
    expect(await keys('up', { limit: 10 })).toHaveLength(3)
    expect(await keys('uploads/', { limit: 2 })).toEqual(['uploads/a/1.jpg', 'uploads/b/1.jpg'])
    expect(await keys('uploads/', { limit: 2, after: 'uploads/b/1.jpg' })).toEqual(['uploads/b/2.jpg'])
    expect(await files.list('other/', { limit: 1 })).toEqual([{ key: 'other/x.jpg', bytes: 11 }])
  })

  test('twenty writers of one key leave one of their files whole', async () => {
    const files = open()
    const written = Array.from({ length: 20 }, (_, n) => `${n}`.repeat(10_000))
    await Promise.all(written.map((content) => files.put('uploads/race.jpg', bytes(content), 'image/jpeg')))
    expect(written).toContain(text(await files.get('uploads/race.jpg'))!)
    expect(await files.list('uploads/', { limit: 10 })).toHaveLength(1)
  })

  test.each([
    '../x.jpg',
    '/etc/passwd',
    'a/../b.jpg',
    'a//b.jpg',
    'a\\b.jpg',
    'A.jpg',
    '',
    '.hidden',
    'a b',
    'a/.x',
  ])('the key %p is refused before anything is touched', async (key) => {
    const files = open()
    const tries = [
      () => files.put(key, bytes('x'), 'image/jpeg'),
      () => files.get(key),
      () => files.delete(key),
    ]
    for (const attempt of tries)
      await expect((async () => attempt())()).rejects.toThrow('key of our own making')
  })
}

describe('files in a folder', () => {
  filesContract(() => makeFolderFiles(join(tempDir(), 'uploads')))

  test('are for our own user only, and nothing half-written is left or listed', async () => {
    const dir = tempDir()
    const files = openFiles({ bucket: null, dataDir: dir })
    await files.put('uploads/a/1.jpg', bytes('a'), 'image/jpeg')
    expect(statSync(join(dir, 'uploads/uploads/a/1.jpg')).mode & 0o777).toBe(0o600)
    expect(statSync(join(dir, 'uploads')).mode & 0o777).toBe(0o700)
    expect(readdirSync(join(dir, 'uploads'))).toEqual(['uploads'])
    // What a process leaves that dies while it writes.
    writeFileSync(join(dir, 'uploads', '1-1.unfinished'), 'ha')
    expect((await files.list('', { limit: 10 })).map(({ key }) => key)).toEqual(['uploads/a/1.jpg'])
  })

  test('a folder that cannot be written is an outside failure, and leaves nothing', async () => {
    const dir = tempDir()
    const files = makeFolderFiles(join(dir, 'uploads'))
    writeFileSync(join(dir, 'uploads'), 'a file where the folder should be')
    await expect(files.put('a.jpg', bytes('x'), 'image/jpeg')).rejects.toThrow(OutsideError)
    mkdirSync(join(dir, 'other'))
    expect(existsSync(join(dir, 'other', 'a.jpg'))).toBe(false)
  })
})

describe('files in a bucket', () => {
  filesContract(() => openFiles({ bucket: bucket().config, dataDir: '/nowhere' }))

  test('go with their type, and nobody asks to open them to the world', async () => {
    const made = bucket()
    await makeBucketFiles(made.config).put('uploads/a.jpg', bytes('a'), 'image/jpeg')
    expect(made.objects.get('uploads/a.jpg')).toMatchObject({ type: 'image/jpeg', acl: null })
    const anonymous = await fetch(`${made.config.endpoint}/${made.config.name}/uploads/a.jpg`)
    expect(anonymous.status).toBe(403)
  })

  test('a wrong key, a failing and a hanging server are outside failures, told without the secret', async () => {
    const made = bucket()
    const wrong = makeBucketFiles({ ...made.config, secretAccessKey: 'quite another secret' })
    const right = makeBucketFiles(made.config, 300)
    const failures = [await wrong.put('a.jpg', bytes('x'), 'image/jpeg').catch((error: unknown) => error)]
    made.fail(500)
    failures.push(await right.get('a.jpg').catch((error: unknown) => error))
    made.freeze()
    failures.push(await right.list('', { limit: 1 }).catch((error: unknown) => error))
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(OutsideError)
      expect((failure as OutsideError).service).toBe('files')
      expect(Bun.inspect(failure)).not.toMatch(/quite another secret|secret of the test bucket/)
    }
    expect(made.objects.size).toBe(0)
  }, 20_000)
})
