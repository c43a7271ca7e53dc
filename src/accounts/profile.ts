/** What people change about themselves: name, telephone, how pages look, which letters come, who sees what. */
import { record } from '../audit/audit.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { type NoticeSwitch, notify } from '../notices/notices.ts'
import type { Viewer } from '../web/viewer.ts'
import { type Language, type Privacy, settingsOf, type THEMES } from './preferences.ts'
import { tellOfPerson } from './session-life.ts'

/** Who changes something, and from where, for the audit trail. */
export interface Changer {
  readonly viewer: Viewer
  readonly address: string
  readonly requestId: string
}

/** A new name, from now on; rides asked for before keep the one they were asked under. */
export async function changeName(
  unit: Work,
  random: Random,
  { viewer, ...from }: Changer,
  name: string,
): Promise<void> {
  if (name === viewer.name) return
  await update(unit, viewer, { name })
  await record(unit.db, random, {
    ...{ action: 'name.changed', atMs: unit.atMs, actorId: viewer.identityId },
    ...{ subject: viewer.identityId, detail: { before: { name: viewer.name }, after: { name } }, ...from },
  })
}

/** A new telephone number, or none; the person's e-mail is told. */
export async function changePhone(
  unit: Work,
  random: Random,
  { viewer, ...from }: Changer,
  phone: string | null,
): Promise<void> {
  const before = (await settingsOf(unit.db, viewer.identityId)).phone
  if (phone === before) return
  await update(unit, viewer, { phone })
  await record(unit.db, random, {
    ...{ action: 'phone.changed', atMs: unit.atMs, actorId: viewer.identityId },
    ...{ subject: viewer.identityId, detail: { before: { phone: before }, after: { phone } }, ...from },
  })
  await notify(unit, random, {
    ...{ kind: 'phone_changed', to: viewer.email, identityId: viewer.identityId },
    ...{ language: viewer.language, data: { name: viewer.name, atMs: unit.atMs, phone } },
  })
}

/** How pages look and how they write times; null follows the device. */
export async function changeLooks(
  unit: Work,
  viewer: Viewer,
  looks: { readonly theme: (typeof THEMES)[number] | null; readonly language: Language },
): Promise<void> {
  await update(unit, viewer, looks)
}

/** Which of the letters that can be done without still come. */
export async function changeLetters(
  unit: Work,
  random: Random,
  { viewer, ...from }: Changer,
  wanted: Readonly<Record<NoticeSwitch, boolean>>,
): Promise<void> {
  const { notify: before } = await settingsOf(unit.db, viewer.identityId)
  await update(unit, viewer, { notify: JSON.stringify(wanted) })
  await record(unit.db, random, {
    ...{ action: 'letters.changed', atMs: unit.atMs, actorId: viewer.identityId },
    ...{ subject: viewer.identityId, detail: { before, after: wanted }, ...from },
  })
}

/** Who sees what of the person, and how long rides are remembered. */
export async function changePrivacy(
  unit: Work,
  random: Random,
  { viewer, ...from }: Changer,
  wanted: Privacy,
): Promise<void> {
  const { privacy: before } = await settingsOf(unit.db, viewer.identityId)
  await update(unit, viewer, { privacy: JSON.stringify(wanted) })
  await record(unit.db, random, {
    ...{ action: 'privacy.changed', atMs: unit.atMs, actorId: viewer.identityId },
    ...{ subject: viewer.identityId, detail: { before, after: wanted }, ...from },
  })
}

interface Changed {
  readonly name?: string
  readonly phone?: string | null
  readonly theme?: (typeof THEMES)[number] | null
  readonly language?: Language
  readonly notify?: string
  readonly privacy?: string
}

async function update(unit: Work, viewer: Viewer, changed: Changed): Promise<void> {
  const { identityId } = viewer
  await unit.db
    .updateTable('identities')
    .set({ ...changed, updated_at: new Date(unit.atMs) })
    .where('id', '=', identityId)
    .execute()
  await tellOfPerson(unit, identityId)
}
