import { HttpProblem } from './problem.ts'
import { SentFile } from './sent-file.ts'

export const BODY_LIMIT_BYTES = 64 * 1024
/** What a form with pictures may weigh; a phone's picture has two to six megabytes. */
export const UPLOAD_LIMIT_BYTES = 8 * 1024 * 1024
/** No form of ours has nearly as many, and each costs more to part than to send. */
const MOST_PARTS = 40
/** No shape of ours goes deeper, and a walk over thousands of levels would run out of stack. */
const DEEPEST = 32
export type BodyKind = 'json' | 'form' | 'multipart'

export interface ParsedBody {
  /** Form fields (files as `SentFile`) or the JSON value, without the `csrf` field. */
  readonly body: unknown
  /** The form's `csrf` field. */
  readonly csrf: string | null
}

/**
 * Read and parse a request's body, at most 64 KB of it, or 8 MB where pictures may come. A form field given several
 * times becomes a list; a file field left empty is left out.
 * @throws HttpProblem 413 when it is longer, 415 when its kind is not in `kinds`, 400 when malformed, 422 when a
 *   text holds the zero character, which Postgres cannot keep
 */
export async function parseBody(request: Request, kinds: readonly BodyKind[]): Promise<ParsedBody> {
  const kind = kindOf(request.headers.get('content-type'))
  const takesFiles = kind === 'multipart' && kinds.includes(kind)
  const bytes = await readBytes(request, takesFiles ? UPLOAD_LIMIT_BYTES : BODY_LIMIT_BYTES)
  if (bytes.length === 0) return { body: {}, csrf: null }
  if (kind === null || !kinds.includes(kind)) {
    throw new HttpProblem(415, `Send this as ${kinds.map((wanted) => MEDIA[wanted]).join(' or ')}.`)
  }
  const parsed = takesFiles
    ? await parseMultipart(bytes, request.headers.get('content-type')!)
    : parseText(bytes, kind)
  refuseZeroCharacter(parsed.body, '')
  return parsed
}

function parseText(bytes: Uint8Array, kind: BodyKind): ParsedBody {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new HttpProblem(400, 'The body is not UTF-8 text.')
  }
  return kind === 'json' ? { body: parseJson(text), csrf: null } : fieldsOf([...new URLSearchParams(text)])
}

const MEDIA: Record<BodyKind, string> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
}

function kindOf(contentType: string | null): BodyKind | null {
  const media = contentType?.split(';')[0]?.trim().toLowerCase()
  const known = Object.entries(MEDIA).find(([, name]) => name === media)
  return (known?.[0] as BodyKind | undefined) ?? null
}

/** Bodies that were read before their request went the whole way in; a body can be read only once. */
const kept = new WeakMap<Request, string>()

/** Keep what was read of a request's body, at most `BODY_LIMIT_BYTES`, for `parseBody`. */
export function keepBody(request: Request, text: string): void {
  kept.set(request, text)
}

async function readBytes(request: Request, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const before = kept.get(request)
  if (before !== undefined) return new TextEncoder().encode(before)
  const most = limitBytes < 1024 * 1024 ? `${limitBytes / 1024} KB` : `${limitBytes / 1024 / 1024} MB`
  const tooLarge = () => new HttpProblem(413, `At most ${most} can be sent here.`)
  const declared = request.headers.get('content-length')
  if (Number(declared ?? 0) > limitBytes) throw tooLarge()
  if (declared !== null) {
    // The server reads no more than was declared, and whole it comes at a fraction of what a stream costs.
    const bytes = new Uint8Array(await request.arrayBuffer())
    if (bytes.length > limitBytes) throw tooLarge()
    return bytes
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    // Leaving the loop cancels the stream: a body without a declared length is not read to its end.
    if (length > limitBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpProblem(400, 'The body is not valid JSON.')
  }
}

/** The parts of a form with files. Names of files are not kept: what is kept gets a name of ours. */
async function parseMultipart(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<ParsedBody> {
  const unreadable = () => new HttpProblem(400, 'The form could not be read.')
  const boundary = /boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType)
  if (boundary === null) throw unreadable()
  if (countOf(bytes, `--${boundary[1] ?? boundary[2]}`) > MOST_PARTS + 1) throw unreadable()
  let form: FormData
  try {
    form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData()
  } catch {
    throw unreadable()
  }
  const parts: [string, string | SentFile][] = []
  let textBytes = 0
  for (const [name, value] of form as unknown as Iterable<[string, string | Blob]>) {
    if (typeof value !== 'string') {
      if (value.size > 0) parts.push([name, new SentFile(new Uint8Array(await value.arrayBuffer()))])
      continue
    }
    textBytes += value.length
    if (textBytes > BODY_LIMIT_BYTES) throw unreadable()
    parts.push([name, value])
  }
  return fieldsOf(parts)
}

function countOf(bytes: Uint8Array<ArrayBuffer>, text: string): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let count = 0
  for (let at = buffer.indexOf(text); at !== -1; at = buffer.indexOf(text, at + text.length)) count++
  return count
}

function fieldsOf<Value extends string | SentFile>(parts: readonly [string, Value][]): ParsedBody {
  const fields = new Map<string, Value | Value[]>()
  for (const [name, value] of parts) {
    const before = fields.get(name)
    fields.set(name, before === undefined ? value : ([before, value].flat() as Value[]))
  }
  const csrf = fields.get('csrf')
  fields.delete('csrf')
  return { body: Object.fromEntries(fields), csrf: typeof csrf === 'string' ? csrf : null }
}

/** A password is hashed, never stored as text, and may hold any character. */
function refuseZeroCharacter(value: unknown, path: string, depth = 0): void {
  if (depth > DEEPEST) throw new HttpProblem(400, 'The body is nested too deeply.')
  if (typeof value === 'string') {
    if (value.includes('\0') && path !== 'password') {
      throw new HttpProblem(422, 'A text holds a character that cannot be kept.', {
        errors: [{ field: path, message: 'The zero character cannot be kept.' }],
      })
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      refuseZeroCharacter(inner, path === '' ? key : `${path}.${key}`, depth + 1)
    }
  }
}
