/** A small made-up evening: seeded rides between the corners of a town of six by six kilometres. */

import { seededRandom } from '../../src/engine/units.ts'
import { parseRecorded, type RecordedRide } from '../../src/replay/recorded.ts'

/** 2008-05-23 19:00 in San Francisco, seven hours behind UTC. */
export const EVENING_S = 1_211_594_400
const HEADER =
  'trip_id,vehicle_id,request_time_utc,local_date,local_seconds_of_day,pickup_lat,pickup_lng,dropoff_lat,dropoff_lng,trip_distance_m,trip_duration_s'

/** A trip file's text: `count` rides within an hour, `daysLater` days after that evening. */
export function madeUpFile({
  count,
  seed,
  daysLater = 0,
}: {
  count: number
  seed: number
  daysLater?: number
}): string {
  const random = seededRandom(seed)
  const rows = Array.from({ length: count }, (_, n) => {
    const secondS = Math.floor(random() * 3_600)
    const [fromLat, fromLng, toLat, toLng] = [random(), random(), random(), random()].map(
      (drawn, axis) => (axis % 2 === 0 ? 37.74 : -122.46) + 0.054 * drawn,
    )
    const straightM = 111_195 * Math.hypot(toLat! - fromLat!, 0.79 * (toLng! - fromLng!))
    return [
      n + 1,
      1,
      EVENING_S + daysLater * 86_400 + secondS,
      `2008-05-${23 + daysLater}`,
      68_400 + secondS,
      ...[fromLat, fromLng, toLat, toLng].map((degrees) => degrees!.toFixed(5)),
      Math.round(1.3 * straightM),
      60 + Math.round(0.2 * straightM),
    ].join(',')
  })
  return `${[HEADER, ...rows].join('\n')}\n`
}

export function madeUpRides(of: { count: number; seed: number; daysLater?: number }): RecordedRide[] {
  return parseRecorded(madeUpFile(of))
}
