/** What arrives: a message, a look at the messages, a report. */
import { z } from 'zod'
import { oneLine } from '../web/text.ts'
import { MESSAGE_MAX } from './chat.ts'

const key = z.string().max(128).optional()
const text = z
  .string()
  .overwrite(oneLine)
  .min(1, { error: 'Write a few words first.' })
  .max(MESSAGE_MAX, { error: `A message can have up to ${MESSAGE_MAX} letters.` })
const wholeText = z
  .string()
  .regex(/^\d{1,9}$/, { error: 'must be a whole number' })
  .transform(Number)

export const messageForm = z.strictObject({ text, key })
export const messageBody = z.strictObject({ text })
/** `seen`: the newest message in front of the person. */
export const lookForm = z.strictObject({ seen: wholeText, typing: z.enum(['yes', 'no']).default('no'), key })
export const messageParams = z.object({ id: z.uuid(), seq: wholeText })
export const onlyKey = z.strictObject({ key })
