/** What arrives about stops on the way and about changes of it. */
import { z } from 'zod'
import { label, latitude, longitude, optionalDegrees } from '../fares/shapes.ts'

const key = z.string().max(128).optional()
const place = z.strictObject({ lat: latitude, lng: longitude, label: label.optional() })

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

const toFields = {
  to: label.default(''),
  to_lat: optionalDegrees(latitude),
  to_lng: optionalDegrees(longitude),
}

export const changeQuery = z.object({ ...toFields, ...stopFields })
export const changeForm = z.strictObject({ ...toFields, ...stopFields, key })
export type ChangeForm = z.infer<typeof changeForm>
export const changeQuoteBody = z.strictObject({
  /** Left out: where it goes already. */
  to: place.optional(),
  /** Those ahead, in order; left out: as they are. */
  stops: z.array(place).max(MOST_STOPS).optional(),
})
export const changeParams = z.object({ id: z.uuid(), quote: z.uuid() })
export const askChangeForm = z.strictObject({ quote_id: z.uuid(), key })
export const askChangeBody = z.strictObject({ quoteId: z.uuid() })
export const onlyKeyForm = z.strictObject({ key })
export const answerParams = z.object({ id: z.uuid(), change: z.uuid() })
export const answerForm = z.strictObject({ answer: z.enum(['agree', 'refuse']), key })
export const answerBody = z.strictObject({ agrees: z.boolean() })
