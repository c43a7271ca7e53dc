import type { ToastProps } from '../parts/toast.ts'

/** What was saved, by the word that the address carries after a form; other words say nothing. */
const SAVED: Readonly<Record<string, string>> = {
  name: 'Your name is saved.',
  email: 'A letter is on its way to the new address. Its link changes it.',
  phone: 'Your telephone number is saved.',
  looks: 'Pages look as you chose.',
  letters: 'Your choice of letters is saved.',
  privacy: 'Your privacy settings are saved.',
  password: 'Your password is changed, and your other devices are signed out.',
}

/** The sentence after a form was accepted. */
export function savedToast(what: string | undefined): ToastProps[] {
  const text = what !== undefined && Object.hasOwn(SAVED, what) ? SAVED[what] : undefined
  return text === undefined ? [] : [{ id: 'saved', text }]
}
