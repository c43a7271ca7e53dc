/** What pictures are taken, and what is left of them. */
import { beforeAll, describe, expect, test } from 'bun:test'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { fileNames, type ImageRefusal, makeImages } from '../../src/uploads/images.ts'
import { drawn, jpeg, png, webp } from '../support/pictures.ts'

const images = makeImages()
const text = (content: string) => new TextEncoder().encode(content)
const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

/** A PNG that says how large it is and holds almost nothing. */
function pngOf(width: number, height: number, pixels: Uint8Array = new Uint8Array(100)): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const body = joined(text(type), data)
    const head = Buffer.alloc(4)
    head.writeUInt32BE(data.length)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(Bun.hash.crc32(body))
    return joined(head, body, sum)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return joined(
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    chunk('IDAT', new Uint8Array(deflateSync(pixels))),
    chunk('IEND', new Uint8Array()),
  )
}

/** One with a place, a maker and a turned camera, as phones make them. */
const fromPhone = async () =>
  new Uint8Array(
    await drawn({ width: 600, height: 400 })
      .withExif({ IFD0: { Make: 'ZQ-MAKER' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '40/1 45/1 0/1' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer(),
  )

const SVG = text(
  '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"><script>alert(1)</script></svg>',
)
const HTML = text('<!doctype html><script>alert(1)</script>')

let bad: Record<string, [bytes: Uint8Array, ImageRefusal]>
beforeAll(async () => {
  const frames = [await png(), await png({ colour: '#000000' })]
  const moving = await sharp(frames, { join: { animated: true } })
    .webp()
    .toBuffer()
  const gif = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer()
  const whole = await jpeg({ width: 900, height: 900 })
  const tiff = await drawn().tiff().toBuffer()
  const avif = await drawn({ width: 64, height: 64 }).avif({ effort: 0 }).toBuffer()
  bad = {
    'an empty file': [new Uint8Array(), 'empty'],
    'a page under the name of a picture': [HTML, 'not_a_picture'],
    'an SVG, which can hold scripts': [SVG, 'not_a_picture'],
    'an SVG in a BOM': [joined(Uint8Array.of(0xef, 0xbb, 0xbf), SVG), 'not_a_picture'],
    'a zip': [joined(text('PK\x03\x04'), new Uint8Array(600)), 'not_a_picture'],
    'a PDF': [text('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj'), 'not_a_picture'],
    'a GIF': [new Uint8Array(gif), 'not_a_picture'],
    'a TIFF': [new Uint8Array(tiff), 'not_a_picture'],
    'an AVIF': [new Uint8Array(avif), 'not_a_picture'],
    'a PostScript file': [text('%!PS-Adobe-3.0 EPSF-3.0'), 'not_a_picture'],
    'an ImageMagick script': [text('push graphic-context\nfill "url(https://x/y.jpg)"'), 'not_a_picture'],
    'an SVG behind the first bytes of a JPEG': [joined(Uint8Array.of(0xff, 0xd8, 0xff), SVG), 'damaged'],
    'an SVG behind the first bytes of a PNG': [
      joined(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), SVG),
      'damaged',
    ],
    'a page in the clothes of a WebP': [joined(text('RIFF\x10\x00\x00\x00WEBP'), HTML), 'damaged'],
    'the first bytes and nothing more': [Uint8Array.of(0xff, 0xd8, 0xff), 'damaged'],
    'half a picture': [whole.slice(0, whole.length / 2), 'damaged'],
    'a header of 100,000 by 100,000 pixels': [pngOf(100_000, 100_000), 'too_large'],
    'a header of 30,000 by 30,000 pixels and much that unpacks': [
      pngOf(30_000, 30_000, new Uint8Array(20_000_000)),
      'too_large',
    ],
    'a header without width': [pngOf(0, 500), 'damaged'],
    'more header than picture': [pngOf(500, 500), 'damaged'],
    'a moving WebP': [new Uint8Array(moving), 'moving'],
    'one pixel': [await png({ width: 1, height: 1 }), 'too_small'],
    'a line': [await png({ width: 4000, height: 3 }), 'too_small'],
  }
})

describe('a picture that is refused', () => {
  for (const name of [
    ...['an empty file', 'a page under the name of a picture', 'an SVG, which can hold scripts'],
    ...['an SVG in a BOM', 'a zip', 'a PDF', 'a GIF', 'a TIFF', 'an AVIF', 'a PostScript file'],
    ...['an ImageMagick script', 'an SVG behind the first bytes of a JPEG'],
    ...['an SVG behind the first bytes of a PNG', 'a page in the clothes of a WebP'],
    ...['the first bytes and nothing more', 'half a picture', 'a header of 100,000 by 100,000 pixels'],
    ...['a header of 30,000 by 30,000 pixels and much that unpacks', 'a header without width'],
    ...['more header than picture', 'a moving WebP', 'one pixel', 'a line'],
  ])
    test(name, async () => {
      const [bytes, reason] = bad[name]!
      for (const kind of ['avatar', 'licence_front'] as const)
        expect(await images.redraw(bytes, kind)).toEqual({ ok: false, reason })
    })

  test('every one of the table is tried', () => {
    expect(Object.keys(bad)).toHaveLength(23)
  })
})

describe('a picture that is taken', () => {
  const kept = async (bytes: Uint8Array, kind: 'avatar' | 'licence_front') => {
    const picture = await images.redraw(bytes, kind)
    if (!picture.ok) throw new Error(picture.reason)
    return picture.value
  }

  test('is known by its content: JPEG, PNG and WebP', async () => {
    for (const bytes of [await jpeg(), await png(), await webp()])
      expect((await kept(bytes, 'avatar')).contentType).toBe('image/webp')
  })

  test('as an avatar becomes a square, large and small', async () => {
    const { files, width, height } = await kept(await jpeg({ width: 900, height: 300 }), 'avatar')
    expect([width, height, files.map(({ name }) => name)]).toEqual([512, 512, [...fileNames('avatar')]])
    const sizes = await Promise.all(files.map(async ({ bytes }) => (await sharp(bytes).metadata()).width))
    expect(sizes).toEqual([512, 128])
  })

  test('stands upright, and has lost its place, its maker and whatever else was written beside it', async () => {
    const phone = await fromPhone()
    expect(Buffer.from(phone).includes('ZQ-MAKER')).toBe(true)
    for (const kind of ['avatar', 'licence_front'] as const) {
      const picture = await kept(phone, kind)
      if (kind === 'licence_front') expect([picture.width, picture.height]).toEqual([400, 600])
      for (const { bytes } of picture.files) {
        const { exif, icc, xmp, iptc, orientation } = await sharp(bytes).metadata()
        expect([exif, icc, xmp, iptc, orientation]).toEqual(Array(5).fill(undefined))
        expect(Buffer.from(bytes).includes('ZQ-MAKER')).toBe(false)
      }
    }
  })

  test('has lost what was hidden behind its end', async () => {
    const hidden = text('PK\x03\x04<script>zq-hidden</script>')
    for (const whole of [await jpeg(), await png(), await webp()]) {
      const picture = await kept(joined(whole, hidden), 'licence_front')
      expect(Buffer.from(picture.files[0].bytes).includes('zq-hidden')).toBe(false)
    }
  })

  test('as a document is at most 2200 pixels long and never blown up; white lies under what is see-through', async () => {
    expect((await kept(await jpeg({ width: 4000, height: 1000 }), 'licence_front')).width).toBe(2200)
    expect((await kept(await jpeg({ width: 500, height: 400 }), 'licence_front')).width).toBe(500)
    const clear = await sharp({
      create: { width: 400, height: 400, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer()
    const { files } = await kept(new Uint8Array(clear), 'licence_front')
    const { dominant } = await sharp(files[0].bytes).stats()
    expect(dominant.r).toBeGreaterThan(240)
  })
})

test('more pictures than can wait are refused with the advice to come back, and the rest are done', async () => {
  const picture = await jpeg({ width: 1200, height: 900 })
  const done = await Promise.allSettled(
    Array.from({ length: 30 }, () => images.redraw(picture, 'licence_front')),
  )
  const refused = done.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
  expect(refused).toHaveLength(12)
  for (const { reason } of refused)
    expect(reason).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
  expect(await images.redraw(picture, 'avatar')).toMatchObject({ ok: true })
})
