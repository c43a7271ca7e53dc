/**
 * Pictures as they are kept: told apart by their content, bounded before they are unpacked, turned upright and drawn
 * anew. Nothing of the file that came is stored, so what hid beside the picture (a place, another file) is gone.
 */
import { createHash } from 'node:crypto'
import sharp, { type Sharp } from 'sharp'
import { ok, type Result, refuse } from '../engine/units.ts'
import type { UploadKind } from '../io/tables/licences.ts'
import { makeTurns } from '../web/turns.ts'

/** Why a picture is not taken. */
export type ImageRefusal = 'empty' | 'not_a_picture' | 'moving' | 'damaged' | 'too_large' | 'too_small'

export interface Drawn {
  /** Ends the key of the file, e.g. `512.webp`. */
  readonly name: string
  readonly bytes: Uint8Array
}

export interface Picture {
  readonly contentType: 'image/jpeg' | 'image/webp'
  /** Of the first file, the largest. */
  readonly width: number
  readonly height: number
  readonly sha256: string
  readonly files: readonly [Drawn, ...Drawn[]]
}

export interface Images {
  /** @throws HttpProblem 503 when too many pictures wait already */
  redraw(bytes: Uint8Array, kind: UploadKind): Promise<Result<Picture, ImageRefusal>>
}

/** Each takes a core, and up to 200 MB for an interlaced picture of the most pixels. */
const AT_ONCE = 2
/** At half a second each, two at once, the last in line waits about four seconds. */
const MOST_WAITING = 16
/** Phones make 12 megapixels, many 24, some 48 on request; a picture of more takes no more to unpack than it weighs. */
const MOST_PIXELS = 50_000_000
const TIMEOUT_S = 10

interface Spec {
  readonly contentType: Picture['contentType']
  /** Shorter side at least, in pixels as sent. */
  readonly smallestSide: number
  readonly draw: readonly { readonly name: string; readonly with: (picture: Sharp) => Sharp }[]
}

const squared = (side: number) => (picture: Sharp) =>
  picture.resize(side, side, { fit: 'cover' }).webp({ quality: 82 })
/** Large enough to read small print, small enough to send. White under what is see-through: print is dark. */
const readable = (side: number) => (picture: Sharp) =>
  picture
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 84, mozjpeg: false })

const DOCUMENT: Spec = {
  contentType: 'image/jpeg',
  smallestSide: 300,
  draw: [{ name: 'full.jpg', with: readable(2200) }],
}
const SPECS: Record<UploadKind, Spec> = {
  avatar: {
    contentType: 'image/webp',
    smallestSide: 64,
    draw: [
      { name: '512.webp', with: squared(512) },
      { name: '128.webp', with: squared(128) },
    ],
  },
  licence_front: DOCUMENT,
  licence_back: DOCUMENT,
  vehicle_photo: DOCUMENT,
}

/** The names of the files that a picture of a kind has. */
export function fileNames(kind: UploadKind): readonly string[] {
  return SPECS[kind].draw.map(({ name }) => name)
}

// Whatever a file says it is, only these three are ever opened.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
})
sharp.cache(false)
sharp.concurrency(1)

export function makeImages(): Images {
  const inTurn = makeTurns({
    atOnce: AT_ONCE,
    mostWaiting: MOST_WAITING,
    busy: 'Many pictures are being worked on right now. Try again in a few seconds.',
    retryAfterS: 5,
  })
  return {
    async redraw(bytes, kind) {
      if (bytes.byteLength === 0) return refuse('empty')
      if (formatOf(bytes) === null) return refuse('not_a_picture')
      return inTurn(() => redraw(bytes, SPECS[kind]))
    },
  }
}

/** By the first bytes; the ending and the type that came with the file say nothing. */
export function formatOf(bytes: Uint8Array): 'jpeg' | 'png' | 'webp' | null {
  const begins = (text: string, at = 0) => [...text].every((char, n) => bytes[at + n] === char.charCodeAt(0))
  if (begins('\xff\xd8\xff')) return 'jpeg'
  if (begins('\x89PNG\r\n\x1a\n')) return 'png'
  return begins('RIFF') && begins('WEBP', 8) ? 'webp' : null
}

async function redraw(bytes: Uint8Array, spec: Spec): Promise<Result<Picture, ImageRefusal>> {
  const open = () =>
    sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error', sequentialRead: true }).timeout({
      seconds: TIMEOUT_S,
    })
  let header: Awaited<ReturnType<Sharp['metadata']>>
  try {
    header = await open().metadata()
  } catch (error) {
    return refuse(isTooLarge(error) ? 'too_large' : 'damaged')
  }
  if ((header.pages ?? 1) > 1) return refuse('moving')
  if (header.width * header.height > MOST_PIXELS) return refuse('too_large')
  if (Math.min(header.width, header.height) < spec.smallestSide) return refuse('too_small')
  try {
    const drawn = await Promise.all(
      spec.draw.map(async ({ name, with: draw }) => {
        const { data, info } = await draw(open().autoOrient()).toBuffer({ resolveWithObject: true })
        return { name, bytes: new Uint8Array(data), info }
      }),
    )
    const [first, ...others] = drawn
    return ok({
      contentType: spec.contentType,
      width: first!.info.width,
      height: first!.info.height,
      sha256: createHash('sha256').update(first!.bytes).digest('hex'),
      files: [first!, ...others].map(({ name, bytes: content }) => ({ name, bytes: content })) as [
        Drawn,
        ...Drawn[],
      ],
    })
  } catch (error) {
    return refuse(isTooLarge(error) ? 'too_large' : 'damaged')
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && /pixel limit|timeout|exceeds/i.test(error.message)
}

/** What the one who sent the picture is told. */
export const IMAGE_WORDS: Record<ImageRefusal, string> = {
  empty: 'Choose a picture first.',
  not_a_picture: 'This is not a picture we can read. Send a JPEG, PNG or WebP.',
  moving: 'This picture moves. Send a still one.',
  damaged: 'This picture is damaged and could not be read to its end. Take it again.',
  too_large: 'This picture has too many pixels. Send one of at most 50 megapixels.',
  too_small: 'This picture is too small to be of use. Send a larger one.',
}
