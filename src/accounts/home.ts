import { FACTOR_PAGE } from '../web/reach.ts'
import { holds, type Viewer } from '../web/viewer.ts'

/** Where somebody's work begins; while it waits for a second factor, where that is added. */
export function homeOf(viewer: Viewer): string {
  if (holds(viewer, ['dispatcher', 'admin'])) return '/board'
  if (viewer.withheld.platform || viewer.withheld.memberships.length > 0) return FACTOR_PAGE
  if (holds(viewer, ['driver'])) return '/driver'
  return '/'
}
