/**
 * The icons of the two installable apps, made from `public/mark.svg`: `bun test/pages/icons.ts` writes them into
 * `public/`, or into the folder named after it. A test draws them again and compares, so that a new mark without new
 * icons is noticed.
 */
import sharp from 'sharp'

const PUBLIC = new URL('../../public/', import.meta.url).pathname

/** The rider's app lies on paper, the driver's on night, so that somebody who has both does not mistake them. */
export const GROUNDS = { rider: '#fff1d1', driver: '#171310' } as const

interface IconSpec {
  readonly sizePx: number
  /** How much of the width the mark takes: a mask may cut a maskable icon down to a circle of 80 %. */
  readonly markShare: number
  /** Null is see-through. */
  readonly ground: string | null
}

export const ICONS: Readonly<Record<string, IconSpec>> = {
  'icon-192.png': { sizePx: 192, markShare: 1, ground: null },
  'icon-512.png': { sizePx: 512, markShare: 1, ground: null },
  'icon-rider-maskable-512.png': { sizePx: 512, markShare: 0.6, ground: GROUNDS.rider },
  'icon-driver-maskable-512.png': { sizePx: 512, markShare: 0.6, ground: GROUNDS.driver },
  // What an iPhone puts on its home screen, corners cut by itself; it draws what is see-through black.
  'icon-rider-180.png': { sizePx: 180, markShare: 0.72, ground: GROUNDS.rider },
  'icon-driver-180.png': { sizePx: 180, markShare: 0.72, ground: GROUNDS.driver },
}

async function drawIcon({ sizePx, markShare, ground }: IconSpec): Promise<Buffer> {
  const markPx = Math.round(sizePx * markShare)
  const svg = await Bun.file(`${PUBLIC}mark.svg`).text()
  const mark = await sharp(Buffer.from(svg), { density: (72 * markPx) / 32 })
    .resize(markPx, markPx)
    .png()
    .toBuffer()
  const background = ground ?? { r: 0, g: 0, b: 0, alpha: 0 }
  return sharp({ create: { width: sizePx, height: sizePx, channels: 4, background } })
    .composite([{ input: mark, gravity: 'centre' }])
    .png({ palette: true, compressionLevel: 9, effort: 10 })
    .toBuffer()
}

if (import.meta.main) {
  const folder = process.argv[2] ?? PUBLIC
  for (const [name, spec] of Object.entries(ICONS)) await Bun.write(`${folder}/${name}`, await drawIcon(spec))
}
