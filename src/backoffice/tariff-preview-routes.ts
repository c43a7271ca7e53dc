/** What a draft would change, on a page, and its publishing from there. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { coverSentences, differenceSentences } from '../../views/backoffice/tariff-words.ts'
import { tariffPreviewPage } from '../../views/backoffice/tariffs.ts'
import { VEHICLE_CLASSES } from '../engine/units.ts'
import { publishDraft, tariffDraft } from '../fares/tariff-versions.ts'
import { act, answeredBefore } from '../web/act.ts'
import { htmlResponse, seeOther } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import type { OfficeDeps } from './routes.ts'
import type { Typed } from './tariff-form.ts'
import { previewDraft } from './tariff-preview.ts'
import { publicationMistakes, readPublication } from './tariff-publication.ts'
import { type Asked, byOf, type Page, type Priced, priceReach, Refused } from './tariff-reach.ts'
import { zoneNames } from './tariff-read.ts'

const RIDES_LISTED = 100
const classParams = z.object({ id: z.uuid(), class: z.enum(VEHICLE_CLASSES) })

export function tariffPreviewRoutes(deps: OfficeDeps) {
  const { clock, random } = deps
  const { reachClass, contextOf, inForce } = priceReach(deps)

  async function previewMarkup(
    asked: Page,
    priced: Priced,
    shown: { typed: Typed; errors: Readonly<Record<string, string | undefined>> } = { typed: {}, errors: {} },
  ): Promise<string | null> {
    const { place, region, path } = priced
    const { db } = asked.web
    const draft = await tariffDraft(db, place)
    if (draft === undefined) return null
    const { figures, revision } = draft
    const nowMs = clock.nowMs()
    const { rides, ...how } = await previewDraft(db, place, { figures, timeZone: region.timeZone, nowMs })
    const sum = (of: (ride: (typeof rides)[number]) => number) =>
      rides.reduce((total, ride) => total + of(ride), 0)
    const names = await zoneNames(db, place.companyId, place.regionId)
    return String(
      tariffPreviewPage(contextOf(asked, priced), {
        ...{ region: region.name, timeZone: region.timeZone, class: place.class, path, revision, ...how },
        currency: figures.currency,
        differences: differenceSentences(await inForce(asked.web, priced), figures, names),
        cover: coverSentences(figures.rules.schedule),
        rides: rides.slice(0, RIDES_LISTED).map(({ rideId, number, ...ride }) => ({
          ...{ ...ride, href: `/board?ride=${rideId}`, reference: `HC-${number}` },
        })),
        sums: {
          rides: rides.length,
          dearer: sum((ride) => Number(ride.wouldMinor > ride.wasMinor)),
          cheaper: sum((ride) => Number(ride.wouldMinor < ride.wasMinor)),
          wasMinor: sum((ride) => ride.wasMinor),
          wouldMinor: sum((ride) => ride.wouldMinor),
        },
        ...{ ...shown, key: random.uuid() },
      }),
    )
  }

  async function publish(asked: Asked, priced: Priced): Promise<Response> {
    const { place, region, path } = priced
    const route = `POST ${path}/publication`
    // Sent again, the draft it was about is a draft no more.
    const before = await answeredBefore({ ...asked, route })
    if (before !== null) return before
    const read = readPublication(asked.body, region.timeZone, clock.nowMs())
    const again = async (errors: Readonly<Record<string, string | undefined>>) => {
      const markup = await previewMarkup(asked, priced, { typed: read.typed, errors })
      return markup === null ? seeOther(path) : htmlResponse(markup, 422)
    }
    if (!read.ok) return again(read.errors)
    try {
      return await act(deps, { ...asked, route }, async (unit, viewer) => {
        const { revision, fromMs } = read
        const by = byOf(viewer, asked.web)
        const published = await publishDraft(unit, random, { ...place, revision, fromMs, by })
        if (!published.ok) {
          if (published.reason === 'not_found') throw notThere()
          throw new Refused(...publicationMistakes(published.reason))
        }
        return { location: '/admin/tariffs?done=published', json: published.value }
      })
    } catch (error) {
      if (!(error instanceof Refused) || asked.web.wantsJson) throw error
      return again({ [error.field]: error.detail })
    }
  }

  return new Elysia({ name: 'tariff-preview' })
    .use(deps.shell)
    .get(
      '/admin/regions/:id/tariffs/:class/preview',
      async ({ request, web, params }) => {
        const priced = reachClass(web, params.id, params.class)
        const markup = await previewMarkup({ request, web }, priced)
        return markup === null ? seeOther(priced.path) : htmlResponse(markup)
      },
      { params: classParams },
    )
    .post(
      '/admin/regions/:id/tariffs/:class/publication',
      ({ params, ...asked }) => publish(asked, reachClass(asked.web, params.id, params.class)),
      { params: classParams },
    )
}
