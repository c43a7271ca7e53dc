/**
 * A bucket on this machine, true on the wire: it checks the signature of every request as Amazon's does (SigV4), and
 * answers in its XML. The servers to be had as packages (s3rver and the fork of it that is kept) read a list's path
 * `/bucket/` as `/bucket`, and so refuse the rightly signed lists of Bun's own client.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface TestBucket {
  readonly config: {
    readonly name: string
    readonly endpoint: string
    readonly region: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
  }
  /** What lies in it, with the type it came with and whether anybody asked to open it to the world. */
  readonly objects: Map<
    string,
    { readonly bytes: Uint8Array; readonly type: string; readonly acl: string | null }
  >
  /** From now on no request is answered. */
  freeze(): void
  /** From now on every request fails. */
  fail(status: number): void
  stop(): void
}

const NAME = 'honeycab-test'
const REGION = 'eu-test-1'
const ACCESS_KEY = 'AKIDTESTS'
const SECRET = 'the secret of the test bucket'

export function startBucket(): TestBucket {
  const objects: TestBucket['objects'] = new Map()
  let mode: 'well' | 'frozen' | number = 'well'

  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      if (mode === 'frozen') return new Promise<Response>(() => {})
      if (mode !== 'well') return xmlError(mode, 'InternalError')
      const wrong = refuseSignature(request)
      if (wrong !== null) return xmlError(403, wrong)
      const url = new URL(request.url)
      const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/')
      if (bucket !== NAME) return xmlError(404, 'NoSuchBucket')
      const key = rest.join('/')
      if (key === '') return list(url.searchParams)
      if (request.method === 'PUT') {
        const bytes = new Uint8Array(await request.arrayBuffer())
        const type = request.headers.get('content-type') ?? ''
        objects.set(key, { bytes, type, acl: request.headers.get('x-amz-acl') })
        return new Response(null, { headers: { etag: '"made"' } })
      }
      if (request.method === 'DELETE') {
        objects.delete(key)
        return new Response(null, { status: 204 })
      }
      const found = objects.get(key)
      if (found === undefined) return xmlError(404, 'NoSuchKey')
      return new Response(found.bytes as Uint8Array<ArrayBuffer>, { headers: { 'content-type': found.type } })
    },
  })

  function list(query: URLSearchParams): Response {
    const prefix = query.get('prefix') ?? ''
    const after = query.get('start-after') ?? ''
    const most = Number(query.get('max-keys') ?? 1000)
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted()
    const contents = keys
      .slice(0, most)
      .map((key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)!.bytes.length}</Size></Contents>`)
    return xml(
      `<ListBucketResult><Name>${NAME}</Name><Prefix>${prefix}</Prefix><KeyCount>${contents.length}</KeyCount><MaxKeys>${most}</MaxKeys><IsTruncated>${keys.length > most}</IsTruncated>${contents.join('')}</ListBucketResult>`,
    )
  }

  return {
    config: {
      name: NAME,
      endpoint: `http://127.0.0.1:${server.port}`,
      region: REGION,
      accessKeyId: ACCESS_KEY,
      secretAccessKey: SECRET,
    },
    objects,
    freeze: () => {
      mode = 'frozen'
    },
    fail: (status) => {
      mode = status
    },
    stop: () => void server.stop(true),
  }
}

/** Why a request is not from somebody with our key; null when it is. */
function refuseSignature(request: Request): string | null {
  const authorization = request.headers.get('authorization') ?? ''
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    )
  if (match === null) return 'AccessDenied'
  const [, accessKey, day, region, signedHeaders, signature] = match as unknown as string[]
  if (accessKey !== ACCESS_KEY) return 'InvalidAccessKeyId'
  if (region !== REGION) return 'AuthorizationHeaderMalformed'
  const { pathname, search } = new URL(request.url)
  const names = signedHeaders!.split(';')
  const at = request.headers.get('x-amz-date') ?? ''
  const canonical = [
    request.method,
    pathname,
    search.slice(1).split('&').toSorted().join('&'),
    ...names.map((name) => `${name}:${request.headers.get(name)?.trim() ?? ''}`),
    '',
    signedHeaders!,
    request.headers.get('x-amz-content-sha256') ?? '',
  ].join('\n')
  const scope = `${day}/${REGION}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')
  const key = [day!, REGION, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${SECRET}`)
  const expected = hmac(key, toSign).toString('hex')
  return timingSafeEqual(Buffer.from(expected), Buffer.from(signature!)) ? null : 'SignatureDoesNotMatch'
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function xml(body: string, status = 200): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>${body}`, {
    status,
    headers: { 'content-type': 'application/xml' },
  })
}

function xmlError(status: number, code: string): Response {
  return xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`, status)
}
