/** Keys for what must not lie open in the database, made from the session secrets: the first writes, all can read. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import type { Random } from '../io/random.ts'

export interface Sealer {
  /** `text` under AES-256-GCM; it opens only for the same `about`, so that a row cannot be moved to somebody else. */
  seal(text: string, about: string): string
  /** What was sealed, under any of our secrets; null when it was not, or for something else. */
  unseal(sealed: string, about: string): string | null
  /** HMAC-SHA-256 in base64url, under the newest secret first; a stored one is found again among all of them. */
  marks(text: string): readonly [string, ...string[]]
}

const IV_BYTES = 12
const TAG_BYTES = 16

/** @param purpose parts the keys of different uses, such as `totp` */
export function makeSealer(secrets: readonly string[], purpose: string, random: Random): Sealer {
  const keys = secrets.map((secret) => ({
    seal: key(secret, `honeycab ${purpose} seal`),
    mark: key(secret, `honeycab ${purpose} mark`),
  }))
  return {
    seal(text, about) {
      const iv = Buffer.from(random.bytes(IV_BYTES))
      const cipher = createCipheriv('aes-256-gcm', keys[0]!.seal, iv).setAAD(Buffer.from(about))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')
    },
    unseal(sealed, about) {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length < IV_BYTES + TAG_BYTES) return null
      for (const { seal } of keys) {
        const text = open(seal, bytes, about)
        if (text !== null) return text
      }
      return null
    },
    marks(text) {
      const [first, ...older] = keys.map(({ mark }) =>
        createHmac('sha256', mark).update(text).digest('base64url'),
      )
      return [first!, ...older]
    },
  }
}

function key(secret: string, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', info, 32))
}

function open(sealKey: Buffer, bytes: Buffer, about: string): string | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', sealKey, bytes.subarray(0, IV_BYTES))
      .setAAD(Buffer.from(about))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    // Another key's, or changed: the tag does not fit.
    return null
  }
}
