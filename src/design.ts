/** The page of parts, for who builds pages: nothing on it is anybody's. */
import { Elysia } from 'elysia'
import { designPage } from '../views/design/page.ts'
import { htmlResponse, type ToPage } from './web/context.ts'
import type { Shell } from './web/shell.ts'

export interface DesignDeps {
  readonly shell: Shell
  readonly toPage: ToPage
}

export function designRoutes({ shell, toPage }: DesignDeps) {
  return new Elysia({ name: 'design' })
    .use(shell)
    .get('/design', ({ web, request }) => htmlResponse(String(designPage(toPage(web, request)))))
}
