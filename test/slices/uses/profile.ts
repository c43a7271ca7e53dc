/** A person's own pages: profile, letters, privacy. */
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = () => ({
  'POST /theme': plain('/theme', { body: { theme: 'dark', next: '/request' }, status: 303 }),
  'GET /account/profile': plain('/account/profile'),
  'POST /account/profile': plain('/account/profile', { body: { name: 'Ada Okafor' }, status: 303 }),
  'POST /account/phone': plain('/account/phone', { body: { phone: '+1 212 555 0142' }, status: 303 }),
  'POST /account/looks': plain('/account/looks', { body: { theme: 'device', language: 'en' }, status: 303 }),
  'GET /account/notifications': plain('/account/notifications'),
  'POST /account/notifications': plain('/account/notifications', {
    body: { licence_decisions: 'on' },
    status: 303,
  }),
  'GET /account/privacy': plain('/account/privacy'),
  'GET /account/export': plain('/account/export'),
  'POST /account/privacy': plain('/account/privacy', {
    body: { full_name_to_drivers: 'on' },
    status: 303,
  }),
})
