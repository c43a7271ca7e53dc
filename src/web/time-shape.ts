/** Times of the day and days of the week as people write them in files and forms. */
import { z } from 'zod'

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const

// What is wrong by itself is not compared with the rest.
const TIME = { error: 'should be a time of the day, such as "07:30" or "24:00"', abort: true }

/** "07:30" -> minutes after midnight; "24:00" is the day's end. */
export const timeOfDay = z
  .string()
  .regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, TIME)
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))

/** Minutes after midnight -> "07:30". */
export function timeText(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
