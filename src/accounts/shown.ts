import type { Viewer } from '../web/viewer.ts'
import type { Issued } from './session-life.ts'
import { shownTokens } from './session-routes.ts'

/** What a person may know of themselves; the session's id stays here. */
export function viewerShown({ identityId, name, email, memberships, secondFactor, withheld }: Viewer) {
  return { identityId, name, email, memberships, secondFactor, withheld }
}

/** A session just started or renewed, as a program reads it; a browser's cookie goes another way. */
export function sessionShown({ viewer, csrf, tokens }: Issued) {
  return { viewer: viewerShown(viewer), csrf, ...(tokens === null ? {} : shownTokens(tokens)) }
}
