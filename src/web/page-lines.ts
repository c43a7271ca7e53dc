/** Pages beside a ride's and a driver's own that are live all the same: told of the news they follow, drawn anew whole. */
import type { CompanyId, DriverId, IdentityId, RideId } from '../engine/units.ts'
import { assert } from '../engine/units.ts'
import type { LiveSocket, Sockets } from '../io/sockets.ts'
import type { Made, Stream } from '../io/stream.ts'
import type { Coming, StreamedPage, Streams } from '../io/streams.ts'
import type { WebContext } from './context.ts'
import { holderOf, pollResponse } from './live.ts'

/** Whose list of lost things and reports: a desk's, a driver's, or a rider's. */
export type CaseReader = CompanyId | DriverId | IdentityId

export interface PageLineDeps {
  readonly sockets: Sockets
  readonly streams: Streams
  /**
   * Owes the page its part `status` with each news of the ride, and `car` with each fix of who drives it.
   * @param page.growsOld whether it says ages, and is drawn anew by the clock too
   * @returns how to stop
   */
  followRide(rideId: RideId, stream: Stream, page: { readonly growsOld: boolean }): () => void
  /** Owes the page its part `status` with each news of a case that is theirs to read. @returns how to stop */
  followCases(reader: CaseReader, stream: Stream): () => void
}

export interface PageLine {
  /** What the page shows, made on the server: a stream goes on only with the page it was opened for. */
  readonly about: string
  /** Begins to be told of news, by `followRide` or `followCases`. @returns how to stop */
  follow(stream: Stream): () => void
  /** The fragment as of now; null once there is nothing to see any more, which closes the line for good. */
  draw(): Promise<string | null>
  /** Where the car is, made from memory; null while it cannot be said, or is what the page has (`had`). */
  car?(had: number | null): Made | null
}

interface Asking {
  readonly request: Request
  readonly web: WebContext
}

/**
 * The two halves of a live address: as a socket, and by GET for whom sockets do not reach.
 * @param admit asks the rights, each time a page comes
 */
export function pageLineHalves<Params = unknown>(
  deps: Pick<PageLineDeps, 'sockets' | 'streams'>,
  admit: (asking: Asking, params: Params) => Promise<PageLine>,
) {
  /** Looked up before the upgrade, where a refusal still has a status. */
  const admitted = new WeakMap<Request, PageLine>()

  function pageOf(line: PageLine): StreamedPage {
    let close = () => {}
    return {
      parts: [
        {
          name: 'status',
          async make() {
            const text = await line.draw()
            if (text === null) close()
            return text === null ? null : { text }
          },
        },
        { name: 'car', make: (had) => line.car?.(had) ?? null },
      ],
      follow(stream) {
        close = () => deps.streams.endStream(stream)
        return line.follow(stream)
      },
    }
  }

  return {
    socket: {
      async beforeHandle({ web, request, params }: Asking & { readonly params: Params }) {
        admitted.set(request, await admit({ web, request }, params))
      },
      async open(ws: LiveSocket & { readonly data: Asking & { readonly query: Coming } }) {
        const { web, request, query } = ws.data
        const line = admitted.get(request)
        assert(line !== undefined, 'a socket opens after it was admitted')
        await deps.streams.open(ws, holderOf(web, line.about), query, { page: () => pageOf(line) })
      },
      close: (ws: LiveSocket) => deps.sockets.remove(ws),
    },
    async poll({
      web,
      request,
      params,
      query,
    }: Asking & { readonly params: Params; readonly query: Coming }) {
      const line = await admit({ web, request }, params)
      const page = () => pageOf(line)
      return pollResponse(deps.streams, holderOf(web, line.about), query, { page, request })
    },
  }
}
