/** The page of parts, for who builds pages: staff of any company, and anybody on a machine of one's own. */
import { Elysia } from 'elysia'
import { designPage } from '../views/design/page.ts'
import type { PageDeps } from './companies/page-context.ts'
import { htmlResponse, type ToPage } from './web/context.ts'
import { notThere } from './web/problem.ts'
import type { Shell } from './web/shell.ts'
import { isLocalDefault } from './web/this-machine.ts'

export interface DesignDeps extends PageDeps {
  readonly shell: Shell
  readonly toPage: ToPage
}

const STAFF = new Set(['dispatcher', 'operator', 'admin'])

export function designRoutes({ shell, toPage, config }: DesignDeps) {
  const isOpen = isLocalDefault(config)
  return new Elysia({ name: 'design' }).use(shell).get('/design', ({ web, request }) => {
    const { viewer } = web
    const isStaff = viewer?.platform === true || viewer?.memberships.some(({ role }) => STAFF.has(role))
    if (!isOpen && isStaff !== true) throw notThere()
    return htmlResponse(String(designPage(toPage(web, request))))
  })
}
