/**
 * Every deed that is audited, by its name: a new one is a line here, in its group, and `record` knows it. The words
 * stand on the audit page after the name of who did it.
 */

/** What an entry's subject is; `person` is an identity's id. */
export type SubjectKind =
  | 'session'
  | 'person'
  | 'company'
  | 'invitation'
  | 'licence'
  | 'driver'
  | 'vehicle'
  | 'ride'
  | 'sending'
  | 'note'
  | 'view'
  | 'region'
  | 'tariff'
  | 'promo'
  | 'zone'
  | 'campus'
  | 'places'
  | 'notice'
  | 'passkey'
  | 'audit'

/**
 * Whose business it is where no company stands in the entry: a person's own deeds are seen by the admins of the
 * companies they work for, the installation's by those who run it alone.
 */
export type Concern = 'person' | 'company' | 'installation'

interface Action {
  readonly words: string
  readonly subject: SubjectKind
  readonly concern: Concern
}

const person = (words: string, subject: SubjectKind = 'person'): Action => ({
  words,
  subject,
  concern: 'person',
})
const company = (words: string, subject: SubjectKind): Action => ({ words, subject, concern: 'company' })
const installation = (words: string, subject: SubjectKind): Action => ({
  words,
  subject,
  concern: 'installation',
})

export const ACTIONS = {
  // Signing in and out
  'session.started': person('signed in', 'session'),
  'session.refused': person('was refused at sign-in'),
  'session.ended': person('signed out', 'session'),
  'session.ended_by_admin': person('ended a session of somebody', 'session'),
  'session.all_ended': person('ended all sessions of a person'),
  'session.confirmed': person('confirmed who they are', 'session'),
  'session.refreshed': person('got new tokens for a session', 'session'),
  'session.reused': person('sent a token that was spent: its session has ended', 'session'),
  'account.locked': person('was locked out after wrong tries'),
  'account.unlocked': person('was let in again'),

  // The account and its factors
  'account.registered': person('registered'),
  'account.verified': person('verified their e-mail address'),
  'account.deleted': person('deleted an account'),
  'account.restored': person('restored an account'),
  'account.purged': person('was removed for good'),
  'name.changed': person('changed a name'),
  'avatar.changed': person('changed their picture'),
  'avatar.removed': person('removed their picture'),
  'password.changed': person('changed a password'),
  'password.reset_asked': person('had a reset letter sent'),
  'password.reset': person('set a new password by letter'),
  'email.change_asked': person('asked for a new e-mail address'),
  'email.changed': person('changed an e-mail address'),
  'phone.changed': person('changed a phone number'),
  'letters.changed': person('chose which letters come'),
  'privacy.changed': person('changed who sees what of them'),
  'second_factor.enabled': person('turned the second factor on'),
  'second_factor.disabled': person('turned the second factor off'),
  'second_factor.refused': person('gave a wrong second factor'),
  'backup_codes.made': person('made new backup codes'),
  'backup_codes.used': person('signed in with a backup code'),
  'passkey.added': person('added a passkey', 'passkey'),
  'passkey.removed': person('removed a passkey', 'passkey'),
  'data.exported': person('took their data along'),

  // Who may do what
  'membership.granted': company('gave a role', 'person'),
  'membership.removed': company('took a role away', 'person'),
  'invitation.sent': company('invited somebody', 'invitation'),
  'invitation.accepted': company('accepted an invitation', 'invitation'),
  'invitation.withdrawn': company('withdrew an invitation', 'invitation'),
  'platform.granted': installation('made somebody run the installation', 'person'),
  'platform.revoked': installation('took the installation out of somebody’s hands', 'person'),
  'person.banned': person('banned a person'),
  'person.unbanned': person('lifted a ban'),
  'impersonation.started': person('began to look through somebody’s eyes'),
  'impersonation.acted': person('did something through somebody’s eyes'),
  'impersonation.ended': person('stopped looking through somebody’s eyes'),

  // Driving
  'driver.applied': company('asked to drive', 'driver'),
  'driver.approved': company('approved a driver', 'driver'),
  'driver.rejected': company('turned a driver down', 'driver'),
  'driver.deleted': company('took a driver off the fleet', 'driver'),
  'driver.restored': company('put a driver back on the fleet', 'driver'),
  'vehicle.deleted': company('took a car off the fleet', 'vehicle'),
  'vehicle.restored': company('put a car back on the fleet', 'vehicle'),
  'licence.submitted': person('handed in a licence', 'licence'),
  'licence.approved': company('approved a licence', 'licence'),
  'licence.rejected': company('rejected a licence', 'licence'),
  'licence.expired': person('has a licence that ran out', 'licence'),
  'licence.viewed': company('looked at a licence', 'licence'),
  'driver.held': company('kept a driver off the road', 'driver'),
  'driver.put_back': company('let a driver drive again', 'driver'),
  'capability.enabled': person('turned driving on'),
  'capability.disabled': person('turned driving off'),
  'ride.booked': company('booked a ride for a rider', 'ride'),
  'ride.assigned': company('gave a ride to a driver', 'ride'),
  'ride.trace_exported': company('exported how a driver was looked for', 'ride'),
  'ride.reassigned': company('gave a ride to another driver', 'ride'),
  'ride.act_undone': company('took back what they did to a ride', 'ride'),
  'ride.put_on': company('had a ride asked for again', 'ride'),
  'ride.edited': company('changed a ride', 'ride'),
  'ride.joined': company('put a ride into a shared car', 'ride'),
  'ride.merged': company('merged a ride with others', 'ride'),
  'ride.parted': company('had a merged ride go alone again', 'ride'),
  'ride.released': company('took a ride from a driver', 'ride'),
  'ride.cancelled': company('cancelled a ride', 'ride'),
  'case.handled': company('worked on something lost or reported', 'ride'),
  'rating.seen': company('looked at a low rating', 'ride'),
  'driver.messaged': company('wrote to drivers', 'sending'),
  'note.written': company('left a note at the desk', 'note'),
  'note.taken': company('took notes over', 'note'),
  'note.pinned': company('put a note on top', 'note'),
  'note.unpinned': company('took a note from the top', 'note'),
  'note.done': company('called a note done', 'note'),
  'note.reopened': company('opened a note again', 'note'),
  'view.saved': company('saved a view of the board', 'view'),
  'view.changed': company('changed a saved view', 'view'),
  'view.deleted': company('deleted a saved view', 'view'),
  'message.reported': company('reported a message', 'ride'),
  'ride.left_with_car': company('left a ride with its car', 'ride'),
  'ride.looked_wider': company('had a ride looked for wider', 'ride'),
  'ride.started_without_code': company('let a ride start without its code', 'ride'),
  'safety.raised': company('asked the desk for help', 'ride'),
  'safety.viewed': company('looked at where a car was when help was asked for', 'ride'),
  'safety.seen': company('took a call for help in hand', 'ride'),
  'safety.closed': company('closed a call for help', 'ride'),
  'ride.put_off': company('put a ride off', 'ride'),

  // Companies
  'company.founded': company('founded a company', 'company'),
  'company.changed': company('changed a company', 'company'),
  'company.deleted': company('deleted a company', 'company'),
  'company.restored': company('restored a company', 'company'),
  'flag.switched': company('switched a flag', 'company'),
  'region.changed': company('changed a region’s driving hours or emergency number', 'region'),
  'vehicle.changed': company('changed what a car has', 'vehicle'),
  'surge.changed': company('changed what busy places add', 'region'),
  'zone.drawn': company('drew a zone', 'zone'),
  'zone.changed': company('changed a zone', 'zone'),
  'zone.closed': company('closed a zone', 'zone'),
  'zone.opened': company('opened a zone again', 'zone'),
  'tariff.changed': company('changed a tariff', 'tariff'),
  'tariff.drafted': company('drafted a tariff', 'tariff'),
  'tariff.discarded': company('threw the draft of a tariff away', 'tariff'),
  'tariff.published': company('published a tariff', 'tariff'),
  'promo.created': company('made a code', 'promo'),
  'promo.closed': company('closed a code', 'promo'),
  'tariff.withdrawn': company('withdrew a tariff before it was in force', 'tariff'),
  'campus.added': installation('added a campus', 'campus'),
  'campus.changed': installation('changed a campus', 'campus'),
  'campus.removed': installation('removed a campus', 'campus'),
  'places.sent': installation('sent a list of places', 'places'),
  'places.removed': installation('removed a list of places', 'places'),

  // The installation
  'audit.exported': company('exported the audit trail', 'audit'),
  'audit.forgotten': installation('removed audit entries past their time', 'audit'),
  'mail.retried': installation('had a letter sent again', 'notice'),
  'accounts.imported': installation('imported accounts', 'audit'),
  'accounts.import_undone': installation('took an import of accounts back', 'audit'),
} as const satisfies Record<`${string}.${string}`, Action>

export type AuditAction = keyof typeof ACTIONS

const byName: Readonly<Record<string, Action>> = ACTIONS

/** What an action's name stands for; a name from before is shown as it is. */
export function actionOf(name: string): Action {
  return byName[name] ?? { words: name, subject: 'audit', concern: 'installation' }
}

/** The actions that are a person's own business. */
export const PERSONAL_ACTIONS: readonly AuditAction[] = (Object.keys(ACTIONS) as AuditAction[]).filter(
  (name) => ACTIONS[name].concern === 'person',
)
