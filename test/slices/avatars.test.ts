/** A person's picture: sent, shown to whom it concerns, replaced, taken away; and what is left when we die half-way. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { manualClock } from '../../src/io/clock.ts'
import { commit } from '../../src/io/commit.ts'
import { deleteUploadsOf } from '../../src/uploads/uploads.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { blob, jpeg, png } from '../support/pictures.ts'
import { askRide, goOnline, takeSteps } from '../support/ride-steps.ts'

const HOUR_MS = 3_600_000
const clock = manualClock(Date.UTC(2026, 10, 21, 14))
let world: AppWorld
let face: Blob
beforeAll(async () => {
  world = await startApp({ clock })
  face = blob(await jpeg({ width: 700, height: 500 }))
}, 60_000)
afterAll(() => world?.stop())

const send = (
  person: Person,
  picture: Blob | string = face,
  key: string = crypto.randomUUID(),
  headers = {},
) => person.client.upload('/account/avatar', { key, picture }, headers)
const asProgram = { accept: 'application/json' }
async function give(person: Person): Promise<string> {
  const answer = await send(person, face, crypto.randomUUID(), asProgram)
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { avatarId: string }).avatarId
}
const avatarOf = async ({ identityId }: Person) =>
  (
    await world.db
      .selectFrom('identities')
      .select('avatar_id')
      .where('id', '=', identityId)
      .executeTakeFirstOrThrow()
  ).avatar_id
const seenBy = async (person: Person, avatarId: string) =>
  (await person.client.get(`/avatars/${avatarId}`)).status
const filesKept = async () => (await world.files.list('uploads/', { limit: 1000 })).map(({ key }) => key)

describe('changing one’s picture', () => {
  test('as a form without scripts: chosen, sent, and there', async () => {
    const person = await world.newRider('Fay Form')
    const page = await (await person.client.get('/account/avatar')).text()
    expect(page).toContain('enctype="multipart/form-data"')
    expect(page).not.toContain('/account/avatar/removal')
    const answer = await send(person)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/account/avatar'])
    const id = await avatarOf(person)
    expect(await (await person.client.get('/account/avatar')).text()).toContain(`/avatars/${id}?size=512`)
    const image = await person.client.get(`/avatars/${id}`)
    expect(image.headers.get('content-type')).toBe('image/webp')
    expect(image.headers.get('cache-control')).toBe('no-store')
    expect(image.headers.get('content-security-policy')).toContain('sandbox')
    expect(image.headers.get('x-content-type-options')).toBe('nosniff')
    expect(image.headers.get('content-disposition')).toBe('inline; filename="avatar.webp"')
    const removal = await person.client.form('/account/avatar/removal', { key: crypto.randomUUID() })
    expect(removal.status).toBe(303)
    expect(await avatarOf(person)).toBeNull()
    expect(await seenBy(person, id!)).toBe(404)
  })

  test('a file that is no picture brings the form back with the mistake at its field', async () => {
    const person = await world.newRider('Mia Mistake')
    for (const [sent, words] of [
      [new Blob(['<script>alert(1)</script>'], { type: 'image/png' }), 'not a picture we can read'],
      [new Blob([]), 'Choose a picture first'],
      ['just text', 'Choose a picture first'],
      [blob(await png({ width: 3, height: 3 })), 'too small'],
    ] as const) {
      const answer = await send(person, sent)
      const page = await answer.text()
      expect([answer.status, page.includes(words)], words).toEqual([422, true])
      expect(page).toContain('aria-invalid="true"')
      const told = await send(person, sent, crypto.randomUUID(), asProgram)
      expect(await told.json()).toMatchObject({ status: 422, errors: [{ field: 'picture' }] })
    }
    expect(await avatarOf(person)).toBeNull()
  })

  test('sent twice with one key it is done once; with another picture the key is refused', async () => {
    const person = await world.newRider('Tom Twice')
    const key = crypto.randomUUID()
    const first = await (await send(person, face, key, asProgram)).json()
    expect(await (await send(person, face, key, asProgram)).json()).toEqual(first)
    const other = blob(await jpeg({ colour: '#112233' }))
    expect((await send(person, other, key, asProgram)).status).toBe(422)
    expect((await send(person, face, '', asProgram)).status).toBe(422)
    expect(await avatarOf(person)).toBe((first as { avatarId: string }).avatarId)
  })

  test('ten at once leave one picture, and the sweep leaves no other’s files', async () => {
    const person = await world.newRider('Ron Race')
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(person)))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(303))
    clock.advance(2 * HOUR_MS)
    await world.uploads.sweep()
    const id = await avatarOf(person)
    const rows = await world.db
      .selectFrom('uploads')
      .select('id')
      .where('identity_id', '=', person.identityId)
      .execute()
    expect(rows).toEqual([{ id: id! }])
    expect((await filesKept()).filter((key) => key.includes(id!))).toEqual([
      `uploads/avatar/${id}/128.webp`,
      `uploads/avatar/${id}/512.webp`,
    ])
  })

  test('too many in a short time are refused with the time to wait', async () => {
    const person = await world.newRider('Mona Many')
    const statuses: number[] = []
    for (let n = 0; n < 32; n++) statuses.push((await send(person, new Blob(['x']))).status)
    expect(statuses.slice(0, 30)).toEqual(Array(30).fill(422))
    expect(statuses.slice(30)).toEqual([429, 429])
  })
})

describe('a form with files', () => {
  test('needs the token of its session and comes from our own pages', async () => {
    const { client } = await world.newRider('Cara Token')
    const key = crypto.randomUUID()
    for (const csrf of ['', 'x', world.canal.otherRider.client.session!.csrf])
      expect((await client.upload('/account/avatar', { key, picture: face, csrf })).status).toBe(403)
    for (const origin of ['https://elsewhere.example', 'null'])
      expect((await client.upload('/account/avatar', { key, picture: face }, { origin })).status).toBe(403)
  })

  test('is taken where files are expected and nowhere else', async () => {
    const { client } = world.canal.rider
    for (const path of ['/sign-out', '/rides', '/quotes', '/account/avatar/removal'])
      expect((await client.upload(path, { picture: face })).status, path).toBe(415)
  })

  test('is not even read for the signed-out', async () => {
    const answer = await world.stranger.upload('/account/avatar', {
      picture: new Blob([new Uint8Array(9e6)]),
    })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/sign-in'])
  })

  test('that is too large, broken or of too many parts is refused as such', async () => {
    const { client } = await world.newRider('Bea Broken')
    const status = async (body: string | Blob, type: string) => {
      const response = await fetch(`${client.origin}/account/avatar`, {
        method: 'POST',
        redirect: 'manual',
        body,
        headers: { ...{ cookie: client.session!.cookie, origin: client.origin }, 'content-type': type },
      })
      return response.status
    }
    const type = 'multipart/form-data; boundary=cut'
    const part = (name: string, value = 'x') =>
      `--cut\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
    expect(await status(new Blob([new Uint8Array(8.1 * 1024 * 1024)]), type)).toBe(413)
    expect(await status('no parts at all', type)).toBe(400)
    expect(await status(`${part('csrf')}--cut--`, 'multipart/form-data')).toBe(400)
    expect(await status(`${part('csrf').repeat(60)}--cut--`, type)).toBe(400)
    expect(await status(`${part('note', 'x'.repeat(70_000))}--cut--`, type)).toBe(400)
    expect(await status(`${part('note', 'a\0b')}--cut--`, type)).toBe(422)
    expect(await status(`${part('csrf')}--cut--`, type)).toBe(403)
  })
})

describe('who sees a picture', () => {
  test('the people of a company see each other’s, and nobody else’s', async () => {
    const { canal, uptown, stranger } = world
    const id = await give(canal.driver)
    for (const person of [canal.driver, canal.otherDriver, canal.dispatcher, canal.admin])
      expect(await seenBy(person, id)).toBe(200)
    for (const person of [canal.rider, uptown.driver, uptown.admin])
      expect(await seenBy(person, id)).toBe(404)
    expect((await stranger.get(`/avatars/${id}`)).status).toBe(303)
    expect((await stranger.get(`/avatars/${id}`, asProgram)).status).toBe(401)
    expect(await seenBy(canal.driver, crypto.randomUUID())).toBe(404)
  })

  test('rider and driver see each other’s from the assignment until a day after the ride, and the desk the rider’s', async () => {
    const { canal, uptown } = world
    const rider = await world.newRider('Wil Waiting')
    const [his, hers] = [await give(rider), await give(canal.otherDriver)]
    await goOnline(world, canal.otherDriver)
    expect(await seenBy(canal.dispatcher, his)).toBe(404)
    const { id: rideId } = await askRide(rider)
    expect([await seenBy(canal.otherDriver, his), await seenBy(rider, hers)]).toEqual([404, 404])
    expect([await seenBy(canal.dispatcher, his), await seenBy(uptown.dispatcher, his)]).toEqual([200, 404])
    await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${rideId}/assignment`, {
      driverId: canal.otherDriver.driverId,
    })
    expect([await seenBy(canal.otherDriver, his), await seenBy(rider, hers)]).toEqual([200, 200])
    expect(await seenBy(canal.driver, his)).toBe(404)
    await takeSteps(canal.otherDriver, rideId, 4)
    clock.advance(23 * HOUR_MS)
    expect([await seenBy(canal.otherDriver, his), await seenBy(rider, hers)]).toEqual([200, 200])
    clock.advance(2 * HOUR_MS)
    expect([await seenBy(canal.otherDriver, his), await seenBy(rider, hers)]).toEqual([404, 404])
    expect(await seenBy(canal.dispatcher, his)).toBe(404)
  })
})

describe('a document', () => {
  test('is for its owner and the admins of its company, who are written down', async () => {
    const { canal, uptown } = world
    const kept = await world.uploads.keep(
      { identityId: canal.driver.identityId, companyId: canal.companyId, kind: 'licence_front' },
      await jpeg(),
    )
    if (!kept.ok) throw new Error(kept.reason)
    const path = `/uploads/${kept.value.id}`
    expect((await canal.driver.client.get(path)).status, 'not before it counts').toBe(404)
    await world.db.updateTable('uploads').set({ state: 'ready' }).where('id', '=', kept.value.id).execute()
    for (const person of [canal.driver, canal.admin]) {
      const answer = await person.client.get(path)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
      expect(answer.headers.get('content-disposition')).toBe('inline; filename="licence-front.jpg"')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    }
    for (const person of [canal.otherDriver, canal.dispatcher, canal.rider, uptown.admin, uptown.driver])
      expect((await person.client.get(path)).status).toBe(404)
    expect((await canal.driver.client.get(`/avatars/${kept.value.id}`)).status).toBe(404)
    const views = await world.db
      .selectFrom('audit_entries')
      .select(['actor_id', 'company_id'])
      .where('action', '=', 'licence.viewed')
      .where('subject', '=', kept.value.id)
      .execute()
    expect(views).toEqual([{ actor_id: canal.admin.identityId, company_id: canal.companyId }])
  })
})

describe('what dies half-way', () => {
  test('a picture that never came to count goes after an hour, row and files', async () => {
    const { canal } = world
    const kept = await world.uploads.keep(
      { identityId: canal.rider.identityId, companyId: null, kind: 'avatar' },
      await jpeg(),
    )
    if (!kept.ok) throw new Error(kept.reason)
    const left = async () => (await filesKept()).filter((key) => key.includes(kept.value.id)).length
    await world.uploads.sweep()
    expect(await left()).toBe(2)
    clock.advance(HOUR_MS + 1)
    // Several processes sweep at once.
    await Promise.all([1, 2, 3].map(() => world.uploads.sweep()))
    expect(await left()).toBe(0)
  })

  test('files without a row go, whoever left them', async () => {
    const key = 'uploads/avatar/00000000-0000-4000-8000-000000000000/512.webp'
    await world.files.put(key, new Uint8Array(3), 'image/webp')
    await world.uploads.sweep()
    expect(await world.files.get(key)).toBeNull()
  })

  test('with a person go all their pictures, at once for everybody and soon for good', async () => {
    const person = await world.newRider('Gus Gone')
    const id = await give(person)
    const deleted = await commit(world, (unit) => deleteUploadsOf(unit, person.identityId))
    expect(deleted).toBe(1)
    expect(await seenBy(person, id)).toBe(404)
    expect(await avatarOf(person)).toBeNull()
    await world.uploads.sweep()
    expect((await filesKept()).filter((key) => key.includes(id))).toEqual([])
  })
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
