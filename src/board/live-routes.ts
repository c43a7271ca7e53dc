/** The board's live half: a socket, or polls at the same address, and what part of the map the desk looks at. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import type { SocketMessage, Sockets } from '../io/sockets.ts'
import type { Stream } from '../io/stream.ts'
import type { Streams } from '../io/streams.ts'
import type { WebContext } from '../web/context.ts'
import { comingShape, holderOf, pollResponse } from '../web/live.ts'
import type { Shell } from '../web/shell.ts'
import { deskOf } from './desk.ts'
import type { BoardLive } from './live.ts'
import { viewShape } from './view.ts'

export interface BoardLiveRouteDeps extends PageDeps {
  readonly shell: Shell
  readonly sockets: Sockets
  readonly streams: Streams
  readonly live: BoardLive
}

const boardComing = comingShape.extend({ view: viewShape.optional() })
const viewMessage = z.strictObject({ type: z.literal('view'), view: viewShape })

export function boardLiveRoutes(deps: BoardLiveRouteDeps) {
  const { live, sockets, streams } = deps

  /** Whose page it is, and what it shows. */
  function pageOf(request: Request, web: WebContext) {
    const { company, region } = deskOf(deps, web)
    const page = () => live.page(region.id, pageContext(deps, { request, web, place: { company, region } }))
    return { holder: holderOf(web, `board ${region.id}`), page }
  }

  return new Elysia({ name: 'board-live' })
    .use(deps.shell)
    .ws('/live/board', {
      // Refused before the upgrade, where a refusal still has a status.
      beforeHandle: ({ web }) => void deskOf(deps, web),
      query: boardComing,
      async open(ws) {
        const { web, request, query } = ws.data
        const { holder, page } = pageOf(request, web)
        let its: Stream | undefined
        const came = (stream: Stream) => {
          its = stream
          if (query.view !== undefined) live.look(stream, query.view)
        }
        const receive = (message: SocketMessage) => {
          const said = viewMessage.safeParse(parsed(message))
          if (said.success && its !== undefined) live.look(its, said.data.view)
          else ws.raw.sendText(REFUSED)
        }
        await streams.open(ws, holder, query, { page, came, receive })
      },
      close: (ws) => sockets.remove(ws),
    })
    .get(
      '/live/board',
      ({ web, request, query }) => {
        const { holder, page } = pageOf(request, web)
        const came = (stream: Stream) => {
          if (query.view !== undefined) live.look(stream, query.view)
        }
        return pollResponse(streams, holder, query, { page, came, request })
      },
      { query: boardComing },
    )
}

const REFUSED = JSON.stringify({
  type: 'refused',
  detail: 'A desk says its view: south, west, north, east and zoom, with commas between them.',
})

function parsed(message: SocketMessage): unknown {
  if (typeof message !== 'string') return null
  try {
    return JSON.parse(message)
  } catch {
    return null
  }
}
