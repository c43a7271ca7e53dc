/** What every act of the desk on a ride carries. */
import { z } from 'zod'

/** A form's one-time key. */
export const key = z.string().max(128).optional()
/** The version of the ride that was looked at: every form of ours carries it, a program may. */
export const versionText = z
  .string()
  .regex(/^\d{1,9}$/, { error: 'This should be the version of the ride.' })
  .transform(Number)
  .optional()
/** As JSON says it. */
export const version = z.int().min(1).optional()
