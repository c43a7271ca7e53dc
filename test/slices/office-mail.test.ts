import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { CompanyId } from '../../src/engine/units.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { keptLetter } from '../support/mail.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())
beforeEach(() => world.db.deleteFrom('notices').execute())

/** A letter that was given up, of a company or of nobody's. */
async function dead(to: string, companyId: CompanyId | null): Promise<string> {
  const id = await keptLetter(world, { to, name: 'Ada', link: '/verify/a-token-that-opens' })
  await world.db
    .updateTable('notices')
    .set({ state: 'dead', company_id: companyId, error: '550 <nobody> here', tries: 7 })
    .where('id', '=', id)
    .execute()
  return id
}
const page = async (who: { client: AppWorld['stranger'] }, query = '') =>
  (await who.client.get(`/admin/mail${query}`)).text()
const stateOf = async (id: string) =>
  (await world.db.selectFrom('notices').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state

describe('the mail page', () => {
  test('shows a company what became of its letters, the platform of all, and nobody what is in them', async () => {
    await dead('canal@x.example', world.canal.companyId)
    await dead('uptown@x.example', world.uptown.companyId)
    await dead('nobodys@x.example', null)
    const seen = (text: string) =>
      ['canal', 'uptown', 'nobodys'].filter((name) => text.includes(`${name}@x.example`))
    const canal = await page(world.canal.admin)
    expect(seen(canal)).toEqual(['canal'])
    expect(canal).toContain('550 &lt;nobody&gt; here')
    expect(canal).toContain('Tried 7 times.')
    expect(seen(await page(world.uptown.admin))).toEqual(['uptown'])
    const all = await page(world.platform)
    expect(seen(all)).toEqual(['canal', 'uptown', 'nobodys'])
    expect(all).not.toContain('a-token-that-opens')
  })

  test('says of each state what is there, and when nothing is', async () => {
    expect(await page(world.canal.admin)).toContain('Every letter arrived.')
    expect(await page(world.canal.admin, '?state=waiting')).toContain('No letter waits.')
    expect(await page(world.canal.admin, '?state=sent')).toContain('Nothing was sent lately.')
    expect((await world.canal.admin.client.get('/admin/mail?state=lost')).status).toBe(422)
  })

  test('goes on page by page', async () => {
    for (let n = 0; n < 53; n++) await dead(`p${String(n).padStart(2, '0')}@x.example`, world.canal.companyId)
    const first = await page(world.canal.admin)
    const older = /href="(\/admin\/mail\?state=dead&(?:amp;)?before=[^"]+)"/
      .exec(first)![1]!
      .replace('&amp;', '&')
    const second = await (await world.canal.admin.client.get(older)).text()
    expect([first.match(/p\d\d@x/g)!.length / 2, second.match(/p\d\d@x/g)!.length / 2]).toEqual([50, 3])
    expect(second).not.toContain('>Older<')
  })
})

describe('another try', () => {
  test('sends a letter that was given up, once however often it is pressed, and is written down', async () => {
    const id = await dead('canal@x.example', world.canal.companyId)
    const { client } = world.canal.admin
    const key = crypto.randomUUID()
    const presses = await Promise.all(
      Array.from({ length: 10 }, () => client.form(`/admin/mail/${id}/retry`, { key })),
    )
    expect(presses.map(({ status }) => status)).toEqual(Array(10).fill(303))
    expect(await stateOf(id)).toBe('waiting')
    expect((await client.form(`/admin/mail/${id}/retry`, { key: crypto.randomUUID() })).status).toBe(409)
    await world.post.deliver()
    expect(await stateOf(id)).toBe('kept')
    const entries = await world.db
      .selectFrom('audit_entries')
      .select(['actor_id', 'company_id', 'detail'])
      .where('action', '=', 'mail.retried')
      .where('subject', '=', id)
      .execute()
    expect(entries).toEqual([
      {
        actor_id: world.canal.admin.identityId,
        company_id: world.canal.companyId,
        detail: { kind: 'verify_email' },
      },
    ])
  })

  test("of another company's letter, or of one that belongs to none, is not there", async () => {
    for (const companyId of [world.uptown.companyId, null]) {
      const id = await dead('x@x.example', companyId)
      const answer = await world.canal.admin.client.form(`/admin/mail/${id}/retry`, {
        key: crypto.randomUUID(),
      })
      expect(answer.status).toBe(404)
      expect(await stateOf(id)).toBe('dead')
      expect(
        (await world.platform.client.form(`/admin/mail/${id}/retry`, { key: crypto.randomUUID() })).status,
      ).toBe(303)
    }
  })
})
