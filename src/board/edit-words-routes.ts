/** The words of a ride, put right by the desk: who rides, the note for the driver, and the number of who rang. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { editPage, type WordsTyped } from '../../views/board/edit.ts'
import { pageContext } from '../companies/page-context.ts'
import type { RideId } from '../engine/units.ts'
import { RefusalProblem } from '../rides/refusals.ts'
import { rideParams } from '../rides/shapes.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse } from '../web/context.ts'
import { HttpProblem } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import { oneLine } from '../web/text.ts'
import { key, version, versionText } from './act-shapes.ts'
import { deskOf } from './desk.ts'
import { edit } from './edit.ts'
import { makeEditPages } from './edit-pages.ts'
import { NO_NUMBER, phoneNumberOf } from './phone-number.ts'
import { type Asked, makeRideDesk, paneAddress, type RideDeskDeps } from './ride-desk.ts'

export interface EditWordsDeps extends RideDeskDeps, ActDeps {
  readonly shell: Shell
}

const riderName = z.string().overwrite(oneLine).min(1, { error: 'Say who rides.' }).max(120)
const note = z.string().overwrite(oneLine).max(140, { error: 'A note can have up to 140 letters.' })
const phone = z.string().overwrite(oneLine).max(40)
const editBody = z.strictObject({ riderName, note, phone: phone.optional(), version })
/** As typed: what is wrong with it is said beside it. */
const editForm = z.strictObject({
  rider_name: z.string().max(400),
  note: z.string().max(1_000),
  caller_phone: z.string().max(400).optional(),
  ...{ version: versionText, key },
})

export function editWordsRoutes(deps: EditWordsDeps) {
  const { handOf, rideOf, refusalOf, onPane } = makeRideDesk(deps)
  const { editProps } = makeEditPages(deps)

  function perform(
    asked: Asked,
    rideId: string,
    said: { riderName: string; note: string; phone: string | undefined; version: number | undefined },
  ): Promise<Response> {
    return act(deps, { ...asked, route: `POST /board/rides/${rideId}/edit` }, async (unit) => {
      // Whose it is, before anything of it is locked.
      await rideOf(unit.db, asked.web, rideId)
      const { e164, error } = numberOf(asked, said.phone)
      if (error !== undefined)
        throw new HttpProblem(422, error, { errors: [{ field: 'phone', message: error }] })
      const acted = await edit(unit, handOf(asked.web), { rideId: rideId as RideId, ...said, phone: e164 })
      if (!acted.ok) throw await refusalOf(unit, asked.web, rideId, acted.reason)
      return { location: paneAddress(asked.request, rideId), json: acted.value.json }
    })
  }

  /** A number as it is kept; undefined where none was said. */
  function numberOf({ web }: Asked, typed: string | undefined): { e164?: string; error?: string } {
    if (typed === undefined || typed === '') return {}
    const e164 = phoneNumberOf(typed, deskOf(deps, web).company)
    return e164 === null ? { error: NO_NUMBER } : { e164 }
  }

  /** The page again, with what was typed and what is wrong where. */
  async function again(asked: Asked, rideId: string, typed: WordsTyped, status: number): Promise<Response> {
    const { request, web } = asked
    const ride = await rideOf(web.db, web, rideId)
    const ctx = pageContext(deps, { request, web, place: deskOf(deps, web) })
    return htmlResponse(String(editPage(ctx, { ...(await editProps(web, ride)), typed })), status)
  }

  async function ofForm(asked: Asked, rideId: string, form: z.infer<typeof editForm>): Promise<Response> {
    const typed = { riderName: form.rider_name, note: form.note, phone: form.caller_phone }
    const named = riderName.safeParse(form.rider_name)
    const noted = note.safeParse(form.note)
    const number = numberOf(asked, phone.safeParse(form.caller_phone).data ?? form.caller_phone)
    const errors = {
      ...(named.success ? {} : { riderName: named.error.issues[0]?.message ?? 'Say who rides.' }),
      ...(noted.success ? {} : { note: noted.error.issues[0]?.message ?? 'Say less.' }),
      ...(number.error === undefined ? {} : { phone: number.error }),
    }
    if (!named.success || !noted.success || number.error !== undefined)
      return again(asked, rideId, { ...typed, errors }, 422)
    const said = { riderName: named.data, note: noted.data, phone: number.e164, version: form.version }
    try {
      return await onPane(asked, rideId, perform(asked, rideId, said), AT_NUMBER)
    } catch (error) {
      if (!(error instanceof RefusalProblem) || !AT_NUMBER.has(error.reason)) throw error
      return again(asked, rideId, { ...typed, errors: { phone: error.detail } }, 409)
    }
  }

  return new Elysia({ name: 'desk-words' })
    .use(deps.shell)
    .post(
      '/board/rides/:id/edit',
      ({ request, web, params, body }) => ofForm({ request, web, body }, params.id, body),
      { params: rideParams, body: editForm },
    )
    .post(
      '/api/v1/board/rides/:id/edit',
      ({ request, web, params, body }) =>
        perform({ request, web, body }, params.id, {
          ...{ riderName: body.riderName, note: body.note, version: body.version },
          phone: body.phone,
        }),
      { params: rideParams, body: editBody },
    )
}

/** What is wrong with the number is said beside it. */
const AT_NUMBER: ReadonlySet<string> = new Set(['caller_known', 'caller_has_account'])
