/** How the driver's page says classes, directions and hours. */
import type { VehicleClass } from '../../src/engine/units.ts'

export const CLASS_WORDS: Record<VehicleClass, string> = {
  standard: 'Standard',
  accessible: 'Accessible',
  black: 'Black',
}

export function seatsText(seats: number): string {
  return seats === 1 ? '1 seat' : `${seats} seats`
}

/** `3rd`. */
export function ordinalText(n: number): string {
  const teens = n % 100 >= 11 && n % 100 <= 13
  return `${n}${(!teens && ['', 'st', 'nd', 'rd'][n % 10]) || 'th'}`
}

export function ridesText(rides: number): string {
  return rides === 1 ? '1 ride' : `${rides} rides`
}

/** Hours and minutes of work, `6 h 12 m` or `8 h`; seconds in. */
export function hoursText(durationS: number): string {
  const minutes = Math.max(0, Math.floor(durationS / 60))
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return `${minutes} min`
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} m`
}

const WINDS = [
  'north',
  'north-east',
  'east',
  'south-east',
  'south',
  'south-west',
  'west',
  'north-west',
] as const

/** The nearest of eight winds; 0 is north, clockwise. */
export function windText(bearingDeg: number): (typeof WINDS)[number] {
  return WINDS[Math.round((((bearingDeg % 360) + 360) % 360) / 45) % 8] ?? 'north'
}

/** The name by which a driver greets: the first word of it. */
export function firstName(name: string): string {
  return name.trim().split(/\s+/u)[0] || 'the rider'
}
