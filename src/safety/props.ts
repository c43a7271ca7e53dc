/** A call for help as the pages of who called show it. */
import type { HelpProps } from '../../views/safety/line.ts'
import type { LoadedSafetyAlert } from './safety.ts'

export function helpProps({ raised_at, seen_at, closed_at }: LoadedSafetyAlert): HelpProps {
  return {
    raisedAtMs: raised_at.getTime(),
    seenAtMs: seen_at?.getTime() ?? null,
    closedAtMs: closed_at?.getTime() ?? null,
  }
}
