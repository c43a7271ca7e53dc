/** What the forms of the profile, the letters and the privacy page send. */
import { z } from 'zod'
import { emailShape } from './joining-shapes.ts'
import { LANGUAGES, THEMES } from './preferences.ts'

/** The one-time key of every form. */
const KEY = { key: z.string().max(128).optional() }
/** A box that is not ticked is not sent at all. */
const box = z
  .literal('on')
  .optional()
  .transform((value) => value === 'on')

/** The two joiners are letters' company in Persian and Hindi names; the rest hides or turns what is written. */
const UNSEEN = /[\p{Cc}\p{Co}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/u
/** Spaces at the ends and in rows mean nothing in a name. */
const name = z
  .string()
  .transform((text) => text.trim().replace(/\s+/gu, ' '))
  .refine((text) => text.length >= 1, 'Type your name.')
  .refine((text) => text.length <= 120, 'A name has at most 120 characters.')
  .refine((text) => !UNSEEN.test(text), 'Leave out characters that cannot be seen.')

const E164 = /^\+[1-9][0-9]{6,14}$/
/** As people write it, with spaces, dots, hyphens and brackets; kept as E.164. Empty takes the number away. */
const phone = z
  .string()
  .max(40)
  .transform((text) => text.replace(/[\s().\u2010-\u2015/-]/gu, '').replace(/^00/, '+'))
  .refine(
    (text) => text === '' || E164.test(text),
    'Type the number with its country code, such as +1 212 555 0142.',
  )
  .transform((text) => (text === '' ? null : text))

export const nameForm = z.strictObject({ ...KEY, name })
export const phoneForm = z.strictObject({ ...KEY, phone })
/** An address as it is kept, and another than the present one. */
export const emailForm = (present: string) =>
  z.strictObject({
    ...KEY,
    email: emailShape.refine((email) => email !== present, 'This is your address already.'),
  })
export const looksForm = z.strictObject({
  ...KEY,
  theme: z.enum(['device', ...THEMES]).transform((theme) => (theme === 'device' ? null : theme)),
  language: z.enum(LANGUAGES),
})
export const themeForm = z.strictObject({
  ...KEY,
  theme: z.enum(['device', ...THEMES]).transform((theme) => (theme === 'device' ? null : theme)),
  next: z.string().max(2_000).default('/'),
})
export const lettersForm = z.strictObject({ ...KEY, licence_decisions: box, licence_reminders: box })
export const privacyForm = z.strictObject({
  ...KEY,
  full_name_to_drivers: box,
  photo_to_drivers: box,
  rides_kept_a_year: box,
})
/** What a form of these pages left in the address. */
export const savedQuery = z.object({ saved: z.string().max(40).optional() })
