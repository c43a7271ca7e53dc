/** The gazetteer in the back office: files sent, read by whichever process comes first, reported, removed. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { workOnImports } from '../../src/places/import-runs.ts'
import { searchPlaces } from '../../src/places/places.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

const PAGE = '/admin/places'
const csv = (...rows: string[]) => new Blob([`name,kind,lat,lng\n${rows.join('\n')}\n`])
const send = (fields: Record<string, string | Blob>, key = crypto.randomUUID() as string) =>
  world.platform.client.upload(`${PAGE}/imports`, { key, ...fields })
const work = () => workOnImports({ ...world, log: { ...console, info() {}, warn() {} } as never })
const textOf = async (path: string) => (await world.platform.client.get(path)).text()
const found = async (text: string) =>
  (await searchPlaces(world.db, { text })).flatMap(({ name, isGuess }) => (isGuess ? [] : [name]))

/** Sent, and read by a process. */
async function sentAndRead(fields: Record<string, string | Blob>): Promise<string> {
  const answer = await send(fields)
  expect(answer.status).toBe(303)
  await work()
  return textOf(answer.headers.get('location')!)
}

describe('a file of places', () => {
  test('waits with its file, is brought in by a process, and is told about', async () => {
    const answer = await send({
      dataset: ' Our  places ',
      file: csv('Corner Inn,hotel,40.7,-73.9', 'Nook,park,1,2'),
    })
    const at = answer.headers.get('location')!
    const before = await textOf(at)
    expect(before).toContain('Waits for its turn')
    expect(before).toContain('hx-trigger="every 1s"')
    expect(await found('corner inn')).toEqual([])
    await work()
    const after = await textOf(at)
    expect(after).toContain('In the list')
    expect(after).not.toContain('hx-trigger')
    expect(after).toMatch(/New<\/dt><dd>2/)
    expect(await found('corner inn')).toEqual(['Corner Inn'])
    expect(await textOf(PAGE)).toContain('Our places')
    const row = await world.db.selectFrom('place_import_runs').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({ state: 'ended', file: null, tries: 1, dataset: 'Our places' })
    const audit = await world.db.selectFrom('audit_entries').select(['action', 'subject']).execute()
    expect(audit).toContainEqual({ action: 'places.sent', subject: 'Our places' })
  })

  test('sent twice with one key it is one run', async () => {
    const key = crypto.randomUUID()
    const [one, other] = [
      await send({ dataset: 'twice', file: csv('Twin,park,1,1') }, key),
      await send({ dataset: 'twice', file: csv('Twin,park,1,1') }, key),
    ]
    expect(one.headers.get('location')).toBe(other.headers.get('location'))
    await work()
  })

  test('only looked at, nothing changes, and that is not written down as done', async () => {
    const page = await sentAndRead({ dataset: 'look', file: csv('Lookout,park,1,1'), what: 'check' })
    expect(page).toContain('Nothing was changed')
    expect(await found('lookout')).toEqual([])
    const audit = await world.db.selectFrom('audit_entries').select('subject').execute()
    expect(audit).not.toContainEqual({ subject: 'look' })
  })

  test('with rows that are no places it is refused with each of them, or they are left out', async () => {
    const file = csv('Good,park,3,3', 'Bad <b>,park,99,1')
    const refused = await sentAndRead({ dataset: 'mixed', file })
    expect(refused).toContain('Refused')
    expect(refused).toMatch(/<b>row 3<\/b> lies at latitude 99/)
    expect(await found('good')).toEqual([])
    const taken = await sentAndRead({ dataset: 'mixed', file, skip_bad: 'on' })
    expect(taken).toContain('In the list')
    expect(await found('good')).toEqual(['Good'])
  })

  test('that is none says why', async () => {
    expect(await sentAndRead({ dataset: 'none', file: new Blob(['what,is,this\n1,2,3\n']) })).toContain(
      'name and lat and lng are missing',
    )
    expect(
      await sentAndRead({ dataset: 'bomb', file: new Blob([Bun.gzipSync(Buffer.alloc(70_000_000))]) }),
    ).toContain('larger than 64 MB')
    expect(
      await sentAndRead({ dataset: 'image', file: new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47])]) }),
    ).toContain('not UTF-8 text')
  })

  test('without a file or a name the form comes back with what was typed', async () => {
    const answer = await send({ dataset: 'Kept name', skip_bad: 'on' })
    expect(answer.status).toBe(422)
    const page = await answer.text()
    expect(page).toMatch(/field-file-error[\s\S]*This field is needed/)
    expect(page).toContain('value="Kept name"')
    expect(page).toMatch(/name="skip_bad" value="on" checked/)
    expect((await send({ dataset: '  ', file: csv('A,park,1,1') })).status).toBe(422)
  })
})

describe('a process that ends on the way', () => {
  const stuck = async (tries: number) => {
    const answer = await send({ dataset: `stuck ${tries}`, file: csv(`Stuck ${tries},park,5,5`) })
    const id = answer.headers.get('location')!.split('/').at(-1)!
    await world.db
      .updateTable('place_import_runs')
      .set({ state: 'running', tries, claimed_until: new Date(world.clock.nowMs() + 60_000) })
      .where('id', '=', id)
      .execute()
    const leave = () =>
      world.db
        .updateTable('place_import_runs')
        .set({ claimed_until: new Date(world.clock.nowMs() - 1) })
        .where('id', '=', id)
        .execute()
    return { id, leave }
  }

  test('leaves its file to another, which waits until it is surely gone', async () => {
    const { id, leave } = await stuck(1)
    await work()
    expect(await textOf(`${PAGE}/imports/${id}`)).toContain('Being read')
    await leave()
    await work()
    expect(await textOf(`${PAGE}/imports/${id}`)).toContain('In the list')
    expect(await found('stuck 1')).toEqual(['Stuck 1'])
  })

  test('three times over is told, and the file is not tried again', async () => {
    const { id, leave } = await stuck(3)
    await leave()
    await work()
    expect(await textOf(`${PAGE}/imports/${id}`)).toContain('Broken off')
    expect(await found('stuck 3')).toEqual([])
  })

  test('two that come at once read each file once', async () => {
    for (const n of [1, 2, 3]) await send({ dataset: `race ${n}`, file: csv(`Race ${n},park,6,${n}`) })
    await Promise.all([work(), work(), work()])
    const rows = await world.db
      .selectFrom('place_import_runs')
      .select(['state', 'tries'])
      .where('dataset', 'like', 'race %')
      .execute()
    expect(rows).toEqual(Array(3).fill({ state: 'ended', tries: 1 }))
  })
})

test('a list is removed with its places, which is written down; one that is not there is not', async () => {
  await sentAndRead({ dataset: 'brief', file: csv('Briefly,park,7,7') })
  expect(await found('briefly')).toEqual(['Briefly'])
  const remove = () =>
    world.platform.client.form(`${PAGE}/removal`, { dataset: 'brief', key: crypto.randomUUID() })
  expect((await remove()).headers.get('location')).toBe(`${PAGE}?done=removed`)
  expect(await found('briefly')).toEqual([])
  expect((await remove()).status).toBe(404)
})

test('the search is tried on the page, as riders have it', async () => {
  const page = await textOf(`${PAGE}?q=corner+inn`)
  expect(page).toContain('Corner Inn')
  expect(page).toContain('No geocoder is set up')
  expect(await textOf(`${PAGE}?q=nothing+called+so`)).toContain('Nothing is found for')
})

test('it is nobody’s but theirs who run the installation', async () => {
  for (const { client } of [world.canal.admin, world.canal.dispatcher, world.canal.rider]) {
    expect((await client.get(PAGE)).status).toBeGreaterThanOrEqual(403)
    const answer = await client.form(`${PAGE}/removal`, { dataset: 'Our places', key: crypto.randomUUID() })
    expect(answer.status).toBeGreaterThanOrEqual(403)
  }
  // The wall behind it: a handle of a company's office reads the list and removes nothing.
  const { companyId, admin } = world.canal
  const db = world.walled({
    ...{ companyIds: [companyId], staffedIds: [companyId], personId: admin.identityId, everywhere: false },
  })
  expect((await db.selectFrom('places').select('name').execute()).length).toBeGreaterThan(0)
  expect(await db.selectFrom('place_import_runs').select('id').execute()).toEqual([])
  await db.deleteFrom('place_imports').execute()
  expect(await found('corner inn')).toEqual(['Corner Inn'])
})
