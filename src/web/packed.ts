/** Pages go out compressed: on a slow network the page itself is what everything else waits for. */

/** Less is one packet anyway. */
const WORTH_PACKING = 1_200
/** Half a millisecond for a page of 40 kB; more effort saves one byte in fifty. */
const LEVEL = 6

/**
 * A page as its browser takes it. What an attacker could have mirrored in a page does not tell them its token by the
 * length: each drawing has another (`csrf.ts`), and our cookies do not come along with other sites' requests.
 * @returns undefined for what goes out as it is: everything but pages, and pages for who takes no gzip
 */
export function packed(request: Request, response: unknown): Promise<Response> | undefined {
  if (!(response instanceof Response) || response.body === null) return undefined
  if (!response.headers.get('content-type')?.startsWith('text/html')) return undefined
  if (response.headers.has('content-encoding') || response.headers.has('content-disposition'))
    return undefined
  if (!/\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')) return undefined
  return pack(response)
}

async function pack(response: Response): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const { status, headers } = response
  headers.set('vary', [headers.get('vary'), 'accept-encoding'].filter(Boolean).join(', '))
  if (bytes.byteLength < WORTH_PACKING) return new Response(bytes, { status, headers })
  headers.set('content-encoding', 'gzip')
  return new Response(Bun.gzipSync(bytes, { level: LEVEL, library: 'libdeflate' }), { status, headers })
}
