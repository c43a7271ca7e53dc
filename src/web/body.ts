import { HttpProblem } from './problem.ts'

export const BODY_LIMIT_BYTES = 64 * 1024
/** No shape of ours goes deeper, and a walk over thousands of levels would run out of stack. */
const DEEPEST = 32
export type BodyKind = 'json' | 'form'

export interface ParsedBody {
  /** Form fields or the JSON value, without the `csrf` field. */
  readonly body: unknown
  /** The form's `csrf` field. */
  readonly csrf: string | null
}

/**
 * Read and parse a request's body, at most `limitBytes` of it. A form field given several times becomes a list.
 * @throws HttpProblem 413 when it is longer, 415 when its kind is not in `kinds`, 400 when malformed, 422 when a
 *   text holds the zero character, which Postgres cannot keep
 */
export async function parseBody(
  request: Request,
  kinds: readonly BodyKind[],
  limitBytes = BODY_LIMIT_BYTES,
): Promise<ParsedBody> {
  const bytes = await readBytes(request, limitBytes)
  if (bytes.length === 0) return { body: {}, csrf: null }
  const kind = kindOf(request.headers.get('content-type'))
  if (kind === null || !kinds.includes(kind)) {
    throw new HttpProblem(415, `Send this as ${kinds.map((wanted) => MEDIA[wanted]).join(' or ')}.`)
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new HttpProblem(400, 'The body is not UTF-8 text.')
  }
  const parsed = kind === 'json' ? { body: parseJson(text), csrf: null } : parseForm(text)
  refuseZeroCharacter(parsed.body, '')
  return parsed
}

const MEDIA: Record<BodyKind, string> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
}

function kindOf(contentType: string | null): BodyKind | null {
  const media = contentType?.split(';')[0]?.trim().toLowerCase()
  return media === MEDIA.json ? 'json' : media === MEDIA.form ? 'form' : null
}

async function readBytes(request: Request, limitBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new HttpProblem(413, `At most ${Math.floor(limitBytes / 1024)} KB can be sent here.`)
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) throw tooLarge()
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

function parseForm(text: string): ParsedBody {
  const fields = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    const before = fields.get(name)
    fields.set(name, before === undefined ? value : [before, value].flat())
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
