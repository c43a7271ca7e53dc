/** Who lives in the demo city: names, cars and call signs, drawn by a seed so that every copy has the same people. */
import { type RandomFn, seededRandom, type VehicleClass } from '../../engine/units.ts'

export interface SimulatedDriver {
  readonly name: string
  readonly email: string
  readonly callSign: string
  readonly vehicle: Vehicle
}

export interface Vehicle {
  readonly class: VehicleClass
  readonly seats: number
  readonly plate: string
  readonly makeModel: string
  readonly colour: string
}

export interface SimulatedRider {
  readonly name: string
  readonly email: string
}

/** Bo's; the simulated drivers leave it out. */
export const BO_CALL_SIGN = '204'
const FIRST_CALL_SIGN = 101
const CAST_SEED = 1847

const FIRST_NAMES =
  'Amadou Wen Fatima Luis Priya Olga Kwame Yusuf Mei Carlos Ana Dmitri Ngozi Tariq Elena Hassan Rosa Kofi Linh Pavel Samira Diego Anika Moses Ivana Rafael Zainab Viktor Tenzin Marisol Abdul Grace Hiroshi Leila Mateus Nadia Oumar Sunita Tomasz Xiomara Bashir Chen Delroy Esther Farid Gloria Henrik Imani Jorge Keiko Lamin Miriam Nikolai Omar Paulina Quentin Renu Sipho Teresa Uma'.split(
    ' ',
  )
const LAST_NAMES =
  'Diallo Zhang Rahman Ortega Patel Petrova Mensah Aydin Liu Reyes Silva Volkov Eze Malik Popescu Ali Delgado Owusu Nguyen Novak Haddad Morales Sharma Otieno Kovac Santos Bello Ivanov Lama Cruz Karim Adeyemi Tanaka Hosseini Costa Sokolov Traore Gurung Nowak Castillo Khan Lin Campbell Levy Nasser Batista Larsen Mwangi Herrera Sato Jallow Cohen Orlov Siddiqui Vega Brown Thapa Dlamini Rossi Joseph'.split(
    ' ',
  )
const CARS: Record<VehicleClass, readonly string[]> = {
  standard: [
    'Toyota Camry',
    'Toyota Prius',
    'Ford Fusion',
    'Hyundai Sonata',
    'Nissan Altima',
    'Honda Accord',
  ],
  accessible: ['Toyota Sienna', 'Ford Transit Connect', 'Nissan NV200', 'Chrysler Voyager'],
  black: ['Lincoln Continental', 'Mercedes E-Class', 'Cadillac XTS', 'BMW 5 Series'],
}
const COLOURS: Record<VehicleClass, readonly string[]> = {
  standard: ['white', 'silver', 'grey', 'blue', 'dark red', 'green', 'black'],
  accessible: ['white', 'silver', 'blue', 'yellow'],
  black: ['black'],
}
const SEATS: Record<VehicleClass, number> = { standard: 4, accessible: 4, black: 3 }
/** No I, O and Q, which read as digits; A to C stand for the demo people's cars. */
const PLATE_LETTERS = 'DEFGHJKLMNPRSTUVWXYZ'

export const BO_VEHICLES: readonly Vehicle[] = [
  { class: 'standard', seats: 4, plate: 'HC 2041 A', makeModel: 'Toyota Camry', colour: 'white' },
  { class: 'black', seats: 3, plate: 'HC 2042 B', makeModel: 'Lincoln Continental', colour: 'black' },
]

/** Of ten cars, seven are standard, two accessible, one black; asked for in the same shares. */
export function classOf(index: number): VehicleClass {
  const place = index % 10
  if (place === 4) return 'black'
  return place === 2 || place === 7 ? 'accessible' : 'standard'
}

export function simulatedDrivers(count: number): SimulatedDriver[] {
  const random = seededRandom(CAST_SEED)
  const names = manyNames(count, random)
  let callSign = FIRST_CALL_SIGN - 1
  return names.map((name, index) => {
    callSign++
    if (String(callSign) === BO_CALL_SIGN) callSign++
    const vehicleClass = classOf(index)
    const letter = () => PLATE_LETTERS[Math.floor(random() * PLATE_LETTERS.length)]!
    const vehicle: Vehicle = {
      class: vehicleClass,
      seats: SEATS[vehicleClass],
      // The call sign is in it, so that no two are alike.
      plate: `T${callSign}${Math.floor(random() * 900 + 100)}${letter()}`,
      makeModel: pick(CARS[vehicleClass], random),
      colour: pick(COLOURS[vehicleClass], random),
    }
    return { name, email: `driver-${callSign}@cars.demo.honeycab`, callSign: String(callSign), vehicle }
  })
}

export function simulatedRiders(count: number): SimulatedRider[] {
  const random = seededRandom(CAST_SEED + 1)
  return manyNames(count, random).map((name, index) => ({
    name,
    email: `rider-${index + 1}@riders.demo.honeycab`,
  }))
}

/** First and last names paired so that none repeats while there are fewer than 3,600. */
function manyNames(count: number, random: RandomFn): string[] {
  const pairs = FIRST_NAMES.flatMap((first) => LAST_NAMES.map((last) => `${first} ${last}`))
  for (let at = pairs.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[pairs[at], pairs[other]] = [pairs[other]!, pairs[at]!]
  }
  return Array.from({ length: count }, (_, index) => pairs[index % pairs.length]!)
}

function pick<T>(from: readonly T[], random: RandomFn): T {
  return from[Math.floor(random() * from.length)]!
}
