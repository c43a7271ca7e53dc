/** What people are told where our own list stands in for the geocoder. */
import type { Silence } from './outside.ts'

const WORDS: Readonly<Record<Silence, string>> = {
  busy: 'The address service is busy, so only our own list was searched.',
  away: 'The address service does not answer, so only our own list was searched.',
  refused: 'The address service cannot be used right now, so only our own list was searched.',
  strange: 'The address service cannot be used right now, so only our own list was searched.',
}

/** One sentence, or null where nothing is to be said. */
export function fallbackWords(fallback: Silence | null): string | null {
  return fallback === null ? null : WORDS[fallback]
}
