/** Handing in a licence as a driver does it. */
import type { Person } from './app-world.ts'
import { blob, jpeg } from './pictures.ts'

export const LICENCE_WORDS = {
  ...{ legal_name: 'Bo Lindqvist', number: 'T204 4567', country: 'US', issuing_state: 'New York' },
  ...{ classes: 'E', issued_on: '2024-01-15', expires_on: '2031-01-15' },
}

const AS_PROGRAM = { accept: 'application/json' }

export async function sendSides(person: Person, pictures?: Record<string, Blob>): Promise<Response> {
  const sides = pictures ?? { front: blob(await jpeg({ width: 640, height: 420 })), back: blob(await jpeg()) }
  return person.client.upload('/driver/licence/pictures', { key: crypto.randomUUID(), ...sides }, AS_PROGRAM)
}

/** Pictures, then words; the id of what was handed in. */
export async function handIn(person: Person, change: Partial<typeof LICENCE_WORDS> = {}): Promise<string> {
  const sent = await sendSides(person)
  if (!sent.ok) throw new Error(await sent.text())
  const words = { key: crypto.randomUUID(), ...LICENCE_WORDS, legal_name: person.name, ...change }
  const answer = await person.client.form('/driver/licence', words, AS_PROGRAM)
  if (!answer.ok) throw new Error(await answer.text())
  return ((await answer.json()) as { id: string }).id
}

export function decide(
  admin: Person,
  id: string,
  verdict: 'approved' | 'rejected',
  reason = '',
): Promise<Response> {
  const form = { key: crypto.randomUUID(), verdict, reason }
  return admin.client.form(`/admin/licences/${id}/decision`, form, AS_PROGRAM)
}
