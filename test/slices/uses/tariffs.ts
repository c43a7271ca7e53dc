/** Prices, drafted and published in the back office. */
import { typedOf } from '../../../src/backoffice/tariff-form.ts'
import { PLAIN_RULES } from '../../../src/engine/tariff.ts'
import { plain, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ world, canal }) => {
  const path = `/admin/regions/${canal.regionId}/tariffs/black`
  const figures = {
    ...{ currency: 'USD', baseMinor: 800, bookingFeeMinor: 250, perKmMinor: 265, perMinuteMinor: 85 },
    ...{ minimumMinor: 1_800, taxBasisPoints: 888, taxLabel: 'Sales tax', cancelFeeMinor: 500 },
    ...{ cancelFreeS: 120, noShowFeeMinor: 700, noShowAfterS: 180, driverShareBasisPoints: 8_000 },
    rules: PLAIN_RULES,
  }
  const send = (to: string, fields: Record<string, string>) =>
    canal.admin.client.form(to, { key: crypto.randomUUID(), ...fields })
  const draft = () =>
    world.db
      .selectFrom('tariffs')
      .select(['id', 'revision'])
      .where('region_id', '=', canal.regionId)
      .where('class', '=', 'black')
      .where('state', '=', 'draft')
      .executeTakeFirst()
  /** A draft is there; its revision. */
  async function drafted(): Promise<string> {
    if ((await draft()) === undefined) await send(path, { ...typedOf(figures), revision: '' })
    return String((await draft())!.revision)
  }
  async function published(): Promise<string> {
    const revision = await drafted()
    const { id } = (await draft())!
    // A moment of its own for each: no two versions begin at one instant.
    const day = `20${27 + Math.floor(Math.random() * 4)}-0${1 + Math.floor(Math.random() * 9)}-1${Math.floor(Math.random() * 10)}`
    const time = `${10 + Math.floor(Math.random() * 10)}:${10 + Math.floor(Math.random() * 50)}`
    await send(`${path}/publication`, { when: 'later', day, time, revision })
    return id
  }
  return {
    'GET /admin/tariffs': plain('/admin/tariffs', { by: 'admin' }),
    'GET /admin/tariffs/:id': async () => ({ path: `/admin/tariffs/${await published()}`, by: 'admin' }),
    'POST /admin/tariffs/:id/withdrawal': async () => ({
      ...{ path: `/admin/tariffs/${await published()}/withdrawal`, by: 'admin', body: {}, status: 303 },
    }),
    'GET /admin/regions/:id/tariffs/:class': plain(path, { by: 'admin' }),
    'POST /admin/regions/:id/tariffs/:class': async (): Promise<Use> => {
      const revision = await drafted()
      return { path, by: 'admin', body: { ...typedOf(figures), revision }, status: 303 }
    },
    'POST /admin/regions/:id/tariffs/:class/discard': async () => {
      await drafted()
      return { path: `${path}/discard`, by: 'admin', body: {}, status: 303 }
    },
    'GET /admin/regions/:id/tariffs/:class/preview': async () => {
      await drafted()
      return { path: `${path}/preview`, by: 'admin' }
    },
    'POST /admin/regions/:id/tariffs/:class/publication': async () => {
      const revision = await drafted()
      return { path: `${path}/publication`, by: 'admin', body: { when: 'now', revision }, status: 303 }
    },
  }
}
