/** What a person may choose about their pages, their letters and who sees what of them. */
import type { Kysely } from 'kysely'
import type { IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'

export const THEMES = ['light', 'dark'] as const
/** Languages there are words for; `en-US` differs from `en` in how times and dates are written. */
export const LANGUAGES = ['en', 'en-US'] as const
export type Language = (typeof LANGUAGES)[number]

/** Keeps a browser's theme while nobody is signed in. */
export const THEME_COOKIE = 'honeycab-theme'

/** The switches of the privacy page with what holds until somebody sets them. */
export const PRIVACY_DEFAULTS = {
  /** Drivers read the whole name instead of the first. */
  full_name_to_drivers: false,
  /** Drivers see the picture while they drive the ride. */
  photo_to_drivers: true,
  /** Where a ride went is forgotten a year after it ended. */
  rides_kept_a_year: false,
} as const
export type PrivacySwitch = keyof typeof PRIVACY_DEFAULTS
export type Privacy = Readonly<Record<PrivacySwitch, boolean>>
export const PRIVACY_SWITCHES = Object.keys(PRIVACY_DEFAULTS) as PrivacySwitch[]

/** The switches as they stand for somebody, from what `identities.privacy` holds. */
export function privacyFrom(kept: Readonly<Record<string, boolean>>): Privacy {
  const { full_name_to_drivers, photo_to_drivers, rides_kept_a_year } = { ...PRIVACY_DEFAULTS, ...kept }
  return { full_name_to_drivers, photo_to_drivers, rides_kept_a_year }
}

export interface Settings {
  readonly name: string
  readonly email: string
  readonly emailVerified: boolean
  readonly avatarId: string | null
  readonly phone: string | null
  readonly language: string
  readonly theme: (typeof THEMES)[number] | null
  readonly notify: Readonly<Record<string, boolean>>
  readonly privacy: Privacy
}

/** What somebody has chosen so far. */
export async function settingsOf(db: Kysely<Tables>, identityId: IdentityId): Promise<Settings> {
  const row = await db
    .selectFrom('identities')
    .select(['name', 'email', 'email_verified as emailVerified', 'avatar_id as avatarId'])
    .select(['phone', 'language', 'theme', 'notify', 'privacy'])
    .where('id', '=', identityId)
    .executeTakeFirstOrThrow()
  return { ...row, privacy: privacyFrom(row.privacy) }
}
