/** A rider's saved places: the page that lists, adds, renames and removes them, and the same list for programs. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { PLACE_NAME_MAX, type PlaceFormProps, placesPage } from '../../views/accounts/places.ts'
import { pageContext, placeOf } from '../companies/page-context.ts'
import { makeSettle, pointOf } from '../fares/settle.ts'
import { quoteForm } from '../fares/shapes.ts'
import {
  type Geocoding,
  MOST_SAVED,
  ownPlaces,
  removePlace,
  renamePlace,
  savePlace,
} from '../places/places.ts'
import { act } from '../web/act.ts'
import { htmlResponse, jsonResponse, requireViewer, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import { oneLine } from '../web/text.ts'
import type { RideRouteDeps } from './routes.ts'

const key = z.string().max(128).optional()
const name = z
  .string()
  .overwrite(oneLine)
  .max(PLACE_NAME_MAX, { error: `A name can have up to ${PLACE_NAME_MAX} letters.` })
const kind = z.enum(['home', 'work', 'other'])
const NAMES = { home: 'Home', work: 'Work' } as const

/** The place stands in the fields of the second end, as the request form has it. */
const where = quoteForm.pick({ to: true, to_lat: true, to_lng: true })
const addForm = where.extend({ kind: kind.default('other'), name: name.default(''), key })
const renameForm = z.strictObject({ name: name.min(1, { error: 'Give it a name.' }), key })
const removeForm = z.strictObject({ key })
const params = z.object({ id: z.uuid() })
const pageQuery = z.object({
  ...where.shape,
  kind: kind.optional(),
  name: name.optional(),
  done: z.enum(['saved', 'renamed', 'removed']).optional(),
})

const BLANK: PlaceFormProps = { kind: 'home', name: '', place: { text: '', point: null } }

export function ownPlacesRoutes(deps: RideRouteDeps & { readonly geocoding: Geocoding }) {
  const { random } = deps
  const { settleEnd } = makeSettle(deps)

  async function show(
    { request, web }: { request: Request; web: WebContext },
    more: { form?: PlaceFormProps; done?: 'saved' | 'renamed' | 'removed' | undefined; error?: string },
  ): Promise<string> {
    const place = placeOf(deps.companies, request)
    const own = await ownPlaces(web.db, place.company.id, requireViewer(web).identityId)
    const missing = (['home', 'work'] as const).find((wanted) =>
      own.saved.every((one) => one.kind !== wanted),
    )
    const form = more.form ?? { ...BLANK, kind: missing ?? 'other' }
    const ctx = pageContext(deps, { request, web, place })
    return String(placesPage(ctx, { ...own, ...more, form, key: () => random.uuid() }))
  }

  return new Elysia({ name: 'own-places' })
    .use(deps.shell)
    .get(
      '/account/places',
      async ({ request, web, query }) => {
        const point = pointOf(query.to_lat, query.to_lng)
        const filled = query.to === undefined || query.to === '' ? undefined : query.to
        const form =
          filled === undefined
            ? {}
            : {
                form: {
                  ...{ kind: query.kind ?? ('other' as const), name: query.name ?? '' },
                  place: { text: filled, point },
                },
              }
        return htmlResponse(await show({ request, web }, { ...form, done: query.done }))
      },
      { query: pageQuery },
    )
    .post(
      '/account/places',
      async ({ request, web, body }) => {
        const viewer = requireViewer(web)
        const called = body.name !== '' ? body.name : body.kind === 'other' ? null : NAMES[body.kind]
        const { field, place } = await settleEnd(
          web,
          placeOf(deps.companies, request),
          body.to,
          pointOf(body.to_lat, body.to_lng),
        )
        const form: PlaceFormProps = { kind: body.kind, name: body.name, place: field }
        if (place === undefined || called === null)
          return htmlResponse(
            await show(
              { request, web },
              { form: { ...form, ...(called === null && { nameError: 'Give it a name.' }) } },
            ),
            422,
          )
        try {
          return await act(deps, { request, web, body, route: 'POST /account/places' }, async (unit) => {
            const saved = await savePlace(unit, random, {
              identityId: viewer.identityId,
              place: { kind: body.kind, name: called, label: place.label, point: place },
            })
            if (!saved.ok)
              throw new HttpProblem(409, `You have ${MOST_SAVED} places already. Remove one of them first.`)
            return { location: '/account/places?done=saved', json: { id: saved.value } }
          })
        } catch (error) {
          if (!(error instanceof HttpProblem) || error.status !== 409) throw error
          return htmlResponse(await show({ request, web }, { form, error: error.detail }), 409)
        }
      },
      { body: addForm },
    )
    .post(
      '/account/places/:id',
      ({ request, web, params: { id }, body }) =>
        act(deps, { request, web, body, route: `POST /account/places/${id}` }, async (unit, viewer) => {
          requireReach(web, { companyId: null, ownerId: viewer.identityId })
          const { identityId } = viewer
          if (!(await renamePlace(unit, { identityId, id, name: body.name }))) throw notThere()
          return { location: '/account/places?done=renamed', json: { id } }
        }),
      { params, body: renameForm },
    )
    .post(
      '/account/places/:id/removal',
      ({ request, web, params: { id }, body }) =>
        act(
          deps,
          { request, web, body, route: `POST /account/places/${id}/removal` },
          async (unit, viewer) => {
            requireReach(web, { companyId: null, ownerId: viewer.identityId })
            if (!(await removePlace(unit, { identityId: viewer.identityId, id }))) throw notThere()
            return { location: '/account/places?done=removed', json: { id } }
          },
        ),
      { params, body: removeForm },
    )
    .get('/api/v1/account/places', async ({ request, web }) => {
      const { company } = placeOf(deps.companies, request)
      return jsonResponse(await ownPlaces(web.db, company.id, requireViewer(web).identityId))
    })
}
