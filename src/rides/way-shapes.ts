/** What arrives about stops on the way and about changes of it. */
import { z } from 'zod'
import { label, latitude, longitude, MOST_STOPS, optionalDegrees, stopFields } from '../fares/shapes.ts'

const key = z.string().max(128).optional()
const place = z.strictObject({ lat: latitude, lng: longitude, label: label.optional() })

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
