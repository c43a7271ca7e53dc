/** Sensitive changes ask for a factor again when the last one was given a while ago. */
import { requireViewer, type WebContext } from './context.ts'
import { HttpProblem } from './problem.ts'
import type { Viewer } from './viewer.ts'

/** A factor given this long ago still counts. */
export const PROOF_LASTS_MS = 10 * 60_000

/** The page that asks for a factor, and then goes on to `next`, a path of ours. */
export function confirmPath(next: string): string {
  return `/confirm?next=${encodeURIComponent(next)}`
}

/**
 * The viewer, if they gave a factor lately and look with their own eyes.
 * @param next where a browser comes back to: the page with the form, not the form's own address
 * @throws HttpProblem 403 otherwise; a browser is led to `/confirm` and back
 */
export function requireProof(web: Pick<WebContext, 'viewer'>, nowMs: number, next: string): Viewer {
  const viewer = requireViewer(web)
  if (viewer.impersonatorId !== null)
    throw new HttpProblem(403, 'Only the person may change this. Stop looking through their eyes first.')
  // The distance both ways: a clock that was set back must not prolong a proof.
  if (Math.abs(nowMs - viewer.provedAtMs) > PROOF_LASTS_MS)
    throw new HttpProblem(403, 'This is a sensitive change. Confirm that it is you, then send it again.', {
      leadTo: confirmPath(next),
    })
  return viewer
}
