/** What somebody is told whom a company has banned: plainly, where they try. */
import type { CompanyId } from '../engine/units.ts'
import { HttpProblem } from './problem.ts'
import type { Ban, Viewer } from './viewer.ts'

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })

/** Who, until when, why, and whom to ask. */
export function banWords({ company, reason, untilMs }: Ban): string {
  const until = untilMs === null ? '' : ` until ${DAY.format(untilMs)} UTC`
  const why = /[.!?]$/.test(reason) ? reason : `${reason}.`
  return `${company} has banned you${until}: ${why} If you think this is a mistake, ask ${company}.`
}

/** @throws HttpProblem 403 in plain words for who is banned at this company */
export function requireWelcome(viewer: Viewer | null, companyId: CompanyId): void {
  const ban = viewer?.bans.find((one) => one.companyId === companyId)
  if (ban !== undefined) throw new HttpProblem(403, banWords(ban))
}

/** The answer to who does not have the role a route is for, or no longer because of a ban. */
export function otherRole({ bans }: Viewer): HttpProblem {
  const [ban] = bans
  return new HttpProblem(403, ban === undefined ? 'This part is for other roles than yours.' : banWords(ban))
}
