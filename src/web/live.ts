/** What the live addresses share: how a page says which stream it had, whose it is, and the answer to a poll. */
import { z } from 'zod'
import { CLOSE } from '../io/sockets.ts'
import type { Coming, Holder, OpenedPage, Streams } from '../io/streams.ts'
import { jsonResponse, requireViewer, type WebContext } from './context.ts'
import { HttpProblem, notThere } from './problem.ts'

/** `stream` and `after` come together; without them, or with those of a stream that is gone, a new one begins. */
export const comingShape = z.object({
  stream: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional(),
})

/** @param about what the page shows, made on the server */
export function holderOf(web: WebContext, about: string): Holder {
  const { identityId, sessionId } = requireViewer(web)
  return { identityId, sessionId, about }
}

/**
 * The answer to a poll: what came, or after a while that nothing did.
 * @throws HttpProblem 401 where the session ended meanwhile, 404 where what it was about did, 429 of too many pages, 503 where the process leaves
 */
export async function pollResponse(
  streams: Streams,
  holder: Holder,
  coming: Coming,
  { request, ...of }: Omit<OpenedPage, 'receive'> & { readonly request: Request },
): Promise<Response> {
  const answer = await streams.poll(holder, coming, { ...of, signal: request.signal })
  if (!('closedWith' in answer)) return jsonResponse(answer)
  if (answer.closedWith === CLOSE.sessionEnded) throw new HttpProblem(401, 'Sign in to go on.')
  if (answer.closedWith === CLOSE.over) throw notThere()
  if (answer.closedWith === CLOSE.tooMany)
    throw new HttpProblem(429, 'Too many pages are open. Close some of them.')
  throw new HttpProblem(503, 'Come back in a moment.', { headers: { 'retry-after': '1' } })
}
