/** A person's own pages: profile, letters, privacy. */
import { linkTo } from '../../support/letters.ts'
import { plain, type UsesOf } from './walk.ts'

let movers = 0

export const uses: UsesOf = ({ world }) => {
  /** The link that a person's new address is sent. */
  async function newEmail(): Promise<string> {
    const mover = await world.newRider(`Mover${movers++} Tester`)
    const email = `moved-${mover.email}`
    await mover.client.form('/account/email', { key: crypto.randomUUID(), email })
    return linkTo(world.db, email)
  }
  /** The link by which the old address takes it back. */
  async function oldEmail(): Promise<string> {
    const link = await newEmail()
    const page = await world.stranger.get(link)
    const csrf = /name="csrf" value="([^"]+)"/.exec(await page.text())![1]!
    const cookie = page.headers.getSetCookie()[0]!.split(';')[0]!
    await world.stranger.form(link, { csrf }, { cookie })
    return linkTo(world.db, `mover${movers - 1}@demo.honeycab`)
  }
  /** The link by which somebody who left comes back. */
  async function accountBack(): Promise<string> {
    const leaver = await world.newRider(`Mover${movers++} Tester`)
    await leaver.client.form('/account/deletion', { key: crypto.randomUUID() })
    return linkTo(world.db, leaver.email)
  }
  const at = (link: string, body?: Record<string, string>) => ({ path: link, ...(body && { body }) })

  return {
    'POST /account/email': plain('/account/email', {
      body: { email: 'somewhere@else.example' },
      status: 303,
    }),
    'GET /new-email/:token': async () => at(await newEmail()),
    'POST /new-email/:token': async () => at(await newEmail(), {}),
    'GET /old-email/:token': async () => at(await oldEmail()),
    'POST /old-email/:token': async () => at(await oldEmail(), {}),
    'GET /account/deletion': plain('/account/deletion'),
    'POST /account/deletion': plain('/account/deletion', { body: {}, status: 303, spends: true }),
    'GET /goodbye': plain('/goodbye'),
    'GET /account-back/:token': async () => at(await accountBack()),
    'POST /account-back/:token': async () => at(await accountBack(), {}),
    'POST /theme': plain('/theme', { body: { theme: 'dark', next: '/request' }, status: 303 }),
    'GET /account/profile': plain('/account/profile'),
    'POST /account/profile': plain('/account/profile', { body: { name: 'Ada Okafor' }, status: 303 }),
    'POST /account/phone': plain('/account/phone', { body: { phone: '+1 212 555 0142' }, status: 303 }),
    'POST /account/looks': plain('/account/looks', {
      body: { theme: 'device', language: 'en' },
      status: 303,
    }),
    'GET /account/notifications': plain('/account/notifications'),
    'POST /account/notifications': plain('/account/notifications', {
      body: { licence_decisions: 'on' },
      status: 303,
    }),
    'GET /account/privacy': plain('/account/privacy'),
    'GET /account/export': plain('/account/export'),
    'POST /account/privacy': plain('/account/privacy', {
      body: { full_name_to_drivers: 'on' },
      status: 303,
    }),
  }
}
