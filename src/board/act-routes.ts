/** What the desk does to a ride, by form and by program: one line an act, each once a key. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { PUT_OFF_MINUTES, type PutOffMinutes } from '../engine/rescue.ts'
import type { DriverId, QuoteId, Result, RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { deskCancelBody, deskCancelForm, reasonBody, reasonForm, rideParams } from '../rides/shapes.ts'
import { type ActDeps, act } from '../web/act.ts'
import type { Shell } from '../web/shell.ts'
import { key, version, versionText } from './act-shapes.ts'
import {
  type Acted,
  type ActRefusal,
  cancel,
  type Hand,
  hold,
  leave,
  type Meant,
  reassign,
  release,
  startWithout,
  unhold,
  widen,
} from './acts.ts'
import { assign } from './assign.ts'
import { agree } from './edit.ts'
import { join } from './joins.ts'
import { type MergeRefusal, part } from './merge.ts'
import { type Asked, makeRideDesk, paneAddress, type RideDeskDeps } from './ride-desk.ts'
import { type UndoRefusal, undo } from './undo.ts'

export interface DeskActDeps extends RideDeskDeps, ActDeps {
  readonly shell: Shell
}

/** A form's choice, of those there are. */
const minutesText = z.coerce
  .number()
  .refine((value) => (PUT_OFF_MINUTES as readonly number[]).includes(value), {
    error: `Choose ${PUT_OFF_MINUTES.join(', ')} minutes.`,
  })
  .transform((value) => value as PutOffMinutes)

type Work1 = Promise<Result<Acted, ActRefusal | MergeRefusal | UndoRefusal>>

/** An act's address, what it takes as a form and as JSON, and the function that does it. */
interface Deed<Form extends z.ZodType, Body extends z.ZodType> {
  readonly tail: string
  readonly form: Form
  readonly body: Body
  readonly work: (unit: Work, hand: Hand, meant: Meant, said: z.infer<Form> | z.infer<Body>) => Work1
}

function deed<Form extends z.ZodType, Body extends z.ZodType>(of: Deed<Form, Body>): Deed<Form, Body> {
  return of
}

const plain = z.strictObject({ version: versionText, key })
const plainBody = z.strictObject({ version })
const driverForm = z.strictObject({ driver_id: z.uuid(), version: versionText, key })
const driverBody = z.strictObject({ driverId: z.uuid(), version })
const reasoned = reasonForm.extend({ version: versionText })
const reasonedBody = reasonBody.extend({ version })

/** What a shared car had still to drive, as it was looked at. */
const plan = z.string().max(400).optional()

function driverOf(said: { driver_id: string } | { driverId: string }): DriverId {
  return ('driver_id' in said ? said.driver_id : said.driverId) as DriverId
}

const DEEDS = [
  deed({
    ...{ tail: 'assignment', form: driverForm, body: driverBody },
    work: (unit, hand, meant, said) => assign(unit, hand, { ...meant, driverId: driverOf(said) }),
  }),
  deed({
    tail: 'joining',
    form: driverForm.extend({ plan }),
    body: driverBody.extend({ plan }),
    work: (unit, hand, meant, said) =>
      join(unit, hand, { ...meant, driverId: driverOf(said), plan: said.plan }),
  }),
  deed({
    tail: 'reassignment',
    form: driverForm.extend({ reason: reasonForm.shape.reason }),
    body: driverBody.extend({ reason: reasonBody.shape.reason }),
    work: (unit, hand, meant, said) =>
      reassign(unit, hand, { ...meant, driverId: driverOf(said), reason: said.reason }),
  }),
  deed({
    ...{ tail: 'release', form: reasoned, body: reasonedBody },
    work: (unit, hand, meant, { reason }) => release(unit, hand, { ...meant, reason }),
  }),
  deed({
    tail: 'cancellation',
    form: deskCancelForm.extend({ version: versionText }),
    body: deskCancelBody.extend({ version }),
    work: (unit, hand, meant, { reason, words }) => cancel(unit, hand, { ...meant, reason, words }),
  }),
  deed({
    tail: 'postponement',
    form: z.strictObject({ minutes: minutesText, version: versionText, key }),
    body: z.strictObject({ minutes: z.literal(PUT_OFF_MINUTES), version }),
    work: (unit, hand, meant, { minutes }) => hold(unit, hand, { ...meant, minutes }),
  }),
  deed({
    tail: 'agreement',
    form: z.strictObject({ quote_id: z.uuid(), version: versionText, key }),
    body: z.strictObject({ quoteId: z.uuid(), version }),
    work: (unit, hand, meant, said) =>
      agree(unit, hand, {
        ...meant,
        quoteId: ('quote_id' in said ? said.quote_id : said.quoteId) as QuoteId,
      }),
  }),
  deed({ tail: 'parting', form: plain, body: plainBody, work: part }),
  deed({ tail: 'resumption', form: plain, body: plainBody, work: unhold }),
  deed({ tail: 'wider-search', form: plain, body: plainBody, work: widen }),
  deed({ tail: 'patience', form: plain, body: plainBody, work: leave }),
  deed({
    ...{ tail: 'start', form: reasoned, body: reasonedBody },
    work: (unit, hand, meant, { reason }) => startWithout(unit, hand, { ...meant, reason }),
  }),
  deed({
    tail: 'undo',
    form: z.strictObject({ act: z.uuid(), key }),
    body: z.strictObject({ act: z.uuid() }),
    work: (unit, hand, { rideId }, said) => undo(unit, hand, { rideId, actId: said.act }),
  }),
] as const

export function deskActRoutes(deps: DeskActDeps) {
  const { handOf, rideOf, refusalOf, onPane } = makeRideDesk(deps)

  function perform(
    asked: Asked,
    rideId: string,
    { tail, work }: { tail: string; work: Deed<z.ZodType, z.ZodType>['work'] },
  ): Promise<Response> {
    const done = act(deps, { ...asked, route: `POST /board/rides/${rideId}/${tail}` }, async (unit) => {
      // Whose it is, before anything of it is locked.
      await rideOf(unit.db, asked.web, rideId)
      const said = asked.body as { version?: number }
      const meant = { rideId: rideId as RideId, version: said.version }
      const acted = await work(unit, handOf(asked.web), meant, said)
      if (!acted.ok) throw await refusalOf(unit, asked.web, rideId, acted.reason)
      return { location: paneAddress(asked.request, rideId), json: acted.value.json }
    })
    return onPane(asked, rideId, done)
  }

  const plugin = new Elysia({ name: 'desk-acts' }).use(deps.shell)
  for (const { tail, form, body, work } of DEEDS) {
    const of = { tail, work: work as Deed<z.ZodType, z.ZodType>['work'] }
    plugin
      .post(
        `/board/rides/:id/${tail}`,
        ({ request, web, params, body: said }) => perform({ request, web, body: said }, params.id, of),
        { params: rideParams, body: form },
      )
      .post(
        `/api/v1/board/rides/:id/${tail}`,
        ({ request, web, params, body: said }) => perform({ request, web, body: said }, params.id, of),
        { params: rideParams, body },
      )
  }
  return plugin
}
