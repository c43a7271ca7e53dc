import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from '../../src/io/migrate.ts'
import { EXAMPLE_PATH, exampleWith } from '../support/company-file.ts'
import { type Cluster, startPostgres } from '../support/postgres.ts'
import { makeTempDir, removeDir } from '../support/servers.ts'

const CLI = join(import.meta.dir, '..', '..', 'src', 'cli.ts')
let folder: string
let cluster: Cluster

beforeAll(async () => {
  folder = makeTempDir('company')
  // Somebody else serves the database already, as a running Honeycab does.
  cluster = await startPostgres({ flavour: 'embedded', folder: join(folder, 'data') })
}, 60_000)
afterAll(async () => {
  await cluster.stop()
  removeDir(folder)
})

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = Bun.spawn([process.execPath, CLI, ...args], {
    env: { PATH: process.env.PATH, DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'silent' },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, out, err }
}

const secrets = () => join(folder, 'passwords.txt')

test('a database of another version is named as what is wrong', async () => {
  const early = await run('company', EXAMPLE_PATH)
  expect(early).toMatchObject({ code: 2, out: '' })
  expect(early.err).toContain('bun run migrate')
  await migrate(cluster.connection)
}, 60_000)

test('a wrong call or file ends with 2 and says what to put right', async () => {
  const wrong = join(folder, 'wrong.json')
  writeFileSync(
    wrong,
    exampleWith((file) => {
      for (const vehicle of file.vehicles) vehicle.wheels = 4
      file.people[0]!.email = 'rosa'
    }),
  )
  const [none, missing, mistaken] = [
    await run('company'),
    await run('company', join(folder, 'missing.json')),
    await run('company', wrong, '--passwords', secrets()),
  ]
  expect(none).toMatchObject({ code: 2, out: '' })
  expect(none.err).toContain('Usage: company FILE.json')
  expect(missing.code).toBe(2)
  expect(mistaken.code).toBe(2)
  expect(mistaken.err.trimEnd().split('\n')).toEqual([
    'Nothing was changed. Put this right in the file:',
    ...[0, 1, 2, 3].map((n) => `vehicles[${n}].wheels is no field of a company file`),
    'people[0].email should be an e-mail address',
  ])
  expect(await Bun.file(secrets()).exists()).toBe(false)
}, 60_000)

test('passwords go to a file that others cannot read and that is never overwritten', async () => {
  const rehearsed = await run('company', EXAMPLE_PATH, '--dry-run', '--passwords', secrets())
  expect(rehearsed.code).toBe(0)
  expect(rehearsed.out).toContain('Nothing was changed: this was a dry run.')
  const founded = await run('company', EXAMPLE_PATH, '--passwords', secrets())
  expect(founded).toMatchObject({ code: 0, err: '' })
  expect(founded.out).toContain('created  company  hudson-street: Hudson Street Cabs')
  expect(statSync(secrets()).mode & 0o777).toBe(0o600)
  const written = readFileSync(secrets(), 'utf8')
  expect(written.trimEnd().split('\n')).toHaveLength(6)
  for (const line of written.trimEnd().split('\n')) {
    expect(line).toMatch(/^\S+@\S+ +([a-z2-9]{4}-){3}[a-z2-9]{4} {2}\S/)
    expect(founded.out).not.toContain(line.split(/ +/)[1]!)
  }
  const again = await run('company', EXAMPLE_PATH, '--passwords', secrets())
  expect(again.code).toBe(2)
  expect(readFileSync(secrets(), 'utf8')).toBe(written)
}, 60_000)

test('a run with nobody new leaves no password file and prints no password', async () => {
  const path = join(folder, 'nobody.txt')
  const again = await run('company', EXAMPLE_PATH, '--passwords', path)
  expect(again).toMatchObject({ code: 0, out: 'kept     23 as they were\n' })
  expect(await Bun.file(path).exists()).toBe(false)
}, 60_000)

test('a new password is printed once, and nobody unknown gets one', async () => {
  const renewed = await run('password', 'theo@hudson-street.example')
  expect(renewed.code).toBe(0)
  expect(renewed.out).toMatch(/^theo@hudson-street\.example {2}([a-z2-9]{4}-){3}[a-z2-9]{4}\n/)
  const unknown = await run('password', 'nobody@example.org')
  expect(unknown).toEqual({
    code: 2,
    out: '',
    err: 'Nobody here has the e-mail address nobody@example.org.\n',
  })
}, 60_000)

test('a gazetteer is brought in once, and a file that is none is refused whole', async () => {
  const places = join(folder, 'places.csv')
  writeFileSync(
    places,
    'name,kind,lat,lng,detail,source\nTown Hall,landmark,40.75,-73.98,1 Main Street,ours\n',
  )
  expect((await run('places', places)).out).toContain('Brought in: 1.')
  expect((await run('places', places)).out).toContain('there already')
  writeFileSync(places, 'name,lat,lng\nGood,1,2\nBad,91,2\n')
  const dry = await run('places', places, '--skip-bad', '--dry-run')
  expect(dry).toMatchObject({ code: 0, err: '' })
  expect(dry.out).toContain('New: 1, gone: 1, no places: 1.')
  expect(dry.out).toContain('row 3 lies at latitude 91')
  expect(dry.out).toEndWith('Nothing was changed: this was a dry run.\n')
  expect(await run('places', places)).toMatchObject({ code: 2, out: '' })
  writeFileSync(places, 'what,is,this\n1,2,3\n')
  const wrong = await run('places', places)
  expect(wrong.code).toBe(2)
  expect(wrong.err).toContain(places)
}, 60_000)

test("an older system's accounts are tried, brought in and taken back as the docs show it", async () => {
  const sample = join(import.meta.dir, '..', '..', 'samples', 'accounts', 'auth-users.json')
  const tried = await run('import', 'accounts', sample, '--dry-run')
  expect(tried).toMatchObject({ code: 0, err: '' })
  expect(tried.out).toContain('5 people\n')
  expect(tried.out).toEndWith('Nothing was changed: this was a dry run.\n')
  const brought = await run('import', 'accounts', sample, '--company', 'hudson-street')
  const importId = /--undo (\S+)/.exec(brought.out)![1]!
  const again = await run('import', 'accounts', sample)
  expect(again.code).toBe(2)
  expect(again.err).toStartWith('Nothing was changed. Put this right in the file:\nusers[0]: somebody here')
  expect((await run('import', 'accounts', '--undo', importId)).out).toBe('Removed: 5.\n')
  expect(await run('import', 'accounts', '--undo', importId)).toMatchObject({
    code: 2,
    err: 'This import was taken back before.\n',
  })
  const wrong = await Promise.all([
    run('import'),
    run('import', 'accounts'),
    run('import', 'accounts', '--undo', '7'),
  ])
  for (const { code, err } of wrong)
    expect([code, err]).toEqual([2, expect.stringContaining('Usage: import accounts')])
}, 60_000)
