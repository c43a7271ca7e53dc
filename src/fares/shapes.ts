/** What arrives when somebody asks for prices. */
import { z } from 'zod'
import { ATTRIBUTES, attributeBits } from '../engine/attributes.ts'
import { oneLine } from '../web/text.ts'

export const latitude = z.number().min(-90).max(90)
export const longitude = z.number().min(-180).max(180)
export const label = z.string().overwrite(oneLine).max(120)
const seats = z.int().min(1).max(4)

/** As typed; whether there is such a code, the code's own look-up says. */
const code = z.string().overwrite(oneLine).max(40)

/** A form sends a missing choice as an empty text. */
export const optionalDegrees = (range: z.ZodNumber) =>
  z
    .string()
    .trim()
    .regex(/^(-?\d{1,3}(\.\d{1,15})?)?$/, { error: 'This should be a number of degrees.' })
    .transform((text) => (text === '' ? undefined : Number(text)))
    .pipe(range.optional())
    .optional()

/** Now, or a day and a time where the ride is; `change` names the booking that is to be put there. */
const whenFields = {
  when: z.enum(['now', 'later']).default('now'),
  day: z.string().trim().max(10).default(''),
  time: z.string().trim().max(5).default(''),
  fold: z.enum(['1', '2', '']).default(''),
  change: z.uuid().optional(),
}

/** What the car must have: a ticked box each, and the bits of them all. */
const ticked = z.literal('on').optional()
const needsFields = { child_seat: ticked, wheelchair: ticked, pets: ticked }

/** The bits of what a form's boxes ask for. */
export function neededOf(form: Partial<Record<(typeof ATTRIBUTES)[number], 'on' | undefined>>): number {
  return attributeBits(ATTRIBUTES.filter((name) => form[name] === 'on'))
}

/** More stops than this are an errand to book a car by the hour for. */
export const MOST_STOPS = 3
export const STOP_FIELDS = ['stop1', 'stop2', 'stop3'] as const
export type StopField = (typeof STOP_FIELDS)[number]

/** The stops of a form, numbered; one that is left empty is none. */
export const stopFields = {
  stop1: label.default(''),
  stop1_lat: optionalDegrees(latitude),
  stop1_lng: optionalDegrees(longitude),
  stop2: label.default(''),
  stop2_lat: optionalDegrees(latitude),
  stop2_lng: optionalDegrees(longitude),
  stop3: label.default(''),
  stop3_lat: optionalDegrees(latitude),
  stop3_lng: optionalDegrees(longitude),
}

export type StopFields = z.infer<z.ZodObject<typeof stopFields>>

export const quoteForm = z.strictObject({
  from: label.default(''),
  from_lat: optionalDegrees(latitude),
  from_lng: optionalDegrees(longitude),
  to: label.default(''),
  to_lat: optionalDegrees(latitude),
  to_lng: optionalDegrees(longitude),
  ...stopFields,
  seats: z
    .string()
    .regex(/^[1-4]$/, { error: 'This should be 1 to 4.' })
    .default('1')
    .transform(Number),
  ...needsFields,
  ...whenFields,
  code: code.optional(),
  key: z.string().max(128).optional(),
})
export type QuoteForm = z.infer<typeof quoteForm>

/** The year 9999: instants of four-digit years, as Postgres and JavaScript agree on them. */
const MOST_MS = 253_402_300_799_999
const place = z.strictObject({ lat: latitude, lng: longitude, label: label.optional() })
export const quoteBody = z.strictObject({
  from: place,
  to: place,
  /** Where the car stops in between, in order. */
  stops: z.array(place).max(MOST_STOPS).default([]),
  seats: seats.default(1),
  /** What the car must have. */
  needs: z.array(z.enum(ATTRIBUTES)).max(ATTRIBUTES.length).default([]),
  /** When the car is to be there; left out, as soon as one can. */
  pickupAtMs: z.int().min(0).max(MOST_MS).optional(),
  /** Something off, once a person. */
  code: code.optional(),
})

/** What a link to the request page may carry, so that a form is filled in already. */
export const requestQuery = z.object({
  from: label.optional(),
  from_lat: optionalDegrees(latitude),
  from_lng: optionalDegrees(longitude),
  to: label.optional(),
  to_lat: optionalDegrees(latitude),
  to_lng: optionalDegrees(longitude),
  ...stopFields,
  seats: z
    .string()
    .regex(/^[1-4]$/)
    .optional(),
  ...needsFields,
  ...whenFields,
})
/** Whose booking the prices of a set are for, where they are for a change of it; and why a code was not taken. */
export const quotesQuery = z.object({
  change: z.uuid().optional(),
  told: z.string().max(40).optional(),
})
