/** The page on which a desk changes a ride, as its routes show it: fresh, or again with what was typed. */
import { type EditProps, editPage } from '../../views/board/edit.ts'
import { pageContext } from '../companies/page-context.ts'
import { findDriver } from '../drivers/drivers.ts'
import { attributesIn } from '../engine/attributes.ts'
import { hasOpenRun } from '../engine/ride.ts'
import { whenFormOf, whenProps } from '../fares/when.ts'
import { noEditOf } from '../rides/edits.ts'
import { wordsFor } from '../rides/refusals.ts'
import { type LoadedRide, referenceOf } from '../rides/rides.ts'
import { stopsOfRide } from '../rides/stops.ts'
import type { WebContext } from '../web/context.ts'
import { callerOfRide } from './caller-edit.ts'
import { deskOf } from './desk.ts'
import { spoken } from './phone-number.ts'
import { type Asked, makeRideDesk, type RideDeskDeps } from './ride-desk.ts'

export function makeEditPages(deps: RideDeskDeps) {
  const { rideOf, seeRide, noticeOf } = makeRideDesk(deps)
  const key = () => deps.random.uuid()

  /** The ride as both pages name it. */
  async function headOf(
    web: WebContext,
    ride: LoadedRide,
  ): Promise<Pick<EditProps, 'ride' | 'others' | 'key'>> {
    const driver =
      ride.driver_id === null || !hasOpenRun(ride.state)
        ? undefined
        : await findDriver(web.db, ride.company_id, ride.driver_id)
    return {
      ride: {
        ...{ id: ride.id, reference: referenceOf(ride), version: ride.version, riderName: ride.rider_name },
        ...{ note: ride.note, fareMinor: ride.fare_minor, currency: ride.currency },
        callSign: driver?.call_sign ?? null,
      },
      others: seeRide(web, ride.id, 'editing'),
      key,
    }
  }

  async function editProps(web: WebContext, ride: LoadedRide, notice?: string): Promise<EditProps> {
    const { region } = deskOf(deps, web)
    const hindrance = noEditOf(ride)
    const stops = await stopsOfRide(web.db, ride.company_id, ride.id)
    const nowMs = deps.clock.nowMs()
    return {
      ...(await headOf(web, ride)),
      hindrance: hindrance === null ? null : wordsFor(hindrance),
      from: { text: ride.pickup_label, point: { lat: ride.pickup_lat, lng: ride.pickup_lng } },
      to: { text: ride.dropoff_label, point: { lat: ride.dropoff_lat, lng: ride.dropoff_lng } },
      stops: stops.map(({ lat, lng, label: text }) => ({ text, point: { lat, lng } })),
      ...{ class: ride.class, seats: ride.seats, needs: attributesIn(ride.attributes) },
      caller: await callerProps(web, ride),
      when:
        ride.state === 'scheduled' ? whenProps(whenFormOf(ride.scheduled_for, region), region, nowMs) : null,
      ...(notice === undefined ? {} : { notice }),
    }
  }

  async function formMarkup({ request, web }: Asked, rideId: string, told?: string): Promise<string> {
    const ride = await rideOf(web.db, web, rideId)
    const place = deskOf(deps, web)
    const ctx = pageContext(deps, { request, web, place })
    return String(editPage(ctx, await editProps(web, ride, await noticeOf(web, rideId, told))))
  }

  async function callerProps(web: WebContext, ride: LoadedRide): Promise<EditProps['caller']> {
    const { phone, isDesks } = await callerOfRide(web.db, ride)
    return { phone: phone === null ? null : spoken(phone), isDesks }
  }

  return { headOf, editProps, formMarkup }
}
