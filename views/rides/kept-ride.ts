/** What a rider's phone keeps of a ride for the time without network: words to read, nothing to press. */
import type { PageContext } from '../page.ts'
import type { RideStatusProps } from './ride-props.ts'

/**
 * As JSON for the page's `data-kept`; empty once nothing can happen to the ride any more.
 * @param headline what the page says of the ride in one line
 */
export function keptRide(ctx: PageContext, props: RideStatusProps, headline: string): string {
  if (props.phase === 'ended') return ''
  const driver = props.phase === 'moving' ? props.driver : null
  return JSON.stringify({
    headline,
    ...(driver !== null && { driver: driver.name, vehicle: driver.vehicle, plate: driver.plate }),
    from: props.pickup.label,
    to: props.dropoff.label,
    atMs: props.nowMs,
    timeZone: ctx.timeZone,
    lang: ctx.lang,
  })
}
