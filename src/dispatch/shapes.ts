/** What arrives from drivers about shifts and offers. */
import { z } from 'zod'

const key = z.string().max(128).optional()
export const offerParams = z.object({ id: z.uuid() })
export const shiftForm = z.strictObject({ vehicle_id: z.uuid(), key })
export const shiftBody = z.strictObject({ vehicleId: z.uuid().optional() })
/** A form or call whose address says it all. */
export const onlyKey = z.strictObject({ key })
