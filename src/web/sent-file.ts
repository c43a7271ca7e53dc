/** A file that came with a form. */
import { createHash } from 'node:crypto'

/**
 * What is enumerable stands for it where bodies are hashed, compared or shown: content by its hash, never the bytes.
 * The name and type it came with are not kept: neither says anything that could be relied on.
 */
export class SentFile {
  readonly size: number
  readonly sha256: string
  readonly #bytes: Uint8Array<ArrayBuffer>

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes
    this.size = bytes.byteLength
    this.sha256 = createHash('sha256').update(bytes).digest('hex')
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes
  }
}
